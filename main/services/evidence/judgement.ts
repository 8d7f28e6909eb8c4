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
  /** When the platform received the bid, as its receipt says; absent while there is none. */
  readonly receivedAt?: string
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
  /** Before, in or after the time for it: the window from the opening time on, before the receipt all until the deadline. */
  readonly course: Course
  /** Whether the platform's own time says so; this computer's alone contradicts no platform. */
  readonly byPlatformTime: boolean
  /** An earlier release was told to wait in the platform's queue. */
  readonly wasQueued: boolean
  /** On whose side the last attempt failed that was made in time, where it was no own fault; an act that succeeds clears it. */
  readonly hindrance: Hindrance | null
  /** The bidder's signing in has been answered. */
  readonly isSignedIn: boolean
}

type Hindrance = 'platform' | 'network'

interface Rule {
  readonly id: string
  readonly when: (attempt: Case) => boolean
  readonly side: Side | 'own' | 'hindrance'
  readonly meaning: Meaning
}

const openingRules = [
  { id: 'done', when: is('ok'), side: 'nobody', meaning: 'nothing' },
  { id: 'stopped', when: is('cancelled'), side: 'nobody', meaning: 'open' },
  { id: 'unanswered', when: is('unanswered'), side: 'nobody', meaning: 'open' },
  { id: 'queued', when: is('platform.queued'), side: 'platform', meaning: 'nothing' },
  { id: 'reading-refused', when: isRefusedReading, side: 'nobody', meaning: 'nothing' },
  { id: 'sign-in-first', when: isBeforeSignIn, side: 'nobody', meaning: 'nothing' },
  {
    id: 'too-early',
    when: attempt => isEarly(attempt) && attempt.course === 'before',
    side: 'nobody',
    meaning: 'nothing',
  },
  {
    id: 'window-too-short',
    when: attempt => isPast(attempt) && attempt.wasQueued,
    side: 'platform',
    meaning: 'deemed-withdrawn',
  },
  {
    id: 'late-after-hindrance',
    when: attempt => isPast(attempt) && attempt.hindrance !== null,
    side: 'hindrance',
    meaning: 'deemed-withdrawn',
  },
  { id: 'late', when: isPast, side: 'bidder', meaning: 'deemed-revoked' },
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
    when: attempt => attempt.course === 'in' && attempt.side === 'platform',
    side: 'platform',
    meaning: 'deemed-withdrawn',
  },
  // The word and the clock contradict each other, and no time of the platform's settles it.
  { id: 'unclear', when: attempt => isLate(attempt) || isEarly(attempt), side: 'nobody', meaning: 'open' },
  { id: 'outage', when: ({ side }) => side === 'network', side: 'own', meaning: 'deemed-withdrawn' },
  { id: 'refused', when: ({ side }) => side === 'platform', side: 'platform', meaning: 'deemed-withdrawn' },
  { id: 'own-computer', when: ({ side }) => side === 'bidder', side: 'bidder', meaning: 'deemed-revoked' },
  { id: 'unclear', when: () => true, side: 'nobody', meaning: 'open' },
] as const satisfies readonly Rule[]

const submissionRules = [
  { id: 'done', when: is('ok'), side: 'nobody', meaning: 'nothing' },
  { id: 'stopped', when: is('cancelled'), side: 'nobody', meaning: 'open' },
  { id: 'unanswered', when: is('unanswered'), side: 'nobody', meaning: 'open' },
  { id: 'reading-refused', when: isRefusedReading, side: 'nobody', meaning: 'nothing' },
  {
    id: 'deadline-after-hindrance',
    when: attempt => isPast(attempt) && attempt.hindrance !== null,
    side: 'hindrance',
    meaning: 'deemed-withdrawn',
  },
  { id: 'deadline', when: isPast, side: 'bidder', meaning: 'deemed-withdrawn' },
  { id: 'to-be-repeated', when: () => true, side: 'own', meaning: 'nothing' },
] as const satisfies readonly Rule[]

/** Names of the rules; `unanswered` and `done` stand in both tables. */
export type RuleId = (typeof openingRules)[number]['id'] | (typeof submissionRules)[number]['id']

