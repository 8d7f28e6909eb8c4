import type { Certificate } from './cert/certificate.ts'
import type { KeyOpener } from './envelope/key-opener.ts'
import type { Signer } from './sign/signer.ts'

/** The version strings of the suites (seal-format, "Suites"). */
export type SuiteId = 'intl-1' | 'gm-1'

/** Digest being computed piece by piece. */
export interface RunningDigest {
  update(bytes: Uint8Array): void
  /** Ends the computation; 32 bytes. */
  digest(): Uint8Array
}

/** What a recipient's envelope is wrapped with; `proved` says that this lock has just opened an OAEP probe. */
export interface WrapOptions {
  readonly recipient: Certificate
  /** RSA only: `oaep` for agency and opening certificates and for a lock that has proved it, else `pkcs1`. */
  readonly padding: 'oaep' | 'pkcs1'
}

/** Result of verifying a detached signature's own mathematics and shape; trust is judged by the chain check. */
export interface DetachedSignature {
  readonly signer: Certificate
  /** The listed certificates other than the signer, in their order in the message. */
  readonly intermediates: readonly Certificate[]
  /** Content octets of the SignerInfo's signature: what a time stamp's imprint is made over. */
  readonly signatureOctets: Uint8Array
  readonly signingTime?: Date
}

/**
 * The cipher of one stream key, working in place on a buffer of its own, so that bulk work allocates nothing (gm-1: the
 * buffer is WASM memory and the expanded key stands beside it). Not for two threads at once.
 */
export interface ChunkCipher {
  /**
   * Room for one chunk of `chunkSize` bytes and its tag. The caller puts in what is to be worked on and takes out what
   * came of it; the array stays the same until `wipe`.
   */
  readonly buffer: Uint8Array
  /** Seals the first `length` bytes of the buffer; afterwards its first `length` + 16 bytes are the sealed chunk. */
  seal(nonce: Uint8Array, length: number): void
  /**
   * Opens the sealed chunk in the first `sealedLength` bytes; afterwards the first `sealedLength` − 16 are the plaintext.
   * Throws `seal.chunk` when the tag does not hold (or there is no room for one); no plaintext is in the buffer then.
   */
  open(nonce: Uint8Array, sealedLength: number): void
  /** Leaf digest of the first `length` bytes with the domain prefix byte; as {@link BulkSuite.leaf}. */
  leaf(prefix: number, length: number): Uint8Array
  /** Overwrites the key and the buffer; the cipher is good for nothing afterwards. Harmless twice. */
  wipe(): void
}

/** Digests of several byte streams computed at once (gm-1: four SIMD lanes; intl-1: one after the other). */
export interface DigestGroup {
  /** How many streams one group takes. */
  readonly lanes: number
  /**
   * Goes on with every stream; `pieces[i]` belongs to stream i, absent or empty where it has come to its end. Fastest when
   * all have the same length, a multiple of 64 bytes.
   */
  update(pieces: readonly (Uint8Array | undefined)[]): void
  /** Ends all; 32 bytes each. */
  digests(): readonly Uint8Array[]
}

/** The part of a suite that touches every byte of a bid; all a worker thread needs. */
export interface BulkSuite {
  readonly id: SuiteId
  /** Bytes of the stream key: 32 (AES-256) or 16 (SM4). */
  readonly streamKeyLength: number
  createDigest(): RunningDigest
  /** Begins `streams` digests at once, at most {@link digestLanes}. */
  createDigestGroup(streams: number): DigestGroup
  /** How many digests are best computed at once in one thread. */
  readonly digestLanes: number
  /** H over the pieces, 32 bytes. */
  digest(...pieces: readonly Uint8Array[]): Uint8Array
  /** The cipher of one part. `key` is copied. */
  createChunkCipher(key: Uint8Array): ChunkCipher
  /**
   * AEAD of one chunk: ciphertext ‖ 16-byte tag. With `into` (16 bytes longer than the plaintext or more, and no part of
   * it) the answer is a view of its beginning, and nothing is allocated for it. For single chunks; bulk work uses
   * {@link createChunkCipher}.
   */
  sealChunk(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, into?: Uint8Array): Uint8Array
  /** Inverse; throws `seal.chunk` when the tag does not hold, and releases nothing. */
  openChunk(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Uint8Array
  /** Leaf digest of one chunk for the tree, with the domain prefix byte (0x00 ciphertext, 0x02 plaintext). */
  leaf(prefix: number, chunk: Uint8Array): Uint8Array
}

/**
 * Everything a version string chooses (seal-format, "Suites"): no caller ever chooses an algorithm on its own.
 * Adding a suite is adding one object of this type.
 */
export interface Suite extends BulkSuite {
  /** RFC 5869 with HMAC over H. */
  hkdf(key: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array
  /** Envelopes exactly 32 bytes to one recipient: DER of the CMS object. */
  wrapKey(key: Uint8Array, options: WrapOptions): Uint8Array
  /**
   * Check 6 of an envelope's CMS profile: exact DER, one RecipientInfo naming this issuer and serial, content 32 bytes.
   * `role` refuses PKCS#1 v1.5 to an agency. Throws `seal.envelope`.
   */
  checkEnvelope(envelope: Uint8Array, recipient: EnvelopeRecipient): void
  /**
   * Opens an envelope that passed {@link checkEnvelope}. Whatever goes wrong in the cryptography answers 32 random bytes
   * (the commitment check then refuses them); only `token.*` failures are thrown.
   */
  openEnvelope(envelope: Uint8Array, opener: KeyOpener): Promise<Uint8Array>
  /** Detached signature of `content`, DER; verified in software before it is returned. */
  signDetached(content: Uint8Array, signer: Signer, signingTime: Date | null): Promise<Uint8Array>
  /** Shape and mathematics of a detached signature. Throws `document.signature`. */
  verifyDetached(content: Uint8Array, signature: Uint8Array): DetachedSignature
  /** Whether a certificate's key can sign, or receive envelopes, in this suite (kind and size). Throws `cert.unsupported`. */
  requireKey(certificate: Certificate, use: 'sign' | 'decrypt'): void
}

/** How the header describes the recipient an envelope must be addressed to. */
export interface EnvelopeRecipient {
  readonly role: 'main' | 'backup' | 'agency'
  /** DER Name. */
  readonly issuer: Uint8Array
  /** Content octets of the INTEGER. */
  readonly serial: Uint8Array
}
