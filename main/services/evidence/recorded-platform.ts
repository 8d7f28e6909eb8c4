import { decodeDocument, sha256Hex } from '../../../crypto/index.ts'
import type { ByteSource, JobControl, SignedDocument } from '../../../crypto/index.ts'
import type { OpeningEvent, Platform, ReleaseAnswer } from '../../platform/index.ts'
import type { JournalEntry } from '../../store/index.ts'
import { toFailure } from '../failure.ts'
import type { Ports } from '../ports.ts'
import type { JournalKind } from './kinds.ts'
import { sideOf } from './side.ts'

/** Whose bid the acts are about. */
export interface RecordedBid {
  readonly sealId: string
  readonly sealDigest: string
}

type Facts = JournalEntry['facts']

/** A reading that keeps failing in the same way is written down again after so many milliseconds. */
const sameFailureAgain = 60_000

/** Changes of one reading that are written within {@link sameFailureAgain}; a stream whose states flip fills no disk. */
const mostChanges = 6

/** Where the wall clock and the monotonic one part by more, in milliseconds, the computer slept or its clock was set. */
const mostDrift = 2_000

/**
 * A platform whose every attempt and answer for one bid is written into the journal before the caller sees it: `attempt`
 * before, `answer` after, with the code (`ok` or a failure's), on whose side it lies, how long it took, this computer's
 * time, the platform's as last heard, and the digest of the document that came back. What only reads (times, states,
 * lists, events) is written when it fails, and when its answer differs from the one before.
 */
export function recordedPlatform(ports: Ports, platform: Platform, bid: RecordedBid): Platform {
  const recorder = openRecorder(ports, bid)
  const { act, read } = recorder
  return {
    serverTime: () => read('time', () => platform.serverTime(), { heard: time => time }),
    signedTime: (packageDigest, nonce) =>
      read('time', () => platform.signedTime(packageDigest, nonce), { heard: published }),
    tenders: () => read('tenders', () => platform.tenders()),
    tenderPackage: digest => read('tender-package', () => platform.tenderPackage(digest)),
    notices: digest => read('notices', () => platform.notices(digest), { told: list => ({ count: list.length }) }),
    nonce: () => read('nonce', () => platform.nonce()),
    beginSubmission: request =>
      act('begin', () => platform.beginSubmission(request), {
        sent: { headerDigest: sha256Hex(request.headerArchive) },
        document: request.authorisation,
        told: submission => ({
          state: submission.state,
          ...Object.fromEntries(submission.parts.map(({ name, offset }) => [`${name}Offset`, offset])),
          ...(submission.state === 'received' ? receiptFacts(submission.receipt) : {}),
        }),
      }),
    sendPart: (part, source, control) => sendPart(recorder, platform, part, source, control),
    completeSubmission: submissionId =>
      act('complete', () => platform.completeSubmission(submissionId), { told: receiptFacts }),
    withdraw: withdrawal =>
      act('withdraw', () => platform.withdraw(withdrawal), { document: withdrawal, told: receiptFacts }),
    opening: openingId => read('opening', () => platform.opening(openingId), { told: ({ state }) => ({ state }) }),
    signIn: (openingId, document) =>
      act('sign-in', () => platform.signIn(openingId, document), { sent: { openingId }, document }),
    challenge: (openingId, sealDigest) =>
      act('challenge', () => platform.challenge(openingId, sealDigest), { sent: { openingId }, told: answered }),
    release: (openingId, release) =>
      recorder.resent(digestOf(release).documentDigest, () => platform.release(openingId, release), {
        sent: { openingId },
        document: release,
        told: releaseFacts,
      }),
    events: (openingId, options) => events(recorder, platform.events(openingId, options)),
    beginTwin: (openingId, sealDigest) =>
      act('begin-twin', () => platform.beginTwin(openingId, sealDigest), { sent: { openingId } }),
    completeTwin: (openingId, sealDigest) =>
      act('complete-twin', () => platform.completeTwin(openingId, sealDigest), { sent: { openingId } }),
    record: openingId =>
      read('record', () => platform.record(openingId), { told: record => (record === null ? {} : answered(record)) }),
    confirm: (openingId, document) =>
      act('confirm', () => platform.confirm(openingId, document), { sent: { openingId }, document }),
    object: (openingId, document) =>
      act('object', () => platform.object(openingId, document), { sent: { openingId }, document }),
    sealedDigests: openingId =>
      read('digests', () => platform.sealedDigests(openingId), { told: list => ({ count: list.length }) }),
    header: sealDigest => read('header', () => platform.header(sealDigest)),
  }
}

/** A document the bidder sent, by the act and the digest the journal names; null when it is not kept. */
export async function sentDocument(
  { deliveries }: Pick<Ports, 'deliveries'>,
  sealId: string,
  act: string,
  documentDigest: string,
): Promise<SignedDocument | null> {
  const name = sentName(act, documentDigest)
  const bytes = await deliveries.file(sealId, `${name}.json`)
  const signature = await deliveries.file(sealId, `${name}.p7s`)
  return bytes === null || signature === null || sha256Hex(bytes) !== documentDigest ? null : { bytes, signature }
}

