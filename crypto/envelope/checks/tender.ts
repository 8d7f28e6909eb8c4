import { lotOf, type Tender } from '../../documents/tender.ts'
import { CryptoFailure } from '../../errors.ts'
import { toHex } from '../../json/hex.ts'
import type { SealHeader, TenderReference } from '../header.ts'
import type { SealedBid } from '../read.ts'

/** Check 4: what the header says of the tender is what the tender package says. Throws `seal.tender`. */
export function checkTender(bid: SealedBid, tender: Tender): void {
  const { header, suite } = bid
  requireSameTender(header.tender, tenderReferenceOf(tender))
  const { fields } = tender
  if (header.keyPolicy !== fields.keyPolicy) throw differs('keyPolicy')
  if (!fields.suites.includes(header.suite)) throw differs('suite')
  if ((header.parts.length === 1) !== (fields.parts === 'whole')) throw differs('parts')
  checkRemedy(header, tender)
  const agencies = new Set(tender.certificates('agency').map(each => toHex(suite.digest(each.der))))
  for (const recipient of header.recipients) {
    if (recipient.role === 'agency' && !agencies.has(recipient.certificateDigest)) throw differs('agency certificate')
  }
}

/** The `tender` object of headers and inner documents for this package. */
export function tenderReferenceOf(tender: Tender): TenderReference {
  const { platformId, tenderId, projectCode, deadline, openingTime } = tender.fields
  const packageDigest = tender.packageDigest
  return { platform: platformId, tenderId, lotId: lotOf(tender), projectCode, packageDigest, deadline, openingTime }
}

/** The first field in which two references differ, or null. */
export function tenderDifference(one: TenderReference, other: TenderReference): string | null {
  return tenderFields.find(field => one[field] !== other[field]) ?? null
}

const tenderFields = [
  'platform',
  'tenderId',
  'lotId',
  'projectCode',
  'packageDigest',
  'deadline',
  'openingTime',
] as const

function requireSameTender(found: TenderReference, expected: TenderReference): void {
  const difference = tenderDifference(found, expected)
  if (difference !== null) throw differs(difference)
}

function checkRemedy(header: SealHeader, tender: Tender): void {
  const allowed = tender.fields.remedy.kind
  if ((header.remedy?.kind ?? 'none') !== allowed) throw differs('remedy')
  const recovery = header.recipients.some(recipient => recipient.role === 'recovery')
  if (recovery && allowed !== 'recovery-code')
    throw new CryptoFailure('seal.tender', 'the tender allows no recovery code')
}

function differs(field: string): CryptoFailure {
  return new CryptoFailure('seal.tender', `${field} is not what the tender package says`)
}
