import { CryptoFailure } from '../../errors.ts'
import { readUlong, ulong } from './buffers.ts'
import { SAR } from './constants.ts'
import { absurd, isCode } from './errors.ts'
import type { VendorDecrypt } from './library.ts'

/** Longest plaintext that is believed, in bytes: an RSA block of 8,192 bits. */
const plaintextLimit = 1024

/** Null when the library did not like the ciphertext, and the token is still there: a general code can mean either. */
export function unlessBad<T>(requirePresent: () => void, run: () => T): T | null {
  try {
    return run()
  } catch (error) {
    if (!isCode(error, ...badCiphertext)) throw error
    requirePresent()
    return null
  }
}

/**
 * What a vendor's function makes of a ciphertext; null as in {@link unlessBad}. The buffer is given at once: asking for the
 * length first makes some tokens decrypt, and ask their user, twice. The caller wipes the answer. Throws what the library
 * throws, `token.unsupported` for an absurd length.
 */
export function decryptByVendor(
  vendor: VendorDecrypt,
  container: bigint,
  ciphertext: Uint8Array,
  requirePresent: () => void,
): Uint8Array | null {
  // SECURITY: more room than is told, for libraries that write more than they were given.
  const output = new Uint8Array(4 * plaintextLimit)
  const size = ulong(plaintextLimit)
  try {
    return unlessBad(requirePresent, () => {
      vendor.decrypt(container, Uint8Array.from(ciphertext), output, size)
      const length = readUlong(size)
      if (length > plaintextLimit) throw absurd(vendor.name, length)
      return output.slice(0, length)
    })
  } finally {
    output.fill(0)
  }
}

/** For a library that lacks the vendor's function which its profile names. */
export function lacking(name: string | undefined, otherwise: string): CryptoFailure {
  const named = name === undefined ? 'its profile names no function of the vendor’s' : `it lacks the profile’s ${name}`
  return new CryptoFailure('token.unsupported', `the SKF library cannot open this envelope: ${named}, ${otherwise}`)
}

/** No two libraries agree on how to say that a ciphertext is not for this key. */
const badCiphertext = [
  ...[SAR.fail, SAR.unknown, SAR.invalidParameter, SAR.inputLength, SAR.input, SAR.hashObject, SAR.hash],
  ...[SAR.rsaDecrypt, SAR.hashNotEqual, SAR.decryptPadding],
] as const