/**
 * Runs work that needs no platform (a PIN, a lock, a key) and writes a `failed` entry, with the code and the side, when it
 * fails. What was cancelled is not written.
 */
export async function recordedWork<T>(ports: Ports, bid: RecordedBid, act: string, work: () => Promise<T>): Promise<T> {
  const started = monotonic(ports)
  try {
    return await work()
  } catch (error) {
    const failure = toFailure(error)
    if (failure.code !== 'cancelled') {
      await append(ports, 'failed', {
        ...{ act, ...bid, code: failure.code, side: sideOf(failure) },
        ...{ ms: Math.round(monotonic(ports) - started), ownTime: ports.clock.now().toISOString() },
      })
    }
    throw error
  }
}

interface Telling<T> {
  /** Written with the attempt. */
  readonly sent?: Facts
  /** Written with the answer. */
  readonly told?: (answer: T) => Facts
  /** Written with the answer when there was none: how far it came. */
  readonly reached?: () => Facts
  /** The bidder's document; kept, once it was answered, where an evidence package finds it. */
  readonly document?: SignedDocument
  /** The platform's time, where the answer is one. */
  readonly heard?: (answer: T) => Date | null
}

interface Recorder {
  /** Something is asked of the platform: attempt and answer are written. */
  readonly act: <T>(name: string, work: () => Promise<T>, telling?: Telling<T>) => Promise<T>
  /** Something is read: failures and changes are written. */
  readonly read: <T>(name: string, work: () => Promise<T>, telling?: Telling<T>) => Promise<T>
  /** The same document may be sent many times while it waits: one attempt, and an answer each time it changes. */
  readonly resent: <T>(digest: string, work: () => Promise<T>, telling: Telling<T>) => Promise<T>
  /** Writes what came of a reading that is no promise. */
  readonly note: (name: string, told: Facts) => Promise<void>
  readonly noteFailure: (name: string, error: unknown) => Promise<void>
}

interface Last {
  readonly outcome: string
  readonly at: number
}

function openRecorder(ports: Ports, bid: RecordedBid): Recorder {
  const last = new Map<string, Last>()
  const waiting = new Set<string>()
  const written = new Map<string, number[]>()
  let heard: { readonly time: Date; readonly at: number; readonly wall: number } | null = null
  const now = (): number => monotonic(ports)

  const clocks = (): Facts => {
    const wall = ports.clock.now()
    // After a sleep the monotonic clock may have stood still: a time carried on by it would be a false one.
    if (heard !== null && Math.abs(wall.getTime() - heard.wall - (now() - heard.at)) > mostDrift) heard = null
    return {
      ownTime: wall.toISOString(),
      ...(heard === null ? {} : { serverTime: new Date(heard.time.getTime() + now() - heard.at).toISOString() }),
    }
  }
  const attempt = (act: string, sent: Facts = {}): Promise<void> =>
    append(ports, 'attempt', { act, ...bid, ...sent, ...clocks() })
  const answer = (act: string, started: number, rest: Facts): Promise<void> =>
    append(ports, 'answer', { act, ...bid, ms: Math.round(now() - started), ...clocks(), ...rest })
  const listen = <T>(value: T, telling: Telling<T>): void => {
    const time = telling.heard?.(value) ?? null
    if (time !== null) heard = { time, at: now(), wall: ports.clock.now().getTime() }
  }

  /** Whether an outcome is worth a line: it differs from the last, or still fails a while later. */
  const isNews = (name: string, outcome: string, fails: boolean): boolean => {
    const before = last.get(name)
    if (before?.outcome === outcome && !(fails && now() - before.at >= sameFailureAgain)) return false
    if (before === undefined && !fails && outcome === quiet) {
      last.set(name, { outcome, at: now() })
      return false
    }
    const recent = (written.get(name) ?? []).filter(at => now() - at < sameFailureAgain)
    if (recent.length >= mostChanges) return false
    written.set(name, [...recent, now()])
    last.set(name, { outcome, at: now() })
    return true
  }

  async function act<T>(name: string, work: () => Promise<T>, telling: Telling<T> = {}): Promise<T> {
    const started = now()
    const document = telling.document === undefined ? {} : digestOf(telling.document)
    await attempt(name, { ...telling.sent, ...document })
    const value = await work().catch(async (error: unknown) => {
      await answer(name, started, { ...failureFacts(error), ...document, ...telling.reached?.() })
      throw error
    })
    listen(value, telling)
    if (telling.document !== undefined) await keepSent(ports, bid.sealId, name, telling.document)
    await answer(name, started, { code: 'ok', ...document, ...telling.told?.(value) })
    return value
  }

  async function read<T>(name: string, work: () => Promise<T>, telling: Telling<T> = {}): Promise<T> {
    const started = now()
    const value = await work().catch(async (error: unknown) => {
      const facts = failureFacts(error)
      if (facts['code'] !== 'cancelled' && isNews(name, String(facts['code']), true)) await answer(name, started, facts)
      throw error
    })
    listen(value, telling)
    const told = telling.told?.(value) ?? {}
    if (isNews(name, JSON.stringify(told), false)) await answer(name, started, { code: 'ok', ...told })
    return value
  }

  async function resent<T>(digest: string, work: () => Promise<T>, telling: Telling<T>): Promise<T> {
    const started = now()
    const document = { documentDigest: digest }
    if (!waiting.has(digest)) await attempt('release', { ...telling.sent, ...document })
    const value = await work().catch(async (error: unknown) => {
      waiting.delete(digest)
      last.delete(digest)
      await answer('release', started, { ...failureFacts(error), ...document })
      throw error
    })
    const told = { code: 'ok', ...document, ...telling.told?.(value) }
    const queued = told.code === 'platform.queued'
    if (queued) waiting.add(digest)
    else waiting.delete(digest)
    if (!queued || isNews(digest, JSON.stringify(told), true)) await answer('release', started, told)
    return value
  }

  return {
    act,
    read,
    resent,
    note: async (name, told) => {
      if (isNews(name, JSON.stringify(told), false)) await answer(name, now(), { code: 'ok', ...told })
    },
    noteFailure: async (name, error) => {
      const facts = failureFacts(error)
      if (facts['code'] !== 'cancelled' && isNews(name, String(facts['code']), true)) await answer(name, now(), facts)
    },
  }
}

