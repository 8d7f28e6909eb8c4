import { CryptoFailure, verifyTwinPart } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { PracticeContext } from '../context.ts'
import type { BidPart, BidRecord } from '../state/bid-record.ts'
import { twinIdOf } from '../state/bid-record.ts'
import { headerPlace } from './headers.ts'
import { requireAttended, requireNotClosed } from './attend.ts'
import type { AttendedBid } from './attend.ts'

/** One part of a plain twin that the platform takes. */
export interface TwinUpload {
  readonly name: BidPart['name']
  /** Bytes of the part before it was sealed. */
  readonly size: number
  /** Its upload. */
  readonly uploadId: string
  /** Bytes that are there. */
  readonly offset: number
}

/**
 * Begins to take the plain twin of a bid whose bidder has signed in, while the opening is open; asked again it tells how far
 * each part has come. A twin that is complete has nothing left to come. Throws `opening.remedy` where the tender allows
 * none or the bid binds none, `platform.refused`, `platform.closed`, `platform.not-open`, `platform.unknown`.
 */
export async function beginTwin(
  context: PracticeContext,
  openingId: string,
  sealDigest: string,
): Promise<readonly TwinUpload[]> {
  const attended = await requireTwin(context, openingId, sealDigest)
  const { bid } = attended
  return context.lock.run(sealDigest, async () => {
    requireNotClosed(context.openings.opening(openingId) ?? attended.opening)
    if (context.openings.attendance(openingId, sealDigest).twin === null) {
      await context.uploads.prepareTwin(bid)
      await context.openings.note(openingId, sealDigest, { kind: 'twin', twin: 'awaited' })
      context.log(`plain twin of ${bid.submissionId} awaited`)
    }
    const uploads: TwinUpload[] = []
    for (const part of bid.parts) {
      const { size } = twinOf(part)
      const uploadId = twinIdOf(bid, part.name)
      uploads.push({ name: part.name, size, uploadId, offset: await context.uploads.twinOffset(bid, part) })
    }
    return uploads
  })
}

/**
 * Takes a plain twin whose parts are all there: what the bid's signed header binds, and nothing else. Asked again it answers
 * the same. A part of another bid or another run of sealing is dropped, and may be sent again. Throws
 * `opening.other-run` then, else as {@link beginTwin}; `platform.refused` while a part is missing.
 */
export async function completeTwin(context: PracticeContext, openingId: string, sealDigest: string): Promise<void> {
  const attended = await requireTwin(context, openingId, sealDigest)
  const { bid } = attended
  // Shared with releases, never with the close, which waits for what was asked for before it.
  await context.lock.share(openingId, () =>
    context.lock.run(sealDigest, async () => {
      const { twin } = context.openings.attendance(openingId, sealDigest)
      if (twin === 'complete') return
      requireNotClosed(context.openings.opening(openingId) ?? attended.opening)
      if (twin === null) throw new AppFailure('platform.refused', 'no plain twin has been begun')
      await context.uploads.exclusively(bid, () => requireTwinOf(context, bid))
      await context.openings.note(openingId, sealDigest, { kind: 'twin', twin: 'complete' })
      context.log(`plain twin of ${bid.submissionId} complete`)
      context.watchers.notify(openingId)
    }),
  )
}

async function requireTwin(context: PracticeContext, openingId: string, sealDigest: string): Promise<AttendedBid> {
  const attended = await requireAttended(context, openingId, sealDigest)
  const { tender } = attended.shelved
  if (tender.fields.remedy.kind !== 'plain-twin' || attended.bid.parts.some(part => part.twin === null)) {
    throw new AppFailure('opening.remedy', 'no plain twin is allowed, or the bid binds none')
  }
  if (context.openings.attendance(openingId, sealDigest).signIn === null) {
    throw new AppFailure('platform.refused', 'the bidder has not signed in')
  }
  return attended
}

async function requireTwinOf(context: PracticeContext, bid: BidRecord): Promise<void> {
  for (const part of bid.parts) {
    if ((await context.uploads.twinOffset(bid, part)) !== twinOf(part).size) {
      throw new AppFailure('platform.refused', 'a part of the plain twin has not been uploaded whole')
    }
  }
  await context.uploads.flushTwin(bid)
  const { verified } = await context.work.headers.of(headerPlace(context, bid))
  for (const part of bid.parts) {
    const source = await context.uploads.openTwin(bid, part)
    try {
      await verifyTwinPart(verified.bid, part.name, source)
    } catch (error) {
      if (!(error instanceof CryptoFailure) || error.code !== 'seal.inner') throw error
      // All of them go: the parts behind this one may be of the other run as well.
      for (const each of bid.parts) await context.uploads.resetTwin(bid, each)
      throw new AppFailure('opening.other-run', 'the plain twin is of another run of sealing, or was changed')
    } finally {
      await source.close()
    }
  }
}

function twinOf(part: BidPart): NonNullable<BidPart['twin']> {
  if (part.twin === null) throw new AppFailure('opening.remedy', 'the bid binds no plain twin')
  return part.twin
}
