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
  },
  { unknown: 'ignore' },
)
