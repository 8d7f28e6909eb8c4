import { oids } from '../der/oids.ts'
import { type DerNode, readDer, tags } from '../der/reader.ts'
import { oidString, textOf } from '../der/values.ts'
import { oid, printableString, sequence, setOf, utf8String } from '../der/writer.ts'

/** Short names: RFC 4514's table first, then the few others this program writes or shows. */
const shortNames: ReadonlyMap<string, string> = new Map([
  [oids.commonName, 'CN'],
  [oids.locality, 'L'],
  [oids.state, 'ST'],
  [oids.organization, 'O'],
  [oids.organizationalUnit, 'OU'],
  [oids.country, 'C'],
  [oids.street, 'STREET'],
  [oids.domainComponent, 'DC'],
  [oids.userId, 'UID'],
  [oids.serialNumber, 'serialNumber'],
  [oids.organizationIdentifier, 'organizationIdentifier'],
  [oids.emailAddress, 'emailAddress'],
  [oids.title, 'title'],
  [oids.surname, 'SN'],
  [oids.givenName, 'GN'],
])

export type NameAttributeType = 'C' | 'ST' | 'L' | 'O' | 'OU' | 'CN' | 'serialNumber' | 'organizationIdentifier'

/** One attribute of a Name: dotted type, value as it stands in the DER, its text where it is text. */
export interface NameAttribute {
  readonly type: string
  readonly value: DerNode
  readonly text: string | null
}

/** DER Name of one attribute per RDN, in the order given. Country and serial number are PrintableString, the rest UTF-8. */
export function encodeName(attributes: readonly (readonly [NameAttributeType, string])[]): Uint8Array {
  const rdns = attributes.map(([type, value]) => {
    const printable = type === 'C' || type === 'serialNumber'
    return setOf(sequence(oid(dottedType(type)), printable ? printableString(value) : utf8String(value)))
  })
  return sequence(...rdns)
}

/** The attributes of a DER Name, RDN by RDN. Throws `document.malformed`. */
export function nameAttributes(name: Uint8Array): readonly (readonly NameAttribute[])[] {
  return readDer(name)
    .children()
    .map(rdn => rdn.children().map(nameAttribute))
}

/**
 * A Name for people, as RFC 4514 writes it: last RDN first, Chinese as it is, what could deceive the eye (controls,
 * direction marks) as `\xx`. Throws `document.malformed`.
 */
export function displayName(name: Uint8Array): string {
  return nameAttributes(name)
    .map(rdn => rdn.map(displayAttribute).join('+'))
    .reverse()
    .join(',')
}

/** The last common name, or null when the Name has none. Throws `document.malformed`. */
export function commonName(name: Uint8Array): string | null {
  return (
    nameAttributes(name)
      .flat()
      .filter(attribute => attribute.type === oids.commonName)
      .at(-1)?.text ?? null
  )
}

function nameAttribute(pair: DerNode): NameAttribute {
  const fields = pair.fields()
  const type = oidString(fields.take(tags.oid))
  const value = fields.take()
  fields.end()
  return { type, value, text: textOf(value) }
}

function displayAttribute({ type, value, text }: NameAttribute): string {
  const shortName = shortNames.get(type)
  return shortName === undefined || text === null
    ? `${shortName ?? type}=#${Buffer.from(value.raw).toString('hex')}`
    : `${shortName}=${escapeText(text)}`
}

function escapeText(text: string): string {
  return text
    .replace(/["+,;<>\\]/g, '\\$&')
    .replace(/^[ #]/, '\\$&')
    .replace(/ $/, '\\ ')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, hidden =>
      [...Buffer.from(hidden, 'utf8')].map(byte => `\\${byte.toString(16).padStart(2, '0')}`).join(''),
    )
}

function dottedType(type: NameAttributeType): string {
  for (const [dotted, name] of shortNames) if (name === type) return dotted
  throw new TypeError(`no such name attribute: ${type}`)
}
