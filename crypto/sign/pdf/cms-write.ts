import { createHash } from 'node:crypto'
import { type Certificate, parseCertificate, publicKeyOf } from '../../cert/certificate.ts'
import { verifySignature } from '../../cert/signature-algorithm.ts'
import { meaningOf, sha256Algorithm, signatureAlgorithms } from '../../cms/algorithms.ts'
import { profileAttributes } from '../../cms/attributes.ts'
import { chainAbove, maySign, writtenAlgorithms } from '../../cms/detached.ts'
import { attributesToSign, encodeSignedData, type SignedAttribute } from '../../cms/signed-data.ts'
import { oids } from '../../der/oids.ts'
import { CryptoFailure, recode } from '../../errors.ts'
import { withLowS } from '../ecdsa.ts'
import type { SignatureAlgorithm, Signer } from '../signer.ts'
import { timestampTokenOf, verifyTimestampToken } from './timestamp-token.ts'

/** Room for a time stamp, in bytes: a token with the authority's chain is 2 to 7 KiB. */
const timestampRoom = 12 * 1024

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

/**
 * Settles how a signer signs PDFs. Throws `cert.untrusted` for a certificate that may not sign, `cert.unsupported` for its
 * key, `token.unsupported` for a lock that can only do SM2: no PDF reader knows that, it signs beside the document.
 */
export function pdfSigner(signer: Signer): PdfSigner {
  const certificate = parseCertificate(signer.certificate)
  const algorithm = signer.algorithms.find(one => writtenAlgorithms[one] !== undefined)
  const algorithmIdentifier = algorithm === undefined ? undefined : writtenAlgorithms[algorithm]
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
  { certificate: { issuer, serial }, algorithmIdentifier, certificates }: PdfSigner,
  attributes: readonly SignedAttribute[],
  signature: Uint8Array,
  token: Uint8Array | null,
): Uint8Array {
  const unsigned = token === null ? {} : { unsigned: [{ type: oids.signatureTimestamp, value: token }] }
  return encodeSignedData({
    version: 1,
    digestAlgorithm: sha256Algorithm,
    contentType: oids.data,
    content: null,
    certificates,
    signer: {
      ...{ version: 1, issuer, serial, digestAlgorithm: sha256Algorithm },
      ...{ attributes, signatureAlgorithm: algorithmIdentifier, signature, ...unsigned },
    },
  })
}

function sha256(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(createHash('sha256').update(bytes).digest())
}
