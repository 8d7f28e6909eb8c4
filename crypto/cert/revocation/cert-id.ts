import { createHash } from 'node:crypto'
import { oids } from '../../der/oids.ts'
import { type DerNode, readDer, tags } from '../../der/reader.ts'
import { bitString, integerOctets, octetString, oidString, requireNull } from '../../der/values.ts'
import { derNull, integerFromOctets, octetString as writeOctets, oid, sameBytes, sequence } from '../../der/writer.ts'
import { sm3 } from '../../sm/sm3.ts'
import type { Certificate } from '../certificate.ts'

/** How an OCSP request or answer names a certificate: CertID (RFC 6960, 4.1.1). */
export interface CertId {
  /** Dotted number of the digest. */
  readonly hash: string
  readonly nameHash: Uint8Array
  readonly keyHash: Uint8Array
  /** Content octets of the serial number. */
  readonly serial: Uint8Array
}

/** Digests a CertID may use; it is a name, and what it names is compared whole: SHA-1 is no danger here. */
const digests: ReadonlyMap<string, (bytes: Uint8Array) => Uint8Array> = new Map([
  [oids.sha1, (bytes: Uint8Array) => new Uint8Array(createHash('sha1').update(bytes).digest())],
  [oids.sha256, (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())],
  [oids.sm3, (bytes: Uint8Array) => sm3(bytes)],
])

/** Reads a CertID. Throws `document.malformed`. */
export function readCertId(node: DerNode): CertId {
  const fields = node.fields()
  const algorithm = fields.take(tags.sequence).fields()
  const hash = oidString(algorithm.take(tags.oid))
  const parameters = algorithm.optional(tags.null)
  algorithm.end()
  if (parameters !== null) requireNull(parameters)
  const nameHash = octetString(fields.take(tags.octetString))
  const keyHash = octetString(fields.take(tags.octetString))
  const serial = integerOctets(fields.take(tags.integer))
  fields.end()
  return { hash, nameHash, keyHash, serial }
}

/** Whether a CertID names this certificate of this issuer. False for digests nobody here knows. */
export function isCertIdOf(id: CertId, certificate: Certificate, issuer: Certificate): boolean {
  const digest = digests.get(id.hash)
  if (digest === undefined || !sameBytes(id.serial, certificate.serial)) return false
  return (
    sameBytes(id.nameHash, digest(certificate.issuer)) && sameBytes(id.keyHash, digest(keyBits(issuer.publicKeyInfo)))
  )
}

/** CertID of a certificate, DER. The digest is SHA-1, which every responder knows, unless another one is named. */
export function encodeCertId(
  certificate: Certificate,
  issuer: Certificate,
  hash: 'sha1' | 'sha256' | 'sm3' = 'sha1',
): Uint8Array {
  const digest = digests.get(oids[hash])
  if (digest === undefined) throw new TypeError('no such digest')
  return sequence(
    sequence(oid(oids[hash]), derNull),
    writeOctets(digest(certificate.issuer)),
    writeOctets(digest(keyBits(issuer.publicKeyInfo))),
    integerFromOctets(certificate.serial),
  )
}

/** SHA-1 of a key's bits, as responders name themselves (RFC 6960, 4.2.1). */
export function responderKeyHash(publicKeyInfo: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha1').update(keyBits(publicKeyInfo)).digest())
}

/** The BIT STRING's content without the count of unused bits. */
function keyBits(publicKeyInfo: Uint8Array): Uint8Array {
  const fields = readDer(publicKeyInfo).fields()
  fields.take(tags.sequence)
  return bitString(fields.take(tags.bitString))
}
