import { release } from 'node:os'
import { CryptoFailure } from '../../../crypto/index.ts'
import type { Certificate, ModuleSummary, TokenSummary } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { toFailure } from '../failure.ts'
import type { Ports } from '../ports.ts'
import { meansToken } from '../tokens/find-token.ts'
import { libraryDigest } from '../vendor-data/library-digest.ts'
import { type Bench, type BenchModule, type Case, failed, type Group, groups, type Learned } from './case.ts'
import { caseTable } from './cases/index.ts'
import { type Consent, outcomeWithout, refuseRightPin } from './consent.ts'
import { type EngineBench, type LibraryAccess, openBench } from './engine-bench.ts'
import { cancelled, judgeCase } from './judge-case.ts'
import { digest, openRunJournal, type RunJournal } from './run-journal.ts'
import { verdictsOf } from './verdicts.ts'
import { type CaseResult, mergeLearned, type ProfileSource, type WorkbenchRun } from './workbench-run.ts'

/** What is tried, and what was agreed to. */
export interface WorkbenchRequest {
  readonly module: BenchModule
  readonly profileSource: ProfileSource
  /** The URI of the token that is meant; null for the only one, or the first that can sign. */
  readonly token: string | null
  /** Only these groups; all where it is null. */
  readonly groups: readonly Group[] | null
  readonly rounds: number
  readonly allowPinTests: boolean
  readonly allowWrites: boolean
  /**
   * Asks for consent to send the PIN, and for the PIN, once: null for a token with a pad of its own, undefined without
   * consent. Not asked where fewer than two tries would be left after a wrong one.
   */
  readonly askPin: (token: TokenSummary) => Promise<string | null | undefined>
  readonly person: Bench['person']
  readonly anchors: readonly Certificate[]
  /** Intermediate certificates at hand, DER. */
  readonly issuers: readonly Uint8Array[]
  /** Goes on where an interrupted run of the same library, token and settings has stopped. */
  readonly resume: boolean
  /** The product's version. */
  readonly version: string
  /** Other cases than those of the table. */
  readonly cases?: readonly Case[]
}

/** How far a run is. */
export interface RunProgress {
  readonly case: Case
  /** From 1. */
  readonly number: number
  readonly total: number
  /** Null when it begins. */
  readonly result: CaseResult | null
}

export interface RunControl {
  readonly signal: AbortSignal
  readonly onProgress?: (progress: RunProgress) => void
}

/**
 * Runs the battery of cases on a library. What the library does wrong is a finding, a crash and a hang too: its process starts
 * anew and the run goes on. Throws `token.pin-incorrect` and the like where the PIN that a person gave is refused at once,
 * `token.absent` for a named token that is not there, `cancelled`, `output.*`; what is done by then is kept for `resume`.
 */
export async function runWorkbench(
  ports: Ports,
  access: LibraryAccess,
  request: WorkbenchRequest,
  control: RunControl,
): Promise<WorkbenchRun> {
  const startedAt = ports.clock.now()
  const sha256 = await libraryDigest(request.module.path)
  const seen = await lookAround(access, request, control.signal)
  const { token } = seen
  const pinRefusal = token === null ? null : refuseRightPin(token.pin, false)
  const pin = token === null || pinRefusal !== null ? undefined : await request.askPin(token)
  const consent: Consent = {
    pin: pin !== undefined,
    ...{ pinTests: request.allowPinTests, writes: request.allowWrites, person: request.person !== null },
  }
  const cases = casesOf(request)
  const settings = digest(JSON.stringify([request.module, request.rounds, consent, request.cases?.map(({ id }) => id)]))
  const identity = { version: request.version, sha256: sha256 ?? '', serial: token?.serial ?? '', settings }
  const journal = await openRunJournal(ports.home, identity, request.resume)
  const { module, rounds, anchors, issuers, person } = request
  const place = await openBench({
    ...{ access, module, ports, token, pin, pinRefusal, rounds, signal: control.signal, anchors, issuers, person },
  })
  try {
    if (cases.some(each => !journal.kept.has(each.id))) await proveLogin(place)
    const results = await runCases(place, cases, consent, journal, control)
    await journal.finish()
    return {
      ...{ tool: 'bidseal-workbench', version: request.version, startedAt, finishedAt: ports.clock.now() },
      ...{ environment: environment(), module, sha256, info: seen.info, profileSource: request.profileSource, token },
      ...{ consent, groups: request.groups ?? groups, rounds, results },
      timings: place.distributions(),
      learned: results.reduce<Learned>((all, { outcome }) => mergeLearned(all, outcome.learned), {}),
      verdicts: verdictsOf(results, isTold(module)),
    }
  } finally {
    await journal.close()
    await place.close()
  }
}

