/**
 * Every failure the product can report: the one closed table. `exit` is the command line's exit code (1 the thing asked
 * for failed, 2 bad arguments or unreadable input, 3 token or driver, 4 network or platform, 130 cancelled);
 * `retriable` says whether the same request may succeed later unchanged. Once shipped a code is never reused.
 */
export const failures = {
  'token.absent': { exit: 3, retriable: true },
  'token.removed': { exit: 3, retriable: true },
  'token.pin-required': { exit: 3, retriable: true },
  'token.pin-incorrect': { exit: 3, retriable: true },
  'token.pin-form': { exit: 3, retriable: true },
  'token.pin-locked': { exit: 3, retriable: false },
  'token.pin-last-try': { exit: 3, retriable: true },
  'token.driver-unavailable': { exit: 3, retriable: false },
  'token.driver-bitness': { exit: 3, retriable: false },
  'token.driver-crashed': { exit: 3, retriable: true },
  'token.driver-hung': { exit: 3, retriable: true },
  'token.wrong-lock': { exit: 3, retriable: true },
  'token.unsupported': { exit: 3, retriable: false },
  'token.deviation': { exit: 3, retriable: false },
  'token.not-blank': { exit: 3, retriable: false },
  'seal.container': { exit: 1, retriable: false },
  'seal.header': { exit: 1, retriable: false },
  'seal.signature': { exit: 1, retriable: false },
  'seal.tender': { exit: 1, retriable: false },
  'seal.entries': { exit: 1, retriable: false },
  'seal.envelope': { exit: 1, retriable: false },
  'seal.root': { exit: 1, retriable: false },
  'seal.key-mismatch': { exit: 1, retriable: false },
  'seal.chunk': { exit: 1, retriable: false },
  'seal.inner': { exit: 1, retriable: false },
  'seal.document': { exit: 1, retriable: false },
  'seal.already-sealed': { exit: 1, retriable: false },
  'seal.foreign-tender': { exit: 1, retriable: false },
  'seal.too-large': { exit: 1, retriable: false },
  'seal.self-test': { exit: 1, retriable: true },
  'seal.timestamp': { exit: 4, retriable: true },
  'cert.expired': { exit: 1, retriable: false },
  'cert.untrusted': { exit: 1, retriable: false },
  'cert.revoked': { exit: 1, retriable: false },
  'cert.unsupported': { exit: 1, retriable: false },
  'data.malformed': { exit: 2, retriable: false },
  'data.signature': { exit: 1, retriable: false },
  'data.downgrade': { exit: 1, retriable: false },
  'document.malformed': { exit: 1, retriable: false },
  'document.wrong-type': { exit: 1, retriable: false },
  'document.signature': { exit: 1, retriable: false },
  'tender.invalid': { exit: 1, retriable: false },
  'tender.addendum-newer': { exit: 1, retriable: false },
  'bid.invalid': { exit: 2, retriable: false },
  'bid.incomplete': { exit: 1, retriable: false },
  'bid.not-delivered': { exit: 1, retriable: false },
  'bid.before-opening': { exit: 1, retriable: true },
  'bid.busy': { exit: 1, retriable: true },
  'opening.challenge': { exit: 1, retriable: false },
  'opening.early': { exit: 1, retriable: true },
  'opening.record': { exit: 1, retriable: false },
  'opening.not-confirmed': { exit: 1, retriable: true },
  'opening.remedy': { exit: 1, retriable: false },
  'opening.other-run': { exit: 1, retriable: false },
  'platform.late': { exit: 4, retriable: false },
  'platform.unsealed': { exit: 4, retriable: false },
  'platform.refused': { exit: 4, retriable: false },
  'platform.unreachable': { exit: 4, retriable: true },
  'platform.seal-known': { exit: 4, retriable: false },
  'platform.unknown': { exit: 4, retriable: false },
  'platform.nonce': { exit: 4, retriable: true },
  'platform.not-open': { exit: 4, retriable: true },
  'platform.closed': { exit: 4, retriable: false },
  'platform.receipt': { exit: 4, retriable: false },
  'platform.storage': { exit: 4, retriable: true },
  'platform.awaiting': { exit: 4, retriable: true },
  'platform.proxy': { exit: 4, retriable: true },
  'platform.certificate': { exit: 4, retriable: false },
  'platform.clock': { exit: 4, retriable: true },
  'platform.queued': { exit: 4, retriable: true },
  'evidence.broken': { exit: 1, retriable: false },
  'journal.damaged': { exit: 1, retriable: false },
  'input.unreadable': { exit: 2, retriable: false },
  'input.changed': { exit: 1, retriable: true },
  'output.exists': { exit: 2, retriable: false },
  'output.disk-full': { exit: 1, retriable: true },
  'output.unwritable': { exit: 2, retriable: true },
  'arguments.bad': { exit: 2, retriable: false },
  'bridge.sender': { exit: 2, retriable: false },
  'bridge.arguments': { exit: 2, retriable: false },
  cancelled: { exit: 130, retriable: true },
  internal: { exit: 1, retriable: false },
} as const satisfies Readonly<Record<string, { readonly exit: number; readonly retriable: boolean }>>

