import { CryptoFailure, decodeDocument, listDigest, verifyPlatformDocument } from '../../../crypto/index.ts'
import type { DocumentFields, SignedDocument } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Platform } from '../../platform/index.ts'
import { note } from './attendance.ts'
import type { Attendance } from './attendance.ts'
import type { AttendedBid } from './attended-bid.ts'
import { followOpening } from './follow.ts'
import type { FollowPace } from './follow.ts'
import type { OpeningNews } from './news.ts'

export type RecordFields = DocumentFields<'record'>

export interface FollowRecord {
  readonly openingId: string
  readonly sealDigest: string
  readonly signal?: AbortSignal | undefined
  readonly pace?: FollowPace | undefined
  readonly onNews?: ((news: OpeningNews) => void) | undefined
}

/** Waits for the signed record, telling how far the opening is. Ends with `cancelled` when the signal says so; nothing is lost by that. */
export async function followRecord(platform: Platform, request: FollowRecord): Promise<SignedDocument> {
  const { openingId, onNews } = request
  const ready = await platform.record(openingId)
  if (ready !== null) return ready
  const onAway = (failure: AppFailure | null): void =>
    onNews?.(failure === null ? { kind: 'back' } : { kind: 'away', failure })
  for await (const { status, recorded } of followOpening(platform, openingId, { ...request, onAway })) {
    const { released, bids, closesAt } = status
    onNews?.({ kind: 'progress', released, bids, closesAt })
    const record = recorded ? await platform.record(openingId) : null
    if (record !== null) return record
  }
  throw new AppFailure('platform.refused', 'the platform says that there is a record, and gives none')
}

/**
 * Checks the record: signed by an opening certificate of the tender, over the list the challenge was made over, our bid
 * among it, and the published digests make that list. Without a challenge (who never asked for one may object all the same)
 * the record's own list is held against the published digests. Throws `opening.record`.
 */
export async function requireRecord(
  platform: Platform,
  record: SignedDocument,
  attended: AttendedBid,
  opening: Pick<DocumentFields<'challenge'>, 'openingId'> & Partial<Pick<DocumentFields<'challenge'>, 'list'>>,
): Promise<{ readonly fields: RecordFields; readonly own: RecordFields['bids'][number] }> {
  const fields = readRecord(record, attended)
  const { sealDigest } = attended.bid
  const { list = fields.list } = opening
  if (fields.openingId !== opening.openingId) throw wrong('it is of another opening')
  if (fields.list !== list) throw wrong('it is over another list of bids than the one the release signed')
  const published = await platform.sealedDigests(opening.openingId)
  if (!published.includes(sealDigest)) throw wrong('our bid is not among the published digests')
  if (listDigest(published) !== list) throw wrong('the published digests do not make the list')
  const own = fields.bids.find(bid => bid.sealDigest === sealDigest)
  if (own === undefined) throw wrong('our bid is not in it')
  return { fields, own }
}

/** Keeps a record that has been checked, and notes how far the bid has come. Under the bid's lock. */
export async function keepRecord(
  { ports, attended }: Pick<Attendance, 'ports' | 'attended'>,
  record: SignedDocument,
  state: string,
): Promise<void> {
  const { sealDigest, header } = attended.bid
  await ports.deliveries.keepDocument(header.sealId, 'record', record)
  await ports.journal.append('recorded', { sealId: header.sealId, sealDigest, state })
  await note(ports, header.sealId, 'closed')
}

/** The record as an opening certificate of the tender signed it. Throws `opening.record`. */
export function readRecord(record: SignedDocument, { tender }: AttendedBid): RecordFields {
  try {
    const { serverTime } = decodeDocument('record', record.bytes)
    return verifyPlatformDocument('record', record, tender, 'opening', new Date(serverTime))
  } catch (error) {
    if (error instanceof CryptoFailure) throw new AppFailure('opening.record', error.detail, { cause: error })
    throw error
  }
}

function wrong(detail: string): AppFailure {
  return new AppFailure('opening.record', detail)
}
