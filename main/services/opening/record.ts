import { CryptoFailure, decodeDocument, listDigest, verifyPlatformDocument } from '../../../crypto/index.ts'
import type { DocumentFields, SignedDocument } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { waitOrStop } from '../../http/index.ts'
import type { Platform } from '../../platform/index.ts'
import type { AttendedBid } from './attended-bid.ts'

export type RecordFields = DocumentFields<'record'>

/** How often the platform is asked whether the opening has closed, in milliseconds: soon at first, then at leisure. */
const firstWait = 100
const longestWait = 3_000

/** Waits for the signed record. Ends with `cancelled` when the signal says so; nothing is lost by that. */
export async function followRecord(
  platform: Platform,
  openingId: string,
  signal: AbortSignal | undefined,
): Promise<SignedDocument> {
  for (let pause = firstWait; ; pause = Math.min(pause * 1.5, longestWait)) {
    const record = await platform.record(openingId)
    if (record !== null) return record
    await waitOrStop(pause, signal)
  }
}

/**
 * Checks the record: signed by an opening certificate of the tender, over the list the challenge was made over, our bid
 * among it, and the published digests make that list. Throws `opening.record`.
 */
export async function requireRecord(
  platform: Platform,
  record: SignedDocument,
  attended: AttendedBid,
  challenge: DocumentFields<'challenge'>,
): Promise<{ readonly fields: RecordFields; readonly own: RecordFields['bids'][number] }> {
  const fields = readRecord(record, attended)
  const { sealDigest } = attended.bid
  if (fields.openingId !== challenge.openingId) throw wrong('it is of another opening')
  if (fields.list !== challenge.list) throw wrong('it is over another list of bids than the one the release signed')
  const published = await platform.sealedDigests(challenge.openingId)
  if (!published.includes(sealDigest)) throw wrong('our bid is not among the published digests')
  if (listDigest(published) !== challenge.list) throw wrong('the published digests do not make the list')
  const own = fields.bids.find(bid => bid.sealDigest === sealDigest)
  if (own === undefined) throw wrong('our bid is not in it')
  return { fields, own }
}

function readRecord(record: SignedDocument, { tender }: AttendedBid): RecordFields {
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
