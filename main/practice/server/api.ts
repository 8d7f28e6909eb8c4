import { AppFailure } from '../../contract/failure.ts'
import {
  decodeRelease,
  decodeSigned,
  encodeListing,
  encodeOpening,
  encodeReleaseAnswer,
  encodeSigned,
  headerArchiveBytes,
  platformRoutes,
} from '../../platform/index.ts'
import type { Json } from '../../platform/index.ts'
import type { PracticeContext } from '../context.ts'
import { challenge, signIn } from '../opening/attend.ts'
import { acceptBidRelease } from '../opening/release.ts'
import { respond } from '../opening/respond.ts'
import { beginTwin, completeTwin } from '../opening/twin.ts'
import { moveOn, openingStatus, requireBegun, stateOf } from '../opening/window.ts'
import { uploadIdOf } from '../state/bid-record.ts'
import type { BidRecord } from '../state/bid-record.ts'
import { beginSubmission } from '../submission/begin.ts'
import { completeSubmission } from '../submission/complete.ts'
import { noticesOf, signedTime } from '../submission/notices.ts'
import { withdrawBid } from '../submission/withdraw.ts'
import type { EventStreams } from './event-streams.ts'
import { endpointsOf } from './router.ts'
import type { Endpoint, Exchange, Reply } from './router.ts'

/** Longest JSON request with one signed document, in bytes. */
const documentRequest = 512 * 1024
/** Longest JSON request with a header archive in base64. */
const submissionRequest = Math.ceil(headerArchiveBytes / 3) * 4 + documentRequest

/** The neutral interface a client sees; what each request means is told in `openapi.yaml`. */
export function apiEndpoints(context: PracticeContext, streams: EventStreams): readonly Endpoint[] {
  const { bids, nonces, openings, tenders, uploads } = context
  const upload = async (exchange: Exchange): Promise<Reply> => {
    requireUploadInTime(context, exchange)
    await uploads.handle(exchange.request, exchange.response)
    return { kind: 'handled' }
  }
  return endpointsOf(platformRoutes, {
    time: () => json({ serverTime: context.clock.now().toISOString() }),
    async tenders() {
      const listings: Json[] = []
      for (const { tender, openingId } of tenders.all()) {
        const { tenderId, lotId = '', title } = tender.fields
        const state = stateOf(await moveOn(context, openingId))
        listings.push(encodeListing({ packageDigest: tender.packageDigest, tenderId, lotId, title, openingId, state }))
      }
      return json({ tenders: listings })
    },
    async tenderPackage(exchange) {
      const bytes = await tenders.packageBytes(exchange.segment('packageDigest'))
      return { kind: 'bytes', type: 'application/vnd.bidseal.tender+zip', bytes }
    },
    async signedTime(exchange) {
      return json(encodeSigned(await signedTime(context, exchange.segment('packageDigest'), exchange.segment('nonce'))))
    },
    notices: exchange => json({ notices: noticesOf(context, exchange.segment('packageDigest')).map(encodeSigned) }),
    events: exchange => streams.open(exchange),
    async beginTwin(exchange) {
      const uploads = await beginTwin(context, exchange.segment('openingId'), exchange.segment('sealDigest'))
      const parts = uploads.map(({ uploadId, ...part }) => ({ ...part, uploadPath: `/api/uploads/${uploadId}` }))
      return json({ parts })
    },
    async completeTwin(exchange) {
      await completeTwin(context, exchange.segment('openingId'), exchange.segment('sealDigest'))
      return json({})
    },
    nonce: () => json({ nonce: nonces.issue() }),
    async beginSubmission(exchange) {
      const fields = await exchange.json(submissionRequest)
      const bid = await beginSubmission(context, {
        headerArchive: fields.bytes('headerArchive', headerArchiveBytes),
        authorisation: decodeSigned(fields.object('authorisation')),
      })
      return json(await submissionJson(context, bid))
    },
    async completeSubmission(exchange) {
      return json(encodeSigned(await completeSubmission(context, exchange.segment('submissionId'))))
    },
    uploadOffset: upload,
    uploadChunk: upload,
    async withdraw(exchange) {
      return json(encodeSigned(await withdrawBid(context, decodeSigned(await exchange.json(documentRequest)))))
    },
    async header(exchange) {
      const bytes = await bids.headerArchive(exchange.segment('sealDigest'))
      return { kind: 'bytes', type: 'application/vnd.bidseal.sealed-bid', bytes }
    },
    opening: async exchange => json(encodeOpening(await openingStatus(context, exchange.segment('openingId')))),
    async signIn(exchange) {
      await signIn(context, exchange.segment('openingId'), decodeSigned(await exchange.json(documentRequest)))
      return json({})
    },
    async challenge(exchange) {
      const made = await challenge(context, exchange.segment('openingId'), exchange.segment('sealDigest'))
      return json(encodeSigned(made))
    },
    async release(exchange) {
      const release = decodeRelease(await exchange.json(documentRequest))
      return json(encodeReleaseAnswer(await acceptBidRelease(context, exchange.segment('openingId'), release)))
    },
    async record(exchange) {
      const openingId = exchange.segment('openingId')
      await openingStatus(context, openingId)
      const record = openings.opening(openingId)?.record ?? null
      return json({ record: record === null ? null : encodeSigned(record) })
    },
    async confirm(exchange) {
      await respond(
        context,
        'confirm',
        exchange.segment('openingId'),
        decodeSigned(await exchange.json(documentRequest)),
      )
      return json({})
    },
    async object(exchange) {
      await respond(
        context,
        'objection',
        exchange.segment('openingId'),
        decodeSigned(await exchange.json(documentRequest)),
      )
      return json({})
    },
    async sealedDigests(exchange) {
      const opening = await requireBegun(context, exchange.segment('openingId'))
      if (opening.closedAt === null) throw new AppFailure('platform.not-open', 'the opening has not closed')
      return json({ sealDigests: opening.standing })
    },
  })
}

function json(value: Json): Promise<Reply> {
  return Promise.resolve({ kind: 'json', json: value })
}

async function submissionJson(context: PracticeContext, bid: BidRecord): Promise<Json> {
  const parts: Json[] = []
  for (const part of bid.parts) {
    const uploadPath = `/api/uploads/${uploadIdOf(bid, part.name)}`
    parts.push({ name: part.name, size: part.size, uploadPath, offset: await context.uploads.offsetOf(bid, part) })
  }
  const common = { submissionId: bid.submissionId, parts }
  return bid.receipt === null
    ? { ...common, state: 'uploading' }
    : { ...common, state: 'received', receipt: encodeSigned(bid.receipt) }
}

/** Bytes after the deadline are refused as such at once, instead of after an hour of uploading. */
function requireUploadInTime(context: PracticeContext, exchange: Exchange): void {
  // A twin comes after it; whether one is taken, the uploads know.
  if (exchange.request.method !== 'PATCH' || exchange.segment('uploadId').endsWith('.twin')) return
  const bid = context.bids.bySubmission(exchange.segment('uploadId').split('.')[0] ?? '')
  const shelved = bid === null ? null : context.tenders.byDigest(bid.packageDigest)
  if (shelved !== null && context.clock.now() >= shelved.deadline) {
    throw new AppFailure('platform.late', 'the deadline has passed')
  }
}
