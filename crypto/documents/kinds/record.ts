import { array, object, oneOf, optional, string, time } from '../../json/shape.ts'
import { bidder, digest, identifier, partName, tenderIds } from './common.ts'

/** The opening's record, made at `close`: with the keys in it anyone who has a sealed bid can repeat the decision. */
export const recordShape = object(
  {
    openingId: identifier,
    tender: tenderIds('ignore'),
    list: digest,
    bids: array(
      object(
        {
          sealDigest: digest,
          bidder: bidder('ignore'),
          partKeys: optional(array(object({ name: partName, key: digest }, { unknown: 'ignore' }), { max: 2 })),
          state: oneOf(['opened', 'not-released', 'failed', 'withdrawn']),
          /** Failure code, where the state is `failed`. */
          code: optional(string({ max: 64 })),
          /** H of opening.json, where it was opened. */
          openingDigest: optional(digest),
        },
        { unknown: 'ignore' },
      ),
      { max: 10_000 },
    ),
    serverTime: time,
    /** Until when the platform takes confirmations and objections; without it the tender's own rule stands. */
    respondBy: optional(time),
  },
  { unknown: 'ignore' },
)
