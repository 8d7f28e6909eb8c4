import { Buffer } from 'node:buffer'
import { isAbsolute } from 'node:path'
import { CryptoFailure } from '../errors.ts'

/** What names one token, and optionally one key pair on it. An absent attribute matches every token. */
export type TokenUri = Pkcs11Uri | SkfUri | SoftUri

/** RFC 7512. `keyId` is CKA_ID in lower-case hex, `object` a certificate's label, `modulePath` the vendor library. */
export interface Pkcs11Uri {
  readonly kind: 'pkcs11'
  readonly token?: string
  readonly serial?: string
  readonly manufacturer?: string
  readonly model?: string
  readonly keyId?: string
  readonly object?: string
  readonly modulePath?: string
}

/**
 * An SKF token, written as a PKCS #11 one is; a token is an application on a device. `keyId` names a container and one of its
 * two pairs, `object` a certificate's label, `modulePath` the vendor library.
 */
export interface SkfUri {
  readonly kind: 'skf'
  readonly token?: string
  readonly serial?: string
  readonly manufacturer?: string
  readonly application?: string
  readonly keyId?: string
  readonly object?: string
  readonly modulePath?: string
}

/** A soft lock by its file; `keyId` is the local key id in lower-case hex. */
export interface SoftUri {
  readonly kind: 'soft'
  readonly path: string
  readonly keyId?: string
}

/** The attributes of a token that an `skf:` URI can ask for. */
export interface SkfAttributes {
  readonly label: string
  readonly serial: string
  readonly manufacturer: string
  readonly application: string
}

/** The attributes of a token that a `pkcs11:` URI can ask for. */
export interface TokenAttributes {
  readonly label: string
  readonly serial: string
  readonly manufacturer: string
  readonly model: string
}

/**
 * Reads a token's name, strictly. Throws `arguments.bad` for an unknown, repeated or ill-encoded attribute: an attribute
 * that is not understood could not be matched, and the name would then mean more tokens than were meant.
 */
export function parseTokenUri(text: string): TokenUri {
  if (text.length > uriLimit) throw bad('it is too long')
  if (text.startsWith('pkcs11:')) return { kind: 'pkcs11', ...parseLibrary(text.slice('pkcs11:'.length), pkcs11Texts) }
  if (text.startsWith('skf:')) return { kind: 'skf', ...parseLibrary(text.slice('skf:'.length), skfTexts) }
  if (text.startsWith('p12:')) return parseSoft(text.slice('p12:'.length))
  throw bad('it begins with none of pkcs11:, skf: and p12:')
}

/** Writes a name that {@link parseTokenUri} reads back to the same value. */
export function formatTokenUri(uri: TokenUri): string {
  if (uri.kind === 'soft') {
    const query = uri.keyId === undefined ? '' : `?id=${encodeHex(uri.keyId)}`
    return `p12:${encodeText(uri.path.replaceAll('\\', '/'), softPathPlain)}${query}`
  }
  const attributes: string[] = []
  const texts: Readonly<Record<string, string | undefined>> = { ...uri }
  for (const name of uri.kind === 'skf' ? skfTexts : pkcs11Texts) {
    const value = texts[name]
    if (value !== undefined) attributes.push(`${name}=${encodeText(value, attributePlain)}`)
  }
  if (uri.keyId !== undefined) attributes.push(`id=${encodeHex(uri.keyId)}`)
  const query = uri.modulePath === undefined ? '' : `?module-path=${encodeText(uri.modulePath, queryPlain)}`
  return `${uri.kind}:${attributes.join(';')}${query}`
}

/** Whether a token is one that the URI means; attributes the URI lacks are not looked at. */
export function matchesToken(uri: Pkcs11Uri, token: TokenAttributes): boolean {
  return (
    (uri.token ?? token.label) === token.label &&
    (uri.serial ?? token.serial) === token.serial &&
    (uri.manufacturer ?? token.manufacturer) === token.manufacturer &&
    (uri.model ?? token.model) === token.model
  )
}

/** The same for SKF. */
export function matchesSkfToken(uri: SkfUri, token: SkfAttributes): boolean {
  return (
    (uri.token ?? token.label) === token.label &&
    (uri.serial ?? token.serial) === token.serial &&
    (uri.manufacturer ?? token.manufacturer) === token.manufacturer &&
    (uri.application ?? token.application) === token.application
  )
}

const uriLimit = 4096

const pkcs11Texts = ['token', 'serial', 'manufacturer', 'model', 'object'] as const
const skfTexts = ['token', 'serial', 'manufacturer', 'application', 'object'] as const

