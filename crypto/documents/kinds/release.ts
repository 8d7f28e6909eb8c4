import { array, object, oneOf, time } from '../../json/shape.ts'
import { digest, identifier, partName } from './common.ts'

/** What an envelope holds: the part key (policy `bidder`), or one of its two shares (policy `split`). */
export const holds = oneOf(['partKey', 'shareA', 'shareB'])

/** A bidder's key release. Unknown fields are refused. `envelopeDigest` is SHA-256 of `release.<part>.p7m`. */
export const releaseShape = object(
  {
    sealDigest: digest,
    openingId: identifier,
    challengeDigest: digest,
    recipient: digest,
    holds,
    parts: array(object({ name: partName, envelopeDigest: digest }, { unknown: 'refuse' }), { min: 1, max: 2 }),
    releasedAt: time,
  },
  { unknown: 'refuse' },
)
