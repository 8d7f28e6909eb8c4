/** How a digest is signed. The certificate's key and the suite choose it, never the caller's taste. */
export type SignatureAlgorithm = 'rsa-pkcs1-sha256' | 'rsa-pss-sha256' | 'ecdsa-sha256' | 'sm2-sm3'

/**
 * Somebody who can sign: a certificate and the private key behind it, wherever that key lives (token process, soft lock,
 * the platform's key file). The key never crosses this interface.
 */
export interface Signer {
  /** The signing certificate, DER. */
  readonly certificate: Uint8Array
  /** Intermediate certificates known to lead towards the root, DER, root excluded, in any order. */
  readonly intermediates: readonly Uint8Array[]
  /** Algorithms the key can do, best first; the first one is used. */
  readonly algorithms: readonly SignatureAlgorithm[]
  /**
   * Signs a 32-byte digest. RSA answers the signature, ECDSA the DER ECDSA-Sig-Value (any s; the CMS writer makes it low).
   * For SM2 the digest is e = SM3(Z ‖ M) with the default id (GB/T 32918.2), which the caller computes; the answer is the
   * DER SEQUENCE { r, s } of GM/T 0009. `message` is M, for the locks that insist on digesting it themselves; the signature
   * is the same.
   * Throws `token.*`.
   */
  sign(algorithm: SignatureAlgorithm, digest: Uint8Array, message?: Uint8Array): Promise<Uint8Array>
}
