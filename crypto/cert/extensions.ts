import { CryptoFailure } from '../errors.ts'
import { oids } from '../der/oids.ts'
import { type DerNode, readDer, tags } from '../der/reader.ts'
import { booleanValue, namedBits, octetString, oidString, smallInteger } from '../der/values.ts'

/** keyUsage bits in the order of their numbers (RFC 5280, 4.2.1.3). */
export const keyUsages = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const

/** The bits of a keyUsage extension, by name (RFC 5280, 4.2.1.3). */
export type KeyUsage = (typeof keyUsages)[number]

/** One extension; `value` is the content of its OCTET STRING. */
export interface Extension {
  readonly critical: boolean
  readonly value: Uint8Array
}

export interface BasicConstraints {
  readonly ca: boolean
  readonly pathLength?: number
}

/** The extensions of a certificate by dotted number; one that stands twice is refused. Throws `document.malformed`. */
export function readExtensions(list: DerNode): ReadonlyMap<string, Extension> {
  const extensions = new Map<string, Extension>()
  for (const node of list.children()) {
    const fields = node.fields()
    const id = oidString(fields.take(tags.oid))
    // An explicit FALSE is not DER, but stands in certificates of real authorities.
    const critical = fields.optional(tags.boolean)
    const value = octetString(fields.take(tags.octetString))
    fields.end()
    if (extensions.has(id)) throw new CryptoFailure('document.malformed', `the extension ${id} stands twice`)
    extensions.set(id, { critical: critical !== null && booleanValue(critical), value })
  }
  return extensions
}

/** The one SEQUENCE that most extensions and messages are. Throws `document.malformed`. */
export function readSequence(der: Uint8Array): DerNode {
  const node = readDer(der)
  if (node.tag !== tags.sequence) throw new CryptoFailure('document.malformed', 'no SEQUENCE')
  return node
}

/** keyUsage, or null where the certificate has none. Throws `document.malformed`. */
export function readKeyUsage(extensions: ReadonlyMap<string, Extension>): ReadonlySet<KeyUsage> | null {
  const extension = extensions.get(oids.keyUsage)
  if (extension === undefined) return null
  const bits = namedBits(readDer(extension.value))
  return new Set(keyUsages.filter((_, bit) => bits.has(bit)))
}

/** basicConstraints, or null where the certificate has none. Throws `document.malformed`. */
export function readBasicConstraints(extensions: ReadonlyMap<string, Extension>): BasicConstraints | null {
  const extension = extensions.get(oids.basicConstraints)
  if (extension === undefined) return null
  const fields = readSequence(extension.value).fields()
  const flag = fields.optional(tags.boolean)
  const length = fields.optional(tags.integer)
  fields.end()
  const ca = flag !== null && booleanValue(flag)
  return length === null ? { ca } : { ca, pathLength: smallInteger(length) }
}

/** The purposes of extKeyUsage, or null where the certificate has none. Throws `document.malformed`. */
export function readExtKeyUsage(extensions: ReadonlyMap<string, Extension>): readonly string[] | null {
  const extension = extensions.get(oids.extKeyUsage)
  return extension === undefined ? null : readSequence(extension.value).children().map(oidString)
}
