import {
  CryptoFailure,
  fromHex,
  holdsOf,
  openBid,
  unwrapPartKeys,
  unwrapWithRecoveryCode,
} from '../../../crypto/index.ts'
import type {
  BidManifest,
  DocumentFields,
  JobControl,
  KeyOpener,
  KeysOf,
  OpeningData,
  PartName,
  SealedBid,
  VerifiedBid,
  VerifyOptions,
} from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Ports } from '../ports.ts'
import type { Locks } from '../tokens/locks.ts'
import { requireOpeningLock } from '../tokens/needed-lock.ts'
import { draftFolder } from './folder-sink.ts'
import { requireFree } from './header-file.ts'
import type { Judgement } from './sealed-file.ts'
import { withSealedBid } from './sealed-file.ts'

/** Where the keys come from: a lock, the printed recovery code, or the record of the opening, which holds them. */
export type KeySource =
  | LockSource
  | { readonly kind: 'recovery'; readonly code: string }
  | { readonly kind: 'record'; readonly record: DocumentFields<'record'> }

/** A lock by its URI. */
export interface LockSource {
  readonly kind: 'lock'
  readonly locks: Locks
  readonly uri: string
}

export interface UnsealRequest {
  readonly file: string
  readonly output: string
  readonly keys: KeySource
  readonly judge: (bid: VerifiedBid['bid']) => Promise<Judgement>
}

export interface Unsealed {
  readonly sealId: string
  readonly shortCode: string
  readonly opening: OpeningData
  readonly manifest: BidManifest
}

/**
 * Opens a sealed bid into a new folder: `documents/…`, `opening.json`, `bid.json`. All eleven checks hold, or nothing is
 * left. Refuses a bid delivered from this computer until its opening time (`bid.before-opening`). Throws `seal.*`,
 * `token.*`, `output.*`.
 */
export function unsealBid(ports: Ports, request: UnsealRequest, control: JobControl): Promise<Unsealed> {
  return withSealedBid(ports, request.file, async bid => {
    if (bid.kind === 'header') throw new CryptoFailure('seal.container', 'this is the header alone; the bid is needed')
    await requireFree(request.output)
    await requireOpenable(ports, bid.header.sealId, bid.sealDigest, bid.header.tender.openingTime)
    const judgement = await request.judge(bid)
    const judged = {
      ...control,
      anchors: judgement.anchors,
      tender: judgement.tender ?? undefined,
      at: judgement.at,
      revocation: judgement.revocation,
      pipeline: judgement.pipeline,
    }
    const held: Uint8Array[] = []
    const keysOf: KeysOf = async verified => {
      const keys = await partKeys(verified, request.keys)
      held.push(...keys.values())
      return keys
    }
    try {
      return await openInto(bid, judged, keysOf, request.output)
    } finally {
      for (const key of held) key.fill(0)
    }
  })
}

/**
 * 20号令 Art. 27: nobody opens a delivered bid early, its own bidder neither. Only one that never left is free: a bid on
 * its way may have arrived, and what was taken back or replaced has been delivered all the same. For a closed opening this
 * home has checked the signed record, which says more than its clock.
 */
async function requireOpenable(ports: Ports, sealId: string, sealDigest: string, openingTime: string): Promise<void> {
  const delivery = await ports.deliveries.get(sealId)
  if (delivery?.sealDigest !== sealDigest) return
  if (!['sealed', 'closed'].includes(delivery.state) && ports.clock.now() < new Date(openingTime)) {
    throw new AppFailure('bid.before-opening', `the opening is at ${openingTime}`)
  }
}

async function partKeys(verified: VerifiedBid, source: KeySource): Promise<ReadonlyMap<PartName, Uint8Array>> {
  if (source.kind === 'record') return recordKeys(verified, source.record)
  const held =
    source.kind === 'lock'
      ? await unwrapPartKeys(verified, await wholeKeyOpener(verified.bid, source))
      : await unwrapWithRecoveryCode(verified, source.code)
  if (held.holds === 'partKey') return held.keys
  for (const share of held.keys.values()) share.fill(0)
  throw onlyHalf()
}

/** The lock, when its envelopes hold the key: all that can be told without the PIN is told before it is asked for. */
async function wholeKeyOpener(bid: SealedBid, { locks, uri }: LockSource): Promise<KeyOpener> {
  const lock = await requireOpeningLock(locks, uri, bid)
  if (holdsOf(bid.header, lock.recipient) !== 'partKey') throw onlyHalf()
  return locks.opener(lock.uri)
}

function onlyHalf(): AppFailure {
  return new AppFailure(
    'token.wrong-lock',
    'this lock holds one half of the key, the agency the other; after the opening give the record with --record',
  )
}

/** The record is only a carrier: the commitments in the signed header decide whether a key is the right one. */
function recordKeys(verified: VerifiedBid, record: DocumentFields<'record'>): ReadonlyMap<PartName, Uint8Array> {
  const entry = record.bids.find(({ sealDigest }) => sealDigest === verified.bid.sealDigest)
  if (entry?.partKeys === undefined)
    throw new CryptoFailure('seal.key-mismatch', 'the record holds no keys of this bid')
  return new Map(entry.partKeys.map(({ name, key }) => [name, fromHex(key)]))
}

async function openInto(bid: SealedBid, judged: VerifyOptions, keysOf: KeysOf, output: string): Promise<Unsealed> {
  const folder = await draftFolder(output)
  try {
    const { opening, bid: manifest } = await openBid(bid, judged, keysOf, folder.sink)
    await folder.write('opening.json', jsonBytes(opening))
    await folder.write('bid.json', jsonBytes(manifest))
    await folder.commit()
    const { header, shortCode } = bid
    return { sealId: header.sealId, shortCode, opening, manifest }
  } finally {
    await folder.discard()
  }
}

function jsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`)
}
