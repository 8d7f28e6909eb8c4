import type {
  Certificate,
  Pkcs11Profile,
  Randomness,
  RawLibrary,
  SkfProfile,
  TokenCertificate,
  TokenDriver,
  TokenSession,
  TokenSummary,
} from '../../../crypto/index.ts'
import type { Ports } from '../ports.ts'

/** What a case that fails means: `must`, a bid cannot depend on the key; `should`, it can, with care; `info`, a fact. */
export type Level = 'must' | 'should' | 'info'

/** The groups, in the order in which they run. */
export const groups = [
  'discovery',
  'certificates',
  'pin',
  'signing',
  'decryption',
  'concurrency',
  'robustness',
  'product',
  'timing',
] as const

export type Group = (typeof groups)[number]

/** What the product does with a key, each of which gets a verdict. */
export const scenarios = ['seal', 'trial-decryption', 'release', 'sign-pdf', 'rehearsal'] as const

export type Scenario = (typeof scenarios)[number]

/** A text in both languages. */
export interface Bilingual {
  readonly zh: string
  readonly en: string
}

/** What people read of a case. */
export interface CaseText {
  readonly title: Bilingual
  /** What is tried. */
  readonly purpose: Bilingual
  /** What it means for a bid. */
  readonly why: Bilingual
  /** What the vendor can do. */
  readonly remedy: Bilingual
}

/** What a case does not run without. What is missing makes it `skip`, a key that the token has not makes it `na`. */
export interface CaseNeeds {
  /** A login. */
  readonly pin?: true
  /** Spends tries: only where that was allowed, and never below two left; see {@link Bench.pinTry}. Implies `pin`. */
  readonly pinTests?: true
  /** Changes what is on the token: only where that was allowed. */
  readonly writes?: true
  /** Somebody who plugs, unplugs or types: {@link Bench.person}. */
  readonly person?: true
  /** A token that is plugged in. Implied by all of the above but `person`, and by `keys`. */
  readonly token?: true
  /** Certificates of these uses with their keys. */
  readonly keys?: 'sign' | 'decrypt' | 'both'
}

/** One numbered case of the battery. */
export interface Case {
  /** `P-SIG-012` (PKCS#11), `S-SIG-004` (SKF), `C-CER-003` (both). Stable for ever, never used again for another. */
  readonly id: string
  readonly group: Group
  readonly level: Level
  readonly kinds: readonly ('pkcs11' | 'skf')[]
  /** Where it is written: `PKCS#11 v2.40 §5.11`, `GM/T 0016-2012 §7.4.13`; the product's own wish is `BidSeal`. */
  readonly clause: string
  readonly text: CaseText
  readonly needs: CaseNeeds
  /** Scenarios that cannot work when this case fails; for a case of the group `product`, those it shows to work. */
  readonly scenarios?: readonly Scenario[]
  /**
   * Runs the case. What it throws of `token.driver-crashed`, `token.driver-hung`, `token.removed` is a finding of the engine's:
   * the process is started anew and the run goes on. Other failures of the token are for the case to judge.
   */
  run(bench: Bench): Promise<Outcome>
}

export type Status = 'pass' | 'fail' | 'skip' | 'na'

/** A short fact. Never a PIN, a key, a plaintext or a path of the user's. */
export interface Evidence {
  readonly name: string
  readonly value: string | number | boolean
}

/** What became of a case. */
export interface Outcome {
  readonly status: Status
  /** The deviation's stable name: `oaep-sha256-refused`, `leading-zeros-stripped`. Always there unless it is a `pass`. */
  readonly code?: string
  readonly evidence: readonly Evidence[]
  readonly learned?: Learned
}

/** Facts for a profile of the library. What later cases learn comes on top of what earlier ones have. */
export interface Learned {
  readonly pkcs11?: Pkcs11Profile
  readonly skf?: SkfProfile
  /** OIDs (or `2.5.4.…` of the subject) where the credit code was found. */
  readonly creditCodeOids?: readonly string[]
  /** The user PIN is the one the vendor ships. */
  readonly factoryPin?: boolean
}

