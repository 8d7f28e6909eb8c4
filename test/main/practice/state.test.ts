import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { gm1, intl1 } from '../../../crypto/index.ts'
import { loadPlatformKeys, setupPracticePlatform } from '../../../main/practice/index.ts'
import type { PracticeAuthority } from '../../../main/practice/index.ts'
import { fileNames } from '../../../main/practice/opening/file-names.ts'
import { prepareFolders } from '../../../main/practice/state/folders.ts'
import { keyedLock } from '../../../main/practice/state/keyed-lock.ts'
import { openNonces } from '../../../main/practice/state/nonces.ts'
import { openPracticeClock } from '../../../main/practice/state/practice-clock.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'
import { codeOf, makePlatformFolder } from '../../fixtures/practice-platform.ts'
import { clockAt } from '../../fixtures/sealed-bid.ts'

let folder: string
const now = new Date('2026-03-02T01:00:00Z')
const text = (value: string): Uint8Array => Buffer.from(value)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-state-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('nonces', () => {
  const open = (at = now): ReturnType<typeof openNonces> => openNonces(folder, join(folder, 'key'), clockAt(at))

  it('serve one document, again and again, and no other', async () => {
    const nonces = await open()
    const nonce = nonces.issue()
    await nonces.use(nonce, text('one'))
    await nonces.use(nonce, text('one'))
    expect(await codeOf(nonces.use(nonce, text('two')))).toBe('platform.nonce')
    expect(await codeOf((await open()).use(nonce, text('two')))).toBe('platform.nonce')
    await (await open()).use(nonce, text('one'))
  })

  it('let one of two documents in that come at once', async () => {
    const nonces = await open()
    const nonce = nonces.issue()
    const codes = await Promise.all([codeOf(nonces.use(nonce, text('one'))), codeOf(nonces.use(nonce, text('two')))])
    expect(codes.sort()).toEqual(['', 'platform.nonce'])
  })

  it('are refused when they are old, changed, invented or of another platform', async () => {
    const nonce = (await open()).issue()
    const later = await open(new Date(now.getTime() + 3_600_001))
    expect(await codeOf(later.use(nonce, text('one')))).toBe('platform.nonce')
    const nonces = await open()
    const changed = nonce.slice(0, 15) + (nonce[15] === '0' ? '1' : '0') + nonce.slice(16)
    expect(await codeOf(nonces.use(changed, text('one')))).toBe('platform.nonce')
    expect(await codeOf(nonces.use('../../etc/passwd', text('one')))).toBe('platform.nonce')
    const other = await openNonces(folder, join(folder, 'other key'), clockAt(now))
    expect(await codeOf(other.use(nonce, text('one')))).toBe('platform.nonce')
    expect(nonces.issue()).not.toBe(nonces.issue())
  })
})

describe('the practice clock', () => {
  it('moves forward only, and stays moved', async () => {
    const path = join(folder, 'clock.json')
    const clock = await openPracticeClock(path, clockAt(now))
    expect(clock.now()).toEqual(now)
    await clock.advance(60_000)
    expect(await codeOf(clock.advance(-1))).toBe('arguments.bad')
    expect(await codeOf(clock.advance(0.5))).toBe('arguments.bad')
    expect(await codeOf(clock.advance(Number.MAX_SAFE_INTEGER))).toBe('arguments.bad')
    expect((await openPracticeClock(path, clockAt(now))).now()).toEqual(new Date(now.getTime() + 60_000))
  })
})

