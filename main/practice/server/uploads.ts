import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ERRORS, Server, Upload } from '@tus/server'
import { FileStore } from '@tus/file-store'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isMissing, syncFolder } from '../../store/index.ts'
import { uploadIdOf } from '../state/bid-record.ts'
import type { BidPart, BidRecord } from '../state/bid-record.ts'
import type { BidShelf } from '../state/bid-shelf.ts'
import { uploadLocks } from './upload-locks.ts'

/** The parts on their way in, and afterwards: they stay where they were received. */
export interface Uploads {
  /** Makes the files of a bid's parts that aren't there yet, durably. */
  prepare(bid: BidRecord): Promise<void>
  pathOf(bid: BidRecord, part: BidPart): string
  /** Bytes of a part that are there. */
  offsetOf(bid: BidRecord, part: BidPart): Promise<number>
  /** Makes all bytes of a bid's parts durable. */
  flush(bid: BidRecord): Promise<void>
  /** Drops the bytes of a part, so that it can be sent again. */
  reset(bid: BidRecord, part: BidPart): Promise<void>
  /** Runs work while nobody writes to any part of a bid. */
  exclusively<T>(bid: BidRecord, work: () => Promise<T>): Promise<T>
  /** Answers a tus request (HEAD, PATCH) for an upload that is being taken. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
}

/**
 * Uploads over the official tus server. They are made when a submission begins and known by the bid's record, so
 * there is nothing else to keep in step with it: no creation, no termination, no file beside the part.
 */
export function openUploads(folder: string, bids: BidShelf): Uploads {
  const locks = uploadLocks()
  const store = new FileStore({
    directory: folder,
    configstore: {
      get: uploadId => Promise.resolve(uploadOf(bids, uploadId)),
      set: () => Promise.resolve(),
      delete: () => Promise.resolve(),
    },
  })
  const tus = new Server({
    path: '/api/uploads',
    datastore: store,
    locker: locks,
    relativeLocation: true,
    lockDrainTimeout: 1_000,
    onResponseError,
  })
  const pathOf = (bid: BidRecord, part: BidPart): string => join(folder, uploadIdOf(bid, part.name))

  return {
    pathOf,
    async prepare(bid) {
      for (const part of bid.parts) await (await open(pathOf(bid, part), 'a')).close()
      await syncFolder(folder)
    },
    async offsetOf(bid, part) {
      try {
        return (await stat(pathOf(bid, part))).size
      } catch (error) {
        if (isMissing(error)) return 0
        throw error
      }
    },
    async flush(bid) {
      for (const part of bid.parts) {
        const handle = await open(pathOf(bid, part), 'r+')
        try {
          await handle.sync()
        } finally {
          await handle.close()
        }
      }
      await syncFolder(folder)
    },
    async reset(bid, part) {
      const handle = await open(pathOf(bid, part), 'r+')
      try {
        await handle.truncate(0)
        await handle.sync()
      } finally {
        await handle.close()
      }
    },
    exclusively(bid, work) {
      return bid.parts
        .map(part => uploadIdOf(bid, part.name))
        .reduceRight((inner, uploadId) => () => locks.exclusively(uploadId, inner), work)()
    },
    async handle(request, response) {
      await tus.handle(request, response)
    },
  }
}

function uploadOf(bids: BidShelf, uploadId: string): Upload | undefined {
  const [submissionId = '', name] = uploadId.split('.')
  const bid = bids.bySubmission(submissionId)
  const part = bid?.parts.find(each => each.name === name)
  // Once there is a receipt the bytes are evidence: nobody writes to them again.
  if (bid === null || part === undefined || bid.receipt !== null) return undefined
  return new Upload({ id: uploadId, size: part.size, offset: 0, creation_date: bid.beganAt.toISOString() })
}

/** A disk that won't take the bytes is told apart from a fault, so that the client can say so. */
function onResponseError(_: unknown, error: unknown): { status_code: number; body: string } | undefined {
  // The store turns every write error into this one; what the client did wrong has other names.
  return error === ERRORS.FILE_WRITE_ERROR ? { status_code: 507, body: 'storage\n' } : undefined
}
