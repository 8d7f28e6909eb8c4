import { randomBytes } from 'node:crypto'
import type { EcTransport, KeyTransport, Sm2Transport } from '../../envelope/key-opener.ts'
import { decodeOaepSha256, decodePkcs1 } from '../../sign/rsa-padding.ts'
import { decryptByVendor, lacking } from './ciphertext.ts'
import type { SkfLibrary } from './library.ts'

/** What an envelope to an RSA key asks for. */
export type RsaTransport = Exclude<KeyTransport, EcTransport | Sm2Transport>

/** `intl-1` transports AES-256 keys. */
const oaepKeyLength = 32

/**
 * Opens a transported key with the RSA encryption pair of an open container, by the vendor's own function: the standard has
 * none that gives the plaintext to the host. Vendors differ on whether the padding is taken off: a whole block is decoded
 * here, in constant time. Whatever is wrong with the ciphertext answers random bytes (see `KeyOpener.open`). `modulusBytes` is
 * the length of the modulus. Throws what the library throws for the token itself, `token.unsupported` when its profile names
 * no such function or it lacks that.
 */
export function openRsa(
  library: SkfLibrary,
  container: bigint,
  transport: RsaTransport,
  modulusBytes: number,
  requirePresent: () => void,
): Uint8Array {
  const vendor = library.extension('rsa')
  if (vendor === null) throw lacking(library.profile.rsaExtension?.name, 'and GM/T 0016 has none for RSA')
  const keyLength = transport.kind === 'rsa-pkcs1' ? transport.keyLength : oaepKeyLength
  const fallback = Uint8Array.from(randomBytes(keyLength))
  const ciphertext = leftPad(transport.encryptedKey, modulusBytes)
  if (ciphertext === null) return fallback
  // SECURITY: a function that judges the padding tells it by its code; who sees that sits at the token. The answer is alike.
  const opened = decryptByVendor(vendor, container, ciphertext, requirePresent)
  if (opened?.length === keyLength) return opened
  // Some libraries leave out the zeros that a block begins with.
  const block = leftPad(opened ?? new Uint8Array(0), modulusBytes)
  if (block === null) return fallback
  try {
    return transport.kind === 'rsa-pkcs1'
      ? decodePkcs1(block, keyLength, fallback)
      : decodeOaepSha256(block, keyLength, fallback)
  } finally {
    opened?.fill(0)
    block.fill(0)
  }
}

/** Null when the bytes are longer than `length`. */
function leftPad(bytes: Uint8Array, length: number): Uint8Array | null {
  if (bytes.length > length) return null
  const padded = new Uint8Array(length)
  padded.set(bytes, length - bytes.length)
  return padded
}
