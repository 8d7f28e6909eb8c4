import { array, hex, object, oneOf, ShapeMismatch, string, time, type Shape } from '../../json/shape.ts'

/** Whether an object refuses or drops fields it does not know (seal-format, "JSON"). */
export type Unknown = 'refuse' | 'ignore'

/** A digest of 32 bytes, lower-case hex. */
export const digest = hex(32)

/** 32 random bytes, lower-case hex; used once. */
export const nonce = hex(32)

/** A name some party gives to a thing: platform, tender, opening, form, document. */
export const identifier = string({ min: 1, max: 200 })

/** Like {@link identifier}; the empty text stands for "none". */
export const identifierOrNone = string({ max: 200 })

/** A line people read. */
export const title = string({ max: 1000 })

/** 统一社会信用代码 as text; its check digit is checked where it is found in a certificate. */
export const creditCode = string({ min: 1, max: 64 })

/** The two parts of a bid. */
export const partName = oneOf(['opening', 'body'])

/** The suites a header may name. */
export const suiteId = oneOf(['intl-1', 'gm-1'])

/** Who holds the key: the bidder alone, or bidder and agency a share each. */
export const keyPolicy = oneOf(['bidder', 'split'])

/** What the tender allows when a lock fails at the opening. */
export const remedyKind = oneOf(['none', 'plain-twin', 'recovery-code', 'second-lock'])

/** Which tender and lot, for documents that a sealDigest already ties to one package. `lotId` is '' without lots. */
export function tenderIds(unknown: Unknown) {
  return object({ platform: identifier, tenderId: identifier, lotId: identifierOrNone }, { unknown })
}

/** The tender as the seal header names it; the same object stands inside the parts. */
export function tenderReference(unknown: Unknown) {
  return object(
    {
      platform: identifier,
      tenderId: identifier,
      lotId: identifierOrNone,
      projectCode: identifierOrNone,
      packageDigest: digest,
      deadline: time,
      openingTime: time,
    },
    { unknown },
  )
}

/** Who bids. */
export function bidder(unknown: Unknown) {
  return object({ name: title, creditCode }, { unknown })
}

/** Filled forms: what stands in opening.json and bid.json. */
export function filledForms(unknown: Unknown) {
  const field = object({ name: identifier, value: string({ max: 65_536 }) }, { unknown })
  return array(object({ id: identifier, fields: array(field, { max: 10_000 }) }, { unknown }), { max: 1000 })
}

/**
 * A file's own name: 1 to 255 bytes of UTF-8, no path separator, no control character, not `.` or `..`.
 * What writes it to a disk still decides whether that system can bear it.
 */
export const fileName: Shape<string> = {
  read(value, at) {
    const name = string({ min: 1, max: 255, pattern: /^[^/\\\u0000-\u001f\u007f-\u009f]+$/ }).read(value, at)
    if (Buffer.byteLength(name) > 255) throw new ShapeMismatch(`${at} is longer than 255 bytes`)
    if (name === '.' || name === '..') throw new ShapeMismatch(`${at} is no file name`)
    return name
  },
}
