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

/** A number in decimal digits: JSON numbers in signed documents are whole. */
const decimal = string({ max: 32, pattern: /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]{1,6})?$/ })

/** A least or greatest value: a number in decimal digits, or a day. */
const fieldLimit = string({ max: 32, pattern: /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]{1,6})?$|^[0-9]{4}-[0-9]{2}-[0-9]{2}$/ })

/** Words of the tender that take more than a line. */
const passage = string({ max: 20_000 })

const formField = object(
  {
    name: identifier,
    title: optional(title),
    required: optional(boolean),
    /** `text`, `amount`, `amount-words`, `date`, `integer`, `choice`, …; unknown kinds are text. */
    kind: optional(string({ max: 64 })),
    /** For `amount-words`: the amount field it repeats in words. */
    of: optional(identifier),
    /** Least and greatest value of an `amount` or `integer`, and first and last day of a `date` (`2026-03-01`). */
    min: optional(fieldLimit),
    max: optional(fieldLimit),
    /** Longest text, in characters. */
    maxLength: optional(integer({ min: 1, max: 65_536 })),
    /** What a `choice` chooses from. */
    choices: optional(array(title, { min: 1, max: 1000 })),
    /** What is counted: 元, 日历天. */
    unit: optional(title),
  },
  ignore,
)
/** A field of a form. */
export type TenderField = Infer<typeof formField>

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

const tenderDocument = object(
  {
    id: identifier,
    title,
    required: boolean,
    signers: optional(array(identifier, { max: 16 })),
    seal: optional(boolean),
    maxPages: optional(integer({ min: 0, max: 1_000_000 })),
    /** The document this one stands under; together these make the document tree (投标文件组成). */
    parent: optional(identifier),
    /** The heading of the volume it belongs to: 商务文件, 技术文件. */
    group: optional(title),
    /** Its place among those with the same parent; without it, the place in the list. */
    order: optional(integer({ min: 0, max: 1_000_000 })),
  },
  ignore,
)
/** A document the tender asks for. */
export type TenderDocument = Infer<typeof tenderDocument>

const clause = object(
  {
    id: identifier,
    title,
    /** Points it is worth. */
    weight: optional(decimal),
    text: optional(passage),
    /** Ids of the documents that answer it. */
    documents: optional(array(identifier, { max: 1000 })),
  },
  ignore,
)
/** A clause the bid is evaluated by. */
export type TenderClause = Infer<typeof clause>

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
    /** The same authorities as people call them. Only `acceptedCas` decides. */
    acceptedCaNames: optional(array(title, { max: 256 })),
    documents: array(tenderDocument, { max: 1000 }),
    forms: array(form, { max: 1000 }),
    clauses: array(clause, { max: 10_000 }),
    keyPolicy,
    parts: oneOf(['separate', 'whole']),
    certificates: listedCertificates,
    remedy: object({ kind: remedyKind }, ignore),
    /** Machine traces the platform's rule records in seal headers, by name. */
    traces: array(identifier, { max: 64 }),
    /** What becomes of the traces, in the tender's words. */
    traceRule: optional(object({ text: passage, basis: optional(title) }, ignore)),
    attachments: array(object({ path: string({ min: 1, max: 1000 }), size: bytes, digest }, ignore), { max: 1000 }),
    /** packageDigest of the package this one amends. */
    supersedes: optional(digest),
  },
  ignore,
)
