import { oids } from '../der/oids.ts'
import { readDer, type DerNode } from '../der/reader.ts'
import { textOf } from '../der/values.ts'
import { CryptoFailure } from '../errors.ts'
import type { Certificate } from './certificate.ts'
import { nameAttributes } from './name.ts'

/** GB 32100-2015: digits and capitals without I, O, S, V, Z, worth 0 to 30. */
const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY'

/** GB 32100-2015: weight of place i is 3^(i−1) mod 31. */
const weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]

/** Where authorities write an organisation's number; each may be a subject attribute or an extension. */
const codePlaces: ReadonlySet<string> = new Set([
  oids.organizationIdentifier,
  oids.serialNumber,
  '1.2.156.10260.4.1.3',
  oids.organizationCode,
  '1.2.156.10260.4.1.5',
  '1.2.156.10260.4.4',
  '1.2.156.10260.4.4.4',
  '1.2.86.11.7.3',
  '1.2.86.11.7.4',
  '1.2.86.11.7.5',
  '1.2.86.11.7.1.8',
  '1.2.86.11.7.9',
  '1.2.86.11.7.11',
  '1.2.86.11.7.3.20',
  '1.2.86.11.7.7550201',
  '1.2.156.1.8888.148',
  '2.16.840.1.113732.2',
  '1.2.156.112562.2.1.1.4',
  '1.2.156.112570.11.205',
  '1.2.156.112573.14',
])

/** A 统一社会信用代码 found in a certificate, and the place: `subject` or `extension` with the dotted number. */
export interface FoundCreditCode {
  readonly code: string
  readonly where: string
}

/** Whether a text is a 统一社会信用代码: 18 characters with the right check character (GB 32100-2015). */
export function isCreditCode(text: string): boolean {
  if (text.length !== 18) return false
  const values = [...text].map(character => alphabet.indexOf(character))
  if (values.includes(-1)) return false
  return values[17] === checkValue(values)
}

/** The 17 characters with their check character. Throws `arguments.bad` for what cannot begin a code. */
export function completeCreditCode(first17: string): string {
  const values = [...first17].map(character => alphabet.indexOf(character))
  if (values.length !== 17 || values.includes(-1)) {
    throw new CryptoFailure('arguments.bad', 'a credit code begins with 17 digits or capitals without I, O, S, V, Z')
  }
  return first17 + (alphabet[checkValue(values)] ?? '')
}

/**
 * The organisation's code in its certificate. Null when there is none, and null when two places hold different codes:
 * nobody may choose between them.
 */
export function findCreditCode(certificate: Certificate): FoundCreditCode | null {
  const found = codesOfName(certificate.subject)
  for (const [id, { value }] of certificate.extensions) {
    if (!codePlaces.has(id)) continue
    const code = codeInExtension(value)
    if (code !== null) found.push({ code, where: `extension ${id}` })
  }
  return onlyCode(found)
}

/** The code as a DER Name shows it, under the same rules as {@link findCreditCode}. Throws `document.malformed`. */
export function creditCodeOfName(name: Uint8Array): string | null {
  return onlyCode(codesOfName(name))?.code ?? null
}

function codesOfName(name: Uint8Array): FoundCreditCode[] {
  const found: FoundCreditCode[] = []
  for (const { type, text } of nameAttributes(name).flat()) {
    const code = text !== null && codePlaces.has(type) ? codeInText(text) : null
    if (code !== null) found.push({ code, where: `subject ${type}` })
  }
  return found
}

function onlyCode(found: readonly FoundCreditCode[]): FoundCreditCode | null {
  const [first] = found
  return first !== undefined && found.every(({ code }) => code === first.code) ? first : null
}

/** Authorities write a string, a string in an explicit tag, or bare characters. */
function codeInExtension(value: Uint8Array): string | null {
  return codeInText(stringInDer(value) ?? Buffer.from(value).toString('latin1'))
}

function stringInDer(value: Uint8Array): string | null {
  try {
    let node: DerNode = readDer(value)
    while ((node.tag & 0x20) !== 0) {
      const [child, ...others] = node.children()
      if (child === undefined || others.length > 0) return null
      node = child
    }
    return textOf(node) ?? Buffer.from(node.content).toString('latin1')
  } catch {
    return null
  }
}

/** The code at the end of a value, alone or after a prefix such as `NTRCN-` that ends with a mark. */
function codeInText(text: string): string | null {
  const found = /(?:^|[^0-9A-Za-z])([0-9A-HJ-NPQRTUWXY]{18})$/.exec(text.trim())?.[1]
  return found !== undefined && isCreditCode(found) ? found : null
}

function checkValue(values: readonly number[]): number {
  const sum = weights.reduce((total, weight, index) => total + weight * (values[index] ?? 0), 0)
  return (31 - (sum % 31)) % 31
}
