import { object, optional, string, time } from '../../json/shape.ts'
import { digest, identifier, identifierOrNone, title } from './common.ts'
import { listedCertificates } from './tender.ts'

/** A signed notice to those who hold a tender package: news, and opening certificates that are added to it. */
export const noticeShape = object(
  {
    platformId: identifier,
    tenderId: identifier,
    lotId: identifierOrNone,
    packageDigest: digest,
    publishedAt: time,
    title: optional(title),
    text: optional(string({ max: 100_000 })),
    certificates: listedCertificates,
    /** The nonce of whoever asked for the time: `publishedAt` is then the platform's time at the answer. */
    nonce: optional(digest),
    /** A later deadline and opening of the same package; bids sealed for it stand. */
    deadline: optional(time),
    openingTime: optional(time),
  },
  { unknown: 'ignore' },
)
