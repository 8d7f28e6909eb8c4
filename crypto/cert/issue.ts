import { createHash, sign } from 'node:crypto'
import { oids } from '../der/oids.ts'
import { readDer, tags } from '../der/reader.ts'
import { time } from '../der/time.ts'
import { bitString as bitStringValue } from '../der/values.ts'
import {
  bitString,
  context,
  contextPrimitive,
  derNull,
  derTrue,
  integer,
  namedBits,
  octetString,
  oid,
  printableString,
  sequence,
  unsignedInteger,
} from '../der/writer.ts'
import { isSm2Key, type PrivateKey } from '../sign/private-key.ts'
import { sm2Digest, sm2PublicOf, sm2SignDigest } from '../sm/sm2/index.ts'
import { parseCertificate } from './certificate.ts'
import { type KeyUsage, keyUsages } from './extensions.ts'

/** What a practice certificate is for; it decides keyUsage and basicConstraints. */
export type CertificateProfile = 'root' | 'intermediate' | 'sign' | 'decrypt' | 'platform' | 'timestamp'

const usages: Readonly<Record<CertificateProfile, readonly KeyUsage[]>> = {
  root: ['keyCertSign', 'cRLSign'],
  intermediate: ['keyCertSign', 'cRLSign'],
  sign: ['digitalSignature', 'nonRepudiation'],
  decrypt: ['keyEncipherment', 'dataEncipherment'],
  platform: ['digitalSignature', 'nonRepudiation', 'keyEncipherment'],
  timestamp: ['digitalSignature'],
}

/** A certificate to be made by the practice CA. */
export interface IssueOptions {
  /** DER Name, see `encodeName`. */
  readonly subject: Uint8Array
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array
  /** Who signs: an authority's certificate (DER) with its key, or `self` with the subject's own key. */
  readonly issuer: { readonly certificate: Uint8Array | 'self'; readonly privateKey: PrivateKey }
  /** Up to 16 bytes; made positive. */
  readonly serial: Uint8Array
  readonly notBefore: Date
  readonly notAfter: Date
  readonly profile: CertificateProfile
  /** 统一社会信用代码, written as the extension 1.2.156.10260.4.1.4 (PrintableString). */
  readonly creditCode?: string
}

/**
 * Issues a certificate of the practice authority (rehearsal, demo, tests): X.509 v3, signed with SHA-256 by an RSA or
 * P-256/P-384 key, with SM3 by an SM2 key. The subject's key may be of any kind. Answers DER.
 */
export function issueCertificate(options: IssueOptions): Uint8Array {
  const { issuer, subject, publicKey } = options
  const authority = issuer.certificate === 'self' ? null : parseCertificate(issuer.certificate)
  const algorithm = signatureAlgorithm(issuer.privateKey)
  const tbs = sequence(
    context(0, integer(2)),
    unsignedInteger(positive(options.serial)),
    algorithm,
    authority?.subject ?? subject,
    sequence(time(options.notBefore), time(options.notAfter)),
    subject,
    publicKey,
    context(3, sequence(...extensions(options, authority?.publicKeyInfo ?? publicKey))),
  )
  return sequence(tbs, algorithm, bitString(signatureOf(tbs, issuer.privateKey)))
}

function extensions(options: IssueOptions, issuerKey: Uint8Array): readonly Uint8Array[] {
  const { profile, creditCode } = options
  const usage = namedBits(usages[profile].map(name => keyUsages.indexOf(name)))
  const list = [
    extension(oids.basicConstraints, true, basicConstraints(profile)),
    extension(oids.keyUsage, true, usage),
    extension(oids.subjectKeyIdentifier, false, octetString(keyIdentifier(options.publicKey))),
    extension(oids.authorityKeyIdentifier, false, sequence(contextPrimitive(0, keyIdentifier(issuerKey)))),
  ]
  if (profile === 'timestamp') list.push(extension(oids.extKeyUsage, true, sequence(oid(oids.timeStamping))))
  if (creditCode !== undefined) list.push(extension(oids.organizationCode, false, printableString(creditCode)))
  return list
}

function basicConstraints(profile: CertificateProfile): Uint8Array {
  if (profile === 'root') return sequence(derTrue)
  if (profile === 'intermediate') return sequence(derTrue, integer(0))
  return sequence()
}

function extension(id: string, critical: boolean, value: Uint8Array): Uint8Array {
  return critical ? sequence(oid(id), derTrue, octetString(value)) : sequence(oid(id), octetString(value))
}

/** RFC 5280, 4.2.1.2, method 1: SHA-1 of the key's bits; a name, not a protection. */
function keyIdentifier(publicKeyInfo: Uint8Array): Uint8Array {
  const fields = readDer(publicKeyInfo).fields()
  fields.take(tags.sequence)
  return createHash('sha1')
    .update(bitStringValue(fields.take(tags.bitString)))
    .digest()
}

function signatureOf(tbs: Uint8Array, privateKey: PrivateKey): Uint8Array {
  if (!isSm2Key(privateKey)) return sign('sha256', tbs, privateKey)
  return sm2SignDigest(privateKey.d, sm2Digest(sm2PublicOf(privateKey.d), tbs))
}

function signatureAlgorithm(privateKey: PrivateKey): Uint8Array {
  if (isSm2Key(privateKey)) return sequence(oid(oids.sm2WithSm3))
  return privateKey.asymmetricKeyType === 'ec'
    ? sequence(oid(oids.ecdsaWithSha256))
    : sequence(oid(oids.sha256WithRsa), derNull)
}

/** The first byte between 0x40 and 0x7f: positive and of full length. */
function positive(serial: Uint8Array): Uint8Array {
  const octets = Uint8Array.from(serial.length === 0 ? [1] : serial)
  octets[0] = ((octets[0] ?? 0) & 0x7f) | 0x40
  return octets
}
