/**
 * What an envelope asks a private key to do, as the recipient's key kind needs it. Later suites add kinds
 * (ECDH, SM2 with SM4-CBC content); each is one round trip to the token and moves a few hundred bytes at most.
 */
export type KeyTransport =
  | { readonly kind: 'rsa-oaep-sha256'; readonly encryptedKey: Uint8Array }
  | { readonly kind: 'rsa-pkcs1'; readonly encryptedKey: Uint8Array; readonly keyLength: number }

/**
 * Somebody who can open envelopes: the recipient's certificate and the private key behind it.
 */
export interface KeyOpener {
  /** The encryption certificate, DER. */
  readonly certificate: Uint8Array
  /**
   * The transported key, owned by the caller. Bad padding answers a random key of the right length, after the same work
   * (RFC 3218): only what is wrong with the token itself (`token.*`) is thrown.
   */
  open(transport: KeyTransport): Promise<Uint8Array>
}
