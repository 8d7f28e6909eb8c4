import type { ModuleSummary, TokenSummary } from '../../../crypto/index.ts'
import type { BenchModule, Case, Group, Learned, Outcome } from './case.ts'
import type { Consent } from './consent.ts'
import type { Verdicts } from './verdicts.ts'

/** What became of one case of a run. */
export interface CaseResult {
  readonly case: Case
  readonly outcome: Outcome
  /** Milliseconds, whole. */
  readonly ms: number
  /** It was done before the run was interrupted, and taken over. */
  readonly kept: boolean
}

/** How long something took, in milliseconds. */
export interface Distribution {
  readonly name: string
  readonly count: number
  readonly min: number
  readonly median: number
  readonly p95: number
  readonly max: number
}

/** Where a run took place. */
export interface RunEnvironment {
  readonly platform: string
  readonly arch: string
  /** Of the operating system. */
  readonly release: string
  readonly runtime: string
}

/** What was told of the library to its drivers, by whom. */
export type ProfileSource = 'none' | 'own' | 'built-in'

/** A finished run, from which every kind of report is made. */
export interface WorkbenchRun {
  readonly tool: 'bidseal-workbench'
  readonly version: string
  readonly startedAt: Date
  readonly finishedAt: Date
  readonly environment: RunEnvironment
  readonly module: BenchModule
  /** SHA-256 of the library, lower-case hex; null where it cannot be read. */
  readonly sha256: string | null
  /** What the library says of itself; null where it could not be asked. */
  readonly info: ModuleSummary | null
  readonly profileSource: ProfileSource
  readonly token: TokenSummary | null
  readonly consent: Consent
  readonly groups: readonly Group[]
  readonly rounds: number
  /** In the order of the table. */
  readonly results: readonly CaseResult[]
  readonly timings: readonly Distribution[]
  readonly learned: Learned
  readonly verdicts: Verdicts
}

/** Numbers of a run. */
export interface RunSummary {
  readonly total: number
  readonly pass: number
  readonly fail: number
  readonly skip: number
  readonly na: number
  /** Ids of the must cases that failed; none: what is required holds, as far as it was tried. */
  readonly requiredFailed: readonly string[]
  readonly ok: boolean
}

export function summaryOf(results: readonly CaseResult[]): RunSummary {
  const count = (status: Outcome['status']): number => results.filter(({ outcome }) => outcome.status === status).length
  const requiredFailed = results
    .filter(each => each.case.level === 'must' && each.outcome.status === 'fail')
    .map(each => each.case.id)
  return {
    total: results.length,
    ...{ pass: count('pass'), fail: count('fail'), skip: count('skip'), na: count('na') },
    requiredFailed,
    ok: requiredFailed.length === 0,
  }
}

/** The distribution of noted times; null where there are none. */
export function distributionOf(name: string, values: readonly number[]): Distribution | null {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number): number =>
    rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
  if (sorted.length === 0) return null
  return { name, count: sorted.length, min: at(0), median: at(0.5), p95: at(0.95), max: at(1) }
}

/** To the hundredth of a millisecond. */
function rounded(ms: number): number {
  return Math.round(ms * 100) / 100
}

/** What was learned, the later on top. */
export function mergeLearned(one: Learned, other: Learned | undefined): Learned {
  if (other === undefined) return one
  return {
    ...one,
    ...other,
    ...(one.pkcs11 === undefined && other.pkcs11 === undefined ? {} : { pkcs11: { ...one.pkcs11, ...other.pkcs11 } }),
    ...(one.skf === undefined && other.skf === undefined ? {} : { skf: { ...one.skf, ...other.skf } }),
    ...(one.creditCodeOids === undefined && other.creditCodeOids === undefined
      ? {}
      : { creditCodeOids: [...new Set([...(one.creditCodeOids ?? []), ...(other.creditCodeOids ?? [])])] }),
  }
}
