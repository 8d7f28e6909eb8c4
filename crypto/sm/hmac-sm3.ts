import { sm3 } from './sm3.ts'
import { sm3Engine } from './sm3-engine.ts'

const blockLength = 64

/** HMAC with SM3 (RFC 2104, GB/T 15852.2), 32 bytes, of the pieces one after the other. */
export function hmacSm3(key: Uint8Array, ...pieces: readonly Uint8Array[]): Uint8Array {
  const padded = new Uint8Array(blockLength)
  const short = key.length > blockLength ? sm3(key) : key
  padded.set(short)
  const inner = padded.map(byte => byte ^ 0x36)
  const outer = padded.map(byte => byte ^ 0x5c)
  try {
    return sm3(outer, sm3(inner, ...pieces))
  } finally {
    for (const secret of [padded, inner, outer]) secret.fill(0)
    if (short !== key) short.fill(0)
    sm3Engine().wipe()
  }
}
