import { validatePath } from '../../cert/path.ts'
import { decodeDocument } from '../../documents/encoding.ts'
import type { DocumentFields } from '../../documents/kinds.ts'
import type { SignedDocument } from '../../documents/signed-document.ts'
import { CryptoFailure, recode } from '../../errors.ts'
import { toHex } from '../../json/hex.ts'
import type { VerifiedBid } from '../verify.ts'
import { tenderDifference } from './tender.ts'

/** `opening.json` that belongs to its bid, and H of its bytes in hex. */
export interface InnerOpening {
  readonly fields: DocumentFields<'opening'>
  readonly digest: string
}

/** Check 10 for `opening.json`: signed by the header's signer and bound to this bid. Throws `seal.inner`. */
export function checkInnerOpening(verified: VerifiedBid, document: SignedDocument): InnerOpening {
  const fields = checkInnerDocument(verified, 'opening', document)
  requireDistinct(
    fields.forms.map(form => form.id),
    'forms',
  )
  return { fields, digest: toHex(verified.bid.suite.digest(document.bytes)) }
}

/** Check 10 for `bid.json`, which also binds the opening data. Throws `seal.inner`. */
export function checkInnerBid(
  verified: VerifiedBid,
  document: SignedDocument,
  opening: InnerOpening,
): DocumentFields<'bid'> {
  const fields = checkInnerDocument(verified, 'bid', document)
  if (fields.openingDigest !== opening.digest) throw inner('bid.json belongs to other opening data')
  // One form twice could mean two prices: one read out, another evaluated.
  requireDistinct(
    [...opening.fields.forms, ...fields.forms].map(form => form.id),
    'forms',
  )
  requireDistinct(
    fields.documents.map(each => each.id),
    'documents',
  )
  requireDistinct(
    fields.documents.map(each => each.name),
    'document names',
  )
  return fields
}

function checkInnerDocument<K extends 'opening' | 'bid'>(
  verified: VerifiedBid,
  kind: K,
  document: SignedDocument,
): DocumentFields<K> {
  const { bid, anchors, judgedAt } = verified
  return recode('seal.inner', () => {
    const { signer, intermediates } = bid.suite.verifyDetached(document.bytes, document.signature)
    if (Buffer.compare(signer.der, verified.signer.der) !== 0)
      throw inner(`${kind}.json has another signer than the header`)
    validatePath({ leaf: signer, intermediates, anchors, at: judgedAt, leafUse: 'sign', requireAllUsed: true })
    const fields = decodeDocument(kind, document.bytes)
    requireBinding(verified, kind, fields)
    return fields
  })
}

function requireBinding(
  verified: VerifiedBid,
  kind: string,
  fields: DocumentFields<'opening'> | DocumentFields<'bid'>,
): void {
  const { header } = verified.bid
  if (fields.sealId !== header.sealId) throw inner(`${kind}.json belongs to another sealed bid`)
  if (fields.creditCode !== header.bidder.creditCode) throw inner(`${kind}.json belongs to another bidder`)
  const difference = tenderDifference(fields.tender, header.tender)
  if (difference !== null) throw inner(`${kind}.json is for another tender (${difference})`)
  for (const form of fields.forms)
    requireDistinct(
      form.fields.map(field => field.name),
      'fields of a form',
    )
}

function requireDistinct(names: readonly string[], what: string): void {
  if (new Set(names).size !== names.length) throw inner(`two ${what} have one name`)
}

function inner(detail: string): CryptoFailure {
  return new CryptoFailure('seal.inner', detail)
}
