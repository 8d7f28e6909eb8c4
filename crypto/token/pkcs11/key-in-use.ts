import type { Handle, Mechanism, PKCS11 } from 'pkcs11js'
import { CKR } from './constants.ts'
import { isCode, returnCode } from './errors.ts'

/** One private key ready for one operation. */
export interface KeyInUse {
  readonly functions: PKCS11
  readonly session: Handle
  readonly key: Handle
  /** Mechanisms the token claims; empty where it does not tell. */
  readonly mechanisms: ReadonlySet<number>
  /** Called between the operation's beginning and its end: keys that want the PIN for each use are given it there. */
  authenticate(): void
  /** Throws `token.removed` when the token is gone: a library's general error can mean either. */
  requirePresent(): void
}

/** Longest result believed, in bytes: RSA of 8,192 bits. */
const outputLimit = 1024

/** Whether the token claims a mechanism, or does not tell. */
export function mayHave({ mechanisms }: Pick<KeyInUse, 'mechanisms'>, mechanism: number): boolean {
  return mechanisms.size === 0 || mechanisms.has(mechanism)
}

/** C_SignInit and C_Sign. The buffer is given at once: asking for the length first makes some tokens sign twice. */
export function signWith(use: KeyInUse, mechanism: Mechanism, input: Uint8Array): Uint8Array {
  use.functions.C_SignInit(use.session, mechanism, use.key)
  use.authenticate()
  try {
    return Uint8Array.from(use.functions.C_Sign(use.session, Buffer.from(input), Buffer.alloc(outputLimit)))
  } catch (error) {
    if (returnCode(error) !== null) use.requirePresent()
    throw error
  }
}

/**
 * C_DecryptInit and C_Decrypt. `refused`: the token does not do this mechanism. `bad`: it does, and did not like the
 * ciphertext; `strange` tells which return codes of C_Decrypt mean that besides the usual ones. Throws what else the library
 * throws. The answer is the caller's to wipe.
 */
export function decryptWith(
  use: KeyInUse,
  mechanism: Mechanism,
  ciphertext: Uint8Array,
  strange: (error: unknown) => boolean = () => false,
): Uint8Array | 'refused' | 'bad' {
  try {
    use.functions.C_DecryptInit(use.session, mechanism, use.key)
  } catch (error) {
    if (isCode(error, ...refusal)) return 'refused'
    throw error
  }
  use.authenticate()
  const output = Buffer.alloc(outputLimit)
  try {
    return Uint8Array.from(use.functions.C_Decrypt(use.session, Buffer.from(ciphertext), output))
  } catch (error) {
    if (!strange(error)) {
      if (isCode(error, ...refusal)) return 'refused'
      if (!isCode(error, ...badCiphertext)) throw error
    }
    use.requirePresent()
    return 'bad'
  } finally {
    output.fill(0)
  }
}

/**
 * A number as this many bytes; libraries strip leading zeros, or put some before. Null when the bytes, leading zeros aside,
 * are longer.
 */
export function leftPad(bytes: Uint8Array, length: number): Uint8Array | null {
  const excess = Math.max(0, bytes.length - length)
  if (bytes.subarray(0, excess).some(byte => byte !== 0)) return null
  const padded = new Uint8Array(length)
  padded.set(bytes.subarray(excess), length - (bytes.length - excess))
  return padded
}

const refusal = [CKR.argumentsBad, CKR.mechanismInvalid, CKR.mechanismParamInvalid] as const

/** No two libraries agree on how to say that a padding is wrong; SoftHSM says CKR_GENERAL_ERROR. */
const badCiphertext = [
  CKR.generalError,
  CKR.functionFailed,
  CKR.dataInvalid,
  CKR.dataLenRange,
  CKR.encryptedDataInvalid,
  CKR.encryptedDataLenRange,
] as const
