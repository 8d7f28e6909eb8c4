import { CryptoFailure, lotOf, signDocument, toHex } from '../../../crypto/index.ts'
import type { DocumentFields } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { PracticeContext } from '../context.ts'
import type { BidRecord } from '../state/bid-record.ts'
import type { OpeningRecord } from '../state/opening-record.ts'
import { receivedAtOf } from '../submission/receipt.ts'
import { releasedKeys } from './released-keys.ts'

type RecordedBid = DocumentFields<'record'>['bids'][number]

/** How long a decision that failed on the platform's side rests before it is tried again, in milliseconds. */
const rest = 10_000
/** How often a bid is tried whose stored bytes this platform cannot read, before the record says so. */
const readings = 3
/** And how long it is waited between, in milliseconds. */
const breath = 250

/**
 * Decrypts every released bid of a closed opening, one after the other in the background, and signs the record. Other
 * bidders' releases go before it. A run that is killed leaves no record; the next one goes on behind the bids that were
 * opened.
 */
export function startDecision(context: PracticeContext, openingId: string): void {
  if (context.decisions.has(openingId)) return
  const forget = (): void => {
    context.decisions.delete(openingId)
  }
  const decision = decide(context, openingId).then(forget, (error: unknown) => {
    context.log(`opening ${openingId} could not be decided: ${codeOf(error)}`)
    setTimeout(forget, rest).unref()
  })
  context.decisions.set(openingId, decision)
}

async function decide(context: PracticeContext, openingId: string): Promise<void> {
  const opening = context.openings.opening(openingId)
  const tender = opening === null ? undefined : context.tenders.byDigest(opening.packageDigest)?.tender
  if (opening === null || tender === undefined || opening.closedAt === null || opening.record !== null) return
  // Releases that came in time are judged first, and each bidder's acts get a file of their own.
  await context.work.queue.emptied(context, openingId)
  await context.work.traffic.quiet()
  await context.openings.settle(openingId)
  const bids: RecordedBid[] = []
  for (const bid of bidsOf(context, opening)) bids.push(await decideBid(context, opening, bid))
  const record = await signDocument(
    'record',
    {
      openingId,
      tender: { platform: tender.fields.platformId, tenderId: tender.fields.tenderId, lotId: lotOf(tender) },
      list: opening.list,
      bids,
      serverTime: context.clock.now().toISOString(),
    },
    context.keys.opening,
    context.suite,
    context.clock,
  )
  await context.openings.settle(openingId)
  await context.lock.run(openingId, async () => {
    const current = context.openings.opening(openingId)
    if (current !== null && current.record === null) await context.openings.save({ ...current, record })
  })
  for (const sealDigest of opening.standing) context.work.headers.forget(sealDigest)
  context.watchers.notify(openingId)
  context.log(`opening ${openingId} recorded`)
}

/** The standing bids, and those withdrawn before the opening; what was replaced is part of the bid that replaced it. */
function bidsOf(context: PracticeContext, opening: OpeningRecord): readonly BidRecord[] {
  const withdrawn = context.bids
    .all()
    .filter(bid => bid.openingId === opening.openingId && bid.withdrawal !== null)
    .map(bid => bid.sealDigest)
  return [...opening.standing, ...withdrawn].flatMap(sealDigest => context.bids.bySealDigest(sealDigest) ?? [])
}

/** A bid that cannot be decided after some tries fails alone: the record of the others does not wait for it. */
async function decideBid(context: PracticeContext, opening: OpeningRecord, bid: BidRecord): Promise<RecordedBid> {
  const decided = await withTries(context, bid, lostFrom, () => decideOnce(context, opening, bid))
  return 'lost' in decided ? { sealDigest: bid.sealDigest, bidder: bid.bidder, ...failedBy(decided.lost) } : decided
}

