import { isFailureCode } from '../../contract/failure.ts'
import type { JournalEntry } from '../../store/index.ts'
import type { Side } from './side.ts'
import { sides } from './side.ts'

/** Before the receipt a bid is being delivered, afterwards its opening is attended. */
export type Phase = 'submission' | 'opening'

/**
 * What the law makes of a bid that stays closed for this reason (20号令 Art. 31): `deemed-revoked` 视为撤销 for the bidder's
 * own, `deemed-withdrawn` 视为撤回 for any other; before the receipt (Art. 27) 视为撤回 whoever caused it. `nothing`: it is
 * part of the ordinary course. `open`: the log cannot tell.
 */
export type Meaning = 'deemed-revoked' | 'deemed-withdrawn' | 'nothing' | 'open'

/** The terms an attempt is judged by; times RFC 3339 UTC. */
export interface Terms {
  readonly deadline: string
  readonly openingTime: string
  /** When keys were no longer taken: as the challenge says, else as the tender does. */
  readonly closesAt: string
}

/** One attempt of the log and what is to be made of it. */
export interface JudgedAttempt {
  /** The journal's number of the entry that says how it ended, or of the attempt that has no answer. */
  readonly n: number
  readonly act: string
  /** The platform's time as last heard, where there is one; else this computer's. */
  readonly at: string
  readonly timeOf: 'platform' | 'computer'
  readonly phase: Phase
  /** `ok`, a failure's code, or `unanswered`. */
  readonly code: string
  readonly platformSays?: string
  readonly side: Side
  readonly rule: RuleId
  readonly meaning: Meaning
}

/** What a rule sees of an attempt. */
interface Case {
  readonly code: string
  readonly act: string
  readonly phase: Phase
  readonly side: Side
  readonly at: string
  /** Opening time ≤ at < end of the window. */
  readonly inWindow: boolean
  /** An earlier release was told to wait in the platform's queue. */
  readonly wasQueued: boolean
  /** An earlier attempt, in time, failed on the platform's or the network's side. */
  readonly wasHindered: boolean
}

interface Rule {
  readonly id: string
  readonly when: (attempt: Case) => boolean
  readonly side: Side | 'own'
  readonly meaning: Meaning
}

const openingRules = [
  { id: 'done', when: is('ok'), side: 'nobody', meaning: 'nothing' },
  { id: 'stopped', when: is('cancelled'), side: 'nobody', meaning: 'open' },
  { id: 'unanswered', when: is('unanswered'), side: 'nobody', meaning: 'open' },
  { id: 'queued', when: is('platform.queued'), side: 'platform', meaning: 'nothing' },
  { id: 'too-early', when: is('opening.early', 'platform.not-open'), side: 'nobody', meaning: 'nothing' },
  {
    id: 'window-too-short',
    when: attempt => isLate(attempt) && attempt.wasQueued,
    side: 'platform',
    meaning: 'deemed-withdrawn',
  },
  {
    id: 'late-after-hindrance',
    when: attempt => isLate(attempt) && attempt.wasHindered,
    side: 'platform',
    meaning: 'deemed-withdrawn',
  },
  { id: 'late', when: isLate, side: 'bidder', meaning: 'deemed-revoked' },
  { id: 'other-run', when: is('opening.other-run', 'opening.remedy'), side: 'bidder', meaning: 'deemed-revoked' },
  { id: 'not-confirmed', when: is('opening.not-confirmed'), side: 'bidder', meaning: 'deemed-revoked' },
  {
    // seal-format, "Order of checks": after a receipt 1–7 are the platform's.
    id: 'damaged-after-receipt',
    when: is(
      ...['seal.container', 'seal.header', 'seal.signature', 'seal.tender'],
      ...['seal.entries', 'seal.envelope', 'seal.root'],
    ),
    side: 'platform',
    meaning: 'deemed-withdrawn',
  },
  {
    id: 'does-not-open',
    when: is('seal.key-mismatch', 'seal.chunk', 'seal.inner', 'seal.document'),
    side: 'bidder',
    meaning: 'deemed-revoked',
  },
  { id: 'lock', when: ofArea('token'), side: 'bidder', meaning: 'deemed-revoked' },
  { id: 'certificate', when: ofArea('cert'), side: 'bidder', meaning: 'deemed-revoked' },
  {
    id: 'broken-answer',
    when: attempt =>
      is('opening.challenge', 'opening.record', 'platform.receipt', 'platform.clock')(attempt) ||
      ofArea('document')(attempt),
    side: 'platform',
    meaning: 'deemed-withdrawn',
  },
  {
    id: 'refused-in-window',
    when: attempt => attempt.inWindow && attempt.side === 'platform',
    side: 'platform',
    meaning: 'deemed-withdrawn',
  },
  { id: 'outage', when: ({ side }) => side === 'network', side: 'own', meaning: 'deemed-withdrawn' },
  { id: 'refused', when: ({ side }) => side === 'platform', side: 'platform', meaning: 'deemed-withdrawn' },
  { id: 'own-computer', when: ({ side }) => side === 'bidder', side: 'bidder', meaning: 'deemed-revoked' },
  { id: 'unclear', when: () => true, side: 'nobody', meaning: 'open' },
] as const satisfies readonly Rule[]