describe('a keyed lock', () => {
  it('lets one at a time work on a key, in order, and goes on after a failure', async () => {
    const lock = keyedLock()
    const order: string[] = []
    const work = (name: string) => async (): Promise<void> => {
      order.push(`${name} begins`)
      await new Promise(resolve => setTimeout(resolve, 5))
      order.push(`${name} ends`)
      if (name === 'a') throw new Error('a failed')
    }
    const results = await Promise.allSettled([
      lock.run('k', work('a')),
      lock.run('k', work('b')),
      lock.run('l', work('c')),
    ])
    expect(results.map(result => result.status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
    expect(order.filter(line => !line.startsWith('c'))).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
    expect(order.indexOf('c begins')).toBeLessThan(order.indexOf('a ends'))
  })
})

describe('the platform’s folder', () => {
  it('says of which suite its keys are; one of the first version, which says nothing, is of intl-1', async () => {
    const dir = join(folder, 'platform')
    await makePlatformFolder(dir, gm1)
    const keys = await loadPlatformKeys(dir)
    expect(keys.suite).toBe(gm1)
    expect(keys.receipt.algorithms).toEqual(['sm2-sm3'])
    const first = join(folder, 'first')
    await makePlatformFolder(first)
    writeFileSync(join(first, 'platform.json'), JSON.stringify({ platformId: 'practice.bidseal' }))
    expect((await loadPlatformKeys(first)).suite).toBe(intl1)
    writeFileSync(join(first, 'platform.json'), JSON.stringify({ platformId: 'practice.bidseal', suite: 'gm-9' }))
    expect(await codeOf(loadPlatformKeys(first))).toBe('input.unreadable')
  })

  it('keeps private keys to its owner', async () => {
    const ca = practiceCa()
    const issue: PracticeAuthority['issue'] = ({ publicKey }) =>
      Promise.resolve(ca.issue('receipt', { profile: 'platform', publicKey }).certificate)
    const authority = { intermediates: [ca.intermediate], issue }
    const setup = { dir: join(folder, 'platform'), platformId: 'practice.bidseal', suite: intl1, authority }
    await setupPracticePlatform(setup)
    const before = readFileSync(join(setup.dir, 'keys', 'opening.key'))
    await setupPracticePlatform({ ...setup, platformId: 'another' })
    expect(readFileSync(join(setup.dir, 'keys', 'opening.key'))).toEqual(before)
    const keys = join(folder, 'platform', 'keys')
    for (const name of readdirSync(keys).filter(each => each.endsWith('.key'))) {
      expect(statSync(join(keys, name)).mode & 0o777).toBe(0o600)
    }
    expect((await loadPlatformKeys(join(folder, 'platform'))).platformId).toBe('practice.bidseal')
    expect(await codeOf(loadPlatformKeys(folder))).toBe('arguments.bad')
  })

  it('is cleared of what a killed run has left half written', async () => {
    const folders = await prepareFolders(folder)
    writeFileSync(join(folders.bids, 'x.json.abc.tmp'), '{')
    writeFileSync(join(folders.bids, 'x.json'), '{}')
    await prepareFolders(folder)
    expect(readdirSync(folders.bids)).toEqual(['x.json'])
  })
})

describe('names of decrypted documents', () => {
  it('stay as they are where any system can store them', () => {
    const nameOf = fileNames()
    for (const name of ['投标函（正本）.pdf', '𬭳㛃 技术方案.docx', '👨‍👩‍👧.txt', 'a b.c.d'])
      expect(nameOf(name)).toBe(name)
  })

  it.each([
    ['a/b\\c.pdf', 'a_b_c.pdf'],
    ['..', '_'],
    ['CON.txt', '_CON.txt'],
    ['a:b*c?.pdf', 'a_b_c_.pdf'],
    ['name.', 'name_'],
    ['fdp\u202etxt', 'fdp_txt'],
    ['a\u0000b', 'a_b'],
  ])('are made harmless: %j', (name, expected) => {
    expect(fileNames()(name)).toBe(expected)
  })

  it('are given once, however they are spelled', () => {
    const nameOf = fileNames()
    expect([nameOf('a.pdf'), nameOf('A.pdf'), nameOf('a.pdf')]).toEqual(['a.pdf', 'A (2).pdf', 'a (3).pdf'])
    expect(nameOf('é.pdf'.normalize('NFD'))).toBe('é.pdf'.normalize('NFD'))
    expect(nameOf('é.pdf'.normalize('NFC'))).not.toBe('é.pdf'.normalize('NFC'))
  })

  it('fit into 255 bytes with their ending', () => {
    const name = fileNames()(`${'标'.repeat(100)}.pdf`)
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
    expect(name.endsWith('.pdf')).toBe(true)
  })
})