/** Acts that only read: an outage hinders them as any other, a refusal means nothing, their successes say nothing. */
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
  let isSignedIn = false
  let hindrance: Hindrance | null = null
  for (const [index, entry] of entries.entries()) {
    const found = outcomeOf(entry, entries.slice(index + 1))
    if (phase === 'submission' && isAfterReceipt(entry, found, terms)) {
      phase = 'opening'
      hindrance = null
    }
    isSignedIn ||= entry.kind === 'signed-in'
    if (found === null) continue
    const { act, code, at, timeOf } = found
    const course = courseOf(phase, at, terms)
    const byPlatformTime = timeOf === 'platform'
    const side = isContradicted({ code, course, byPlatformTime }) ? 'platform' : found.side
    const seen: Case = { act, code, phase, side, at, course, byPlatformTime, wasQueued, hindrance, isSignedIn }
    const rules: readonly (Rule & { readonly id: RuleId })[] = phase === 'submission' ? submissionRules : openingRules
    const rule = rules.find(({ when }) => when(seen))
    const isAct = !readings.has(act)
    if (code === 'ok' && isAct) hindrance = null
    isSignedIn ||= code === 'ok' && act === 'sign-in'
    if (rule === undefined || (rule.id === 'done' && !isAct)) continue
    const said = entry.facts['platformSays']
    judged.push({
      ...{ n: entry.n, act, at, timeOf, phase, code, rule: rule.id, meaning: rule.meaning },
      side: rule.side === 'own' ? side : rule.side === 'hindrance' ? (hindrance ?? side) : rule.side,
      ...(typeof said === 'string' ? { platformSays: said } : {}),
    })
    wasQueued ||= code === 'platform.queued' && course === 'in'
    if (course === 'in' && !harmless.has(rule.id) && (side === 'platform' || side === 'network')) hindrance = side
  }
  return judged
}

/** Outcomes by these rules hinder nothing. */
const harmless: ReadonlySet<RuleId> = new Set(['done', 'queued', 'reading-refused', 'sign-in-first'])

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
  // Where this log holds nothing of it, the bid may have been opened from another computer.
  return { outcome: own.length === 0 ? 'open' : 'deemed-revoked', because: own }
}

function notDelivered(attempts: readonly JudgedAttempt[]): Conclusion {
  const late = attempts.filter(({ meaning }) => meaning === 'deemed-withdrawn').map(({ n }) => n)
  return late.length === 0 ? { outcome: 'not-delivered', because: [] } : { outcome: 'deemed-withdrawn', because: late }
}

/** A failure the platform wrote into the record, by the same rules as one it answered. */
function meaningOfRecord(code: string | undefined): Exclude<Meaning, 'nothing'> {
  const seen: Case = {
    ...{ act: 'decide', code: code ?? '', phase: 'opening', side: 'platform', at: '' },
    // The record is the platform's own word, given after the window: what it calls late was.
    ...{ course: isLate({ code: code ?? '' }) ? 'after' : 'in', byPlatformTime: true },
    ...{ wasQueued: false, hindrance: null, isSignedIn: true },
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

type Course = 'before' | 'in' | 'after'

function courseOf(phase: Phase, at: string, { deadline, openingTime, closesAt }: Terms): Course {
  const time = Date.parse(at)
  if (phase === 'submission') return time < Date.parse(deadline) ? 'in' : 'after'
  if (time < Date.parse(openingTime)) return 'before'
  return time < Date.parse(closesAt) ? 'in' : 'after'
}

/** The bid may have been delivered from another computer: then the receipt says when, and not a line of this log. */
function isAfterReceipt({ kind }: JournalEntry, found: Outcome | null, { receivedAt }: Terms): boolean {
  if (kind === 'received') return true
  if (receivedAt === undefined || found === null || deliveryActs.has(found.act)) return false
  return openingActs.has(found.act) || Date.parse(found.at) > Date.parse(receivedAt)
}

const deliveryActs = new Set(['begin', 'part', 'complete', 'withdraw'])

/** What only a bid with a receipt comes to. */
const openingActs = new Set(['sign-in', 'challenge', 'release', 'begin-twin', 'complete-twin', 'confirm', 'object'])

/** The platform says it is too late or too early, and by its own time it is neither. */
function isContradicted(attempt: Pick<Case, 'code' | 'course' | 'byPlatformTime'>): boolean {
  return attempt.course === 'in' && attempt.byPlatformTime && (isLate(attempt) || is('platform.not-open')(attempt))
}

function isPast(attempt: Case): boolean {
  return isLate(attempt) && attempt.course !== 'in'
}

function isEarly(attempt: Pick<Case, 'code'>): boolean {
  return is('opening.early', 'platform.not-open')(attempt)
}

/** A platform may not offer a reading, or not to this bidder: nothing is lost by it. */
function isRefusedReading(attempt: Case): boolean {
  return readings.has(attempt.act) && is('platform.unknown', 'platform.refused')(attempt)
}

/** Refused because the bidder had not signed in yet, as far as the log goes. */
function isBeforeSignIn({ act, code, isSignedIn }: Case): boolean {
  const needsIt = openingActs.has(act) && act !== 'sign-in'
  return needsIt && code === 'platform.refused' && !isSignedIn
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
