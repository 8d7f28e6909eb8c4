import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chunkSize, tagSize } from '../../crypto/envelope/part-layout.ts'
import { treeLeaf, treeRoot } from '../../crypto/envelope/tree.ts'
import { CryptoFailure, intl1, nodeFiles, toHex } from '../../crypto/index.ts'
import type { TokenSummary } from '../../crypto/index.ts'
import { unsealBid } from '../../main/services/sealed/unseal.ts'
import type { Ports } from '../../main/services/ports.ts'
import { deliveriesAt } from '../../main/store/index.ts'
import { archiveOf, type Entries, entriesOf, resealHeader, withEntries } from '../fixtures/forged-bid.ts'
import { clockAt, makeSealedBid, type SealedFixture, sealingTime } from '../fixtures/sealed-bid.ts'
import { scale } from '../setup/scale.ts'

// A bid cut short anywhere is refused by name, and whatever had been written of it by then is gone.

/** One document; with everything around it the body has a chunk more. */
const chunks = scale({ slice: 3, full: 64 })
const sealedChunk = chunkSize + tagSize

let fixture: SealedFixture
let file: Uint8Array
let entries: Entries
let folder: string
beforeAll(async () => {
  const document = new Uint8Array(chunks * chunkSize + 70_000).fill(0x37)
  fixture = await makeSealedBid({ documents: [{ name: '图纸.pdf', bytes: document }] })
  file = readFileSync(fixture.path)
  entries = await entriesOf(fixture.path)
  folder = mkdtempSync(join(tmpdir(), 'bidseal-truncation-'))
})
afterAll(() => {
  fixture.remove()
  rmSync(folder, { recursive: true, force: true })
})

/** Unseals bytes into a fresh folder as the program does; answers the code and what lies there afterwards. */
async function unseal(bytes: Uint8Array): Promise<{ readonly code: string; readonly left: readonly string[] }> {
  const place = mkdtempSync(join(folder, 'unseal-'))
  const sealed = join(place, 'cut.sbid')
  writeFileSync(sealed, bytes)
  const ports: Pick<Ports, 'files' | 'clock' | 'deliveries'> = {
    files: nodeFiles,
    clock: clockAt(sealingTime),
    deliveries: deliveriesAt(join(place, 'home')),
  }
  const { tender, ca } = fixture
  const never = () => Promise.reject(new Error('not asked for'))
  const { certificate } = ca.bidder.decrypt
  const token: TokenSummary = {
    ...{ uri: 'p12:lock', kind: 'soft', label: 'lock', manufacturer: '', model: '', serial: '' },
    ...{ pin: { state: 'ok', protectedPath: false }, certificates: [], mechanisms: [] },
  }
  const locks = {
    find: never,
    key: never,
    keys: () =>
      Promise.resolve([{ token, certificate: { keyId: '02', label: '', uses: ['decrypt' as const], certificate } }]),
    signer: never,
    close: never,
    opener: () => Promise.resolve(ca.bidder.decrypt.opener()),
  }
  const request = {
    file: sealed,
    output: join(place, 'opened'),
    keys: { kind: 'lock', locks, uri: 'p12:lock' },
    judge: () => Promise.resolve({ anchors: tender.anchors, tender }),
  } as const
  const code = await unsealBid(ports as Ports, request, {}).then(
    () => 'opened',
    (error: unknown) => (error instanceof CryptoFailure ? error.code : `not ours: ${String(error)}`),
  )
  const left = readdirSync(place, { recursive: true, encoding: 'utf8' }).filter(
    name => !/^(?:cut\.sbid|home(?:\/.*)?)$/.test(name),
  )
  rmSync(place, { recursive: true })
  return { code, left }
}

/** Where the body begins, and where each of its chunks and each entry of the file ends. */
function boundaries(): readonly number[] {
  const places: number[] = []
  let end = 0
  for (const [name, bytes] of entries) {
    const start = end + 512
    if (name.startsWith('parts/')) {
      for (let at = 0; at < bytes.length; at += sealedChunk) places.push(start + at)
      places.push(start + bytes.length)
    } else places.push(start, start + bytes.length)
    end = start + Math.ceil(bytes.length / 512) * 512
    places.push(end)
  }
  return [...new Set([0, ...places, end + 512])].filter(at => at < file.length)
}

/** The body's first chunks alone, in a bid whose header is signed again to fit: only the last chunk's flag is missing. */
async function cutAndSigned(count: number): Promise<Uint8Array> {
  const body = entries.find(([name]) => name === 'parts/body.enc')?.[1] ?? new Uint8Array()
  const cut = body.subarray(0, count * sealedChunk)
  const leaves = Array.from({ length: count }, (_, index) =>
    treeLeaf(intl1, 'sealed', cut.subarray(index * sealedChunk, (index + 1) * sealedChunk)),
  )
  const root = toHex(treeRoot(intl1, 'sealed', leaves))
  const size = count * chunkSize
  const shorter = withEntries(entries, { 'parts/body.enc': cut })
  const signed = await resealHeader(shorter, header => ({
    ...header,
    parts: header.parts.map(part => (part.name === 'body' ? { ...part, size, sealedSize: cut.length, root } : part)),
  }))
  return archiveOf(signed)
}

describe('a sealed bid', () => {
  it('opens when nothing is cut off, and then something lies there', async () => {
    const { code, left } = await unseal(file)
    expect(code).toBe('opened')
    expect(left).toContain(join('opened', 'documents', '图纸.pdf'))
  })

  it('cut at any boundary of a chunk or an entry is refused by name and leaves nothing', async () => {
    const places = boundaries()
    const all = places.flatMap(at => [at - 1, at, at + 1]).filter(at => at >= 0 && at < file.length)
    const started = performance.now()
    for (const length of all) {
      expect(await unseal(file.subarray(0, length)), `${length} of ${file.length} bytes`).toEqual({
        code: 'seal.container',
        left: [],
      })
    }
    const seconds = ((performance.now() - started) / 1000).toFixed(0)
    console.log(`${all.length} truncations of ${file.length} bytes at ${places.length} boundaries in ${seconds} s`)
  })

  it('cut at a chunk and signed again by its own bidder is refused at the last chunk and leaves nothing', async () => {
    for (let count = 1; count <= chunks; count += 1) {
      expect(await unseal(await cutAndSigned(count)), `${count} chunks`).toEqual({ code: 'seal.chunk', left: [] })
    }
    console.log(`${chunks} bids cut at a chunk and signed again`)
  })
})
