import type { KeyTransport } from '../envelope/key-opener.ts'
import type { SignatureAlgorithm } from '../sign/signer.ts'

/** What is known of the PIN without trying one. `unknown` where the driver does not tell. */
export interface PinState {
  readonly state: 'ok' | 'few-tries' | 'last-try' | 'locked' | 'not-set' | 'unknown'
  /** Tries left, where the driver counts them. */
  readonly triesLeft?: number
  /** The PIN is still the one the vendor ships, where the driver tells. */
  readonly isDefault?: boolean
  /** The PIN is typed on the token's own pad or in the vendor's window; none is sent. */
  readonly protectedPath: boolean
}

/** What a key pair is for; Chinese locks carry one pair for each. */
export type KeyUse = 'sign' | 'decrypt'

/** One certificate found on a token. */
export interface TokenCertificate {
  /** Names the key pair inside its token: CKA_ID in hex, an SKF container's name with its half, or the soft lock's local key id. */
  readonly keyId: string
  readonly label: string
  /** DER, as it stands on the token. */
  readonly certificate: Uint8Array
  /** From the certificate's keyUsage: digitalSignature or nonRepudiation sign; keyEncipherment (dataEncipherment, keyAgreement) decrypt. CA certificates have none. */
  readonly uses: readonly KeyUse[]
}

/** One token (USB key, soft lock) as it can be seen without a PIN. */
export interface TokenSummary {
  /** RFC 7512 `pkcs11:` URI, `skf:` or `p12:` URI; names this token again later, on the command line too. */
  readonly uri: string
  readonly kind: 'pkcs11' | 'skf' | 'soft'
  readonly label: string
  readonly manufacturer: string
  readonly model: string
  readonly serial: string
  readonly pin: PinState
  readonly certificates: readonly TokenCertificate[]
  /** Mechanisms the token claims, by PKCS#11 name where known (SM2 and SKF: the names of GM/T 0006), for diagnosis. */
  readonly mechanisms: readonly string[]
}

/** The library behind a driver. */
export interface ModuleSummary {
  readonly path: string
  readonly description: string
  readonly manufacturer: string
  readonly version: string
}

/**
 * One vendor library (or soft lock). Calls are answered one at a time in the order they were made.
 * Implemented by the drivers themselves and by the supervisor that runs a driver in its own process.
 */
export interface TokenDriver {
  module(): Promise<ModuleSummary>
  /** Tokens present now, with certificates readable without a PIN. No token is an empty list, not a failure. */
  list(): Promise<readonly TokenSummary[]>
  /**
   * Logs in. `pin` is null for a protected authentication path. Throws `token.absent`, `token.pin-incorrect`,
   * `token.pin-locked`, `token.pin-last-try`, `token.removed`. Never tries a PIN twice.
   */
  login(tokenUri: string, pin: string | null, consent?: PinConsent): Promise<TokenSession>
  /**
   * Changes the user PIN, once. Throws what {@link login} throws for the old one, `token.pin-form` for a new one that the
   * token does not take, `token.unsupported` where it is changed on the token itself.
   */
  changePin(tokenUri: string, change: PinChange): Promise<void>
  /**
   * Makes a practice lock on a blank token (uninitialised PKCS#11 slot): label, PIN, two key pairs made on the token.
   * Answers the public keys (SPKI DER) by use. Throws `token.unsupported` for a kind of key the driver cannot make, and
   * `token.not-blank` when the module has no blank token: nothing is ever overwritten.
   */
  initialisePracticeToken(options: PracticeTokenOptions): Promise<PracticeTokenKeys>
  /** Stores the certificates for keys made by `initialisePracticeToken`. */
  storePracticeCertificates(tokenUri: string, pin: string, certificates: readonly PracticeCertificate[]): Promise<void>
  /** Logs out everywhere and unloads. Harmless twice. */
  close(): Promise<void>
}

/** What the user has agreed to. */
export interface PinConsent {
  /** The PIN may be sent although the next wrong one blocks the token; without it that is refused (`token.pin-last-try`). */
  readonly lastTry?: boolean
}

/** A new PIN for the old one. */
export interface PinChange extends PinConsent {
  readonly oldPin: string
  readonly newPin: string
}

/** A logged-in token. Key ids are those of {@link TokenCertificate}. */
export interface TokenSession {
  /** Certificates now readable, private-key certificates first. */
  certificates(): Promise<readonly TokenCertificate[]>
  /** Signs a digest (32 bytes); see {@link SignatureAlgorithm}. ECDSA answers DER. `message` as in `Signer.sign`. */
  sign(keyId: string, algorithm: SignatureAlgorithm, digest: Uint8Array, message?: Uint8Array): Promise<Uint8Array>
  /** Opens a transported key; see {@link KeyTransport} and `KeyOpener.open` for bad padding. */
  open(keyId: string, transport: KeyTransport): Promise<Uint8Array>
  /** Signature algorithms this key can do, best first. */
  algorithms(keyId: string): Promise<readonly SignatureAlgorithm[]>
  close(): Promise<void>
}

/** What kind of key pairs a practice lock gets: RSA for the suite `intl-1`, SM2 for `gm-1`. */
export type PracticeKeyKind = 'rsa-2048' | 'sm2'

/** How a practice lock is made. `label` has at most 32 bytes in UTF-8. */
export interface PracticeTokenOptions {
  readonly label: string
  readonly keyKind: PracticeKeyKind
  readonly pin: string
  readonly soPin: string
}

/** The key pairs of a new practice lock; public keys are SPKI DER, to be certified. */
export interface PracticeTokenKeys {
  readonly tokenUri: string
  readonly sign: { readonly keyId: string; readonly publicKey: Uint8Array }
  readonly decrypt: { readonly keyId: string; readonly publicKey: Uint8Array }
}

/** A certificate to be stored on a practice lock, DER. */
export interface PracticeCertificate {
  /** Absent for intermediates. */
  readonly keyId?: string
  readonly label: string
  readonly certificate: Uint8Array
}