const submissionRules = [
  { id: 'done', when: is('ok'), side: 'nobody', meaning: 'nothing' },
  { id: 'stopped', when: is('cancelled'), side: 'nobody', meaning: 'open' },
  { id: 'unanswered', when: is('unanswered'), side: 'nobody', meaning: 'open' },
  {
    id: 'deadline-after-hindrance',
    when: attempt => isLate(attempt) && attempt.wasHindered,
    side: 'platform',
    meaning: 'deemed-withdrawn',
  },
  { id: 'deadline', when: isLate, side: 'bidder', meaning: 'deemed-withdrawn' },
  { id: 'to-be-repeated', when: () => true, side: 'own', meaning: 'nothing' },
] as const satisfies readonly Rule[]

/** Names of the rules; `unanswered` and `done` stand in both tables. */
export type RuleId = (typeof openingRules)[number]['id'] | (typeof submissionRules)[number]['id']

/** Acts that write nothing of their own: their failures count as hindrances, their successes say nothing. */
const readings = new Set([
  'time',
  'tenders',
  'tender-package',
  'notices',
  'nonce',
  'opening',
  'events',
  'record',
  'digests',
  'header',
])

/** Judges every attempt of the log about one bid, in its order. The log alone is asked; it is the bidder's own. */
export function judgeAttempts(entries: readonly JournalEntry[], terms: Terms): readonly JudgedAttempt[] {
  const judged: JudgedAttempt[] = []
  let phase: Phase = 'submission'
  let wasQueued = false
  let wasHindered = false
  for (const [index, entry] of entries.entries()) {
    if (entry.kind === 'received') {
      phase = 'opening'
      wasHindered = false
    }
    const found = outcomeOf(entry, entries.slice(index + 1))
    if (found === null) continue
    const { act, code, side, at, timeOf } = found
    const inTime = isInTime(phase, at, terms)
    const seen: Case = { act, code, phase, side, at, inWindow: inTime, wasQueued, wasHindered }
    const rules: readonly (Rule & { readonly id: RuleId })[] = phase === 'submission' ? submissionRules : openingRules
    const rule = rules.find(({ when }) => when(seen))
    if (rule === undefined || (rule.id === 'done' && readings.has(act))) continue
    const said = entry.facts['platformSays']
    judged.push({
      ...{ n: entry.n, act, at, timeOf, phase, code, rule: rule.id, meaning: rule.meaning },
      side: rule.side === 'own' ? side : rule.side,
      ...(typeof said === 'string' ? { platformSays: said } : {}),
    })
    wasQueued ||= code === 'platform.queued' && inTime
    wasHindered ||= inTime && (side === 'platform' || side === 'network') && !is('ok', 'platform.queued')(seen)
  }
  return judged
}

/** What the log as a whole says of a bid, and why. */
export interface Conclusion {
  readonly outcome: 'opened' | 'delivered' | 'not-delivered' | 'replaced' | 'withdrawn' | Exclude<Meaning, 'nothing'>
  /** Numbers of the entries it rests on. */
  readonly because: readonly number[]
}

/** How a bid stands by the documents in the package. */
export interface Standing {
  readonly received: boolean
  readonly withdrawn: boolean
  readonly replaced: boolean
  /** The bid in the opening's record; null while there is none. */
  readonly recorded: {
    readonly state: 'opened' | 'not-released' | 'failed' | 'withdrawn'
    readonly code?: string
  } | null
}

