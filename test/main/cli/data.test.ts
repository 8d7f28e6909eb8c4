import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { builtInData } from '../../../crypto/index.ts'
import { askCli, objectOf, runCli } from '../../fixtures/cli.ts'
import { newPublisher, smallProfiles } from '../../fixtures/publisher.ts'
import { softHsmModule } from '../../fixtures/softhsm.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-data-cli-'))
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

const home = () => ['--home', join(folder, 'home')]

describe('data show', () => {
  it('prints what is in use as one object', async () => {
    const shown = await askCli([...home(), 'data', 'show'])
    expect(shown).toMatchObject({
      ok: true,
      vendorProfiles: { version: 1, origin: 'built-in', issuedAt: '2026-11-24T00:00:00Z' },
      trustList: { version: 1, origin: 'built-in', validUntil: null, rootsInForce: 0 },
      warnings: [],
    })
    const { vendors } = shown['vendorProfiles'] as {
      vendors: { id: string; evidence: string; onThisComputer: string[] }[]
    }
    expect(vendors).toHaveLength(17)
    expect(vendors.find(({ id }) => id === 'longmai-gm3000')?.evidence).toBe('documents')
    expect(vendors.find(({ id }) => id === 'softhsm')).toMatchObject({
      evidence: 'tried',
      onThisComputer: [softHsmModule],
    })
    const { authorities } = shown['trustList'] as { authorities: { id: string; roots: object[] }[] }
    expect(authorities.map(({ id }) => id)).toContain('xjca')
    expect(authorities.flatMap(({ roots }) => roots)).toEqual([])
  })

  it('says in both languages what was not tried, and that no root is there yet', async () => {
    const zh = await runCli(['--lang', 'zh', ...home(), 'data', 'show'])
    expect(zh.code).toBe(0)
    expect(zh.stdout).toMatch(/longmai-gm3000 .*仅据资料，未在实物上试过/)
    expect(zh.stdout).toMatch(/softhsm .*已试过/)
    expect(zh.stdout).toMatch(/bjca .*未收录根证书/)
    const en = await runCli(['--lang', 'en', ...home(), 'data', 'show'])
    expect(en.stdout).toMatch(/longmai-gm3000 .*from documents, not yet tried on a key/)
    expect(en.stdout).toMatch(/bjca .*no root yet/)
    expect(en.stdout).toContain('library name not known: --module FILE --profile sansec')
  })

  it('goes on with its own data, and says so, when an installed file is damaged', async () => {
    const damaged = join(folder, 'damaged-home')
    mkdirSync(join(damaged, 'data'), { recursive: true })
    writeFileSync(join(damaged, 'data', 'trust-list.dsse.json'), '{"payload":')
    const shown = await runCli(['--lang', 'en', '--home', damaged, 'data', 'show'])
    expect(shown.code).toBe(0)
    expect(shown.stderr).toContain("The installed file of trust list is not used; the program's own is")
    const listed = await runCli(['--json', '--home', damaged, 'token', 'list'])
    expect(listed.code).toBe(0)
  })
})

describe('data update', () => {
  it('refuses what the publisher has not signed, with the code and exit code of it', async () => {
    const stranger = newPublisher()
    const run = await runCli([
      ...['--json', '--lang', 'en', ...home()],
      ...['data', 'update', file('stranger.json', stranger.sign('vendor-profiles', smallProfiles(99)))],
    ])
    expect(run.code).toBe(1)
    expect(objectOf(run)).toMatchObject({ ok: false, code: 'data.signature', retriable: false })
  })

  it('refuses the version that is in use already, and what is no update', async () => {
    const same = await runCli(['--json', ...home(), 'data', 'update', file('same.json', builtInData['trust-list'])])
    expect([same.code, objectOf(same)['code']]).toEqual([1, 'data.downgrade'])
    const none = await runCli(['--json', ...home(), 'data', 'update', file('none.json', Buffer.from('[]'))])
    expect([none.code, objectOf(none)['code']]).toEqual([2, 'data.malformed'])
    const missing = await runCli(['--json', ...home(), 'data', 'update', join(folder, 'missing.json')])
    expect([missing.code, objectOf(missing)['code']]).toEqual([2, 'input.unreadable'])
  })
})

describe('demo --profile', () => {
  it('wants the module it is meant for, and a profile that can be read', async () => {
    const alone = await runCli(['--json', ...home(), 'demo', '--profile', file('own.json', Buffer.from('{}'))])
    expect([alone.code, objectOf(alone)['code']]).toEqual([2, 'arguments.bad'])
    const broken = await runCli([
      ...['--json', ...home(), 'demo', '--module', softHsmModule],
      ...['--profile', join(folder, 'own.json')],
    ])
    expect([broken.code, objectOf(broken)['code']]).toEqual([2, 'input.unreadable'])
  })
})
