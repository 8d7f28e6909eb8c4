/**
 * Every failure `crypto/` can report, by name. Decided where the fault happens, worded elsewhere.
 * The whole table, with exit codes, is `main/contract/failure.ts`; a test keeps this list a subset of it.
 */
export const cryptoFailureCodes = [
  'token.absent',
  'token.removed',
  'token.pin-incorrect',
  'token.pin-form',
  'token.pin-locked',
  'token.pin-last-try',
  'token.driver-unavailable',
  'token.driver-bitness',
  'token.driver-crashed',
  'token.driver-hung',
  'token.wrong-lock',
  'token.unsupported',
  'token.deviation',
  'token.not-blank',
  'seal.container',
  'seal.header',
  'seal.signature',
  'seal.tender',
  'seal.entries',
  'seal.envelope',
  'seal.root',
  'seal.key-mismatch',
  'seal.chunk',
  'seal.inner',
  'seal.document',
  'seal.too-large',
  'seal.foreign-tender',
  'seal.self-test',
  'seal.timestamp',
  'cert.expired',
  'cert.untrusted',
  'cert.revoked',
  'cert.unsupported',
  'data.malformed',
  'data.signature',
  'data.downgrade',
  'document.malformed',
  'document.wrong-type',
  'document.signature',
  'opening.challenge',
  'opening.early',
  'input.unreadable',
  'input.changed',
  'output.disk-full',
  'output.unwritable',
  'arguments.bad',
  'cancelled',
  'internal',
] as const

/** One of {@link cryptoFailureCodes}. */
export type CryptoFailureCode = (typeof cryptoFailureCodes)[number]

/**
 * A failure with a stable code. `detail` is one English fact for the log and the curious; it never holds a PIN,
 * a key, a plaintext or a path of the user.
 */
export class CryptoFailure extends Error {
  override readonly name = 'CryptoFailure'
  readonly code: CryptoFailureCode
  readonly detail: string

  constructor(code: CryptoFailureCode, detail: string, cause?: unknown) {
    super(`${code}: ${detail}`, cause === undefined ? undefined : { cause })
    this.code = code
    this.detail = detail
  }
}

/** Throws `cancelled` once the caller has asked to stop. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new CryptoFailure('cancelled', 'stopped at the request of the caller')
}

/** Runs a check under another code: a failure of a lower layer becomes this layer's, keeping the cause. */
export function recode<T>(code: CryptoFailureCode, run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (error instanceof CryptoFailure) throw new CryptoFailure(code, error.detail, error)
    throw error
  }
}
