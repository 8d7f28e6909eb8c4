import type { Sm2CipherLayout } from '../../sm/sm2/index.ts'

/**
 * What a PKCS#11 driver must be told about a vendor's library, because no standard says it (SM2) or because vendors differ.
 * Part of a {@link VendorProfile}; crosses to the token process as it is.
 */
export interface Pkcs11Profile {
  /** The `pReserved` string of C_Initialize that a few libraries want (NSS). */
  readonly parameters?: string
  /** How SM2 keys are used; without it the library's SM2 keys are not. */
  readonly sm2?: Pkcs11Sm2
  /** How CKA_EC_POINT is written; both are read when it is not told. */
  readonly ecPoint?: 'octet-string' | 'bare'
  /** How a certificate's private key is found; by CKA_ID when it is not told. */
  readonly keyPairing?: 'id' | 'public-key'
}

/** SM2 through PKCS#11 (tokens.md 2.3): numbers and forms that every vendor has chosen alone. */
export interface Pkcs11Sm2 {
  /** CKK_… of SM2 keys. */
  readonly keyType: number
  /** Whether CKA_EC_PARAMS of new keys is the OID of the curve or left out. */
  readonly ecParams: 'oid' | 'absent'
  /** CKM_… that makes key pairs, where the library can. */
  readonly generate?: number
  readonly sign: {
    readonly mechanism: number
    /** `e`: the 32 bytes SM3(Z ‖ M). `message`: M itself; the library does the rest. */
    readonly input: 'e' | 'message'
    /** What the mechanism's parameter holds: nothing, the signer's id, or Z. */
    readonly parameter: 'none' | 'id' | 'z'
    readonly output: 'raw' | 'der'
  }
  readonly decrypt: {
    readonly mechanism: number
    readonly layout: Sm2CipherLayout
  }
  /** Longest message that is signed, in bytes, where `input` is `message`. */
  readonly maxInput?: number
}

/** What an SKF driver must be told about a vendor's library. */
export interface SkfProfile {
  /** Alignment of structures (tokens.md 1.3); found out by what the library writes when it is not told. */
  readonly layout?: 'packed' | 'natural'
  /** How functions are called on 32-bit Windows, where the standard says stdcall and some vendors don't. */
  readonly convention?: 'stdcall' | 'cdecl'
  /** How an SM2 envelope's content is decrypted by the standard path: at once, or by blocks (`SKF_DecryptUpdate`, `…Final`). */
  readonly decrypt?: 'once' | 'by-blocks'
  /** The vendor's own function for SM2 decryption; calling one with other arguments than it has destroys the stack. */
  readonly sm2Extension?: SkfExtension
  /** The vendor's own function for RSA decryption; without it RSA envelopes cannot be opened through SKF. */
  readonly rsaExtension?: SkfExtension
}

/**
 * A function outside the standard that gives the plaintext to the host (tokens.md 1.8): its name, and the arguments between
 * the container and the input. The rest follows from the kind: SM2 takes an ECCCIPHERBLOB, or bytes with their length;
 * RSA takes bytes with their length; both write to a buffer with its length.
 */
export interface SkfExtension {
  readonly name: string
  /** `none`; `key-spec`: ULONG 1 (encryption); `sign-flag`: BOOL FALSE; `type`: ULONG 0. */
  readonly selector: 'none' | 'key-spec' | 'sign-flag' | 'type'
  /** How the ciphertext is handed over; RSA is always `bytes`. */
  readonly input: 'blob' | 'bytes'
}
