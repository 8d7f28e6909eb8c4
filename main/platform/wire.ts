import type { Release, SignedDocument } from '../../crypto/index.ts'
import { base64, patterns } from './fields.ts'
import type { Fields } from './fields.ts'
import type { OpeningEvent, OpeningStatus, ReleaseAnswer, TenderListing } from './port.ts'

/** The largest signed document and signature that travel, in bytes. */
const documentBytes = 16 * 1024 * 1024
const signatureBytes = 64 * 1024
/** The largest envelope of a release, in bytes (seal-format: an envelope ≤ 16 KiB). */
const envelopeBytes = 16 * 1024
/** The largest header archive: seal.json 1 MiB, 32 envelopes, two signatures, and their tar blocks. */
export const headerArchiveBytes = 2 * 1024 * 1024

export const partNames = ['opening', 'body'] as const
export type PartName = (typeof partNames)[number]

const openingStates = ['waiting', 'open', 'closed'] as const

/** JSON as it is about to be written. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

export function encodeSigned(document: SignedDocument): Json {
  return encodeSignedFields(document)
}

function encodeSignedFields(document: SignedDocument): { readonly document: string; readonly signature: string } {
  return { document: base64(document.bytes), signature: base64(document.signature) }
}

export function decodeSigned(fields: Fields): SignedDocument {
  return { bytes: fields.bytes('document', documentBytes), signature: fields.bytes('signature', signatureBytes) }
}

export function encodeRelease(release: Release): Json {
  return {
    document: base64(release.bytes),
    signature: base64(release.signature),
    envelopes: [...release.envelopes].map(([part, envelope]) => ({ part, envelope: base64(envelope) })),
  }
}

export function decodeRelease(fields: Fields): Release {
  const envelopes = new Map(
    fields
      .objects('envelopes', partNames.length)
      .map(entry => [entry.oneOf('part', partNames), entry.bytes('envelope', envelopeBytes)]),
  )
  return { ...decodeSigned(fields), envelopes }
}

export function encodeListing(tender: TenderListing): Json {
  return { ...tender }
}

export function decodeListing(fields: Fields): TenderListing {
  return {
    packageDigest: fields.text('packageDigest', patterns.digest),
    tenderId: fields.text('tenderId', patterns.line),
    lotId: fields.text('lotId', patterns.lineOrNone),
    title: fields.text('title', patterns.lineOrNone),
    openingId: fields.text('openingId', patterns.openingId),
    state: fields.oneOf('state', openingStates),
  }
}

export function encodeOpening(opening: OpeningStatus): Json {
  return {
    ...opening,
    openingTime: opening.openingTime.toISOString(),
    closesAt: opening.closesAt?.toISOString() ?? null,
  }
}

export function decodeOpening(fields: Fields): OpeningStatus {
  return {
    state: fields.oneOf('state', openingStates),
    openingTime: fields.time('openingTime'),
    closesAt: fields.timeOrNull('closesAt'),
    released: fields.count('released'),
    bids: fields.count('bids'),
  }
}

export function encodeReleaseAnswer(answer: ReleaseAnswer): Json {
  return answer.state === 'receipt' ? { ...encodeSignedFields(answer.receipt), state: 'receipt' } : { ...answer }
}

/** An answer without a state is a receipt. */
export function decodeReleaseAnswer(fields: Fields): ReleaseAnswer {
  if (fields.textOrNull('state', /^(receipt|queued)$/) !== 'queued') {
    return { state: 'receipt', receipt: decodeSigned(fields) }
  }
  return { state: 'queued', ahead: fields.count('ahead'), retryAfter: fields.count('retryAfter') }
}

/** The data of one event; its id travels beside it. */
export function encodeEvent({ status, ahead, recorded }: Omit<OpeningEvent, 'id'>): Json {
  return { status: encodeOpening(status), ahead, recorded }
}

export function decodeEvent(id: string, fields: Fields): OpeningEvent {
  return {
    id,
    status: decodeOpening(fields.object('status')),
    ahead: fields.countOrNull('ahead'),
    recorded: fields.flag('recorded'),
  }
}
