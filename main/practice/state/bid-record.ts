import type { SignedDocument } from '../../../crypto/index.ts'
import { decodeSigned, encodeSigned, fieldsOf, partNames, patterns } from '../../platform/index.ts'
import type { Fields, Json, PartName } from '../../platform/index.ts'

/** What the platform knows of one sealed bid; one file, rewritten whole, is the truth about it. */
export interface BidRecord {
  /** H of `seal.json`, hex. */
  readonly sealDigest: string
  readonly sealId: string
  /** Names the submission and, with a part's name, its upload. */
  readonly submissionId: string
  readonly packageDigest: string
  readonly openingId: string
  readonly bidder: { readonly name: string; readonly creditCode: string }
  /** sealDigest of the bid this one takes the place of. */
  readonly replaces: string | null
  readonly parts: readonly BidPart[]
  /** Length of the whole archive in bytes. */
  readonly size: number
  readonly beganAt: Date
  /** The `submit` document it came with. */
  readonly authorisation: SignedDocument
  /** When the client first said, in time, that everything was there; the checks may end later or be run again. */
  readonly completeAskedAt: Date | null
  /** The receipt that was given. From here on the bid is the platform's to keep. */
  readonly receipt: SignedDocument | null
  readonly withdrawal: Withdrawal | null
}

export interface BidPart {
  readonly name: PartName
  /** Bytes of the encrypted part. */
  readonly size: number
  /** Tree digest the stored bytes must have, hex. */
  readonly root: string
  /** What the header binds as this part's plain twin; null where it binds none. */
  readonly twin: TwinPart | null
}

/** One part of a plain twin: the exact plaintext stream of a part. */
export interface TwinPart {
  /** In bytes. */
  readonly size: number
  /** Tree digest over the plaintext, hex. */
  readonly root: string
}

export interface Withdrawal {
  readonly document: SignedDocument
  readonly receipt: SignedDocument
}

/** The name a part's upload has, in the address and as a file. */
export function uploadIdOf(bid: BidRecord, part: PartName): string {
  return `${bid.submissionId}.${part}`
}

/** The name of the upload of a part's plain twin. */
export function twinIdOf(bid: BidRecord, part: PartName): string {
  return `${uploadIdOf(bid, part)}.twin`
}

export function encodeBidRecord(bid: BidRecord): Json {
  return {
    sealDigest: bid.sealDigest,
    sealId: bid.sealId,
    submissionId: bid.submissionId,
    packageDigest: bid.packageDigest,
    openingId: bid.openingId,
    bidder: { name: bid.bidder.name, creditCode: bid.bidder.creditCode },
    replaces: bid.replaces,
    parts: bid.parts.map(({ name, size, root, twin }) => ({
      name,
      size,
      root,
      ...(twin === null ? {} : { twin: { size: twin.size, root: twin.root } }),
    })),
    size: bid.size,
    beganAt: bid.beganAt.toISOString(),
    authorisation: encodeSigned(bid.authorisation),
    completeAskedAt: bid.completeAskedAt?.toISOString() ?? null,
    receipt: bid.receipt === null ? null : encodeSigned(bid.receipt),
    withdrawal:
      bid.withdrawal === null
        ? null
        : { document: encodeSigned(bid.withdrawal.document), receipt: encodeSigned(bid.withdrawal.receipt) },
  }
}

/** Throws `input.unreadable` when a file is not what was written. */
export function decodeBidRecord(value: unknown): BidRecord {
  const fields = fieldsOf(value, 'input.unreadable')
  const bidder = fields.object('bidder')
  const withdrawal = fields.objectOrNull('withdrawal')
  return {
    sealDigest: fields.text('sealDigest', patterns.digest),
    sealId: fields.text('sealId', patterns.uuid),
    submissionId: fields.text('submissionId', patterns.uuid),
    packageDigest: fields.text('packageDigest', patterns.digest),
    openingId: fields.text('openingId', patterns.openingId),
    bidder: { name: bidder.text('name', patterns.line), creditCode: bidder.text('creditCode', patterns.line) },
    replaces: fields.textOrNull('replaces', patterns.digest),
    parts: fields.objects('parts', partNames.length).map(decodePart),
    size: fields.count('size'),
    beganAt: fields.time('beganAt'),
    authorisation: decodeSigned(fields.object('authorisation')),
    completeAskedAt: fields.timeOrNull('completeAskedAt'),
    receipt: signedOrNull(fields, 'receipt'),
    withdrawal:
      withdrawal === null
        ? null
        : {
            document: decodeSigned(withdrawal.object('document')),
            receipt: decodeSigned(withdrawal.object('receipt')),
          },
  }
}

/** A signed document that may be absent. */
export function signedOrNull(fields: Fields, name: string): SignedDocument | null {
  const found = fields.objectOrNull(name)
  return found === null ? null : decodeSigned(found)
}

function decodePart(part: Fields): BidPart {
  const twin = part.objectOrNull('twin')
  return {
    name: part.oneOf('name', partNames),
    size: part.count('size'),
    root: part.text('root', patterns.digest),
    twin: twin === null ? null : { size: twin.count('size'), root: twin.text('root', patterns.digest) },
  }
}
