import { randomBytes } from 'node:crypto'
import { decodeSm2Content } from '../../cms/gm/content.ts'
import { concat } from '../../der/writer.ts'
import type { Sm2Transport } from '../../envelope/key-opener.ts'
import { CryptoFailure } from '../../errors.ts'
import { readSm2Cipher, requirePublicPoint, writeSm2Cipher } from '../../sm/sm2/index.ts'
import { sm4CbcDecrypt } from '../../sm/sm4.ts'
import { decryptByVendor, lacking } from './ciphertext.ts'
import type { SkfLibrary, VendorDecrypt } from './library.ts'
import { decryptInToken } from './session-key.ts'

const sm4Length = 16
const contentLength = 48

/**
 * Opens an SM2 envelope with the encryption pair of an open container (seal-format, "Envelope wrapping"): by the vendor's own
 * function where the profile names one and the library has it, else by the standard's, which never gives the SM4 key out.
 * Whatever is wrong with the envelope answers 32 random bytes (see `KeyOpener.open`). `requirePresent` throws when the token
 * is gone: a general code can mean either. Throws what the library throws for the token itself, `token.unsupported` when it
 * can do neither.
 */
export function openSm2(
  library: SkfLibrary,
  container: bigint,
  transport: Sm2Transport,
  requirePresent: () => void,
): Uint8Array {
  const fallback = Uint8Array.from(randomBytes(32))
  const blob = eccCipherBlob(transport.encryptedKey)
  if (blob === null || transport.iv.length !== sm4Length || transport.content.length !== contentLength) return fallback
  const vendor = library.extension('sm2')
  if (vendor === null && !library.has('SKF_ImportSessionKey')) {
    throw lacking(library.profile.sm2Extension?.name, 'and there is no SKF_ImportSessionKey')
  }
  const plain =
    vendor === null
      ? decryptInToken(library, container, blob, transport, requirePresent)
      : decryptOnHost(vendor, container, blob, transport, requirePresent)
  try {
    return (plain === null ? null : contentIn(plain)) ?? fallback
  } finally {
    plain?.fill(0)
  }
}

/**
 * The token gives the SM4 key, the host does the rest. A function that takes bytes gets the same ECCCIPHERBLOB, with its
 * length: the only form that the standard knows.
 */
function decryptOnHost(
  vendor: VendorDecrypt,
  container: bigint,
  blob: Uint8Array,
  { iv, content }: Sm2Transport,
  requirePresent: () => void,
): Uint8Array {
  const opened = decryptByVendor(vendor, container, blob, requirePresent)
  // SECURITY: a ciphertext that does not open gives a random key, and the second step is done all the same (RFC 3218).
  const key = opened?.length === sm4Length ? opened : Uint8Array.from(randomBytes(sm4Length))
  try {
    return sm4CbcDecrypt(key, iv, content)
  } finally {
    opened?.fill(0)
    key.fill(0)
  }
}

function contentIn(plain: Uint8Array): Uint8Array | null {
  try {
    return decodeSm2Content(plain)
  } catch (error) {
    if (error instanceof CryptoFailure && error.code === 'seal.key-mismatch') return null
    throw error
  }
}

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
