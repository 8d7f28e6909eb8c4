import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bytesSource, readSealedBid, verifySealedBid } from '../../../crypto/index.ts'
import type { Tender, VerifiedBid } from '../../../crypto/index.ts'
import { readTenderPackage } from '../../platform/index.ts'
import type { PracticeContext } from '../context.ts'
import type { BidRecord } from '../state/bid-record.ts'
import { receivedAtOf } from '../submission/receipt.ts'

/** Where a stored bid's header stands; plain data, so that another thread can read it. */
export interface HeaderPlace {
  readonly sealDigest: string
  /** Path of the header archive. */
  readonly archive: string
  /** Path of the package it was sealed for. */
  readonly tender: string
  /** When its certificates are judged: the receipt's time. */
  readonly receivedAt: Date
}

/** A header after checks 1 to 6: all that keys are held against. */
export interface KnownHeader {
  readonly verified: VerifiedBid
  readonly tender: Tender
}

/** Headers of bids that have passed their checks, kept between the challenge and the release. */
export interface VerifiedHeaders {
  of(place: HeaderPlace): Promise<KnownHeader>
  /** Lets go of one that has been needed for the last time. */
  forget(sealDigest: string): void
}

/** Header archives that are kept, in bytes: some thousands of usual ones, with what was read from them. */
const mostBytes = 64 * 2 ** 20
/** Packages that are kept. */
const mostTenders = 16

/** The place of a bid's header on this platform. Throws `platform.unknown` for a bid without a receipt. */
export function headerPlace({ folders }: PracticeContext, bid: BidRecord): HeaderPlace {
  return {
    sealDigest: bid.sealDigest,
    archive: join(folders.headers, `${bid.sealDigest}.header`),
    tender: join(folders.tenders, `${bid.packageDigest}.tender`),
    receivedAt: receivedAtOf(bid),
  }
}

/** Headers in memory; those not asked for the longest go first. */
export function verifiedHeaders(): VerifiedHeaders {
  const kept = new Map<string, { readonly known: Promise<KnownHeader>; readonly size: { bytes: number } }>()
  const tenders = new Map<string, Promise<Tender>>()
  const forget = (sealDigest: string): void => {
    kept.delete(sealDigest)
  }
  const makeRoom = (): void => {
    let bytes = [...kept.values()].reduce((sum, each) => sum + each.size.bytes, 0)
    for (const [sealDigest, entry] of kept) {
      if (bytes <= mostBytes) return
      bytes -= entry.size.bytes
      forget(sealDigest)
    }
  }
  const tenderAt = (path: string): Promise<Tender> => {
    const known = tenders.get(path)
    if (known !== undefined) return known
    const reading = readTender(path)
    tenders.set(path, reading)
    reading.catch(() => tenders.delete(path))
    const [oldest] = tenders.keys()
    if (tenders.size > mostTenders && oldest !== undefined) tenders.delete(oldest)
    return reading
  }
  const read = async (place: HeaderPlace, size: { bytes: number }): Promise<KnownHeader> => {
    const tender = await tenderAt(place.tender)
    const archive = new Uint8Array(await readFile(place.archive))
    const sealed = await readSealedBid(bytesSource(archive))
    const trust = { anchors: tender.anchors, tender, at: place.receivedAt, skipParts: true }
    const verified = await verifySealedBid(sealed, trust)
    size.bytes = archive.length
    makeRoom()
    return { verified, tender }
  }
  return {
    forget,
    of(place) {
      const { sealDigest } = place
      const before = kept.get(sealDigest)
      if (before !== undefined) {
        kept.delete(sealDigest)
        kept.set(sealDigest, before)
        return before.known
      }
      const size = { bytes: 0 }
      const known = read(place, size)
      kept.set(sealDigest, { known, size })
      known.catch(() => {
        forget(sealDigest)
      })
      return known
    },
  }
}

async function readTender(path: string): Promise<Tender> {
  return (await readTenderPackage(bytesSource(new Uint8Array(await readFile(path))))).tender
}
