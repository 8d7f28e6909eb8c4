import { CryptoFailure } from '../../errors.ts'
import { oids } from '../../der/oids.ts'
import { contextTag, type DerNode, readDer, tags } from '../../der/reader.ts'
import { timeValue } from '../../der/time.ts'
import { bitString, integerOctets, smallInteger } from '../../der/values.ts'
import { sameBytes, tlv } from '../../der/writer.ts'
import { type Extension, readExtensions, readSequence } from '../extensions.ts'
import { nameAttributes } from '../name.ts'
import { type ListScope, listScope } from './distribution-points.ts'
import { type Revocation, type RevocationReason, revocationReason, type Statement } from './verdict.ts'

/** Longest list that is read, in bytes: about four hundred thousand entries. */
export const maxCrlLength = 16 * 1024 * 1024

/** A list of revoked certificates taken apart (RFC 5280, 5). Byte fields are views of what was parsed. */
export interface Crl extends Statement {
  /** What the issuer signed. */
  readonly tbs: Uint8Array
  /** DER Name. */
  readonly issuer: Uint8Array
  readonly signatureAlgorithm: Uint8Array
  readonly signature: Uint8Array
  /** Null: all of the authority's certificates, for all reasons. */
  readonly scope: ListScope | null
  /** Entries by the hex of the serial number's content octets. */
  readonly revoked: ReadonlyMap<string, Revocation>
  /** Only what changed since a whole list. */
  readonly isDelta: boolean
  /** Why no status can be read from this list (a delta, an indirect one, an unknown critical extension), or null. */
  readonly unsupported: string | null
}

const enumerated = 0x0a

/** Extensions acted on, and those that may be passed over. Delta and indirect lists are told by name. */
const knownInList: ReadonlySet<string> = new Set([
  oids.crlNumber,
  oids.authorityKeyIdentifier,
  oids.issuerAltName,
  oids.issuingDistributionPoint,
])
const knownInEntry: ReadonlySet<string> = new Set([oids.reasonCode, oids.invalidityDate])

/**
 * Takes a list apart without judging it: version 2, DER, no signature or date looked at. Throws `cert.unsupported` for what
 * is no such list, promises no next one, or is longer than 16 MiB.
 */
export function parseCrl(der: Uint8Array): Crl {
  if (der.length > maxCrlLength) throw new CryptoFailure('cert.unsupported', 'a revocation list above 16 MiB')
  try {
    return readCrl(der)
  } catch (error) {
    if (!(error instanceof CryptoFailure)) throw error
    throw new CryptoFailure('cert.unsupported', `not a readable revocation list: ${error.detail}`, error)
  }
}

function readCrl(der: Uint8Array): Crl {
  const outer = readSequence(der).fields()
  const tbs = outer.take(tags.sequence)
  const algorithm = outer.take(tags.sequence)
  const signature = bitString(outer.take(tags.bitString))
  outer.end()
  const fields = tbs.fields()
  if (smallInteger(fields.take(tags.integer)) !== 1) throw malformed('a version other than 2')
  if (!sameBytes(fields.take(tags.sequence).raw, algorithm.raw)) throw malformed('two different signature algorithms')
  const issuer = fields.take(tags.sequence).raw
  nameAttributes(issuer)
  const thisUpdate = timeValue(fields.take())
  const nextUpdate = timeValue(fields.take())
  const entries = fields.optional(tags.sequence)
  const list = fields.optional(contextTag(0))
  fields.end()
  const extensions = list === null ? new Map<string, Extension>() : readExtensions(list.only(tags.sequence))
  const point = extensions.get(oids.issuingDistributionPoint)
  const scope = point === undefined ? null : listScope(point.value, issuer)
  const read = readEntries(entries?.children() ?? [])
  const unsupported = unsupportedIn(extensions, scope) ?? read.unsupported
  const signed = { tbs: tbs.raw, signatureAlgorithm: algorithm.raw, signature }
  const isDelta = extensions.has(oids.deltaCrlIndicator)
  return { ...signed, issuer, thisUpdate, nextUpdate, scope, revoked: read.revoked, isDelta, unsupported }
}

function unsupportedIn(extensions: ReadonlyMap<string, Extension>, scope: ListScope | null): string | null {
  if (extensions.has(oids.deltaCrlIndicator)) return 'a delta revocation list'
  return scope?.indirect === true ? 'an indirect revocation list' : unknownCritical(extensions, knownInList)
}

function unknownCritical(extensions: ReadonlyMap<string, Extension>, known: ReadonlySet<string>): string | null {
  for (const [id, { critical }] of extensions) {
    if (critical && !known.has(id)) return `a revocation list with the unknown critical extension ${id}`
  }
  return null
}

/** RFC 5280, 5.3: a critical extension nobody here knows, in any entry, makes the whole list unusable. */
function readEntries(nodes: readonly DerNode[]): Pick<Crl, 'revoked' | 'unsupported'> {
  const revoked = new Map<string, Revocation>()
  let unsupported: string | null = null
  for (const node of nodes) {
    const fields = node.fields()
    const serial = serialKey(integerOctets(fields.take(tags.integer)))
    const since = timeValue(fields.take())
    const list = fields.optional(tags.sequence)
    fields.end()
    const extensions = list === null ? new Map<string, Extension>() : readExtensions(list)
    const reason = reasonOf(extensions)
    if (extensions.has(oids.certificateIssuer)) unsupported ??= 'an indirect revocation list'
    if (reason === 'removeFromCRL') unsupported ??= 'a whole revocation list with the entry of a delta'
    unsupported ??= unknownCritical(extensions, knownInEntry)
    const known = revoked.get(serial)
    if (known === undefined || since < known.since) {
      revoked.set(serial, { since, reason, suspectSince: suspectSince(extensions) })
    }
  }
  return { revoked, unsupported }
}

/** How a serial number stands in {@link Crl.revoked}. */
export function serialKey(serial: Uint8Array): string {
  return Buffer.from(serial).toString('hex')
}

function reasonOf(extensions: ReadonlyMap<string, Extension>): RevocationReason {
  const extension = extensions.get(oids.reasonCode)
  return extension === undefined ? 'unspecified' : reasonValue(readDer(extension.value))
}

/** A CRLReason (RFC 5280, 5.3.1). Throws `document.malformed`. */
export function reasonValue(node: DerNode): RevocationReason {
  if (node.tag !== enumerated) throw malformed('a reason that is no ENUMERATED')
  const reason = revocationReason(smallInteger(readDer(tlv(tags.integer, node.content))))
  if (reason === null) throw malformed('a reason without a meaning')
  return reason
}

function suspectSince(extensions: ReadonlyMap<string, Extension>): Date | null {
  const extension = extensions.get(oids.invalidityDate)
  return extension === undefined ? null : timeValue(readDer(extension.value))
}

function malformed(detail: string): CryptoFailure {
  return new CryptoFailure('document.malformed', detail)
}
