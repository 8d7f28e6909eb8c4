import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sealBid } from '../../../crypto/envelope/seal.ts'
import type { SealOptions } from '../../../crypto/envelope/seal-options.ts'
import { CryptoFailure } from '../../../crypto/errors.ts'
import type { FileSystem } from '../../../crypto/io/files.ts'
import { nodeFiles } from '../../../crypto/io/node-files.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'
import { type Fault, failingFiles } from '../../fixtures/failing-files.ts'
import { codeOf } from '../../fixtures/refusals.ts'
import { sealOptions } from '../../fixtures/sealed-bid.ts'

const ca = practiceCa()
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-cleanup-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const documents = [
  { name: 'a.pdf', bytes: Buffer.alloc(2 ** 20 + 100, 1) },
  { name: 'b.pdf', bytes: Buffer.alloc(2 ** 20, 2) },
]
async function options(change: Partial<SealOptions> = {}): Promise<SealOptions> {
  return { ...(await sealOptions(folder, { documents, selfTest: true })).options, ...change }
}
const expectNothingLeft = () => expect(readdirSync(folder)).toEqual(['documents'])

describe('a sealing that fails leaves nothing behind', () => {
  it('whichever call to the disk fails', async () => {
    const healthy = failingFiles('open', 0, 'internal')
    await sealBid(await options({ files: healthy }))
    rmSync(join(folder, '投标.sbid'))
    for (const fault of Object.keys(healthy.calls) as Fault[]) {
      const reading = fault === 'open' || fault === 'read'
      const code = reading
        ? 'input.unreadable'
        : fault === 'create' || fault === 'write'
          ? 'output.disk-full'
          : 'output.unwritable'
      for (let nth = 1; nth <= healthy.calls[fault]; nth += 1) {
        expect(await codeOf(async () => sealBid(await options({ files: failingFiles(fault, nth, code) })))).toBe(code)
        expectNothingLeft()
      }
    }
  })

  it('whenever it is cancelled', async () => {
    const moments: string[] = []
    await sealBid(await options({ onProgress: ({ stage, done }) => moments.push(`${stage} ${done}`) }))
    rmSync(join(folder, '投标.sbid'))
    // The very last report comes when everything has been proved; only the rename is left.
    for (const [index] of moments.entries()) {
      const stop = new AbortController()
      let seen = -1
      const onProgress = () => {
        seen += 1
        if (seen === index) stop.abort()
      }
      expect(await codeOf(async () => sealBid(await options({ signal: stop.signal, onProgress })))).toBe('cancelled')
      expectNothingLeft()
    }
    expect(await codeOf(async () => sealBid(await options({ signal: AbortSignal.abort() })))).toBe('cancelled')
    expectNothingLeft()
  })

  it('when the token goes away at any of its signatures or openings', async () => {
    const gone = () => Promise.reject(new CryptoFailure('token.removed', 'pulled out'))
    for (const left of [0, 1, 2]) {
      const { signer } = await options()
      let signatures = 0
      const leaving = {
        ...signer,
        sign: (...args: Parameters<typeof signer.sign>) => (signatures++ < left ? signer.sign(...args) : gone()),
      }
      expect(await codeOf(async () => sealBid(await options({ signer: leaving })))).toBe('token.removed')
      expectNothingLeft()
    }
    for (const left of [0, 1, 2]) {
      const opener = ca.bidder.decrypt.opener()
      let opened = 0
      const leaving = {
        ...opener,
        open: (...args: Parameters<typeof opener.open>) => (opened++ < left ? opener.open(...args) : gone()),
      }
      const recipients = [{ role: 'main' as const, certificate: opener.certificate, opener: leaving }]
      expect(await codeOf(async () => sealBid(await options({ recipients })))).toBe('token.removed')
      expectNothingLeft()
    }
  })

  it('when a lock cannot open what was sealed for it', async () => {
    const stranger = ca.rival.decrypt.opener()
    const recipients = [
      {
        role: 'main' as const,
        certificate: ca.bidder.decrypt.certificate,
        opener: { ...stranger, certificate: ca.bidder.decrypt.certificate },
      },
    ]
    const failure = await sealBid(await options({ recipients })).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'seal.self-test', cause: { code: 'seal.key-mismatch' } })
    expectNothingLeft()
  })

  it('when the disk gives other bytes than were written', async () => {
    const rotten: FileSystem = {
      create: (path, size) => nodeFiles.create(path, size),
      async open(path) {
        const source = await nodeFiles.open(path)
        if (!path.endsWith('.part')) return source
        return {
          size: source.size,
          async read(offset, into) {
            await source.read(offset, into)
            if (into.length > 100_000) into[99_999] = (into[99_999] ?? 0) ^ 1
          },
          close: () => source.close(),
        }
      },
    }
    const failure = await sealBid(await options({ files: rotten })).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'seal.self-test', cause: { code: 'seal.root' } })
    expectNothingLeft()
  })

  it('when a document changes between its digest and its sealing, with and without a self-test', async () => {
    for (const selfTest of [true, false]) {
      for (const change of [
        (path: string) => writeFileSync(path, Buffer.alloc(2 ** 20, 3)),
        (path: string) => appendFileSync(path, 'x'),
        (path: string) => writeFileSync(path, 'short'),
      ]) {
        const made = await options({ selfTest })
        let changed = false
        const files: FileSystem = {
          open: path => nodeFiles.open(path),
          create(path, size) {
            if (!changed) change(join(folder, 'documents', 'b.pdf'))
            changed = true
            return nodeFiles.create(path, size)
          },
        }
        expect(await codeOf(() => sealBid({ ...made, files }))).toBe('input.changed')
        expectNothingLeft()
      }
    }
  })

  it('and an older file of the name stays as it was', async () => {
    writeFileSync(join(folder, '投标.sbid'), 'older')
    expect(
      await codeOf(async () => sealBid(await options({ files: failingFiles('flush', 1, 'output.unwritable') }))),
    ).toBe('output.unwritable')
    expect(readFileSync(join(folder, '投标.sbid'), 'utf8')).toBe('older')
    await sealBid(await options())
    expect(readFileSync(join(folder, '投标.sbid')).length).toBeGreaterThan(1000)
    expect(readdirSync(folder).sort()).toEqual(['documents', '投标.sbid'])
  })
})

describe('the final name', () => {
  it('appears only after the draft was proved', async () => {
    const seen: string[][] = []
    const opener = ca.bidder.decrypt.opener()
    const watching = {
      ...opener,
      open: (...args: Parameters<typeof opener.open>) => {
        seen.push(readdirSync(folder).sort())
        return opener.open(...args)
      },
    }
    await sealBid(await options({ recipients: [{ role: 'main', certificate: opener.certificate, opener: watching }] }))
    // The OAEP probe, then one envelope a part.
    expect(seen).toEqual([0, 1, 2].map(() => ['documents', '投标.sbid.part']))
    expect(readdirSync(folder).sort()).toEqual(['documents', '投标.sbid'])
  })
})
