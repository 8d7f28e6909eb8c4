import { array, base64, boolean, integer, object, oneOf, optional, string, time, type Infer } from '../../json/shape.ts'
import { digest, identifier, identifierOrNone, keyPolicy, remedyKind, suiteId, title } from './common.ts'

const ignore = { unknown: 'ignore' } as const
const bytes = integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
const certificate = base64(65_536)

/** What a platform certificate in a tender package or notice is for. */
export const certificatePurpose = oneOf(['receipt', 'opening', 'agency', 'notice'])
/** See {@link certificatePurpose}. */
export type CertificatePurpose = Infer<typeof certificatePurpose>

/** Certificates by purpose, base64 DER. */
export const listedCertificates = array(object({ purpose: certificatePurpose, certificate }, ignore), { max: 64 })

const formField = object(
  {
    name: identifier,
    title: optional(title),
    required: optional(boolean),
    /** `text`, `amount`, `amount-words`, `date`, `integer`, …; unknown kinds are text. */
    kind: optional(string({ max: 64 })),
    /** For `amount-words`: the amount field it repeats in words. */
    of: optional(identifier),
  },
  ignore,
)

const form = object(
  {
    id: identifier,
    title: optional(title),
    /** Which part the form is sealed in; without it a form with the id `opening` is opening data, any other body. */
    part: optional(oneOf(['opening', 'body'])),
    fields: array(formField, { max: 10_000 }),
  },
  ignore,
)
/** A form of the tender, to be filled in by the bidder. */
export type TenderForm = Infer<typeof form>

/** `tender.json` of a tender package (formats.md). Sizes in bytes. */
export const tenderShape = object(
  {
    platformId: identifier,
    tenderId: identifier,
    lotId: optional(identifierOrNone),
    projectCode: identifierOrNone,
    title,
    publishedAt: time,
    deadline: time,
    openingTime: time,
    releaseMinutes: integer({ min: 1, max: 100_000 }),
    limits: object({ fileBytes: bytes, bidBytes: bytes }, ignore),
    suites: array(suiteId, { min: 1, max: 8 }),
    /** Trust anchors for bidders' certificates, base64 DER. */
    acceptedCas: array(certificate, { min: 1, max: 256 }),
    documents: array(
      object(
        {
          id: identifier,
          title,
          required: boolean,
          signers: optional(array(identifier, { max: 16 })),
          seal: optional(boolean),
          maxPages: optional(integer({ min: 0, max: 1_000_000 })),
        },
        ignore,
      ),
      { max: 1000 },
    ),
    forms: array(form, { max: 1000 }),
    clauses: array(object({ id: identifier, title }, ignore), { max: 10_000 }),
    keyPolicy,
    parts: oneOf(['separate', 'whole']),
    certificates: listedCertificates,
    remedy: object({ kind: remedyKind }, ignore),
    /** Machine traces the platform's rule records in seal headers, by name. */
    traces: array(identifier, { max: 64 }),
    attachments: array(object({ path: string({ min: 1, max: 1000 }), size: bytes, digest }, ignore), { max: 1000 }),
    /** packageDigest of the package this one amends. */
    supersedes: optional(digest),
  },
  ignore,
)
