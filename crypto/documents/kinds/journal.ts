import { array, integer, object, optional, string, time } from '../../json/shape.ts'
import { digest, identifier } from './common.ts'

/** One signed entry of the journal: what happened, chained to the entry before by SHA-256 of its bytes. */
export const journalShape = object(
  {
    sequence: integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    /** SHA-256 of the entry before; 64 zeros for the first. */
    previous: digest,
    at: time,
    event: identifier,
    sealDigest: optional(digest),
    facts: array(object({ name: identifier, value: string({ max: 10_000 }) }, { unknown: 'ignore' }), { max: 1000 }),
  },
  { unknown: 'ignore' },
)
