import { CryptoFailure, lotOf, signDocument, toHex } from '../../../crypto/index.ts'
import type { DocumentFields } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { PracticeContext } from '../context.ts'
import type { BidRecord } from '../state/bid-record.ts'
import type { OpeningRecord } from '../state/opening-record.ts'
import { receivedAtOf } from '../submission/receipt.ts'
import { openBid } from './open-bid.ts'
import { releasedKeys } from './released-keys.ts'

type RecordedBid = DocumentFields<'record'>['bids'][number]

/** How long a decision that failed on the platform's side rests before it is tried again, in milliseconds. */
const rest = 10_000

/**
 * Decrypts every released bid of a closed opening, one after the other in the background, and signs the record. A run
 * that is killed leaves no record and is done again from the start: nothing of it depends on what it had reached.
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
  await context.lock.run(openingId, async () => {
    const current = context.openings.opening(openingId)
    if (current !== null && current.record === null) await context.openings.save({ ...current, record })
  })
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

async function decideBid(context: PracticeContext, opening: OpeningRecord, bid: BidRecord): Promise<RecordedBid> {
  const common = { sealDigest: bid.sealDigest, bidder: bid.bidder }
  if (bid.withdrawal !== null) return { ...common, state: 'withdrawn' }
  try {
    const receivedAt = receivedAtOf(bid)
    const keys = await releasedKeys(context, opening, bid, receivedAt)
    if (keys === null) return { ...common, state: 'not-released' }
    try {
      const partKeys = [...keys].map(([name, key]) => ({ name, key: toHex(key) }))
      return { ...common, partKeys, ...(await outcomeOf(context, bid, keys, receivedAt)) }
    } finally {
      for (const key of keys.values()) key.fill(0)
    }
  } catch (error) {
    if (isOfTheBid(error)) return { ...common, state: 'failed', code: codeOf(error) }
    throw error
  }
}

async function outcomeOf(
  context: PracticeContext,
  bid: BidRecord,
  keys: ReadonlyMap<'opening' | 'body', Uint8Array>,
  receivedAt: Date,
): Promise<Pick<RecordedBid, 'state' | 'code' | 'openingDigest'>> {
  try {
    const opened = await openBid(context, bid, keys, receivedAt)
    return { state: 'opened', openingDigest: opened.bid.openingDigest }
  } catch (error) {
    if (isOfTheBid(error)) return { state: 'failed', code: codeOf(error) }
    throw error
  }
}

/** What is wrong with a bid goes into the record; what is wrong with this platform's disk must not become a verdict. */
function isOfTheBid(error: unknown): boolean {
  return /^(seal|cert|document)\./.test(codeOf(error))
}

function codeOf(error: unknown): string {
  return error instanceof CryptoFailure || error instanceof AppFailure ? error.code : 'internal'
}