// RFC 7512 section 2.3: unreserved, and pk11-res-avail of the path and of the query.
const attributePlain = /^[A-Za-z0-9._~:[\]@!$'()*+,=&-]$/
const queryPlain = /^[A-Za-z0-9._~:[\]@!$'()*+,=/?|-]$/
const softPathPlain = /^[A-Za-z0-9._~:@!$'()*+,=/-]$/

/** Both kinds of library are named alike; which texts there are differs. */
function parseLibrary(rest: string, textNames: readonly string[]): Readonly<Record<string, string>> {
  const { path, query } = splitQuery(rest)
  const attributes = readPairs(path, ';')
  const queries = readPairs(query, '&')
  const texts: Record<string, string> = {}
  for (const [name, value] of attributes) {
    if (name === 'id') texts['keyId'] = decodeBytes(value, attributePlain).toString('hex')
    else if (textNames.includes(name)) texts[name] = decodeText(value, attributePlain)
    else if (name !== 'type') throw bad(`the attribute ${printable(name)} is not supported`)
    else if (!['cert', 'private', 'public'].includes(value)) throw bad('the attribute type has an unknown value')
  }
  for (const [name, value] of queries) {
    // SECURITY: a PIN in a URI would stand in process lists and shell histories.
    if (name === 'pin-value' || name === 'pin-source') throw bad('a PIN does not belong in it')
    if (name !== 'module-path') throw bad(`the query attribute ${printable(name)} is not supported`)
    texts['modulePath'] = decodeText(value, queryPlain)
  }
  return texts
}

function parseSoft(rest: string): SoftUri {
  const { path, query } = splitQuery(rest)
  const file = localPath(decodeText(path, null))
  if (!isAbsolute(file) || file.includes('\0')) throw bad('the path of a soft lock must be absolute')
  let keyId: string | undefined
  for (const [name, value] of readPairs(query, '&')) {
    if (name !== 'id') throw bad(`the query attribute ${printable(name)} is not supported`)
    keyId = decodeBytes(value, attributePlain).toString('hex')
  }
  return { kind: 'soft', path: file, ...(keyId === undefined ? {} : { keyId }) }
}

/** `/C:/x` is how a drive stands in a URI. */
function localPath(path: string): string {
  return process.platform === 'win32' ? path.replace(/^\/(?=[A-Za-z]:)/, '') : path
}

function splitQuery(text: string): { readonly path: string; readonly query: string } {
  const mark = text.indexOf('?')
  return mark < 0 ? { path: text, query: '' } : { path: text.slice(0, mark), query: text.slice(mark + 1) }
}

function readPairs(text: string, separator: string): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>()
  if (text === '') return pairs
  for (const pair of text.split(separator)) {
    const equals = pair.indexOf('=')
    if (equals < 1) throw bad('an attribute lacks its value')
    const name = pair.slice(0, equals)
    if (pairs.has(name)) throw bad(`the attribute ${printable(name)} stands twice`)
    pairs.set(name, pair.slice(equals + 1))
  }
  return pairs
}

/** `plain` null: everything but a percent sign stands for itself (a path typed by a person). */
function decodeBytes(text: string, plain: RegExp | null): Buffer {
  const pieces: Buffer[] = []
  for (const [token] of text.matchAll(/%[0-9A-Fa-f]{2}|[^%]|%/gu)) {
    if (token.length === 3) pieces.push(Buffer.from(token.slice(1), 'hex'))
    else if (token !== '%' && (plain === null || plain.test(token))) pieces.push(Buffer.from(token, 'utf8'))
    else throw bad('a character is not percent-encoded')
  }
  return Buffer.concat(pieces)
}

function decodeText(text: string, plain: RegExp | null): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(decodeBytes(text, plain))
  } catch (error) {
    if (error instanceof CryptoFailure) throw error
    throw bad('an attribute is not UTF-8')
  }
}

function encodeText(text: string, plain: RegExp): string {
  const encodeCharacter = (character: string): string =>
    plain.test(character) ? character : encodeHex(Buffer.from(character, 'utf8').toString('hex'))
  return Array.from(text, encodeCharacter).join('')
}

function encodeHex(hex: string): string {
  return hex.toUpperCase().replace(/../g, '%$&')
}

function printable(name: string): string {
  return name.slice(0, 40).replace(/[^a-z0-9-]/g, '?')
}

function bad(why: string): CryptoFailure {
  return new CryptoFailure('arguments.bad', `not a token name that can be used: ${why}`)
}
