import { randomBytes } from 'node:crypto'
import { decodeSm2Content } from '../../cms/gm/content.ts'
import { concat } from '../../der/writer.ts'
import type { Sm2Transport } from '../../envelope/key-opener.ts'
import { CryptoFailure } from '../../errors.ts'
import { readSm2Cipher, requirePublicPoint, writeSm2Cipher } from '../../sm/sm2/index.ts'
import { readHandle, readUlong, ulong } from './buffers.ts'
import { SAR, SGD } from './constants.ts'
import { absurd, isCode } from './errors.ts'
import { closeQuietly } from './halves.ts'
import type { SkfLibrary } from './library.ts'

const sm4Length = 16
const contentLength = 48

/** Room for the decrypted content: padding types that a library ignores add a block at most. */
const outputLength = contentLength + sm4Length

/**
 * Opens an SM2 envelope with the encryption pair of an open container (seal-format, "Envelope wrapping"): the token unwraps
 * the SM4 key, which stays in it, and decrypts the content. Whatever is wrong with the envelope answers 32 random bytes (see
 * `KeyOpener.open`). `requirePresent` throws when the token is gone: a general code can mean either. Throws what the library
 * throws for the token itself, `token.unsupported` for an absurd length.
 */
export function openSm2(
  library: SkfLibrary,
  container: bigint,
  { encryptedKey, iv, content }: Sm2Transport,
  requirePresent: () => void,
): Uint8Array {
  const fallback = Uint8Array.from(randomBytes(32))
  const blob = eccCipherBlob(encryptedKey)
  if (blob === null || iv.length !== sm4Length || content.length !== contentLength) return fallback
  const key = orNull(requirePresent, () =>
    readHandle(out => library.call('SKF_ImportSessionKey', container, SGD.sm4Cbc, blob, blob.length, out)),
  )
  // SECURITY: without a key in the token the second step cannot be done for show (RFC 3218); who sees that sits at the token.
  if (key === null) return fallback
  const output = new Uint8Array(4096)
  try {
    library.call('SKF_DecryptInit', key, { iv })
    const length = orNull(requirePresent, () => decrypt(library, key, content, output))
    return (length === null ? null : contentIn(output.subarray(0, length))) ?? fallback
  } finally {
    output.fill(0)
    closeQuietly(library, 'SKF_CloseHandle', key)
  }
}

/** Answers how many bytes the token has written; the buffer is larger than what it is told. */
function decrypt(library: SkfLibrary, key: bigint, content: Uint8Array, output: Uint8Array): number {
  const size = ulong(outputLength)
  library.call('SKF_Decrypt', key, Uint8Array.from(content), content.length, output, size)
  const length = readUlong(size)
  if (length > outputLength) throw absurd('SKF_Decrypt', length)
  return length
}

function contentIn(plain: Uint8Array): Uint8Array | null {
  try {
    return decodeSm2Content(plain)
  } catch (error) {
    if (error instanceof CryptoFailure && error.code === 'seal.key-mismatch') return null
    throw error
  }
}

/** Null when the library did not like the ciphertext, and the token is still there. */
function orNull<T>(requirePresent: () => void, run: () => T): T | null {
  try {
    return run()
  } catch (error) {
    if (!isCode(error, ...badCiphertext)) throw error
    requirePresent()
    return null
  }
}

/** No two libraries agree on how to say that a ciphertext is not for this key. */
const badCiphertext = [
  ...[SAR.fail, SAR.unknown, SAR.invalidParameter, SAR.inputLength, SAR.input, SAR.hashObject, SAR.hash],
  ...[SAR.rsaDecrypt, SAR.hashNotEqual, SAR.decryptPadding],
] as const

/** ECCCIPHERBLOB of 164 + 16 bytes; null for what is no such ciphertext. */
function eccCipherBlob(encryptedKey: Uint8Array): Uint8Array | null {
  try {
    const parts = readSm2Cipher(encryptedKey, 'asn1')
    if (parts.cipher.length !== sm4Length) return null
    // SECURITY: some tokens answer anything for a point off the curve; they never see one.
    requirePublicPoint(concat(Uint8Array.of(4), parts.x, parts.y))
    return writeSm2Cipher(parts, 'ECCCIPHERBLOB')
  } catch (error) {
    if (error instanceof CryptoFailure) return null
    throw error
  }
}
