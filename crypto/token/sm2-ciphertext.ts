import { concat } from '../der/writer.ts'
import { CryptoFailure } from '../errors.ts'
import { readSm2Cipher, requirePublicPoint, type Sm2CipherLayout, writeSm2Cipher } from '../sm/sm2/index.ts'

/** Bytes of an SM4 key. */
export const sm4KeyLength = 16

/** An envelope's encrypted SM4 key in the layout that a token wants; null for what is no ciphertext of an SM4 key. */
export function sm4KeyCiphertext(encryptedKey: Uint8Array, layout: Sm2CipherLayout): Uint8Array | null {
  try {
    const parts = readSm2Cipher(encryptedKey, 'asn1')
    if (parts.cipher.length !== sm4KeyLength) return null
    // SECURITY: some tokens answer anything for a point off the curve; they never see one.
    requirePublicPoint(concat(Uint8Array.of(4), parts.x, parts.y))
    return writeSm2Cipher(parts, layout)
  } catch (error) {
    if (error instanceof CryptoFailure) return null
    throw error
  }
}
