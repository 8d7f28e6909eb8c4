import { array, integer, object, optional, string, time } from '../../json/shape.ts'
import { digest, identifier } from './common.ts'

/**
 * The bidder's word, at one moment, for the journal up to there: an entry of its own, chained to the last line by its
 * SHA-256. `event` names the moment. The manifest of an evidence package is one too: `event` is `exported`, and `facts`
 * holds the SHA-256 of every file by its name.
 */
export const journalShape = object(
  {
    /** Lines of the journal that it speaks for; the last of them has the number before. */
    sequence: integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    /** SHA-256 of the last of these lines; 64 zeros where there is none. */
    previous: digest,
    at: time,
    event: identifier,
    sealDigest: optional(digest),
    facts: array(object({ name: identifier, value: string({ max: 10_000 }) }, { unknown: 'ignore' }), { max: 1000 }),
  },
  { unknown: 'ignore' },
)
