import type { KeyObject } from 'node:crypto'
import { CryptoFailure } from '../errors.ts'
import { contextTag, type DerFields, readDer, tags } from '../der/reader.ts'
import { timeValue } from '../der/time.ts'
import { bitString, integerOctets, smallInteger } from '../der/values.ts'
import { sameBytes } from '../der/writer.ts'
import {
  type BasicConstraints,
  type Extension,
  type KeyUsage,
  readBasicConstraints,
  readExtensions,
  readExtKeyUsage,
  readKeyUsage,
} from './extensions.ts'
import { nameAttributes } from './name.ts'
import { importPublicKey, publicKeyKind, type PublicKeyKind, sm2Point } from './public-key.ts'

/** Longest certificate that is looked at, in bytes. */
export const maxCertificateLength = 64 * 1024

/** A certificate taken apart (RFC 5280). All byte fields are views of `der`; nobody may change them. */
export interface Certificate {
  readonly der: Uint8Array
  /** What the issuer signed. */
  readonly tbs: Uint8Array
  /** Content octets of the serial number's INTEGER. */
  readonly serial: Uint8Array
  /** DER Name. */
  readonly issuer: Uint8Array
  /** DER Name. */
  readonly subject: Uint8Array
  readonly notBefore: Date
  readonly notAfter: Date
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeyInfo: Uint8Array
  readonly key: PublicKeyKind
  /** AlgorithmIdentifier, DER; the outer and the signed one are equal. */
  readonly signatureAlgorithm: Uint8Array
  readonly signature: Uint8Array
  readonly keyUsage: ReadonlySet<KeyUsage> | null
  readonly extKeyUsage: readonly string[] | null
  readonly basicConstraints: BasicConstraints | null
  /** By dotted number. */
  readonly extensions: ReadonlyMap<string, Extension>
}

const keys = new WeakMap<Certificate, KeyObject>()
const sm2Points = new WeakMap<Certificate, Uint8Array>()

/** Certificates read lately, by their bytes: those of authorities and platforms come with every signature. */
const lately = new Map<string, Certificate>()
let latelyBytes = 0
/** Most bytes of certificates that are remembered: some thousands of them. */
const mostLatelyBytes = 4 * 2 ** 20

/**
 * Takes a certificate apart without judging it: no signature, date or chain is looked at. The same bytes may be answered
 * with the same object. Throws `cert.unsupported` for what is no certificate or longer than 64 KiB.
 */
export function parseCertificate(der: Uint8Array): Certificate {
  if (der.length > maxCertificateLength) throw new CryptoFailure('cert.unsupported', 'a certificate above 64 KiB')
  const name = Buffer.from(der.buffer, der.byteOffset, der.length).toString('latin1')
  const known = lately.get(name)
  if (known !== undefined) {
    lately.delete(name)
    lately.set(name, known)
    return known
  }
  try {
    // A copy: the bytes at hand are often a piece of something larger.
    const certificate = readCertificate(Uint8Array.from(der))
    lately.set(name, certificate)
    latelyBytes += name.length
    for (const [oldest] of lately) {
      if (latelyBytes <= mostLatelyBytes) break
      lately.delete(oldest)
      latelyBytes -= oldest.length
    }
    return certificate
  } catch (error) {
    if (!(error instanceof CryptoFailure)) throw error
    throw new CryptoFailure('cert.unsupported', `not a readable certificate: ${error.detail}`, error)
  }
}

/** The certificate's key for node's functions: RSA, P-256 or P-384, else `cert.unsupported`. Imported once. */
export function publicKeyOf(certificate: Certificate): KeyObject {
  const known = keys.get(certificate)
  if (known !== undefined) return known
  const key = importPublicKey(certificate.publicKeyInfo, certificate.key)
  keys.set(certificate, key)
  return key
}

/**
 * The point of an SM2 certificate, 04 ‖ x ‖ y, on the curve; anything else is `cert.unsupported`. Judged once; nobody may
 * change it.
 */
export function sm2PointOf(certificate: Certificate): Uint8Array {
  const known = sm2Points.get(certificate)
  if (known !== undefined) return known
  if (certificate.key.kind !== 'sm2') throw new CryptoFailure('cert.unsupported', 'the key is not an SM2 key')
  const point = sm2Point(certificate.publicKeyInfo)
  sm2Points.set(certificate, point)
  return point
}

/** Refuses a certificate whose key this program cannot use, whatever the suite. Throws `cert.unsupported`. */
export function requireUsableKey(certificate: Certificate): void {
  if (certificate.key.kind === 'sm2') sm2PointOf(certificate)
  else publicKeyOf(certificate)
}

function readCertificate(der: Uint8Array): Certificate {
  const root = readDer(der)
  if (root.tag !== tags.sequence) throw malformed('no SEQUENCE')
  const outer = root.fields()
  const tbs = outer.take(tags.sequence)
  const algorithm = outer.take(tags.sequence)
  const signature = bitString(outer.take(tags.bitString))
  outer.end()

  const fields = tbs.fields()
  const version = fields.optional(contextTag(0))
  if (version !== null && smallInteger(version.only(tags.integer)) > 2) throw malformed('a version above 3')
  const serial = integerOctets(fields.take(tags.integer))
  // The outer one is not signed: a difference would let a stranger choose the algorithm.
  if (!sameBytes(fields.take(tags.sequence).raw, algorithm.raw)) throw malformed('two different signature algorithms')
  const issuer = fields.take(tags.sequence).raw
  const validity = fields.take(tags.sequence).fields()
  const notBefore = timeValue(validity.take())
  const notAfter = timeValue(validity.take())
  validity.end()
  const subject = fields.take(tags.sequence).raw
  const publicKeyInfo = fields.take(tags.sequence).raw
  const extensions = readRest(fields)
  nameAttributes(issuer)
  nameAttributes(subject)
  return {
    der: root.raw,
    tbs: tbs.raw,
    serial,
    issuer,
    subject,
    notBefore,
    notAfter,
    publicKeyInfo,
    key: publicKeyKind(publicKeyInfo),
    signatureAlgorithm: algorithm.raw,
    signature,
    keyUsage: readKeyUsage(extensions),
    extKeyUsage: readExtKeyUsage(extensions),
    basicConstraints: readBasicConstraints(extensions),
    extensions,
  }
}

/** issuerUniqueID and subjectUniqueID are passed over; then come the extensions. */
function readRest(fields: DerFields): ReadonlyMap<string, Extension> {
  fields.optional(contextTag(1, 'primitive'))
  fields.optional(contextTag(2, 'primitive'))
  const extensions = fields.optional(contextTag(3))
  fields.end()
  return extensions === null ? new Map() : readExtensions(extensions.only(tags.sequence))
}

function malformed(detail: string): CryptoFailure {
  return new CryptoFailure('document.malformed', detail)
}
