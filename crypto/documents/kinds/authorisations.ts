import { object, string, time, uuid } from '../../json/shape.ts'
import { creditCode, digest, identifier, identifierOrNone, nonce } from './common.ts'

// What a bidder signs to make the platform act; each holds a nonce the platform gave (formats.md, "Authorisation").

const ignore = { unknown: 'ignore' } as const
const whose = { platform: identifier, tenderId: identifier, lotId: identifierOrNone, sealDigest: digest, sealId: uuid }
const said = { creditCode, nonce, at: time }

/** Deliver this sealed bid. */
export const submitShape = object({ ...whose, ...said }, ignore)

/** Take this sealed bid back before the deadline. */
export const withdrawShape = object({ ...whose, ...said }, ignore)

/** Attend the opening. */
export const signInShape = object({ openingId: identifier, sealDigest: digest, ...said }, ignore)

/** Agree with the opening's record; `recordDigest` is SHA-256 of record.json. */
export const confirmShape = object({ openingId: identifier, recordDigest: digest, ...said }, ignore)

/** Disagree with the opening's record, and why. */
export const objectionShape = object(
  { openingId: identifier, recordDigest: digest, text: string({ min: 1, max: 10_000 }), ...said },
  ignore,
)
