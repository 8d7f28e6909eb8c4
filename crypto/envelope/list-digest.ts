import { sha256Hex } from '../documents/digest.ts'
import { CryptoFailure } from '../errors.ts'
import { fromHex } from '../json/hex.ts'

/**
 * `list` of challenges and records: SHA-256(0x04 ‖ the raw sealDigests of all standing bids in byte order), hex. Takes
 * hex digests in any order; one that stands twice is refused with `arguments.bad`.
 */
export function listDigest(sealDigests: readonly string[]): string {
  const raw = sealDigests.map(fromHex).sort((one, other) => Buffer.compare(one, other))
  if (raw.some(each => each.length !== 32)) throw new CryptoFailure('arguments.bad', 'not a list of sealDigests')
  if (new Set(sealDigests).size !== raw.length) throw new CryptoFailure('arguments.bad', 'a sealDigest stands twice')
  return sha256Hex(Uint8Array.of(0x04), ...raw)
}
