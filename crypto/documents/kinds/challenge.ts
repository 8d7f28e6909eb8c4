import { object, time } from '../../json/shape.ts'
import { digest, identifier, nonce, tenderIds } from './common.ts'

/** The platform's call to release: signed by and naming an opening certificate. Unknown fields are refused. */
export const challengeShape = object(
  {
    openingId: identifier,
    tender: tenderIds('refuse'),
    sealDigest: digest,
    receiptDigest: digest,
    /** SHA-256 of the opening certificate the keys are to be wrapped for. */
    recipient: digest,
    /** SHA-256(0x04 ‖ raw sealDigests of all standing bids in byte order). */
    list: digest,
    openedAt: time,
    closesAt: time,
    nonce,
  },
  { unknown: 'refuse' },
)
