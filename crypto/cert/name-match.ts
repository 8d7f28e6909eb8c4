import { readDer } from '../der/reader.ts'
import { type NameAttribute, nameAttributes } from './name.ts'

/**
 * Whether two DER Names are the same name (RFC 5280, 7.1): attribute by attribute, capitals, outer and repeated spaces and
 * the type of string apart. Throws `document.malformed`.
 */
export function sameName(a: Uint8Array, b: Uint8Array): boolean {
  const [left, right] = [comparable(a), comparable(b)]
  return left.length === right.length && left.every((rdn, index) => rdn === right[index])
}

/** Whether a DER Name is `base` or lies under it: begins with all of its RDNs (RFC 5280, 4.2.1.10). */
export function isNameWithin(base: Uint8Array, name: Uint8Array): boolean {
  const whole = comparable(name)
  const upper = comparable(base)
  return upper.length <= whole.length && upper.every((rdn, index) => rdn === whole[index])
}

/** Whether a DER Name has no attributes at all. */
export function isEmptyName(name: Uint8Array): boolean {
  return readDer(name).content.length === 0
}

/** One string for each RDN, equal for equal ones; a set of attributes has no order. */
function comparable(name: Uint8Array): readonly string[] {
  return nameAttributes(name).map(rdn => rdn.map(comparableAttribute).sort().join('\u0000'))
}

function comparableAttribute({ type, text, value }: NameAttribute): string {
  return text === null ? `${type}#${Buffer.from(value.raw).toString('hex')}` : `${type}=${folded(text)}`
}

/** RFC 4518 as far as it changes what people would call the same: compatibility forms, invisible characters, case, spaces. */
function folded(text: string): string {
  const plain = text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
  // Upper case first: ß and ss, final and inner sigma fall together.
  return plain.trim().toUpperCase().toLowerCase()
}
