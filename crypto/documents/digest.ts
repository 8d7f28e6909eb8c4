import { createHash } from 'node:crypto'

/**
 * SHA-256, whatever the suite: packageDigest, `list`, the digests of receipts, challenges, releases and records,
 * certificates and envelopes named outside the seal header. 32 bytes.
 */
export function sha256(...pieces: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256')
  for (const piece of pieces) hash.update(piece)
  return Uint8Array.from(hash.digest())
}

/** {@link sha256} as lower-case hex. */
export function sha256Hex(...pieces: readonly Uint8Array[]): string {
  const hash = createHash('sha256')
  for (const piece of pieces) hash.update(piece)
  return hash.digest('hex')
}