/** The cases of a run, in their order. */
export function casesOf({ module, groups: wanted, cases = caseTable() }: WorkbenchRequest): readonly Case[] {
  return cases.filter(each => each.kinds.includes(module.kind) && (wanted ?? groups).includes(each.group))
}

/** What can be seen before anything is tried, in a process that ends with it. Faults are left to the cases. */
async function lookAround(
  access: LibraryAccess,
  { token: wanted }: WorkbenchRequest,
  signal: AbortSignal,
): Promise<{ readonly info: ModuleSummary | null; readonly token: TokenSummary | null }> {
  const driver = access.startDriver(signal)
  try {
    const info = await unlessFaulty(() => driver.module())
    const tokens = await unlessFaulty(() => driver.list())
    if (tokens === null) return { info, token: null }
    if (wanted === null) return { info, token: tokens.find(canSign) ?? tokens[0] ?? null }
    const token = tokens.find(each => meansToken(wanted, each))
    if (token === undefined) throw new AppFailure('token.absent', 'no token of this name is plugged in')
    return { info, token }
  } finally {
    await driver.close().catch(() => undefined)
  }
}

async function unlessFaulty<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof CryptoFailure) || error.code === 'cancelled') throw error
    return null
  }
}

function canSign({ certificates }: TokenSummary): boolean {
  return certificates.some(({ uses }) => uses.includes('sign'))
}

/**
 * The first login. A PIN that is refused ends the run: a report full of what was not tried helps nobody, and the person can type
 * it again. All else that is wrong with a login the cases find.
 */
async function proveLogin(place: EngineBench): Promise<void> {
  try {
    await place.prove()
  } catch (error) {
    const { code } = toFailure(error)
    if (code === 'cancelled' || /^token\.pin-(incorrect|locked|form)$/.test(code)) throw error
  } finally {
    await place.tidy(false)
  }
}

async function runCases(
  place: EngineBench,
  cases: readonly Case[],
  consent: Consent,
  journal: RunJournal,
  control: RunControl,
): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = []
  for (const [index, each] of cases.entries()) {
    if (control.signal.aborted) throw cancelled()
    const tell = (result: CaseResult | null): void =>
      control.onProgress?.({ case: each, number: index + 1, total: cases.length, result })
    const kept = journal.kept.get(each.id)
    if (kept !== undefined) place.putTimings(kept.timings)
    else tell(null)
    const result =
      kept === undefined
        ? await runOne(place, each, consent, journal, control.signal)
        : { case: each, outcome: kept.outcome, ms: kept.ms, kept: true }
    results.push(result)
    tell(result)
  }
  return results
}

/** How often a case may take the program down before it is passed over. */
const mostFalls = 2

async function runOne(
  place: EngineBench,
  each: Case,
  consent: Consent,
  journal: RunJournal,
  signal: AbortSignal,
): Promise<CaseResult> {
  const { bench } = place
  const { sign, decrypt } = bench.keys
  const surroundings = { consent, hasToken: bench.token !== null, pinRefusal: place.pinRefusal }
  const without = outcomeWithout(each, { ...surroundings, keys: { sign: sign.length, decrypt: decrypt.length } })
  const fallen = journal.begunBefore(each.id) >= mostFalls
  const started = bench.now()
  let outcome = without
  if (outcome === null && fallen) outcome = failed('took-the-program-down')
  if (outcome === null) {
    await journal.begin(each.id)
    const judged = await judgeCase(each, bench, signal).catch(async (error: unknown) => {
      await journal.abandon(each.id)
      throw error
    })
    outcome = judged.outcome
    await place.tidy(judged.thrown)
  }
  const result = { case: each, outcome, ms: Math.round(bench.now() - started), kept: false }
  await journal.append({ id: each.id, ms: result.ms, outcome, timings: place.takeTimings() })
  return result
}

/** Whether anything was told of the library that it does not do of itself. */
function isTold({ profile }: BenchModule): boolean {
  return profile !== undefined && Object.keys(profile).length > 0
}

function environment(): WorkbenchRun['environment'] {
  return {
    platform: process.platform,
    arch: process.arch,
    release: release(),
    runtime: `Node.js ${process.versions.node}`,
  }
}
