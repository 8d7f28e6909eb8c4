import {
  CryptoFailure,
  decodeDocument,
  requireDates,
  sha256Hex,
  suiteOfSignature,
  validatePath,
  verifyBidderDocument,
  verifyPlatformDocument,
  verifySealedBid,
  verifyTimestamp,
} from '../../../crypto/index.ts'
import type { Certificate, DocumentFields, DocumentKind, PathRequest, SignedDocument } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { requireReceipt } from '../delivery/receipt.ts'
import { documentIn, documentNames, reading, required } from './bid-facts.ts'
import type { PackagedBid } from './bid-facts.ts'
import { broken } from './canonical-zip.ts'
import type { Entries } from './canonical-zip.ts'

/**
 * Checks every signed document of a package: who signed it, by the tender and the bid's credit code, and that it is about
 * this bid and about the documents it names. Certificates are judged at the time each document was given. Throws
 * `evidence.broken`.
 */
export async function checkDocuments(
  files: Entries,
  about: PackagedBid,
  by: { readonly anchors: readonly Certificate[]; readonly now: Date },
): Promise<readonly CheckedStamp[]> {
  await checkHeader(files, about, by.now)
  checkReceipts(files, about)
  checkSent(files, about)
  checkRelease(files, about)
  checkRecord(files, about)
  const anchors = [...about.tender.anchors, ...by.anchors]
  return [...files].flatMap(([name, stamp]) =>
    name.endsWith('.tsr') ? [checkStamp(files, name, stamp, about, anchors)] : [],
  )
}

/** A time stamp that holds over the signature it stands beside. */
export interface CheckedStamp {
  readonly entry: string
  /** RFC 3339 UTC. */
  readonly time: string
  /** Whether its authority leads to a root the tender accepts or the user named. */
  readonly trusted: boolean
}

/** A `journal` document of the bidder: a signed head, or the manifest. */
export function checkJournalDocument(name: string, files: Entries, about: PackagedBid): DocumentFields<'journal'> {
  return byBidder('journal', name, present(files, name), about, ({ at }) => at)
}

async function checkHeader(files: Entries, { bid, tender, receivedAt }: PackagedBid, now: Date): Promise<void> {
  same(files, 'bid/seal.json', bid.headerBytes)
  same(files, 'bid/seal.p7s', bid.signature)
  if (bid.timestamp !== null) same(files, 'bid/seal.tsr', bid.timestamp)
  if (bid.header.tender.packageDigest !== tender.packageDigest) {
    throw broken(`${documentNames.tender}.json`, 'the bid was sealed for another tender package')
  }
  const at = receivedAt === null ? now : new Date(receivedAt)
  await verifySealedBid(bid, { anchors: tender.anchors, tender, at, skipParts: true }).catch((error: unknown) => {
    throw broken('bid/bid.header', detailOf(error), error)
  })
}

function checkReceipts(files: Entries, { bid, tender }: PackagedBid): void {
  for (const [name, kind] of [
    [documentNames.receipt, 'received'],
    [documentNames.withdrawal, 'withdrawn'],
  ] as const) {
    const receipt = documentIn(files, name)
    if (receipt !== null) reading(`${name}.json`, () => requireReceipt(receipt, bid, tender, kind))
  }
  const later = byPlatform('receipt', documentNames.replacedBy, files, { tender }, 'receipt', each => each.receivedAt)
  if (later !== null) requireEqual(documentNames.replacedBy, later.replaces, bid.sealDigest, 'it replaces another bid')
}

function checkSent(files: Entries, about: PackagedBid): void {
  for (const kind of ['submit', 'withdraw', 'signIn'] as const) {
    const document = documentIn(files, documentNames[kind])
    if (document === null) continue
    const fields = byBidder(kind, documentNames[kind], document, about, ({ at }) => at)
    requireEqual(documentNames[kind], fields.sealDigest, about.bid.sealDigest, 'it is about another bid')
  }
}

