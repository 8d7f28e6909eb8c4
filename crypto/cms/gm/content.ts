import { CryptoFailure } from '../../errors.ts'
import { sm4CbcDecrypt } from '../../sm/sm4.ts'
import { keyLength } from '../auth-enveloped.ts'

/** Bytes of an SM4 block, all of which the padding of a 32-byte content takes. */
const blockLength = 16

/**
 * The 32-byte content in what a lock answers for 48 bytes of SM4-CBC (seal-format, "Envelope wrapping"): 48 bytes must
 * end in sixteen 0x10, 32 bytes (a lock that takes the padding off itself) are taken as they are. Answers a copy. Throws
 * `seal.key-mismatch` for any other length or padding; the padding is judged in constant time.
 */
export function decodeSm2Content(plain: Uint8Array): Uint8Array {
  if (plain.length === keyLength) return Uint8Array.from(plain)
  if (plain.length !== keyLength + blockLength) throw mismatch(`an envelope’s content of ${plain.length} bytes`)
  const difference = plain.subarray(keyLength).reduce((sum, byte) => sum | (byte ^ blockLength), 0)
  if (difference !== 0) throw mismatch('an envelope’s content without its padding')
  return plain.slice(0, keyLength)
}

/** Decrypts an envelope's 48 bytes of SM4-CBC on the host. Null for whatever is no 32-byte content under this key. */
export function openSm2Content(contentKey: Uint8Array, iv: Uint8Array, content: Uint8Array): Uint8Array | null {
  // A lock may take the padding off; what is decrypted here is raw, so that the padding must be there.
  if (content.length !== keyLength + blockLength || iv.length !== blockLength) return null
  const plain = sm4CbcDecrypt(contentKey, iv, content)
  try {
    return decodeSm2Content(plain)
  } catch (error) {
    if (!(error instanceof CryptoFailure)) throw error
    return null
  } finally {
    plain.fill(0)
  }
}

function mismatch(detail: string): CryptoFailure {
  return new CryptoFailure('seal.key-mismatch', detail)
}
