import { array, object, oneOf, time } from '../../json/shape.ts'
import { digest, identifier, partName } from './common.ts'

/** The platform's answer to a release. `releaseDigest` is SHA-256 of `release.json`. */
export const releaseReceiptShape = object(
  {
    releaseDigest: digest,
    openingId: identifier,
    parts: array(object({ name: partName, result: oneOf(['matched', 'refused']) }, { unknown: 'ignore' }), { max: 2 }),
    serverTime: time,
  },
  { unknown: 'ignore' },
)
