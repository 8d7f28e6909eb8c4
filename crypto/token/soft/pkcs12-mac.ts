import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** Digests a PKCS #12 MAC is made with, and their block lengths in bytes. */
const blockLengths = { sha1: 64, sha256: 64, sha384: 128, sha512: 128 } as const

export type MacDigest = keyof typeof blockLengths

/** Password integrity of a PFX (RFC 7292, section 4). */
export interface Pkcs12Mac {
  readonly digest: MacDigest
  readonly salt: Uint8Array
  readonly iterations: number
  readonly value: Uint8Array
}

/** The MAC over the content of the authSafe under a PIN. */
export function computeMac(
  pin: string,
  content: Uint8Array,
  { digest, salt, iterations }: Omit<Pkcs12Mac, 'value'>,
): Uint8Array {
  const key = deriveMacKey(pin, digest, salt, iterations)
  return new Uint8Array(createHmac(digest, key).update(content).digest())
}

/** Whether the MAC was made with this PIN. */
export function macHolds(pin: string, content: Uint8Array, mac: Pkcs12Mac): boolean {
  const expected = computeMac(pin, content, mac)
  return expected.length === mac.value.length && timingSafeEqual(expected, mac.value)
}

/** RFC 7292, appendix B.2, with ID 3: as many bytes as one digest, so that a single round of step 6 is enough. */
function deriveMacKey(pin: string, digest: MacDigest, salt: Uint8Array, iterations: number): Uint8Array {
  const block = blockLengths[digest]
  let key: Uint8Array = createHash(digest)
    .update(new Uint8Array(block).fill(3))
    .update(repeated(salt, block))
    .update(repeated(bmpString(pin), block))
    .digest()
  for (let round = 1; round < iterations; round += 1) key = createHash(digest).update(key).digest()
  return key
}

/** Appendix B.1: big-endian UTF-16 with a terminator. */
function bmpString(text: string): Uint8Array {
  return Buffer.from(`${text}\0`, 'utf16le').swap16()
}

function repeated(bytes: Uint8Array, block: number): Uint8Array {
  const length = block * Math.ceil(bytes.length / block)
  return Uint8Array.from({ length }, (_, index) => bytes[index % bytes.length] ?? 0)
}
