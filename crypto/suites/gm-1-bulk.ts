import { createSm3, sm3 } from '../sm/sm3.ts'
import { sm3LaneCount } from '../sm/sm3-engine.ts'
import { createSm3Group } from '../sm/sm3-group.ts'
import { sm3Leaf } from '../sm/sm3-leaf.ts'
import { createSm4GcmCipher, openGcm, sealGcm } from '../sm/sm4-gcm.ts'
import type { BulkSuite } from '../suite.ts'

/** Bulk work of `gm-1`: SM3 and SM4-GCM by our kernel. */
export const gm1Bulk: BulkSuite = {
  id: 'gm-1',
  streamKeyLength: 16,
  digestLanes: sm3LaneCount,
  createDigest: () => createSm3(),
  createDigestGroup: streams => createSm3Group(streams),
  digest: sm3,
  createChunkCipher: key => createSm4GcmCipher(key),
  sealChunk: (key, nonce, plaintext, into) => sealGcm(key, nonce, plaintext, into === undefined ? {} : { into }),
  openChunk: (key, nonce, sealed) => openGcm(key, nonce, sealed),
  leaf: (prefix, chunk) => sm3Leaf(prefix, chunk),
}