/** An answer that says nothing but that there was one. */
const quiet = JSON.stringify({})

async function sendPart(
  { act }: Recorder,
  platform: Platform,
  part: Parameters<Platform['sendPart']>[0],
  source: ByteSource,
  control: JobControl,
): Promise<void> {
  let confirmed = part.offset
  const watched: JobControl = {
    ...control,
    onProgress: progress => {
      confirmed = progress.done
      control.onProgress?.(progress)
    },
  }
  const reached = (): Facts => ({ part: part.name, confirmed })
  await act('part', () => platform.sendPart(part, source, watched), {
    ...{ sent: { part: part.name, size: part.size, offset: part.offset } },
    ...{ told: reached, reached },
  })
}

async function* events(recorder: Recorder, source: AsyncIterable<OpeningEvent>): AsyncGenerator<OpeningEvent> {
  try {
    for await (const event of source) {
      await recorder.note('events', { state: event.status.state, recorded: event.recorded })
      yield event
    }
  } catch (error) {
    await recorder.noteFailure('events', error)
    throw error
  }
}

/** Once it was answered. What cannot be kept stops nothing: the platform has it. */
async function keepSent({ deliveries }: Ports, sealId: string, act: string, document: SignedDocument): Promise<void> {
  const name = sentName(act, sha256Hex(document.bytes))
  try {
    await deliveries.keepFile(sealId, `${name}.json`, document.bytes)
    await deliveries.keepFile(sealId, `${name}.p7s`, document.signature)
  } catch {
    return
  }
}

function sentName(act: string, documentDigest: string): string {
  return `sent-${act}-${documentDigest.slice(0, 16)}`
}

function failureFacts(error: unknown): Facts {
  const failure = toFailure(error)
  return {
    code: failure.code,
    side: sideOf(failure),
    ...(failure.platformSays === undefined ? {} : { platformSays: failure.platformSays }),
  }
}

function digestOf(document: SignedDocument): { readonly documentDigest: string } {
  return { documentDigest: sha256Hex(document.bytes) }
}

function answered(document: SignedDocument): Facts {
  return { answerDigest: sha256Hex(document.bytes) }
}

/** A receipt is not checked here; what it claims is written down as a claim, with the digest that finds it again. */
function receiptFacts(receipt: SignedDocument): Facts {
  return { ...answered(receipt), ...claim(() => decodeDocument('receipt', receipt.bytes).receivedAt) }
}

function releaseFacts(answer: ReleaseAnswer): Facts {
  if (answer.state === 'queued') return { code: 'platform.queued', side: 'platform', ahead: answer.ahead }
  const { receipt } = answer
  return { ...answered(receipt), ...claim(() => decodeDocument('releaseReceipt', receipt.bytes).serverTime) }
}

function claim(read: () => string): { readonly serverTime?: string } {
  try {
    return { serverTime: read() }
  } catch {
    return {}
  }
}

/** The time of a notice that is not checked yet: good for a line in the journal, and for nothing else. */
function published(notice: SignedDocument): Date | null {
  const { serverTime } = claim(() => decodeDocument('notice', notice.bytes).publishedAt)
  return serverTime === undefined ? null : new Date(serverTime)
}

function append(ports: Ports, kind: JournalKind, facts: Facts): Promise<void> {
  return ports.journal.append(kind, facts).then(() => undefined)
}

function monotonic(ports: Ports): number {
  return ports.monotonic?.() ?? performance.now()
}
