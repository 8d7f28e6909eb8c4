import { array, integer, object, string, uuid, type Infer } from '../../json/shape.ts'
import { creditCode, digest, fileName, filledForms, identifier, nonce, tenderReference } from './common.ts'

const bidDocument = object(
  {
    id: identifier,
    name: fileName,
    role: string({ max: 200 }),
    size: integer({ min: 0, max: 2 ** 33 - 1 }),
    digest,
    mediaType: string({ max: 127, pattern: /^[A-Za-z0-9!#$&^_.+-]+\/[A-Za-z0-9!#$&^_.+-]+$/ }),
  },
  { unknown: 'refuse' },
)

/** One document as `bid.json` lists it; its bytes stand in `documents/NNNN` by its place in the list. */
export type BidDocument = Infer<typeof bidDocument>

/** Most documents of a bid: names are `documents/%04d`. */
export const maxDocuments = 9999

/** `bid.json`: the manifest of the body. Unknown fields are refused. */
export const bidShape = object(
  {
    nonce,
    sealId: uuid,
    tender: tenderReference('refuse'),
    creditCode,
    openingDigest: digest,
    documents: array(bidDocument, { max: maxDocuments }),
    forms: filledForms('refuse'),
  },
  { unknown: 'refuse' },
)
