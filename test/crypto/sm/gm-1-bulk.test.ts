import { describe, expect, it } from 'vitest'
import { bulkSuiteById } from '../../../crypto/suites/bulk.ts'
import { gm1Bulk } from '../../../crypto/suites/gm-1-bulk.ts'
import { expectFailure } from '../../fixtures/failure.ts'
import { fixedBytes, hex } from './judge.ts'

const key = fixedBytes(16, 1)
const nonce = fixedBytes(12, 2)
const bytes = fixedBytes(5000, 3)

describe('the bulk half of gm-1', () => {
  it('is found by its name', () => {
    expect(bulkSuiteById('gm-1')).toBe(gm1Bulk)
    expect([gm1Bulk.id, gm1Bulk.streamKeyLength, gm1Bulk.digestLanes]).toEqual(['gm-1', 16, 4])
  })

  it('digests the same whole, piece by piece and in a group', () => {
    const running = gm1Bulk.createDigest()
    running.update(bytes.subarray(0, 1000))
    running.update(bytes.subarray(1000))
    const group = gm1Bulk.createDigestGroup(4)
    group.update([bytes, undefined, bytes.subarray(0, 64), bytes.subarray(1)])
    const digests = group.digests()
    const whole = hex(gm1Bulk.digest(bytes))
    expect([hex(running.digest()), hex(digests[0]!)]).toEqual([whole, whole])
    expect(digests.slice(1).map(hex)).toEqual(
      [new Uint8Array(0), bytes.subarray(0, 64), bytes.subarray(1)].map(each => hex(gm1Bulk.digest(each))),
    )
  })

  it('seals a chunk alone as in place, into a given array or a new one', () => {
    const cipher = gm1Bulk.createChunkCipher(key)
    cipher.buffer.set(bytes)
    cipher.seal(nonce, bytes.length)
    const sealed = cipher.buffer.slice(0, bytes.length + 16)
    expect(hex(gm1Bulk.sealChunk(key, nonce, bytes))).toBe(hex(sealed))
    expect(hex(gm1Bulk.sealChunk(key, nonce, bytes, new Uint8Array(6000)))).toBe(hex(sealed))
    expect(hex(gm1Bulk.leaf(0, sealed))).toBe(hex(cipher.leaf(0, sealed.length)))
    expect(hex(gm1Bulk.openChunk(key, nonce, sealed))).toBe(hex(bytes))
    sealed[3] = sealed[3]! ^ 1
    expectFailure('seal.chunk', () => gm1Bulk.openChunk(key, nonce, sealed))
  })

  it('opens an empty chunk, which is its tag', () => {
    const sealed = gm1Bulk.sealChunk(key, nonce, new Uint8Array(0))
    expect(sealed).toHaveLength(16)
    expect(gm1Bulk.openChunk(key, nonce, sealed)).toHaveLength(0)
  })
})
