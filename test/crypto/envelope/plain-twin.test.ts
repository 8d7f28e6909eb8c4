import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readSealedBid } from '../../../crypto/envelope/read.ts'
import { verifyPlainTwin } from '../../../crypto/envelope/plain-twin.ts'
import { nodeFiles } from '../../../crypto/io/node-files.ts'
import { bytesSource } from '../../../crypto/io/source.ts'
import { makeSealedBid, type SealedFixture } from '../../fixtures/sealed-bid.ts'
import { makeGmBid } from '../../fixtures/gm-bid.ts'

const folder = mkdtempSync(join(tmpdir(), 'bidseal-twin-'))
const documents = [
  { name: '投标函.pdf', bytes: 'x'.repeat(3_000_000) },
  { name: '空.txt', bytes: '' },
]
let bid: SealedFixture
let other: SealedFixture
let twin: string

beforeAll(async () => {
  twin = join(folder, 'twin')
  bid = await seal(twin, true)
  other = await seal(join(folder, 'other'), false)
})

afterAll(() => {
  bid.remove()
  other.remove()
  rmSync(folder, { recursive: true, force: true })
})

const seal = (plainTwinTo: string, selfTest: boolean): Promise<SealedFixture> =>
  makeSealedBid({ plainTwin: true, documents, selfTest, change: options => ({ ...options, plainTwinTo }) })
const verify = async (path: string, bytes: Uint8Array): Promise<void> => {
  const source = await nodeFiles.open(path)
  try {
    await verifyPlainTwin(await readSealedBid(source), bytesSource(bytes))
  } finally {
    await source.close()
  }
}
const twinBytes = (path = twin): Uint8Array => Uint8Array.from(readFileSync(path))

test('the twin holds the documents for anybody with tar, belongs to its bid, and is its owner’s alone', async () => {
  await verify(bid.path, twinBytes())
  expect(statSync(twin).mode & 0o777).toBe(0o600)
  const tar = (archive: string, name: string) => execFileSync('tar', ['-xOf', archive, name], { maxBuffer: 2 ** 26 })
  writeFileSync(join(folder, 'body.tar'), tar(twin, 'parts/body.tar'))
  expect(tar(join(folder, 'body.tar'), 'documents/0001').equals(Buffer.from('x'.repeat(3_000_000)))).toBe(true)
  const opening = join(folder, 'opening.tar')
  writeFileSync(opening, tar(twin, 'parts/opening.tar'))
  expect(JSON.parse(tar(opening, 'opening.json').toString())).toMatchObject({ sealId: bid.outcome.sealId })
})

test('a twin of another bid is refused, and so is a bid that binds none', async () => {
  await expect(verify(bid.path, twinBytes(join(folder, 'other')))).rejects.toMatchObject({ code: 'seal.inner' })
  const without = await makeSealedBid()
  await expect(verify(without.path, twinBytes())).rejects.toMatchObject({ code: 'seal.inner' })
  without.remove()
})

test('one changed byte of any entry is refused', async () => {
  const bytes = twinBytes()
  const at = [
    ['mimetype', 512],
    ['opening', 1024 + 512 + 100],
    ['body', 1024 + 512 + 65_536 + 512 + 2_000_000],
  ] as const
  for (const [, offset] of at) {
    const changed = Uint8Array.from(bytes)
    changed[offset] = (changed[offset] ?? 0) ^ 1
    await expect(verify(bid.path, changed)).rejects.toMatchObject({ code: /^(seal\.inner|input\.unreadable)$/ })
  }
})

test.each([
  ['cut short', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 512)],
  ['with bytes behind it', (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.alloc(512)])],
  ['without its first entry', (bytes: Uint8Array) => bytes.subarray(1024)],
  ['empty', () => new Uint8Array()],
])('a file that is %s is no twin', async (_what, change) => {
  await expect(verify(bid.path, change(twinBytes()))).rejects.toMatchObject({ code: 'input.unreadable' })
})

test('a sealing that fails leaves neither bid nor twin', async () => {
  const to = join(folder, 'never')
  const stop = new AbortController()
  const failing = makeSealedBid({
    plainTwin: true,
    folder,
    change: options => ({
      ...options,
      plainTwinTo: to,
      signal: stop.signal,
      signer: {
        ...options.signer,
        sign: (...args: Parameters<typeof options.signer.sign>) => {
          stop.abort()
          return options.signer.sign(...args)
        },
      },
    }),
  })
  await expect(failing).rejects.toMatchObject({ code: 'cancelled' })
  expect(existsSync(to)).toBe(false)
  expect(readdirSync(folder).filter(name => name.endsWith('.part'))).toEqual([])
})

test('a twin that the header would not bind is not written', async () => {
  const asked = makeSealedBid({ change: options => ({ ...options, plainTwinTo: join(folder, 'unbound') }) })
  await expect(asked).rejects.toMatchObject({ code: 'arguments.bad' })
})

test('the gm suite makes a twin the same way', async () => {
  const to = join(folder, 'gm')
  const made = await makeGmBid({ plainTwin: true, documents, change: options => ({ ...options, plainTwinTo: to }) })
  await verify(made.path, twinBytes(to))
  made.remove()
})
