import { CryptoFailure } from '../../errors.ts'
import { oids } from '../../der/oids.ts'
import { contextTag, type DerNode, readDer, tags } from '../../der/reader.ts'
import { namedBits } from '../../der/values.ts'
import { sequence, tlv } from '../../der/writer.ts'
import type { Certificate } from '../certificate.ts'
import { readSequence } from '../extensions.ts'
import { type GeneralName, generalNames } from '../general-name.ts'
import { nameAttributes } from '../name.ts'

/** ReasonFlags by bit (RFC 5280, 4.2.1.13); bit 0 is not used. */
export const allReasons: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 8])

/** Where an authority says news of a certificate are to be had, and of which reasons (RFC 5280, 4.2.1.13). */
export interface DistributionPoint {
  /** Names of the place; empty where only `indirect` tells it. */
  readonly names: readonly GeneralName[]
  readonly reasons: ReadonlySet<number>
  /** Another than the certificate's issuer signs the list (cRLIssuer). */
  readonly indirect: boolean
}

/** The part of an authority's certificates a list speaks of (RFC 5280, 5.2.5). */
export interface ListScope {
  /** Empty: the list names no place, and speaks for all of them. */
  readonly names: readonly GeneralName[]
  readonly only: 'users' | 'authorities' | 'attributes' | null
  readonly reasons: ReadonlySet<number>
  readonly indirect: boolean
}

/** The distribution points of a certificate; none without the extension. Throws `document.malformed`. */
export function distributionPoints({ extensions, issuer }: Certificate): readonly DistributionPoint[] {
  const extension = extensions.get(oids.crlDistributionPoints)
  if (extension === undefined) return []
  return readSequence(extension.value)
    .children()
    .map(node => {
      const fields = node.fields()
      const place = fields.optional(contextTag(0))
      const reasons = fields.optional(contextTag(1, 'primitive'))
      const crlIssuer = fields.optional(contextTag(2))
      fields.end()
      if (place === null && crlIssuer === null) throw malformed('a distribution point that names nothing')
      return { names: pointNames(place, issuer), reasons: reasonSet(reasons), indirect: crlIssuer !== null }
    })
}

/** issuingDistributionPoint, the content of the extension of a list that `issuer` signed. Throws `document.malformed`. */
export function listScope(value: Uint8Array, issuer: Uint8Array): ListScope {
  const fields = readSequence(value).fields()
  const names = pointNames(fields.optional(contextTag(0)), issuer)
  const users = flag(fields.optional(contextTag(1, 'primitive')))
  const authorities = flag(fields.optional(contextTag(2, 'primitive')))
  const reasons = reasonSet(fields.optional(contextTag(3, 'primitive')))
  const indirect = flag(fields.optional(contextTag(4, 'primitive')))
  const attributes = flag(fields.optional(contextTag(5, 'primitive')))
  fields.end()
  if ([users, authorities, attributes].filter(only => only).length > 1) throw malformed('a list of nothing')
  return {
    names,
    only: users ? 'users' : authorities ? 'authorities' : attributes ? 'attributes' : null,
    reasons,
    indirect,
  }
}

/** DistributionPointName: whole names, or one RDN below the authority's own name. */
function pointNames(place: DerNode | null, issuer: Uint8Array): readonly GeneralName[] {
  if (place === null) return []
  const fields = place.fields()
  const whole = fields.optional(contextTag(0))
  const relative = whole === null ? fields.take(contextTag(1)) : null
  fields.end()
  if (whole !== null) return generalNames(whole)
  const rdn = tlv(tags.set, relative?.content ?? new Uint8Array(0))
  const name = sequence(readDer(issuer).content, rdn)
  nameAttributes(name)
  return [{ kind: 'directory', name }]
}

function reasonSet(node: DerNode | null): ReadonlySet<number> {
  if (node === null) return allReasons
  const bits = namedBits(readDer(tlv(tags.bitString, node.content)))
  return new Set([...allReasons].filter(reason => bits.has(reason)))
}

/** BOOLEAN DEFAULT FALSE, [n] IMPLICIT. */
function flag(node: DerNode | null): boolean {
  if (node === null) return false
  const [value] = node.content
  if (node.content.length !== 1 || (value !== 0 && value !== 0xff)) throw malformed('a BOOLEAN')
  return value === 0xff
}

function malformed(detail: string): CryptoFailure {
  return new CryptoFailure('document.malformed', detail)
}
