import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toPem } from '../../../crypto/cert/pem.ts'
import { practiceCa, type PracticeIdentity } from '../../fixtures/practice-ca.ts'
import {
  makeSealedBid,
  recoveryCode,
  type SealedFixture,
  type SealedFixtureOptions,
} from '../../fixtures/sealed-bid.ts'

const reader = fileURLToPath(new URL('../../vectors/stranger-reader.mjs', import.meta.url))
const format = fileURLToPath(new URL('../../../crypto/envelope/FORMAT.md', import.meta.url))

describe('a reader written from FORMAT.md alone', () => {
  let folder = ''
  let root = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bidseal-stranger-'))
    root = join(folder, 'root.pem')
    writeFileSync(root, toPem(practiceCa().root, 'CERTIFICATE'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('is the recipe that FORMAT.md prints', () => {
    expect(readFileSync(format, 'utf8')).toContain(readFileSync(reader, 'utf8').trim())
  })

  it('opens a bid with the main lock, OAEP and PKCS#1 v1.5 alike', async () => {
    for (const withoutOpeners of [false, true]) {
      const fixture = await sealed({ withoutOpeners })
      expectSame(fixture, read(fixture, keyFile(fixture.ca.bidder.decrypt, 'main')))
    }
  })

  it('opens a bid sealed whole, of several chunks, with the backup lock', async () => {
    const documents = [{ name: '图纸.pdf', bytes: Buffer.alloc(2 ** 21 + 12345, 7) }]
    const fixture = await sealed({ parts: 'whole', backup: true, documents })
    expectSame(fixture, read(fixture, keyFile(fixture.ca.bidder.backup, 'backup')))
  })

  it('opens a bid with the recovery code', async () => {
    const fixture = await sealed({ recovery: true })
    expectSame(fixture, read(fixture, recoveryCode))
  })

  it('opens a split bid with both shares and not with one', async () => {
    const fixture = await sealed({ keyPolicy: 'split' })
    const [mine, agency] = [keyFile(fixture.ca.bidder.decrypt, 'main'), keyFile(fixture.ca.agency, 'agency')]
    expectSame(fixture, read(fixture, mine, agency))
    expect(() => read(fixture, mine)).toThrow(/commitment/)
  })

  async function sealed(options: SealedFixtureOptions): Promise<SealedFixture> {
    const inner = mkdtempSync(join(folder, 'bid-'))
    return makeSealedBid({ ...options, folder: inner })
  }

  function read(fixture: SealedFixture, ...locks: string[]): Opened {
    const out = join(fixture.folder, 'out')
    const printed = execFileSync(process.execPath, [reader, fixture.path, root, out, ...locks], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    })
    return { out, ...(JSON.parse(String(printed)) as { sealDigest: string }) }
  }

  function keyFile(identity: PracticeIdentity, name: string): string {
    const path = join(folder, `${name}.pem`)
    writeFileSync(path, identity.privateKey.export({ format: 'pem', type: 'pkcs8' }))
    return path
  }
})

interface Opened {
  readonly out: string
  readonly sealDigest: string
}

function expectSame(fixture: SealedFixture, opened: Opened): void {
  expect(opened.sealDigest).toBe(fixture.outcome.sealDigest)
  const documents = join(opened.out, 'documents')
  expect(new Set(readdirSync(documents))).toEqual(new Set(fixture.contents.keys()))
  for (const [name, bytes] of fixture.contents) expect(readFileSync(join(documents, name)).equals(bytes)).toBe(true)
}
