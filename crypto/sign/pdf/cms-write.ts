import { createHash } from 'node:crypto'
import { type Certificate, parseCertificate, publicKeyOf } from '../../cert/certificate.ts'
import { verifySignature } from '../../cert/signature-algorithm.ts'
import {
  ecdsaSignature,
  meaningOf,
  pssSignature,
  rsaSignature,
  sha256Algorithm,
  signatureAlgorithms,
} from '../../cms/algorithms.ts'
import { profileAttributes } from '../../cms/attributes.ts'
import { chainAbove, maySign } from '../../cms/detached.ts'
import { encodeIssuerAndSerial } from '../../cms/issuer-and-serial.ts'
import { attributesToSign, type SignedAttribute } from '../../cms/signed-data.ts'
import { oids } from '../../der/oids.ts'
import { concat, context, integer, octetString, oid, sequence, setOf, sorted, tlv } from '../../der/writer.ts'
import { tags } from '../../der/reader.ts'
import { CryptoFailure, recode } from '../../errors.ts'
import { withLowS } from '../ecdsa.ts'
import type { SignatureAlgorithm, Signer } from '../signer.ts'
import { pdfOids } from './oids.ts'
import { timestampTokenOf, verifyTimestampToken } from './timestamp-token.ts'

/** Room for a time stamp, in bytes: a token with the authority's chain is 2 to 7 KiB. */
export const timestampRoom = 12 * 1024

/** Asks an authority for a time stamp: the SHA-256 of what it is for goes in, its RFC 3161 answer or token comes out. */
export type AskTimestamp = (imprint: Uint8Array) => Promise<Uint8Array>

/** A signer whose certificate, algorithm and chain are settled. */
export interface PdfSigner {
  readonly signer: Signer
  readonly certificate: Certificate
  readonly algorithm: SignatureAlgorithm
  /** AlgorithmIdentifier, DER. */
  readonly algorithmIdentifier: Uint8Array
  /** The signer's and what leads upwards from it, DER. */
  readonly certificates: readonly Uint8Array[]
}

const identifiers: Readonly<Partial<Record<SignatureAlgorithm, Uint8Array>>> = {
  'rsa-pkcs1-sha256': rsaSignature,
  'rsa-pss-sha256': pssSignature,
  'ecdsa-sha256': ecdsaSignature,
}

/**
 * Settles how a signer signs PDFs. Throws `cert.untrusted` for a certificate that may not sign, `cert.unsupported` for its
 * key, `token.unsupported` for a lock that can only do SM2: no PDF reader knows that, it signs beside the document.
 */
export function pdfSigner(signer: Signer): PdfSigner {
  const certificate = parseCertificate(signer.certificate)
  const algorithm = signer.algorithms.find(one => identifiers[one] !== undefined)
  const algorithmIdentifier = algorithm === undefined ? undefined : identifiers[algorithm]
  if (algorithm === undefined || algorithmIdentifier === undefined) {
    throw new CryptoFailure('token.unsupported', 'the key has no algorithm that PDF readers know')
  }
  publicKeyOf(certificate)
  if (!maySign(certificate)) throw new CryptoFailure('cert.untrusted', 'the certificate may not sign')
  const above = chainAbove(certificate, signer.intermediates.map(parseCertificate))
  const certificates = [certificate, ...above].map(({ der }) => der)
  return { signer, certificate, algorithm, algorithmIdentifier, certificates }
}

/** The most bytes a signature by this signer takes. */
export function cmsRoom(signer: PdfSigner, hasTimestamp: boolean): number {
  const { key } = signer.certificate
  const longest = key.kind === 'rsa' ? Math.ceil(key.bits / 8) : 112
  const attributes = profileAttributes(signer.certificate, new Uint8Array(32), null)
  return (
    encodeMessage(signer, attributes, new Uint8Array(longest), null).length + 64 + (hasTimestamp ? timestampRoom : 0)
  )
}

/**
 * Signs a SHA-256 of a document: CMS SignedData, detached, CAdES-BES without signing-time (ETSI EN 319 142-1, 5.3: the
 * signature dictionary has the time), with a signature time stamp where one is to be asked for. The signature is verified
 * before it is returned. Throws what the signer and the time stamp's asker throw, `document.signature` when an answer is
 * none.
 */
export async function signPdfDigest(
  signer: PdfSigner,
  digest: Uint8Array,
  askTimestamp: AskTimestamp | null,
): Promise<Uint8Array> {
  const { certificate, algorithm } = signer
  const attributes = profileAttributes(certificate, digest, null)
  const signed = attributesToSign(attributes)
  const answer = await signer.signer.sign(algorithm, sha256(signed), signed)
  const { key } = certificate
  const signature = key.kind === 'ec' ? recode('document.signature', () => withLowS(answer, key.curve)) : answer
  const scheme = meaningOf(signatureAlgorithms, signer.algorithmIdentifier)
  if (scheme === null || !verifySignature(scheme, publicKeyOf(certificate), signed, signature)) {
    throw new CryptoFailure('document.signature', 'the lock’s answer is no signature')
  }
  const token = askTimestamp === null ? null : timestampTokenOf(await askTimestamp(sha256(signature)))
  if (token !== null) verifyTimestampToken(token, () => sha256(signature))
  return encodeMessage(signer, attributes, signature, token)
}

function encodeMessage(
  { certificate, algorithmIdentifier, certificates }: PdfSigner,
  attributes: readonly SignedAttribute[],
  signature: Uint8Array,
  token: Uint8Array | null,
): Uint8Array {
  // The attributes stand as [0] IMPLICIT where they are signed as a SET (RFC 5652, 5.4).
  const implicit = concat(Uint8Array.of(0xa0), attributesToSign(attributes).subarray(1))
  const unsigned = token === null ? [] : [context(1, sequence(oid(pdfOids.signatureTimestamp), tlv(tags.set, token)))]
  const signerInfo = sequence(
    integer(1),
    encodeIssuerAndSerial(certificate),
    sha256Algorithm,
    implicit,
    algorithmIdentifier,
    octetString(signature),
    ...unsigned,
  )
  const signedData = sequence(
    integer(1),
    setOf(sha256Algorithm),
    sequence(oid(oids.data)),
    context(0, ...sorted(certificates)),
    setOf(signerInfo),
  )
  return sequence(oid(oids.signedData), context(0, signedData))
}

function sha256(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(createHash('sha256').update(bytes).digest())
}