/** The library under test and what its drivers are told about it. */
export type BenchModule =
  | { readonly kind: 'pkcs11'; readonly path: string; readonly profile?: Pkcs11Profile }
  | { readonly kind: 'skf'; readonly path: string; readonly profile?: SkfProfile }

/** Everything that a case has at hand. */
export interface Bench {
  readonly module: BenchModule
  /** The product's own driver in a process of its own, which starts again after a crash. */
  readonly driver: TokenDriver
  /** The same in another process beside it, for what two programs do at once. Closed by the engine after the case. */
  anotherDriver(): TokenDriver
  /**
   * The library function by function, in a process of its own; not initialised. Closed by the engine after the case, so
   * that each one begins with a fresh library. Throws `token.unsupported` where there is no such access.
   */
  raw(): Promise<RawLibrary>
  /** The token that was chosen, as it was found; null where none was. */
  readonly token: TokenSummary | null
  /** Only with consent; null without, and for a token with a pad of its own. */
  readonly pin: string | null
  /**
   * The session that is logged in already, one for all cases; a new one where it has ended. Throws what `login` throws, and
   * `token.pin-required` without consent.
   */
  session(): Promise<TokenSession>
  /** Another login with the right PIN, in the given driver. Closed by the engine after the case. */
  login(driver?: TokenDriver): Promise<TokenSession>
  /**
   * Asked before each wrong PIN, in a case that needs `pinTests`. Null: one may be sent now, and the right one must be sent
   * after it ({@link login} or otherwise). Else the code why not: `pin-tries-low` where less than two tries would be left or nobody
   * can tell, `pin-not-proven` where the right one has not been accepted yet.
   */
  pinTry(): Promise<'pin-tries-low' | 'pin-not-proven' | null>
  /** Certificates with their keys by use, for the case that needs them. */
  readonly keys: {
    readonly sign: readonly TokenCertificate[]
    readonly decrypt: readonly TokenCertificate[]
  }
  /** How often a case repeats what goes wrong now and then: leading zeros, concurrency. */
  readonly rounds: number
  /** Notes how long something took, in milliseconds; the report shows the distribution under this name. */
  timing(name: string, ms: number): void
  /** What was noted so far. */
  timings(name: string): readonly number[]
  /** Milliseconds of a clock that nobody sets. */
  readonly now: () => number
  readonly random: Randomness
  readonly signal: AbortSignal
  /** The anchors of this run; none where nothing was named and the trust list is empty. */
  readonly anchors: readonly Certificate[]
  /** Intermediate certificates at hand, DER. */
  readonly issuers: readonly Uint8Array[]
  /** An empty folder of this run for files of the case; removed at the end. */
  readonly folder: string
  readonly ports: Ports
  /** Asks a person to do something and waits until it is said to be done; false when declined. Null where nobody is there. */
  readonly person: ((asked: Bilingual) => Promise<boolean>) | null
}

/** A case that holds. */
export function passed(evidence: readonly Evidence[] = [], learned?: Learned): Outcome {
  return { status: 'pass', evidence, ...(learned === undefined ? {} : { learned }) }
}

/** A case that does not hold, by the deviation's name. */
export function failed(code: string, evidence: readonly Evidence[] = [], learned?: Learned): Outcome {
  return { status: 'fail', code, evidence, ...(learned === undefined ? {} : { learned }) }
}

/** A case that says nothing of this token: it has no such key, function or mechanism. */
export function notApplicable(code: string, evidence: readonly Evidence[] = []): Outcome {
  return { status: 'na', code, evidence }
}

/** A case that could have been tried, and was not. */
export function skipped(code: string, evidence: readonly Evidence[] = []): Outcome {
  return { status: 'skip', code, evidence }
}
