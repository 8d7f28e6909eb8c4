import { array, integer, object, oneOf, optional, time, uuid } from '../../json/shape.ts'
import { digest, partName, tenderIds } from './common.ts'

const size = integer({ min: 0, max: Number.MAX_SAFE_INTEGER })

/** The platform's receipt for a sealed bid it has stored, replaced or let go. */
export const receiptShape = object(
  {
    kind: oneOf(['received', 'replaced', 'withdrawn']),
    sealDigest: digest,
    sealId: uuid,
    tender: tenderIds('ignore'),
    parts: array(object({ name: partName, sealedSize: size, root: digest }, { unknown: 'ignore' }), { max: 2 }),
    /** Length of the canonical archive in bytes. */
    size,
    receivedAt: time,
    replaces: optional(digest),
  },
  { unknown: 'ignore' },
)