/** On whose side it lies, as a whole, that a bid was not opened. Mixed reasons stay open: a log is no judge. */
export function conclude(attempts: readonly JudgedAttempt[], standing: Standing): Conclusion {
  const { received, withdrawn, replaced, recorded } = standing
  if (withdrawn) return { outcome: 'withdrawn', because: [] }
  if (replaced) return { outcome: 'replaced', because: [] }
  if (!received) return notDelivered(attempts)
  if (recorded === null) return { outcome: 'delivered', because: [] }
  if (recorded.state === 'opened') return { outcome: 'opened', because: [] }
  if (recorded.state === 'withdrawn') return { outcome: 'withdrawn', because: [] }
  if (recorded.state === 'failed') return { outcome: meaningOfRecord(recorded.code), because: [] }
  const opening = attempts.filter(({ phase }) => phase === 'opening')
  const because = (meaning: Meaning): readonly number[] =>
    opening.filter(each => each.meaning === meaning).map(({ n }) => n)
  const [own, others] = [because('deemed-revoked'), because('deemed-withdrawn')]
  if (own.length > 0 && others.length > 0)
    return { outcome: 'open', because: [...own, ...others].sort((a, b) => a - b) }
  if (others.length > 0) return { outcome: 'deemed-withdrawn', because: others }
  // Nothing was tried, as far as the log goes, or what was tried failed for the bidder's own reasons.
  return { outcome: because('open').length > 0 && own.length === 0 ? 'open' : 'deemed-revoked', because: own }
}

function notDelivered(attempts: readonly JudgedAttempt[]): Conclusion {
  const late = attempts.filter(({ meaning }) => meaning === 'deemed-withdrawn').map(({ n }) => n)
  return late.length === 0 ? { outcome: 'not-delivered', because: [] } : { outcome: 'deemed-withdrawn', because: late }
}

/** A failure the platform wrote into the record, by the same rules as one it answered. */
function meaningOfRecord(code: string | undefined): Exclude<Meaning, 'nothing'> {
  const seen: Case = {
    ...{ act: 'record', code: code ?? '', phase: 'opening', side: 'platform', at: '' },
    ...{ inWindow: true, wasQueued: false, wasHindered: false },
  }
  const meaning: Meaning = openingRules.find(({ when }) => when(seen))?.meaning ?? 'open'
  return meaning === 'nothing' ? 'open' : meaning
}

interface Outcome {
  readonly act: string
  readonly code: string
  readonly side: Side
  readonly at: string
  readonly timeOf: 'platform' | 'computer'
}

function outcomeOf(entry: JournalEntry, later: readonly JournalEntry[]): Outcome | null {
  const { facts, kind } = entry
  const act = String(facts['act'] ?? '')
  const heard = facts['serverTime']
  const time =
    typeof heard === 'string'
      ? ({ at: heard, timeOf: 'platform' } as const)
      : ({ at: entry.at, timeOf: 'computer' } as const)
  if (kind === 'answer' || kind === 'failed') {
    const side = sides.find(each => each === facts['side']) ?? 'nobody'
    return { act, code: String(facts['code'] ?? ''), side, ...time }
  }
  if (kind !== 'attempt') return null
  // An attempt is told by its answer; one that the end of the program or of the log cut off has none.
  const next = later.find(each => (each.kind === 'attempt' || each.kind === 'answer') && each.facts['act'] === act)
  return next?.kind === 'answer' ? null : { act, code: 'unanswered', side: 'nobody', ...time }
}

function isInTime(phase: Phase, at: string, { deadline, openingTime, closesAt }: Terms): boolean {
  const time = Date.parse(at)
  if (phase === 'submission') return time < Date.parse(deadline)
  return time >= Date.parse(openingTime) && time < Date.parse(closesAt)
}

function isLate({ code }: Pick<Case, 'code'>): boolean {
  return code === 'platform.closed' || code === 'platform.late'
}

function is(...codes: readonly string[]): (attempt: Pick<Case, 'code'>) => boolean {
  return ({ code }) => codes.includes(code)
}

function ofArea(area: string): (attempt: Pick<Case, 'code'>) => boolean {
  return ({ code }) => isFailureCode(code) && code.startsWith(`${area}.`)
}