async function decideOnce(context: PracticeContext, opening: OpeningRecord, bid: BidRecord): Promise<RecordedBid> {
  const common = { sealDigest: bid.sealDigest, bidder: bid.bidder }
  if (bid.withdrawal !== null) return { ...common, state: 'withdrawn' }
  await context.work.traffic.quiet()
  try {
    const keys = await releasedKeys(context, opening, bid)
    if (keys === null) return { ...common, ...(await outcomeOfTwin(context, opening, bid)) }
    try {
      const partKeys = [...keys].map(([name, key]) => ({ name, key: toHex(key) }))
      return { ...common, partKeys, ...(await outcomeOf(context, opening, bid, keys)) }
    } finally {
      for (const key of keys.values()) key.fill(0)
    }
  } catch (error) {
    if (isOfTheBid(error)) return { ...common, state: 'failed', code: codeOf(error) }
    throw error
  }
}

type Outcome = Pick<RecordedBid, 'state' | 'code' | 'openingDigest'>

/** A bidder whose lock has failed may have handed in the plain twin. */
function outcomeOfTwin(context: PracticeContext, opening: OpeningRecord, bid: BidRecord): Promise<Outcome> {
  const { twin } = context.openings.attendance(opening.openingId, bid.sealDigest)
  return twin === 'complete' ? outcomeOf(context, opening, bid, null) : Promise.resolve({ state: 'not-released' })
}

async function outcomeOf(
  context: PracticeContext,
  { openingId }: OpeningRecord,
  bid: BidRecord,
  keys: ReadonlyMap<'opening' | 'body', Uint8Array> | null,
): Promise<Outcome> {
  const { opened } = context.openings.attendance(openingId, bid.sealDigest)
  if (opened !== null) return { state: 'opened', openingDigest: opened }
  const outcome = await withTries(context, bid, unreadable, async (): Promise<Outcome> => {
    try {
      const openingDigest = await context.work.opener.open(context, bid, receivedAtOf(bid), keys)
      await context.lock.run(bid.sealDigest, () =>
        context.openings.note(openingId, bid.sealDigest, { kind: 'opened', opened: openingDigest }),
      )
      return { state: 'opened', openingDigest }
    } catch (error) {
      if (isOfTheBid(error)) return failedBy(codeOf(error))
      throw error
    }
  })
  return 'lost' in outcome ? failedBy(outcome.lost) : outcome
}

function failedBy(code: string): { readonly state: 'failed'; readonly code: string } {
  return { state: 'failed', code }
}

/**
 * Works on one bid; where what it needs is lost (by its code, else null) it is tried again, and then given up: the others
 * are not kept waiting for it for ever.
 */
async function withTries<T extends object>(
  context: PracticeContext,
  bid: BidRecord,
  lostBy: (error: unknown) => string | null,
  work: () => Promise<T>,
): Promise<T | { readonly lost: string }> {
  for (let reading = 1; ; reading += 1) {
    try {
      return await work()
    } catch (error) {
      const lost = lostBy(error)
      // Anything else is this platform's: its disk, or its end.
      if (lost === null) throw error
      context.log(`submission ${bid.submissionId} could not be read: ${lost}`)
      if (reading === readings) return { lost }
      await new Promise(resolve => setTimeout(resolve, breath))
    }
  }
}

/** Bytes that are gone or cannot be read stay so. */
function unreadable(error: unknown): string | null {
  const code = codeOf(error)
  return code.startsWith('input.') ? code : null
}

/** The same, and whatever else was kept of the bid. */
function lostFrom(error: unknown): string | null {
  if (isGone(error)) return 'input.unreadable'
  return codeOf(error) === 'platform.unknown' ? 'platform.unknown' : unreadable(error)
}

/** What is wrong with a bid goes into the record; what is wrong with this platform's disk must not become a verdict. */
function isOfTheBid(error: unknown): boolean {
  return /^(seal|cert|document)\./.test(codeOf(error))
}

/** A file that was kept is not there any more. */
function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

function codeOf(error: unknown): string {
  return error instanceof CryptoFailure || error instanceof AppFailure ? error.code : 'internal'
}
