import forge from 'node-forge'
import { CryptoFailure } from '../../errors.ts'

/** PKCS #12 is BER (RFC 7292, 5.1: Windows and NSS write indefinite lengths), which our own strict reader refuses. */
export type Asn1 = forge.asn1.Asn1

const { Class, Type } = forge.asn1

/** Number 0, in a type that knows only the universal tags. */
const tagZero = Type.NONE

/** Object identifiers of PKCS #12 and #5. */
export const pfxOids = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  keyBag: '1.2.840.113549.1.12.10.1.1',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certBag: '1.2.840.113549.1.12.10.1.3',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  friendlyName: '1.2.840.113549.1.9.20',
  localKeyId: '1.2.840.113549.1.9.21',
  pbes2: '1.2.840.113549.1.5.13',
  pbkdf2: '1.2.840.113549.1.5.12',
  /** pkcs-12PbeIds: the old schemes are 1 to 6 under it. */
  pkcs12Pbe: '1.2.840.113549.1.12.1.',
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
} as const

/** Reads one BER value with nothing after it. Throws `input.unreadable`. */
export function readBer(bytes: Uint8Array): Asn1 {
  try {
    return forge.asn1.fromDer(toBinary(bytes), true)
  } catch (error) {
    throw unreadable('not BER', error)
  }
}

export function writeDer(value: Asn1): Uint8Array {
  return fromBinary(forge.asn1.toDer(value).getBytes())
}

/** The elements of a SEQUENCE or SET, or what stands under a context tag. Throws `input.unreadable`. */
export function elements(value: Asn1 | undefined): readonly Asn1[] {
  if (value === undefined || !Array.isArray(value.value)) throw unreadable('a part is missing')
  return value.value
}

/** The elements under the context tag [0], the only one there is in PKCS #12. Throws `input.unreadable`. */
export function tagged(value: Asn1 | undefined): readonly Asn1[] {
  if (!isTagged(value)) throw unreadable('a tag is missing')
  return elements(value)
}

export function isTagged(value: Asn1 | undefined): value is Asn1 {
  return value?.tagClass === Class.CONTEXT_SPECIFIC && value.type === tagZero
}

/** Content of an OCTET STRING, in one piece or in several; an implicit tag over one too. Throws `input.unreadable`. */
export function octets(value: Asn1 | undefined): Uint8Array {
  if (value === undefined) throw unreadable('bytes are missing')
  if (typeof value.value === 'string') return fromBinary(value.value)
  return Buffer.concat(value.value.map(octets))
}

export function isOid(value: Asn1 | undefined): boolean {
  return value?.tagClass === Class.UNIVERSAL && value.type === Type.OID
}

export function oidOf(value: Asn1 | undefined): string {
  if (value?.type !== Type.OID || typeof value.value !== 'string') throw unreadable('an object identifier is missing')
  return forge.asn1.derToOid(value.value)
}

/** A small positive INTEGER. Throws `input.unreadable`. */
export function smallInteger(value: Asn1 | undefined): number {
  const content = value?.type === Type.INTEGER && typeof value.value === 'string' ? fromBinary(value.value) : null
  if (content === null || content.length === 0 || content.length > 4 || (content[0] ?? 0) > 0x7f) {
    throw unreadable('a number is missing or out of bounds')
  }
  return content.reduce((sum, byte) => sum * 256 + byte, 0)
}

/** BMPString, which the library has decoded already, or UTF8String. */
export function textOf(value: Asn1 | undefined): string {
  if (typeof value?.value !== 'string') return ''
  if (value.type === Type.BMPSTRING) return value.value
  return new TextDecoder().decode(fromBinary(value.value))
}

export function sequence(...values: readonly Asn1[]): Asn1 {
  return forge.asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, [...values])
}

export function set(...values: readonly Asn1[]): Asn1 {
  return forge.asn1.create(Class.UNIVERSAL, Type.SET, true, [...values])
}

export function explicit(value: Asn1): Asn1 {
  return forge.asn1.create(Class.CONTEXT_SPECIFIC, tagZero, true, [value])
}

/** [0] IMPLICIT OCTET STRING. */
export function implicitOctets(bytes: Uint8Array): Asn1 {
  return forge.asn1.create(Class.CONTEXT_SPECIFIC, tagZero, false, toBinary(bytes))
}

export function octetString(bytes: Uint8Array): Asn1 {
  return forge.asn1.create(Class.UNIVERSAL, Type.OCTETSTRING, false, toBinary(bytes))
}

export function oid(dotted: string): Asn1 {
  return forge.asn1.create(Class.UNIVERSAL, Type.OID, false, forge.asn1.oidToDer(dotted).getBytes())
}

export function integer(value: number): Asn1 {
  return forge.asn1.create(Class.UNIVERSAL, Type.INTEGER, false, forge.asn1.integerToDer(value).getBytes())
}

export function bmpString(text: string): Asn1 {
  return forge.asn1.create(Class.UNIVERSAL, Type.BMPSTRING, false, text)
}

export function asn1Null(): Asn1 {
  return forge.asn1.create(Class.UNIVERSAL, Type.NULL, false, '')
}

/** For a soft lock whose file is not what it should be. */
export function unreadable(why: string, cause?: unknown): CryptoFailure {
  return new CryptoFailure('input.unreadable', `the soft lock is not a readable PKCS #12 file: ${why}`, cause)
}

function toBinary(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

function fromBinary(binary: string): Uint8Array {
  return new Uint8Array(Buffer.from(binary, 'latin1'))
}