/** One of the codes of the table. */
export type FailureCode = keyof typeof failures

/** What crosses a boundary when something failed: a code and one fact, never a stack, path, PIN or server body. */
export interface Failure {
  readonly code: FailureCode
  /** One English fact for the log and the curious; what the user reads is chosen by the code. */
  readonly detail?: string
  /** The failure underneath, where it tells the user more: a signature that fails because of its certificate chain. */
  readonly because?: FailureCode
  /** The platform's own words, where it refused. */
  readonly platformSays?: string
  /** Which lock would be right, where another or none is plugged in. */
  readonly wrongLock?: WrongLock
  /** The later package of the tender, where a bid was made for an earlier one. */
  readonly addendum?: NewerPackage
}

/** A later package of a tender, and what it changes. */
export interface NewerPackage {
  /** SHA-256 of its `tender.json`, hex. */
  readonly packageDigest: string
  /** RFC 3339 UTC. */
  readonly publishedAt: string
  /** How many packages later it is. */
  readonly steps: number
  readonly changes: readonly PackageChange[]
}

/** One difference between two packages: a whole thing that came or went (`property` is null), or one property of it. */
export interface PackageChange {
  readonly area: string
  readonly change: 'added' | 'removed' | 'changed' | 'moved'
  readonly id: string
  readonly title: string
  readonly property: string | null
  readonly from: string | null
  readonly to: string | null
}

/** The locks that would do, and what was plugged in instead; none where nothing was. */
export interface WrongLock {
  readonly needed: readonly NamedLock[]
  readonly plugged: readonly NamedLock[]
}

/** A lock as people tell it from others; what is not known is left out. */
export interface NamedLock {
  readonly label?: string
  readonly subject?: string
  /** Of its certificate, hex. */
  readonly serial?: string
  /** RFC 3339 UTC. */
  readonly notAfter?: string
  readonly creditCode?: string
}

/** An answer that may be a failure; what crosses the bridge instead of a thrown error. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure }

/** A failure decided in the main process. Failures of `crypto/` are mapped onto the same codes at the edge. */
export class AppFailure extends Error {
  override readonly name = 'AppFailure'
  readonly failure: Failure

  constructor(
    code: FailureCode,
    detail: string,
    options: {
      readonly cause?: unknown
      readonly platformSays?: string
      readonly wrongLock?: WrongLock
      readonly addendum?: NewerPackage
    } = {},
  ) {
    super(`${code}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause })
    this.failure = {
      code,
      detail,
      ...(options.platformSays === undefined ? {} : { platformSays: options.platformSays }),
      ...(options.wrongLock === undefined ? {} : { wrongLock: options.wrongLock }),
      ...(options.addendum === undefined ? {} : { addendum: options.addendum }),
    }
  }

  get code(): FailureCode {
    return this.failure.code
  }
}

/** Whether a string from outside is one of our codes. */
export function isFailureCode(value: unknown): value is FailureCode {
  return typeof value === 'string' && Object.hasOwn(failures, value)
}
