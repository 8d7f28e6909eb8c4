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

/** What a certificate says about its holder's code. */
export interface CreditCodeFinding {
  /** The code that counts; null when there is none, or when nobody may choose between those there are. */
  readonly counts: FoundCreditCode | null
  /** Every place that holds a code, those that count first; for showing what was found. */
  readonly found: readonly FoundCreditCode[]
}

/**
 * Looks for the organisation's code. `places` is the order of the certificate's authority (dotted numbers of subject attributes
 * and extensions, the one that counts first): then the first of them that holds a code decides, and no other place does.
 * Without it every known place counts alike, and all must hold the same code: nobody may choose between two.
 */
export function lookForCreditCode(certificate: Certificate, places?: readonly string[]): CreditCodeFinding {
  const wanted = wantedPlaces(places)
  return judge([...codesOfName(certificate.subject, wanted), ...codesOfExtensions(certificate, wanted)], places)
}

/**
 * The organisation's code in its certificate. Null when there is none, and null when two places hold different codes and
 * `places`, the order of its authority, does not decide (see {@link lookForCreditCode}).
 */
export function findCreditCode(certificate: Certificate, places?: readonly string[]): FoundCreditCode | null {
  return lookForCreditCode(certificate, places).counts
}

/** The code as a DER Name shows it, under the same rules as {@link findCreditCode}. Throws `document.malformed`. */
export function creditCodeOfName(name: Uint8Array, places?: readonly string[]): string | null {
  return judge(codesOfName(name, wantedPlaces(places)), places).counts?.code ?? null
}

interface CodeAt extends FoundCreditCode {
  readonly place: string
}

/** Where to look: an authority's own places besides the known ones, so that what stands elsewhere is at least shown. */
function wantedPlaces(places: readonly string[] | undefined): ReadonlySet<string> {
  return places === undefined ? codePlaces : new Set([...codePlaces, ...places])
}

function codesOfName(name: Uint8Array, wanted: ReadonlySet<string>): CodeAt[] {
  const found: CodeAt[] = []
  for (const { type, text } of nameAttributes(name).flat()) {
    const code = text !== null && wanted.has(type) ? codeInText(text) : null
    if (code !== null) found.push({ code, where: `subject ${type}`, place: type })
  }
  return found
}

function codesOfExtensions({ extensions }: Certificate, wanted: ReadonlySet<string>): CodeAt[] {
  const found: CodeAt[] = []
  for (const [id, { value }] of extensions) {
    const code = wanted.has(id) ? codeInExtension(value) : null
    if (code !== null) found.push({ code, where: `extension ${id}`, place: id })
  }
  return found
}

function judge(found: readonly CodeAt[], places: readonly string[] | undefined): CreditCodeFinding {
  const listed = places?.map(place => found.filter(each => each.place === place)) ?? [found]
  const deciding = listed.find(each => each.length > 0) ?? []
  const [first] = deciding
  const agree = deciding.every(({ code }) => code === first?.code)
  const others = found.filter(each => !deciding.includes(each))
  return {
    counts: first !== undefined && agree ? plainly(first) : null,
    found: [...deciding, ...others].map(plainly),
  }
}

function plainly({ code, where }: CodeAt): FoundCreditCode {
  return { code, where }
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
