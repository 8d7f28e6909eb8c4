import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readFileSync } from 'node:fs'
import { archiveSegments, bytesEntry } from '../../../crypto/envelope/archive.ts'
import { headerArchive, readSealedBid } from '../../../crypto/envelope/read.ts'
import { bytesSource } from '../../../crypto/io/source.ts'
import { writePrivateKey } from '../../../crypto/sign/private-key.ts'
import { attempt, countOutcome, isClean, readerOf, type Reader } from '../../fixtures/corruption.ts'
import { flipped } from '../../fixtures/der-edit.ts'
import { entriesOf } from '../../fixtures/forged-bid.ts'
import { makeSealedBid, type SealedFixture, sealingTime } from '../../fixtures/sealed-bid.ts'
import { randomFrom } from '../../setup/scale.ts'

// Slices of test/long/bit-flips.long.ts and truncation.long.ts with fixed seeds.

let small: SealedFixture
let large: SealedFixture
let reader: Reader
let file: Uint8Array
beforeAll(async () => {
  small = await makeSealedBid({ backup: true })
  // Three chunks: the last not full.
  large = await makeSealedBid({ documents: [{ name: '图纸.pdf', bytes: new Uint8Array(2_200_000).fill(7) }] })
  reader = readerFor(small)
  file = readFileSync(small.path)
})
afterAll(() => {
  for (const fixture of [small, large]) fixture.remove()
})

function readerFor({ tenderDocument, ca }: SealedFixture): Reader {
  const { certificate, privateKey } = ca.bidder.decrypt
  const kit = { tender: tenderDocument, at: sealingTime.getTime(), certificate }
  return readerOf({ ...kit, privateKey: writePrivateKey(privateKey) })
}

/** Bits of a file that, flipped, are not refused by name with nothing given out. */
async function survivors(bytes: Uint8Array, bits: readonly number[], from = reader) {
  const found: { bit: number; outcome: string }[] = []
  const counts: Record<string, number> = {}
  for (const bit of bits) {
    const made = await attempt(bytesSource(flipped(bytes, bit)), from)
    countOutcome(counts, made.outcome)
    if (!isClean(made)) found.push({ bit, outcome: made.outcome })
  }
  return { found, counts }
}

describe('a sealed bid with one bit flipped', () => {
  it('opens when none is', async () => {
    expect(await attempt(bytesSource(file), reader)).toMatchObject({ outcome: 'opened' })
    expect(await attempt(bytesSource(readFileSync(large.path)), readerFor(large))).toMatchObject({ outcome: 'opened' })
  })

  it('is refused by name, wherever among header, keys and signature the bit stands', async () => {
    const { container } = await readSealedBid(bytesSource(file))
    const end = [...container.parts.values()].reduce((most, part) => Math.max(most, part.contentOffset + part.size), 0)
    const random = randomFrom()
    // Every block of 512 bytes after the parts, three bits each.
    const blocks = Array.from({ length: Math.floor((file.length - end) / 512) }, (_, index) => end + index * 512)
    const bits = blocks.flatMap(block => [0, 1, 2].map(() => block * 8 + random(4096)))
    const { found, counts } = await survivors(file, bits)
    expect(found).toEqual([])
    expect(Object.keys(counts).sort()).toEqual(['seal.container', 'seal.envelope', 'seal.header', 'seal.signature'])
  })

  it('is refused by name, wherever in the file', async () => {
    const random = randomFrom(1)
    const bits = Array.from({ length: 300 }, () => random(file.length * 8))
    expect((await survivors(file, bits)).found).toEqual([])
  })

  it('is refused by name in every chunk of a large one, tags included', async () => {
    const bytes = readFileSync(large.path)
    const { container } = await readSealedBid(bytesSource(bytes))
    const body = container.parts.get('body')
    const start = body?.contentOffset ?? 0
    const places = [0, 2 ** 20 - 1, 2 ** 20, 2 ** 20 + 15, 2 ** 20 + 16, 2 * (2 ** 20 + 16), (body?.size ?? 0) - 1]
    const { found, counts } = await survivors(
      bytes,
      places.map(place => (start + place) * 8),
      readerFor(large),
    )
    expect(found).toEqual([])
    expect(counts).toEqual({ 'seal.root': places.length })
  })
})

describe('a sealed bid cut short', () => {
  it('is refused by name at every boundary of a chunk or entry, and a byte to either side', async () => {
    const bytes = readFileSync(large.path)
    const { container } = await readSealedBid(bytesSource(bytes))
    const { contentOffset, size } = container.parts.get('body') ?? { contentOffset: 0, size: 0 }
    const chunks = [0, 1, 2, 3].map(index => Math.min(contentOffset + index * (2 ** 20 + 16), contentOffset + size))
    const ends = await entryEnds(large)
    const lengths = [...chunks, ...ends].flatMap(at => [at - 1, at, at + 1]).filter(at => at >= 0 && at < bytes.length)
    for (const length of lengths) {
      const made = await attempt(bytesSource(bytes.subarray(0, length)), readerFor(large))
      expect(made, `${length} of ${bytes.length} bytes`).toEqual({ outcome: 'seal.container', released: 0 })
    }
  })

  it('and made into a container again without its last chunk, or without its parts, is refused too', async () => {
    const entries = await entriesOf(large.path)
    const remade = (change: (name: string, bytes: Uint8Array) => Uint8Array) => {
      const made = archiveSegments(entries.map(([name, bytes]) => bytesEntry(name, change(name, bytes))))
      return Buffer.concat(made.map(segment => (segment.kind === 'bytes' ? segment.bytes : new Uint8Array())))
    }
    for (const chunks of [0, 1, 2]) {
      const cut = remade((name, bytes) =>
        name === 'parts/body.enc' ? bytes.subarray(0, chunks * (2 ** 20 + 16)) : bytes,
      )
      expect(await attempt(bytesSource(cut), readerFor(large))).toEqual({ outcome: 'seal.entries', released: 0 })
    }
    const header = headerArchive(await readSealedBid(bytesSource(file)))
    expect(await attempt(bytesSource(header), reader)).toEqual({ outcome: 'seal.entries', released: 0 })
  })
})

/** Where each entry of a file ends, its padding included. */
async function entryEnds(fixture: SealedFixture): Promise<readonly number[]> {
  let end = 0
  return (await entriesOf(fixture.path)).map(([, bytes]) => (end += 512 + Math.ceil(bytes.length / 512) * 512))
}
