import type { JsonWebKey, KeyObject } from 'node:crypto'
import { parseCertificate } from '../../../crypto/cert/certificate.ts'
import { oids } from '../../../crypto/der/oids.ts'
import { integerFromOctets, octetString, oid } from '../../../crypto/der/writer.ts'
import { isSm2Key, type PrivateKey } from '../../../crypto/sign/private-key.ts'
import { sm2PublicOf } from '../../../crypto/sm/sm2/index.ts'

/** A key pair on a token, with its certificate where it has one. */
export interface SoftPkcs11Key {
  /** CKA_ID, hex. */
  readonly id: string
  readonly label: string
  readonly use: 'sign' | 'decrypt'
  readonly privateKey: PrivateKey
  readonly certificate?: Uint8Array
}

type Value = Uint8Array | string | number | boolean
/** Attribute and value. */
type Line = readonly [type: number, value: Value]

/** The files of a token's objects (attributes.c): each key's private half, public half, certificate; then the others. */
export function objectFiles(keys: readonly SoftPkcs11Key[], certificates: readonly Uint8Array[]): readonly string[] {
  return [
    ...keys.flatMap(key => [
      write([...common(key), ...privateHalf(key)]),
      write([...common(key), ...publicHalf(key)]),
      ...(key.certificate === undefined ? [] : [write(certificate(key.certificate, key.label, key.id))]),
    ]),
    ...certificates.map(der => write(certificate(der, 'intermediate'))),
  ]
}

/** The module's numbers are those of a 64-bit C `unsigned long`. */
function write(lines: readonly Line[]): string {
  return lines.map(([type, value]) => `${type.toString(16)} ${Buffer.from(bytesOf(value)).toString('hex')}\n`).join('')
}

function bytesOf(value: Value): Uint8Array {
  if (typeof value === 'boolean') return Uint8Array.of(value ? 1 : 0)
  if (typeof value === 'string') return new TextEncoder().encode(value)
  if (typeof value !== 'number') return value
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true)
  return bytes
}

function common({ id, label, privateKey }: SoftPkcs11Key): readonly Line[] {
  return [
    [0x1, true], // CKA_TOKEN
    [0x3, label],
    [0x102, Buffer.from(id, 'hex')],
    [0x100, isSm2Key(privateKey) ? 0x80000004 : privateKey.asymmetricKeyType === 'rsa' ? 0 : 3], // CKA_KEY_TYPE
  ]
}

function privateHalf({ use, privateKey }: SoftPkcs11Key): readonly Line[] {
  return [
    [0x0, 3], // CKO_PRIVATE_KEY
    [0x2, true], // CKA_PRIVATE
    [0x103, true], // CKA_SENSITIVE
    [0x162, false], // CKA_EXTRACTABLE
    [0x163, false], // CKA_LOCAL
    [0x202, false], // CKA_ALWAYS_AUTHENTICATE
    [0x108, use === 'sign'], // CKA_SIGN
    [0x105, use === 'decrypt' && !agrees(privateKey)], // CKA_DECRYPT
    [0x10c, use === 'decrypt' && agrees(privateKey)], // CKA_DERIVE
    ...numbersOf(privateKey).private,
    ...numbersOf(privateKey).public,
  ]
}

function publicHalf({ use, privateKey }: SoftPkcs11Key): readonly Line[] {
  return [
    [0x0, 2], // CKO_PUBLIC_KEY
    [0x2, false], // CKA_PRIVATE
    [0x10a, use === 'sign'], // CKA_VERIFY
    [0x104, use === 'decrypt'], // CKA_ENCRYPT
    ...numbersOf(privateKey).public,
  ]
}

function certificate(der: Uint8Array, label: string, id?: string): readonly Line[] {
  const { subject, issuer, serial } = parseCertificate(der)
  return [
    [0x0, 1], // CKO_CERTIFICATE
    [0x80, 0], // CKC_X_509
    [0x1, true],
    [0x2, false],
    [0x3, label],
    [0x101, subject],
    [0x81, issuer],
    [0x82, integerFromOctets(serial)],
    [0x11, der],
    ...(id === undefined ? [] : [[0x102, Buffer.from(id, 'hex')] as const]),
  ]
}

/** Keys of P-256 and P-384 agree on a secret instead of decrypting. */
function agrees(privateKey: PrivateKey): boolean {
  return !isSm2Key(privateKey) && privateKey.asymmetricKeyType === 'ec'
}

interface Numbers {
  readonly private: readonly Line[]
  readonly public: readonly Line[]
}

function numbersOf(privateKey: PrivateKey): Numbers {
  if (isSm2Key(privateKey)) return curveNumbers(oids.sm2, sm2PublicOf(privateKey.d), privateKey.d)
  const jwk = privateKey.export({ format: 'jwk' })
  return privateKey.asymmetricKeyType === 'rsa' ? rsaNumbers(jwk) : ecNumbers(privateKey, jwk)
}

function ecNumbers(privateKey: KeyObject, jwk: JsonWebKey): Numbers {
  const curve = privateKey.asymmetricKeyDetails?.namedCurve === 'secp384r1' ? oids.p384 : oids.p256
  const point = Buffer.concat([Buffer.of(4), number(jwk.x), number(jwk.y)])
  return curveNumbers(curve, point, number(jwk.d))
}

function curveNumbers(curve: string, point: Uint8Array, secret: Uint8Array): Numbers {
  return {
    private: [[0x11, secret]], // CKA_VALUE
    public: [
      [0x180, oid(curve)], // CKA_EC_PARAMS
      [0x181, octetString(point)], // CKA_EC_POINT
    ],
  }
}

function rsaNumbers({ n, e, d, p, q, dp, dq, qi }: JsonWebKey): Numbers {
  const modulus = number(n)
  return {
    private: [d, p, q, dp, dq, qi].map((value, index) => [0x123 + index, number(value)] as const),
    public: [
      [0x120, modulus],
      [0x121, modulus.length * 8],
      [0x122, number(e)],
    ],
  }
}

function number(value: string | undefined): Uint8Array {
  if (value === undefined) throw new Error('the key lacks a number')
  return Buffer.from(value, 'base64url')
}
