import {
  CryptoFailure,
  decodeDocument,
  fromHex,
  listDigest,
  matchesCommitment,
  verifyPlatformDocument,
} from '../../../crypto/index.ts'
import type { DocumentFields, SignedDocument } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Platform } from '../../platform/index.ts'
import { recordedWork } from '../evidence/recorded-platform.ts'
import type { Ports } from '../ports.ts'
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
 * Checks the record: signed by an opening certificate of the tender, over the list the challenge was made over; the
 * published digests make that list, our bid among them; each of them has one entry, and beside them there are only bids
 * that were withdrawn; keys it shows for our bid are the ones our header commits to. What fails is in the journal. Without a challenge (who never asked for one may object all the same)
 * the record's own list is held against the published digests. Throws `opening.record`.
 */
export async function requireRecord(
  ports: Ports,
  platform: Platform,
  record: SignedDocument,
  attended: AttendedBid,
  opening: Pick<DocumentFields<'challenge'>, 'openingId'> & Partial<Pick<DocumentFields<'challenge'>, 'list'>>,
): Promise<{ readonly fields: RecordFields; readonly own: RecordFields['bids'][number] }> {
  const { sealDigest, header } = attended.bid
  const recorded = <T>(check: () => T): Promise<T> =>
    recordedWork(ports, { sealId: header.sealId, sealDigest }, 'check-record', () => Promise.resolve().then(check))
  const fields = await recorded(() => {
    const read = readRecord(record, attended)
    if (read.openingId !== opening.openingId) throw wrong('it is of another opening')
    if (opening.list !== undefined && read.list !== opening.list) {
      throw wrong('it is over another list of bids than the one the release signed')
    }
    return read
  })
  const published = await platform.sealedDigests(opening.openingId)
  return recorded(() => {
    if (!published.includes(sealDigest)) throw wrong('our bid is not among the published digests')
    if (listDigest(published) !== fields.list) throw wrong('the published digests do not make the list')
    const own = fields.bids.find(bid => bid.sealDigest === sealDigest)
    if (own === undefined) throw wrong('our bid is not in it')
    requireSameBids(fields.bids, published)
    requireOwnKeys(own, attended)
    return { fields, own }
  })
}

/** Every published bid has its entry, and no entry stands for a bid that was not published. */
function requireSameBids(bids: RecordFields['bids'], published: readonly string[]): void {
  const entries = bids.map(bid => bid.sealDigest)
  if (new Set(entries).size !== entries.length) throw wrong('a bid is in it twice')
  const standing = new Set(bids.filter(({ state }) => state !== 'withdrawn').map(bid => bid.sealDigest))
  const expected = new Set(published)
  if (expected.size !== published.length) throw wrong('a bid is among the published digests twice')
  if (standing.size !== expected.size || !published.every(digest => standing.has(digest))) {
    throw wrong('its bids are not the published ones')
  }
}

/** Whoever has the sealed bid opens it with the keys of the record: others than ours would be told as our doing. */
function requireOwnKeys({ partKeys = [] }: RecordFields['bids'][number], { bid }: AttendedBid): void {
  for (const { name, key } of partKeys) {
    const part = bid.header.parts.find(each => each.name === name)
    if (part === undefined || !matchesCommitment({ bid }, part, 'partKey', fromHex(key))) {
      throw wrong(`the key it shows for our part ${name} is not the one our header commits to`)
    }
  }
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
