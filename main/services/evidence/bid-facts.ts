import { bytesSource, decodeDocument, readSealedBid, readTender } from '../../../crypto/index.ts'
import type { DocumentFields, SealedBid, SignedDocument, Tender } from '../../../crypto/index.ts'
import { termsBy } from '../opening/terms.ts'
import { datesBy, readNotice } from '../tenders/notices.ts'
import type { EffectiveDates, Notice } from '../tenders/notices.ts'
import type { Entries } from './canonical-zip.ts'
import { broken } from './canonical-zip.ts'
import type { Standing, Terms } from './judgement.ts'

/** Where a signed document stands in a package, by what it is. */
export const documentNames = {
  tender: 'tender/tender',
  receipt: 'platform/receipt',
  withdrawal: 'platform/withdrawal',
  replacedBy: 'platform/replaced-by',
  challenge: 'platform/challenge',
  releaseReceipt: 'platform/release-receipt',
  record: 'platform/record',
  submit: 'bidder/submit',
  withdraw: 'bidder/withdraw',
  signIn: 'bidder/sign-in',
  release: 'bidder/release',
  confirm: 'bidder/confirm',
  manifest: 'manifest',
} as const

/** Where the notices about the tender package stand, counted from 1, oldest first. */
export function noticeName(number: number): string {
  return `platform/notice-${number}`
}

/** What a package is about, read from its entries; signatures are not judged here. */
export interface PackagedBid {
  readonly bid: SealedBid
  /** Its certificates for the opening joined by those that signed notices add. */
  readonly tender: Tender
  /** The dates in force by the signed notices; when the window closed also by the challenge. */
  readonly terms: Terms
  readonly standing: Standing
  readonly receivedAt: string | null
}

/** Reads the bid, its tender and the notices about that out of a package's entries; the notices are verified. Throws `evidence.broken`. */
export async function packagedBid(files: Entries): Promise<PackagedBid> {
  const bid = await readSealedBid(bytesSource(required(files, 'bid/bid.header'))).catch((error: unknown) => {
    throw broken('bid/bid.header', 'it is no header of a sealed bid', error)
  })
  const tender = reading(`${documentNames.tender}.json`, () =>
    readTender({
      bytes: required(files, `${documentNames.tender}.json`),
      signature: required(files, `${documentNames.tender}.p7s`),
    }),
  )
  const notices = noticesIn(files, tender)
  const receipt = fieldsOf(files, 'receipt', documentNames.receipt)
  const withdrawal = fieldsOf(files, 'receipt', documentNames.withdrawal)
  const record = fieldsOf(files, 'record', documentNames.record)
  const own = record?.bids.find(({ sealDigest }) => sealDigest === bid.sealDigest)
  return {
    bid,
    tender: termsBy(tender, notices).tender,
    terms: {
      ...termsOf(tender, datesBy(tender, notices), fieldsOf(files, 'challenge', documentNames.challenge)),
      ...(receipt === null ? {} : { receivedAt: receipt.receivedAt }),
    },
    standing: {
      received: receipt !== null,
      withdrawn: withdrawal !== null,
      replaced: files.has(`${documentNames.replacedBy}.json`),
      recorded: own === undefined ? null : { state: own.state, ...(own.code === undefined ? {} : { code: own.code }) },
    },
    receivedAt: receipt?.receivedAt ?? null,
  }
}

/** A signed document of a package; null when it holds none of that name. */
export function documentIn(files: Entries, name: string): SignedDocument | null {
  const bytes = files.get(`${name}.json`)
  const signature = files.get(`${name}.p7s`)
  return bytes === undefined || signature === undefined ? null : { bytes, signature }
}

/** Runs a reading of an entry; what is wrong with it is `evidence.broken`. */
export function reading<T>(entry: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw broken(entry, 'detail' in Object(error) ? String((error as { detail: unknown }).detail) : 'unreadable', error)
  }
}

/** An entry that every package has. Throws `evidence.broken`. */
export function required(files: Entries, name: string): Uint8Array {
  const bytes = files.get(name)
  if (bytes === undefined) throw broken(name, 'it is missing')
  return bytes
}

function fieldsOf<K extends 'receipt' | 'record' | 'challenge'>(
  files: Entries,
  kind: K,
  name: string,
): DocumentFields<K> | null {
  const bytes = files.get(`${name}.json`)
  return bytes === undefined ? null : reading(`${name}.json`, () => decodeDocument(kind, bytes))
}

function termsOf({ fields }: Tender, dates: EffectiveDates, challenge: DocumentFields<'challenge'> | null): Terms {
  const closesAt = new Date(dates.openingTime.getTime() + fields.releaseMinutes * 60_000).toISOString()
  return {
    deadline: dates.deadline.toISOString(),
    openingTime: dates.openingTime.toISOString(),
    closesAt: challenge?.closesAt ?? closesAt,
  }
}

/** Each must be the platform's, signed by a certificate the tender lists for notices, and about this very package. */
function noticesIn(files: Entries, tender: Tender): readonly Notice[] {
  const names = [...files.keys()].flatMap(name => /^(platform\/notice-\d+)\.json$/.exec(name)?.[1] ?? [])
  const notices = names.map(name => {
    const document = { bytes: required(files, `${name}.json`), signature: required(files, `${name}.p7s`) }
    const notice = readNotice(document, tender)
    if (notice === null) throw broken(`${name}.json`, 'it is no notice of the platform about this tender package')
    return notice
  })
  return notices.sort((a, b) => Date.parse(a.fields.publishedAt) - Date.parse(b.fields.publishedAt))
}
