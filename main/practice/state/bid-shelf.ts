import { join } from 'node:path'
import { AppFailure } from '../../contract/failure.ts'
import { readFileIfThere, readJsonIfThere, writeFileAtomic, writeJsonAtomic } from '../../store/index.ts'
import { decodeBidRecord, encodeBidRecord } from './bid-record.ts'
import type { BidRecord } from './bid-record.ts'
import { namesIn } from './folders.ts'
import type { PracticeFolders } from './folders.ts'

/**
 * Where a bid stands. `replaced` is not written anywhere: it follows from the receipt of the bid that names it, so that
 * one write takes the new bid in and the old one out.
 */
export type BidState = 'uploading' | 'received' | 'replaced' | 'withdrawn'

/** Every bid the platform knows. Reads answer what is durable. */
export interface BidShelf {
  all(): readonly BidRecord[]
  bySealDigest(sealDigest: string): BidRecord | null
  bySealId(sealId: string): BidRecord | null
  bySubmission(submissionId: string): BidRecord | null
  stateOf(bid: BidRecord): BidState
  /** Bids of an opening with a receipt, neither replaced nor withdrawn, in byte order of their digests. */
  standing(openingId: string): readonly BidRecord[]
  /** Takes a new bid in: its header archive first, then its record. */
  add(bid: BidRecord, headerArchive: Uint8Array): Promise<void>
  /** Replaces a bid's record; the caller holds the lock of the bid or its opening. */
  save(bid: BidRecord): Promise<void>
  headerArchive(sealDigest: string): Promise<Uint8Array>
}

/** The shelf over its folders; everything is read once. Throws `input.unreadable` when a record is damaged. */
export async function openBidShelf(folders: PracticeFolders): Promise<BidShelf> {
  const bids = new Map<string, BidRecord>()
  const digestsBySealId = new Map<string, string>()
  const digestsBySubmission = new Map<string, string>()
  const replaced = new Set<string>()
  const index = (bid: BidRecord): void => {
    bids.set(bid.sealDigest, bid)
    digestsBySealId.set(bid.sealId, bid.sealDigest)
    digestsBySubmission.set(bid.submissionId, bid.sealDigest)
    if (bid.replaces !== null && bid.receipt !== null) replaced.add(bid.replaces)
  }
  for (const sealDigest of await namesIn(folders.bids, '.json')) {
    index(decodeBidRecord(await readJsonIfThere(join(folders.bids, `${sealDigest}.json`))))
  }
  const headerPath = (sealDigest: string): string => join(folders.headers, `${sealDigest}.header`)

  const shelf: BidShelf = {
    all: () => [...bids.values()],
    bySealDigest: sealDigest => bids.get(sealDigest) ?? null,
    bySealId: sealId => bids.get(digestsBySealId.get(sealId) ?? '') ?? null,
    bySubmission: submissionId => bids.get(digestsBySubmission.get(submissionId) ?? '') ?? null,
    stateOf(bid) {
      if (bid.withdrawal !== null) return 'withdrawn'
      if (bid.receipt === null) return 'uploading'
      return replaced.has(bid.sealDigest) ? 'replaced' : 'received'
    },
    standing: openingId =>
      [...bids.values()]
        .filter(bid => bid.openingId === openingId && shelf.stateOf(bid) === 'received')
        .sort((left, right) => (left.sealDigest < right.sealDigest ? -1 : 1)),
    async add(bid, headerArchive) {
      await writeFileAtomic(headerPath(bid.sealDigest), headerArchive)
      await shelf.save(bid)
    },
    async save(bid) {
      await writeJsonAtomic(join(folders.bids, `${bid.sealDigest}.json`), encodeBidRecord(bid))
      index(bid)
    },
    async headerArchive(sealDigest) {
      const bytes = bids.has(sealDigest) ? await readFileIfThere(headerPath(sealDigest)) : null
      if (bytes === null) throw new AppFailure('platform.unknown', 'no such bid')
      return bytes
    },
  }
  return shelf
}