function checkRelease(files: Entries, about: PackagedBid): void {
  const { bid } = about
  const challengeName = documentNames.challenge
  const challenge = byPlatform('challenge', challengeName, files, about, 'opening', ({ openedAt }) => openedAt)
  if (challenge !== null) {
    requireEqual(challengeName, challenge.sealDigest, bid.sealDigest, 'it is about another bid')
    requireEqual(
      challengeName,
      challenge.receiptDigest,
      digestIn(files, documentNames.receipt),
      'it names another receipt',
    )
  }
  const name = documentNames.release
  const document = documentIn(files, name)
  if (document !== null) {
    const release = byBidder('release', name, document, about, ({ releasedAt }) => releasedAt)
    requireEqual(name, release.sealDigest, bid.sealDigest, 'it is about another bid')
    requireEqual(name, release.challengeDigest, digestIn(files, challengeName), 'it answers another challenge')
    for (const { name: part, envelopeDigest } of release.parts) {
      const entry = `bidder/release.${part}.p7m`
      if (sha256Hex(required(files, entry)) !== envelopeDigest)
        throw broken(entry, 'the release names another envelope')
    }
  }
  const receiptName = documentNames.releaseReceipt
  const receipt = byPlatform('releaseReceipt', receiptName, files, about, 'opening', ({ serverTime }) => serverTime)
  if (receipt !== null)
    requireEqual(receiptName, receipt.releaseDigest, digestIn(files, name), 'it is for another release')
}

function checkRecord(files: Entries, about: PackagedBid): void {
  const name = documentNames.record
  const record = byPlatform('record', name, files, about, 'opening', ({ serverTime }) => serverTime)
  if (record !== null && !record.bids.some(({ sealDigest }) => sealDigest === about.bid.sealDigest)) {
    throw broken(`${name}.json`, 'the bid is not in it')
  }
  const answers = [...files.keys()].flatMap(each => {
    const base = /^(bidder\/(?:confirm|objection-\d+))\.json$/.exec(each)?.[1]
    return base === undefined ? [] : [base]
  })
  for (const base of answers) {
    const kind = base === documentNames.confirm ? 'confirm' : 'objection'
    const fields = byBidder(kind, base, present(files, base), about, ({ at }) => at)
    requireEqual(base, fields.recordDigest, digestIn(files, name), 'it is about another record')
  }
}

function checkStamp(
  files: Entries,
  entry: string,
  stamp: Uint8Array,
  { bid }: PackagedBid,
  anchors: readonly Certificate[],
): CheckedStamp {
  const document = present(files, entry.slice(0, -4))
  return reading(entry, () => {
    const suite = suiteOfSignature(document.signature)
    if (suite === null) throw new CryptoFailure('document.signature', 'over a signature of no known suite')
    const { signatureOctets } = suite.verifyDetached(document.bytes, document.signature)
    const { signer, intermediates, time } = verifyTimestamp(stamp, signatureOctets, bid.suite.id)
    requireDates(signer, time)
    const path = { leaf: signer, intermediates, anchors, at: time, leafUse: 'timestamp' } as const
    return { entry, time: time.toISOString(), trusted: leadsToAnchor(path) }
  })
}

function leadsToAnchor(path: PathRequest): boolean {
  try {
    validatePath(path)
    return true
  } catch (error) {
    if (error instanceof CryptoFailure) return false
    throw error
  }
}

type Fields<K extends DocumentKind> = DocumentFields<K>

function byBidder<K extends DocumentKind>(
  kind: K,
  name: string,
  document: SignedDocument,
  { bid, tender }: PackagedBid,
  timeOf: (fields: Fields<K>) => string,
): Fields<K> {
  return reading(`${name}.json`, () => {
    const at = new Date(timeOf(decodeDocument(kind, document.bytes)))
    return verifyBidderDocument(kind, document, {
      anchors: tender.anchors,
      creditCode: bid.header.bidder.creditCode,
      at,
    })
  })
}

function byPlatform<K extends DocumentKind>(
  kind: K,
  name: string,
  files: Entries,
  { tender }: Pick<PackagedBid, 'tender'>,
  purpose: 'receipt' | 'opening',
  timeOf: (fields: Fields<K>) => string,
): Fields<K> | null {
  const document = documentIn(files, name)
  if (document === null) return null
  return reading(`${name}.json`, () => {
    const at = new Date(timeOf(decodeDocument(kind, document.bytes)))
    return verifyPlatformDocument(kind, document, tender, purpose, at)
  })
}

function present(files: Entries, name: string): SignedDocument {
  return { bytes: required(files, `${name}.json`), signature: required(files, `${name}.p7s`) }
}

function digestIn(files: Entries, name: string): string {
  return sha256Hex(required(files, `${name}.json`))
}

function requireEqual(name: string, value: string | undefined, expected: string, why: string): void {
  if (value !== expected) throw broken(`${name}.json`, why)
}

function same(files: Entries, name: string, expected: Uint8Array): void {
  if (Buffer.compare(required(files, name), expected) !== 0) throw broken(name, 'it differs from the header archive')
}

function detailOf(error: unknown): string {
  return error instanceof CryptoFailure ? error.detail : error instanceof AppFailure ? (error.failure.detail ?? '') : ''
}
