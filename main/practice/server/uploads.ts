import { Readable } from 'node:stream'
import { Server, Upload } from '@tus/server'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ByteSource } from '../../../crypto/index.ts'
import { twinIdOf, uploadIdOf } from '../state/bid-record.ts'
import type { BidPart, BidRecord } from '../state/bid-record.ts'
import type { BidShelf } from '../state/bid-shelf.ts'
import { piecesOf } from './answers.ts'
import type { KnownUpload, OpenUploadStore } from './upload-store.ts'
import { uploadLocks } from './upload-locks.ts'

/** The parts on their way in, and afterwards: they stay where they were received. */
export interface Uploads {
  /** Makes the uploads of a bid's parts that aren't there yet, durably. */
  prepare(bid: BidRecord): Promise<void>
  /** The stored bytes of a part that is there whole; the caller closes it. */
  open(bid: BidRecord, part: BidPart): Promise<ByteSource>
  /** Bytes of a part that are there. */
  offsetOf(bid: BidRecord, part: BidPart): Promise<number>
  /** Fills a part that is being taken and is empty; for bids that are made here. */
  fill(bid: BidRecord, part: BidPart, source: ByteSource): Promise<void>
  /** Makes all bytes of a bid's parts durable. */
  flush(bid: BidRecord): Promise<void>
  /** Drops the bytes of a part, so that it can be sent again. */
  reset(bid: BidRecord, part: BidPart): Promise<void>
  /** Removes the parts of a bid that will never be received. */
  remove(bid: BidRecord): Promise<void>
  /** Runs work while nobody writes to any part of a bid, or of its twin. */
  exclusively<T>(bid: BidRecord, work: () => Promise<T>): Promise<T>
  /** Makes the uploads for the parts of a bid's plain twin that aren't there yet, durably. */
  prepareTwin(bid: BidRecord): Promise<void>
  /** The address of a part of the twin, and how far it has come; its size is the part's before it was sealed. */
  twinOffset(bid: BidRecord, part: BidPart): Promise<number>
  /** The bytes of a part of the twin that is there whole; the caller closes it. */
  openTwin(bid: BidRecord, part: BidPart): Promise<ByteSource>
  /** Makes all bytes of a twin durable; every part is there whole. */
  flushTwin(bid: BidRecord): Promise<void>
  /** Drops the bytes of a part of the twin, so that it can be sent again. */
  resetTwin(bid: BidRecord, part: BidPart): Promise<void>
  /** Removes a twin that will never be used. */
  removeTwin(bid: BidRecord): Promise<void>
  /** Bytes that can be stored yet; null where nobody can tell. */
  space(): Promise<number | null>
  /** Answers a tus request (HEAD, PATCH) for an upload that is being taken. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
}

export interface UploadsOptions {
  readonly store: OpenUploadStore
  readonly bids: BidShelf
  /** Whether the platform takes the parts of a bid's plain twin at this moment. */
  readonly twinAwaited: (bid: BidRecord) => boolean
}

/**
 * Uploads over the official tus server. They are made when a submission begins and known by the bid's record, so
 * there is nothing else to keep in step with it: no creation, no termination, no note beside the part.
 */
export async function openUploads({ store: openStore, bids, twinAwaited }: UploadsOptions): Promise<Uploads> {
  const locks = uploadLocks()
  const store = await openStore(id => takenUpload(bids, twinAwaited, id))
  const tus = new Server({
    path: '/api/uploads',
    datastore: store.datastore,
    locker: locks,
    relativeLocation: true,
    lockDrainTimeout: 1_000,
  })

  return {
    prepare: bid => store.prepare(partsOf(bid)),
    open: (bid, part) => store.open(partOf(bid, part)),
    offsetOf: (bid, part) => store.offsetOf(partOf(bid, part)),
    async fill(bid, part, source) {
      await store.datastore.write(Readable.from(piecesOf(source)), partOf(bid, part).id, 0)
    },
    flush: bid => store.flush(partsOf(bid)),
    reset: (bid, part) => store.reset(partOf(bid, part)),
    async remove(bid) {
      for (const upload of partsOf(bid)) await store.remove(upload)
    },
    exclusively(bid, work) {
      return [...partsOf(bid), ...twinsOf(bid)].reduceRight(
        (inner, { id }) =>
          () =>
            locks.exclusively(id, inner),
        work,
      )()
    },
    prepareTwin: bid => store.prepare(twinsOf(bid)),
    twinOffset: (bid, part) => store.offsetOf(twinOf(bid, part)),
    openTwin: (bid, part) => store.open(twinOf(bid, part)),
    flushTwin: bid => store.flush(twinsOf(bid)),
    resetTwin: (bid, part) => store.reset(twinOf(bid, part)),
    async removeTwin(bid) {
      for (const upload of twinsOf(bid)) await store.remove(upload)
    },
    space: () => store.space(),
    async handle(request, response) {
      await tus.handle(request, response)
    },
  }
}

function partOf(bid: BidRecord, part: BidPart): KnownUpload {
  return { id: uploadIdOf(bid, part.name), size: part.size }
}

function partsOf(bid: BidRecord): readonly KnownUpload[] {
  return bid.parts.map(part => partOf(bid, part))
}

function twinOf(bid: BidRecord, part: BidPart): KnownUpload {
  return { id: twinIdOf(bid, part.name), size: part.twin?.size ?? 0 }
}

/** None where the bid binds no twin. */
function twinsOf(bid: BidRecord): readonly KnownUpload[] {
  return bid.parts.filter(part => part.twin !== null).map(part => twinOf(bid, part))
}

function takenUpload(bids: BidShelf, twinAwaited: (bid: BidRecord) => boolean, uploadId: string): Upload | undefined {
  const bid = bids.bySubmission(uploadId.split('.')[0] ?? '')
  if (bid === null) return undefined
  // Once there is a receipt the bytes are evidence: nobody writes to them again.
  const taken = [...(bid.receipt === null ? partsOf(bid) : []), ...(twinAwaited(bid) ? twinsOf(bid) : [])]
  const upload = taken.find(({ id }) => id === uploadId)
  if (upload === undefined) return undefined
  return new Upload({ ...upload, offset: 0, creation_date: bid.beganAt.toISOString() })
}
