import type { Deviation, KeyUse, PinState, VendorProfile } from '../../../crypto/index.ts'
import type { Failure } from '../../contract/failure.ts'
import type { CertificateFacts } from '../certificate-facts.ts'
import type { ModuleReference } from '../ports.ts'
import type { RevocationStanding } from '../revocation/facts.ts'
import type { LibraryFault } from '../tokens/library-file.ts'
import type { LibraryBuild } from '../tokens/library-headers.ts'
import type { UsbLook } from './usb.ts'

/** The rungs of the ladder, from the plug to the PIN. */
export type RungName =
  'device' | 'driver-file' | 'bitness' | 'loads' | 'slots' | 'token' | 'certificate' | 'usable' | 'chain' | 'pin'

export type RungStatus = 'ok' | 'warning' | 'problem' | 'not-reached'

/** What was found on a rung, with what its sentence needs to say. */
export type Finding =
  | { readonly code: 'not-reached' }
  | { readonly code: 'device.seen' | 'device.none-known' | 'device.none'; readonly usb: UsbLook }
  | { readonly code: 'device.not-checked' }
  | { readonly code: 'driver-file.none' }
  | { readonly code: 'driver-file.library'; readonly interfaces: readonly string[]; readonly bytes: number }
  | { readonly code: 'driver-file.no-interface' }
  | { readonly code: 'driver-file.soft' }
  | { readonly code: 'driver-file.fault'; readonly fault: LibraryFault }
  | {
      readonly code: 'bitness.fits' | 'bitness.differs'
      readonly builds: readonly LibraryBuild[]
      readonly host: HostFacts
    }
  | { readonly code: 'bitness.soft' }
  | { readonly code: 'loads.ok'; readonly description: string; readonly manufacturer: string; readonly version: string }
  | { readonly code: 'loads.failed' | 'slots.failed' | 'pin.check-failed'; readonly failure: Failure }
  | { readonly code: 'slots.tokens'; readonly count: number }
  | { readonly code: 'slots.empty' | 'slots.not-the-one' }
  | { readonly code: 'token.found'; readonly label: string; readonly model: string; readonly serial: string }
  | { readonly code: 'certificate.found'; readonly count: number; readonly identities: number }
  | { readonly code: 'certificate.none' | 'certificate.after-login' }
  | {
      readonly code: 'usable.both' | 'usable.sign-only' | 'usable.decrypt-only' | 'usable.none'
      readonly reasons: readonly Reason[]
    }
  | { readonly code: 'chain.trusted'; readonly revocation: RevocationSummary }
  | { readonly code: 'chain.revoked' | 'chain.untrusted' | 'chain.not-judged' }
  | { readonly code: 'pin.state'; readonly pin: PinState }
  | { readonly code: 'pin.checked'; readonly pin: PinState; readonly deviations: readonly Deviation[] }

/** Worst of what is known of the revocation of the certificates that can be used. */
export type RevocationSummary = 'good' | 'not-checked'

/** What this program runs on. */
export interface HostFacts {
  readonly platform: NodeJS.Platform
  readonly arch: string
}

/** One rung, judged. */
export interface Rung {
  readonly rung: RungName
  readonly status: RungStatus
  readonly finding: Finding
}

/** Why a certificate cannot be used for a bid, or not for all of it. */
export type Reason =
  | 'unreadable'
  /** It is an authority's. */
  | 'authority'
  | 'expired'
  | 'not-yet-valid'
  /** Its private key is not on the token, or not where the token shows it. */
  | 'no-key'
  /** Its keyUsage allows neither signing nor encryption. */
  | 'wrong-usage'
  | 'unsupported-key'
  | 'no-credit-code'
  /** Several places hold different codes, and nobody may choose. */
  | 'ambiguous-credit-code'
  /** The certificate it forms a pair with bears another one. */
  | 'other-credit-code'
  | 'untrusted'
  | 'revoked'
  /** Its key did not pass the check at first use. */
  | 'deviates'

/** A certificate on a token with everything that was found about it. */
export interface ExaminedCertificate {
  readonly keyId: string
  readonly label: string
  readonly facts: CertificateFacts | null
  /** What its keyUsage says it is for. */
  readonly intended: readonly KeyUse[]
  /** What it can be used for as things are. */
  readonly usableFor: readonly KeyUse[]
  readonly reasons: readonly Reason[]
  /** Where the code that counts stands, e.g. `extension 1.2.156.10260.4.1.4`. */
  readonly creditCodeAt: string | null
  /** `keyId` of the other certificate of its pair. */
  readonly pairedWith: string | null
  /** `not-judged` where no root is known here, and for authorities. */
  readonly chain: 'trusted' | 'untrusted' | 'not-judged'
  /** Null where there is no chain to judge. */
  readonly revocation: RevocationStanding | null
  readonly deviation: Deviation | null
}

/** A signing and an encryption certificate that belong together. */
export interface CertificatePair {
  readonly sign: string
  readonly decrypt: string
}

export interface ExaminedToken {
  readonly uri: string
  readonly kind: 'pkcs11' | 'skf' | 'soft'
  readonly label: string
  readonly manufacturer: string
  readonly model: string
  readonly serial: string
  readonly pin: PinState
  readonly rungs: readonly Rung[]
  readonly certificates: readonly ExaminedCertificate[]
  readonly pairs: readonly CertificatePair[]
  readonly usableFor: readonly KeyUse[]
}

export interface ExaminedModule {
  readonly reference: ModuleReference
  /** Of the library's file, lower-case hex; null for soft locks and for what cannot be read. */
  readonly sha256: string | null
  /** What is known of the vendor; null where nobody knows the library. */
  readonly vendor: VendorProfile | null
  readonly rungs: readonly Rung[]
  readonly tokens: readonly ExaminedToken[]
}

/** The whole examination. */
export interface DoctorReport {
  /** At least one token can sign. */
  readonly ok: boolean
  readonly host: HostFacts
  /** The device rung, and that there is no driver at all where there is none. */
  readonly rungs: readonly Rung[]
  readonly modules: readonly ExaminedModule[]
}

/** Whether a token can sign as things are: it has a key for it, and its PIN is not in the way. */
export function canSign({ usableFor, rungs }: ExaminedToken): boolean {
  return usableFor.includes('sign') && !rungs.some(({ rung, status }) => rung === 'pin' && status === 'problem')
}

/** A rung that was not come to. */
export function notReached(rung: RungName): Rung {
  return { rung, status: 'not-reached', finding: { code: 'not-reached' } }
}
