import { createHash } from 'node:crypto'
import type { Certificate } from '../cert/certificate.ts'
import { oids } from '../der/oids.ts'
import { contextTag, type DerNode, readDer, tags } from '../der/reader.ts'
import { time, timeValue } from '../der/time.ts'
import { octetString as octets, oidString } from '../der/values.ts'
import { integerFromOctets, octetString, oid, sameBytes, sequence } from '../der/writer.ts'
import { CryptoFailure } from '../errors.ts'
import type { SignedAttribute } from './signed-data.ts'

/** The signed attributes of the profile (CAdES-BES, RFC 5126), read. */
export interface ProfileAttributes {
  readonly messageDigest: Uint8Array
  readonly signingTime?: Date
}

/** content-type, message-digest, signing-certificate-v2, and signing-time unless it is null. */
export function profileAttributes(
  signer: Certificate,
  messageDigest: Uint8Array,
  signingTime: Date | null,
): readonly SignedAttribute[] {
  const certificateId = sequence(octetString(sha256(signer.der)))
  const attributes = [
    { type: oids.contentType, value: oid(oids.data) },
    { type: oids.messageDigest, value: octetString(messageDigest) },
    { type: oids.signingCertificateV2, value: sequence(sequence(certificateId)) },
  ]
  return signingTime === null ? attributes : [...attributes, { type: oids.signingTime, value: time(signingTime) }]
}

/**
 * Reads the profile's attributes and nothing else: the three that must be there, signing-time at most besides. The
 * signing certificate must be `signer`. Throws `document.malformed`.
 */
export function readProfileAttributes(list: readonly SignedAttribute[], signer: Certificate): ProfileAttributes {
  const values = new Map(list.map(({ type, value }) => [type, readDer(value)]))
  const contentType = take(values, oids.contentType)
  const messageDigest = octets(take(values, oids.messageDigest))
  const certificate = take(values, oids.signingCertificateV2)
  const signingTime = values.get(oids.signingTime)
  values.delete(oids.signingTime)
  if (values.size > 0) throw malformed('a signed attribute outside the profile')
  if (oidString(contentType) !== oids.data) throw malformed('content-type is not data')
  requireSigningCertificate(certificate, signer, sha256)
  if (signingTime === undefined) return { messageDigest }
  const date = timeValue(signingTime)
  if (!sameBytes(time(date), signingTime.raw)) throw malformed('signing-time in the other of its two forms')
  return { messageDigest, signingTime: date }
}

/**
 * Requires that SigningCertificate(V2) (RFC 5035; V1 differs by its digest alone) holds exactly one id in the default
 * form, without policies, and that it is `signer`'s. Throws `document.malformed`.
 */
export function requireSigningCertificate(
  value: DerNode,
  signer: Certificate,
  hash: (bytes: Uint8Array) => Uint8Array,
): void {
  const id = value.only(tags.sequence).only(tags.sequence).fields()
  const certificateHash = octets(id.take(tags.octetString))
  const issuerSerial = id.optional(tags.sequence)
  id.end()
  if (!sameBytes(certificateHash, hash(signer.der))) throw malformed('the signing certificate is another one')
  if (issuerSerial === null) return
  const fields = issuerSerial.fields()
  const issuer = fields.take(tags.sequence).only(contextTag(4)).only(tags.sequence).raw
  const serial = fields.take(tags.integer).raw
  fields.end()
  if (!sameBytes(issuer, signer.issuer) || !sameBytes(serial, integerFromOctets(signer.serial))) {
    throw malformed('the signing certificate is named by another issuer or serial')
  }
}

function take(values: Map<string, DerNode>, type: string): DerNode {
  const value = values.get(type)
  if (value === undefined) throw malformed(`the signed attribute ${type} is missing`)
  values.delete(type)
  return value
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest()
}

function malformed(detail: string): CryptoFailure {
  return new CryptoFailure('document.malformed', detail)
}
