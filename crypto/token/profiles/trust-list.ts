import { sameBytes } from '../../der/writer.ts'
import { payloadLimit } from './dsse.ts'
import { createHash } from 'node:crypto'
import { type Certificate, parseCertificate } from '../../cert/certificate.ts'
import { nameAttributes } from '../../cert/name.ts'
import { oids } from '../../der/oids.ts'
import { CryptoFailure } from '../../errors.ts'
import { fromBase64 } from '../../json/hex.ts'
import {
  array,
  base64,
  check,
  hex,
  object,
  optional,
  type Shape,
  ShapeMismatch,
  string,
  time,
} from '../../json/shape.ts'
import { parseStrictJson } from '../../json/strict-json.ts'
import {
  creditCodePlaces,
  dataVersion,
  entryId,
  isWithin,
  notes,
  requireDistinctIds,
  requireOrder,
  sentence,
  words,
  type Words,
} from './data-shapes.ts'

/** A root certificate, and from when to when it is trusted; its own dates count besides. */
export interface TrustRoot {
  /** DER as base64. */
  readonly certificate: string
  /** Of the DER, lower-case hex: what people compare with the authority's own publication. */
  readonly sha256: string
  readonly from?: string
  readonly until?: string
}

/** That a trading platform recognises an authority, and from when to when. */
export interface Recognition {
  /** The platform as tenders name it. */
  readonly platform: string
  readonly from?: string
  readonly until?: string
}

/** One certification authority. */
export interface TrustAuthority {
  readonly id: string
  readonly name: Words
  /** Places where it writes the credit code, the one that counts first; without it every known place counts alike. */
  readonly creditCodeOids?: readonly string[]
  /** What its certificates bear as the issuer's organisation: only used to choose {@link creditCodeOids}, never for trust. */
  readonly organizations?: readonly string[]
  readonly roots: readonly TrustRoot[]
  /** DER as base64: they help to build chains and are trusted only under a root. */
  readonly intermediates?: readonly string[]
  /** The platforms that recognise it; all when it is not told. */
  readonly platforms?: readonly Recognition[]
  readonly notes?: readonly Words[]
}

/** The authorities the product trusts, as the publisher signs them. */
export interface TrustList {
  readonly version: number
  readonly issuedAt: string
  /** After this none of its roots counts any more. */
  readonly validUntil?: string
  readonly note?: Words
  readonly authorities: readonly TrustAuthority[]
}

/** Reads what the publisher has signed; every certificate in it must be readable and have its digest. Throws `data.malformed`. */
export function parseTrustList(bytes: Uint8Array): TrustList {
  const value = parseStrictJson(bytes, { maxBytes: payloadLimit, code: 'data.malformed' })
  return check(trustListShape, value, 'data.malformed')
}

/** When trust is asked for, and by which platform's rules where that is known. */
export interface TrustQuestion {
  readonly at: Date
  readonly platform?: string | undefined
}

/** The roots that count at a moment. The caller judges their own dates, as for every certificate of a path. */
export function rootsInForce(list: TrustList, { at, platform }: TrustQuestion): readonly Certificate[] {
  if (!isWithin(at, undefined, list.validUntil)) return []
  return list.authorities
    .filter(authority => isRecognised(authority, at, platform))
    .flatMap(({ roots }) => roots.filter(({ from, until }) => isWithin(at, from, until)))
    .map(({ certificate }) => parseCertificate(fromBase64(certificate)))
}

/**
 * The authority that issued a certificate, as far as names tell: by the subject of one of its own certificates, else by the
 * organisation. It is no proof of anything; it only tells where to look for the credit code.
 */
export function authorityOf(list: TrustList, certificate: Certificate): TrustAuthority | null {
  const bySubject = list.authorities.find(({ roots, intermediates = [] }) =>
    [...roots.map(root => root.certificate), ...intermediates].some(each =>
      sameBytes(parseCertificate(fromBase64(each)).subject, certificate.issuer),
    ),
  )
  if (bySubject !== undefined) return bySubject
  const organization = organizationOf(certificate.issuer)
  return list.authorities.find(({ organizations = [] }) => organizations.some(each => each === organization)) ?? null
}

function isRecognised({ platforms }: TrustAuthority, at: Date, platform: string | undefined): boolean {
  if (platform === undefined || platforms === undefined) return true
  return platforms.some(each => each.platform === platform && isWithin(at, each.from, each.until))
}

function organizationOf(name: Uint8Array): string | null {
  const found = nameAttributes(name)
    .flat()
    .find(({ type }) => type === oids.organization)
  return found?.text ?? null
}

const certificateLimit = 64 * 1024

const certificateShape: Shape<string> = {
  read(value, at) {
    const text = base64(certificateLimit).read(value, at)
    try {
      parseCertificate(fromBase64(text))
    } catch (error) {
      if (error instanceof CryptoFailure) throw new ShapeMismatch(`${at} is no readable certificate: ${error.detail}`)
      throw error
    }
    return text
  },
}

const rootShape: Shape<TrustRoot> = {
  read(value, at) {
    const root = object(
      { certificate: certificateShape, sha256: hex(32), from: optional(time), until: optional(time) },
      { unknown: 'refuse' },
    ).read(value, at)
    const digest = createHash('sha256').update(fromBase64(root.certificate)).digest('hex')
    if (digest !== root.sha256) throw new ShapeMismatch(`${at}.sha256 is not the digest of the certificate`)
    requireOrder(root.from, root.until, at)
    return root
  },
}

const recognitionShape: Shape<Recognition> = {
  read(value, at) {
    const recognition = object(
      {
        platform: string({ max: 256, min: 1, pattern: /^[^\u0000-\u0020\u007f-\u009f]+$/ }),
        from: optional(time),
        until: optional(time),
      },
      { unknown: 'refuse' },
    ).read(value, at)
    requireOrder(recognition.from, recognition.until, at)
    return recognition
  },
}

const authorityShape: Shape<TrustAuthority> = object(
  {
    id: entryId,
    name: words,
    creditCodeOids: optional(creditCodePlaces),
    organizations: optional(array(sentence(256), { min: 1, max: 16 })),
    roots: array(rootShape, { max: 64 }),
    intermediates: optional(array(certificateShape, { min: 1, max: 256 })),
    platforms: optional(array(recognitionShape, { max: 1024 })),
    notes,
  },
  { unknown: 'refuse' },
)

const listShape: Shape<TrustList> = object(
  {
    version: dataVersion,
    issuedAt: time,
    validUntil: optional(time),
    note: optional(words),
    authorities: array(authorityShape, { max: 1024 }),
  },
  { unknown: 'refuse' },
)

const trustListShape: Shape<TrustList> = {
  read(value, at) {
    const list = listShape.read(value, at)
    requireDistinctIds(list.authorities, `${at}.authorities`)
    requireOrder(list.issuedAt, list.validUntil, at)
    return list
  },
}
