import { randomBytes } from 'node:crypto'
import { decodeSm2Content, openSm2Content } from '../../cms/gm/content.ts'
import type { Sm2Transport } from '../../envelope/key-opener.ts'
import { CryptoFailure } from '../../errors.ts'
import { sm4KeyCiphertext, sm4KeyLength } from '../sm2-ciphertext.ts'
import { decryptByVendor, lacking } from './ciphertext.ts'
import type { SkfLibrary, VendorDecrypt } from './library.ts'
import { decryptInToken } from './session-key.ts'

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
  const blob = sm4KeyCiphertext(transport.encryptedKey, 'ECCCIPHERBLOB')
  if (blob === null || transport.iv.length !== sm4KeyLength || transport.content.length !== contentLength)
    return fallback
  const vendor = library.extension('sm2')
  if (vendor === null && !library.has('SKF_ImportSessionKey')) {
    throw lacking(library.profile.sm2Extension?.name, 'and there is no SKF_ImportSessionKey')
  }
  if (vendor !== null) return openOnHost(vendor, container, blob, transport, requirePresent) ?? fallback
  const plain = decryptInToken(library, container, blob, transport, requirePresent)
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
function openOnHost(
  vendor: VendorDecrypt,
  container: bigint,
  blob: Uint8Array,
  { iv, content }: Sm2Transport,
  requirePresent: () => void,
): Uint8Array | null {
  const opened = decryptByVendor(vendor, container, blob, requirePresent)
  // SECURITY: a ciphertext that does not open gives a random key, and the second step is done all the same (RFC 3218).
  const key = opened?.length === sm4KeyLength ? opened : Uint8Array.from(randomBytes(sm4KeyLength))
  try {
    return openSm2Content(key, iv, content)
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
