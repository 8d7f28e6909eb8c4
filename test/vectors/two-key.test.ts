import { expect, it } from 'vitest'
import { deriveStreamKey } from '../../crypto/envelope/key-schedule.ts'
import { chunkNonce } from '../../crypto/envelope/part-layout.ts'
import { secondPartKey } from './generate/broken/keys.ts'
import { baseNamed } from './generate/bids.ts'
import { derivationOf, entryNamed } from './generate/forge.ts'
import { listEntries } from './generate/entries-of.ts'
import { type BrokenFile, vectorJson } from './library.ts'
import { assemble } from './pieces.ts'

// Why there are key commitments: GCM alone takes one ciphertext under two keys.

const vectors = [
  ['keys', 'keys-two-keys', 'bidder'],
  ['gm-keys', 'gm-keys-two-keys', 'gm-whole'],
] as const

it.each(vectors)('the ciphertext of %s/%s opens under both stream keys, to two contents', async (group, name, bid) => {
  const base = await baseNamed(bid)
  const vector = vectorJson<BrokenFile>(`broken/${group}.json`).vectors.find(each => each.name === name)
  if (vector === undefined) return expect.fail('no such vector')
  const chunk = entryNamed(listEntries(assemble(base.file, vector.file)), 'parts/body.enc')
  const derivation = derivationOf(base.header, 'body')
  const partKeys = [base.partKeys.get('body') ?? new Uint8Array(), secondPartKey]
  const [first, second] = partKeys.map(key => {
    return Buffer.from(base.suite.openChunk(deriveStreamKey(derivation, key), chunkNonce(0, true), chunk))
  })
  expect(first?.includes('bidseal/1 bid')).toBe(true)
  expect(second?.includes('98,000,000.00 CN')).toBe(true)
  expect(first?.includes('98,000,000.00 CN')).toBe(false)
})
