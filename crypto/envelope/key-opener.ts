/**
 * What an envelope asks a private key to do, as the recipient's key kind needs it. Each is one round trip to the token
 * and moves a few hundred bytes at most.
 */
export type KeyTransport =
  | { readonly kind: 'rsa-oaep-sha256'; readonly encryptedKey: Uint8Array }
  | { readonly kind: 'rsa-pkcs1'; readonly encryptedKey: Uint8Array; readonly keyLength: number }
  | EcTransport
  | Sm2Transport

/**
 * A key agreed with an EC key (seal-format, "Envelope wrapping"): the token derives the shared secret by ECDH and nothing
 * else (CKM_ECDH1_DERIVE with CKD_NULL); deriving the wrapping key and unwrapping 32 bytes happen on the host.
 */
export interface EcTransport {
  readonly kind: 'ecdh-aes256-wrap'
  /** The ephemeral point, uncompressed, on the curve of the recipient's key: 65 bytes on P-256, 97 on P-384. */
  readonly ephemeralPoint: Uint8Array
  /** 40 bytes: RFC 3394 over 32. */
  readonly wrappedKey: Uint8Array
}

/**
 * An SM2 envelope as a whole: the token unwraps the SM4 key and decrypts the content with it, because the standard path of
 * an SKF lock never gives the key out (seal-format, "Envelope wrapping"). The answer is the content without its padding,
 * 32 bytes.
 */
export interface Sm2Transport {
  readonly kind: 'sm2-sm4-cbc'
  /** SM2Cipher, DER (GM/T 0009: C1, C3, C2), coordinates as minimal INTEGERs. */
  readonly encryptedKey: Uint8Array
  /** 16 bytes. */
  readonly iv: Uint8Array
  /** 48 bytes of SM4-CBC: 32 bytes of content and one block of padding (PKCS#7). */
  readonly content: Uint8Array
}

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
