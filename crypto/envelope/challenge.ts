import type { Certificate } from '../cert/certificate.ts'
import { requireListedSigner, requireUse, verifyPlatformDocument } from '../documents/authority.ts'
import { sha256Hex } from '../documents/digest.ts'
import type { DocumentFields } from '../documents/kinds.ts'
import { type SignedDocument, verifyDocument } from '../documents/signed-document.ts'
import { envelopeCertificates, type Tender } from '../documents/tender.ts'
import { CryptoFailure, recode } from '../errors.ts'
import type { VerifiedBid } from './verify.ts'

/** A challenge and everything the client holds it against. */
export interface ChallengeQuestion {
  /** The bid (its header archive is enough) after checks 1 to 6 with the tender. */
  readonly verified: VerifiedBid
  /** The package the bid was sealed for; trusted. */
  readonly tender: Tender
  readonly challenge: SignedDocument
  /** The platform's receipt for the bid, as it was kept. */
  readonly receipt: SignedDocument
}

/** A challenge a release may answer. */
export interface CheckedChallenge {
  readonly fields: DocumentFields<'challenge'>
  /** SHA-256 of `challenge.json`, hex. */
  readonly digest: string
  /** The opening certificate the keys are wrapped for. */
  readonly recipient: Certificate
  readonly receipt: DocumentFields<'receipt'>
}

/**
 * What the client requires before it asks for the PIN (seal-format, "Submission, opening, release"), as far as documents
 * decide it: signer and recipient are opening certificates of the tender package, bid and receipt are the ones meant, the
 * opening has begun. Whether the bid is in this computer's journal, neither replaced nor withdrawn, and whether the
 * computer's own clock disagrees, is asked elsewhere.
 *
 * Throws `opening.early` when the platform opened before the header's `openingTime`, else `opening.challenge`.
 */
export function checkChallenge(question: ChallengeQuestion): CheckedChallenge {
  const { header } = question.verified.bid
  const checked = recode('opening.challenge', () => readChallenge(question))
  if (Date.parse(checked.fields.openedAt) < Date.parse(header.tender.openingTime)) {
    throw new CryptoFailure('opening.early', "the challenge was made before the bid's opening time")
  }
  return checked
}

function readChallenge({ verified, tender, challenge, receipt }: ChallengeQuestion): CheckedChallenge {
  const { header, sealDigest, suite } = verified.bid
  if (header.tender.packageDigest !== tender.packageDigest) throw wrong('the bid was sealed for another package')
  const { fields, signature } = verifyDocument('challenge', challenge)
  requireListedSigner(signature.signer, tender, 'opening', new Date(fields.openedAt))
  if (fields.sealDigest !== sealDigest) throw wrong('the challenge names another bid')
  requireTenderIds(fields.tender, verified)
  if (Date.parse(fields.closesAt) <= Date.parse(fields.openedAt)) throw wrong('the challenge closes before it opens')
  const recipient = envelopeCertificates(tender, 'opening', suite).find(
    each => sha256Hex(each.der) === fields.recipient,
  )
  if (recipient === undefined) throw wrong('the tender lists no such certificate that can receive keys in this suite')
  requireUse(recipient, 'decrypt')
  if (fields.receiptDigest !== sha256Hex(receipt.bytes)) throw wrong('the challenge names another receipt')
  return { fields, digest: sha256Hex(challenge.bytes), recipient, receipt: readReceipt(verified, tender, receipt) }
}

function readReceipt(verified: VerifiedBid, tender: Tender, document: SignedDocument): DocumentFields<'receipt'> {
  const { fields: claimed } = verifyDocument('receipt', document)
  const receipt = verifyPlatformDocument('receipt', document, tender, 'receipt', new Date(claimed.receivedAt))
  const { header, sealDigest } = verified.bid
  if (receipt.kind === 'withdrawn') throw wrong('the receipt says that the bid was withdrawn')
  if (receipt.sealDigest !== sealDigest || receipt.sealId !== header.sealId)
    throw wrong('the receipt is for another bid')
  requireTenderIds(receipt.tender, verified)
  const stored = receipt.parts.map(part => `${part.name} ${part.sealedSize} ${part.root}`).join()
  const sealed = header.parts.map(part => `${part.name} ${part.sealedSize} ${part.root}`).join()
  if (stored !== sealed) throw wrong('the receipt is for other parts')
  return receipt
}

function requireTenderIds(found: DocumentFields<'receipt'>['tender'], { bid }: VerifiedBid): void {
  const { platform, tenderId, lotId } = bid.header.tender
  if (found.platform !== platform || found.tenderId !== tenderId || found.lotId !== lotId) {
    throw wrong('another tender is named')
  }
}

function wrong(detail: string): CryptoFailure {
  return new CryptoFailure('opening.challenge', detail)
}
