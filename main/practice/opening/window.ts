import { listDigest } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { OpeningState, OpeningStatus } from '../../platform/index.ts'
import type { PracticeContext } from '../context.ts'
import type { OpeningRecord } from '../state/opening-record.ts'
import type { ShelvedTender } from '../state/tender-shelf.ts'
import { settleCompletions } from '../submission/complete.ts'
import { startDecision } from './decide.ts'

/**
 * Where an opening stands by the platform's clock. Asking moves it on: an opening whose time has come begins, one whose
 * window has ended or whose bids are all released closes. Throws `platform.unknown`.
 */
export async function openingStatus(context: PracticeContext, openingId: string): Promise<OpeningStatus> {
  const shelved = tenderOfOpening(context, openingId)
  const opening = await moveOn(context, openingId)
  return {
    state: stateOf(opening),
    openingTime: shelved.openingTime,
    closesAt: opening?.closesAt ?? null,
    released: opening === null ? 0 : context.openings.releasedCount(openingId),
    bids: opening?.standing.length ?? 0,
  }
}

/** The state as far as it has been written down. */
export function stateOf(opening: OpeningRecord | null): OpeningState {
  if (opening === null) return 'waiting'
  return opening.closedAt === null ? 'open' : 'closed'
}

/** An opening that has begun. Throws `platform.unknown`, `platform.not-open`. */
export async function requireBegun(context: PracticeContext, openingId: string): Promise<OpeningRecord> {
  tenderOfOpening(context, openingId)
  const opening = await moveOn(context, openingId)
  if (opening === null) throw new AppFailure('platform.not-open', 'the opening has not begun')
  return opening
}

/** The package in force for an opening. Throws `platform.unknown`. */
export function tenderOfOpening(context: PracticeContext, openingId: string): ShelvedTender {
  const shelved = context.tenders.inForce(openingId)
  if (shelved === null) throw new AppFailure('platform.unknown', 'no such opening')
  return shelved
}

/** Begins or closes what is due; null while the opening is waiting. */
export async function moveOn(context: PracticeContext, openingId: string): Promise<OpeningRecord | null> {
  const opening = context.openings.opening(openingId) ?? (await begin(context, openingId))
  return opening === null ? null : closeIfDue(context, opening)
}

/** Begins and closes every opening that is due, and goes on with decisions a killed run has left. */
export async function moveAllOn(context: PracticeContext): Promise<void> {
  for (const openingId of new Set(context.tenders.all().map(each => each.openingId))) {
    const opening = await moveOn(context, openingId)
    if (opening !== null && opening.closedAt !== null && opening.record === null) startDecision(context, openingId)
  }
  context.work.queue.workOff(context)
}

async function begin(context: PracticeContext, openingId: string): Promise<OpeningRecord | null> {
  const shelved = tenderOfOpening(context, openingId)
  if (context.clock.now() < shelved.openingTime) return null
  // Whoever asked for a receipt before the deadline still gets the answer: the list waits for it.
  await settleCompletions(context, openingId)
  return context.lock.run(openingId, async () => {
    const begun = context.openings.opening(openingId)
    if (begun !== null) return begun
    const standing = context.bids.standing(openingId).map(bid => bid.sealDigest)
    const openedAt = context.clock.now()
    const opening: OpeningRecord = {
      openingId,
      packageDigest: shelved.tender.packageDigest,
      openedAt,
      closesAt: new Date(openedAt.getTime() + shelved.tender.fields.releaseMinutes * 60_000),
      list: listDigest(standing),
      standing,
      closedAt: null,
      record: null,
    }
    await context.openings.save(opening)
    context.watchers.notify(openingId)
    context.log(`opening ${openingId} begun`)
    return opening
  })
}

async function closeIfDue(context: PracticeContext, opening: OpeningRecord): Promise<OpeningRecord> {
  if (!isDue(context, opening)) return opening
  return context.lock.run(opening.openingId, async () => {
    const current = context.openings.opening(opening.openingId) ?? opening
    if (!isDue(context, current)) return current
    const closed = { ...current, closedAt: context.clock.now() }
    await context.openings.save(closed)
    context.watchers.notify(closed.openingId)
    context.log(`opening ${closed.openingId} closed`)
    startDecision(context, closed.openingId)
    return closed
  })
}

function isDue(context: PracticeContext, opening: OpeningRecord): boolean {
  if (opening.closedAt !== null) return false
  const released = context.openings.releasedCount(opening.openingId)
  return context.clock.now() >= opening.closesAt || released === opening.standing.length
}
