import { createHash } from 'node:crypto'
import { type Certificate, parseCertificate, publicKeyOf } from '../cert/certificate.ts'
import { signatureScheme, verifySignature, verifySignedBy } from '../cert/signature-algorithm.ts'
import { oids } from '../der/oids.ts'
import { sameBytes } from '../der/writer.ts'
import { CryptoFailure, recode } from '../errors.ts'
import { hasLowS, withLowS } from '../sign/ecdsa.ts'
import type { SignatureAlgorithm, Signer } from '../sign/signer.ts'
import type { DetachedSignature } from '../suite.ts'
import {
  digestAlgorithms,
  ecdsaSignature,
  meaningOf,
  pssSignature,
  rsaSignature,
  sha256Algorithm,
  signatureAlgorithms,
} from './algorithms.ts'
import { profileAttributes, readProfileAttributes } from './attributes.ts'
import {
  attributesToSign,
  decodeSignedData,
  encodeSignedData,
  type SignedData,
  type SignerInfo,
} from './signed-data.ts'

/** Longest signature or time stamp, in bytes (seal-format, "JSON"). */
export const maxSignatureLength = 64 * 1024

/** Most certificates beside the signer's. */
const maxIntermediates = 16

/** How each algorithm is named in what is written, DER; none for SM2, whose signatures are of another kind. */
export const writtenAlgorithms: Readonly<Partial<Record<SignatureAlgorithm, Uint8Array>>> = {
  'rsa-pkcs1-sha256': rsaSignature,
  'rsa-pss-sha256': pssSignature,
  'ecdsa-sha256': ecdsaSignature,
}

/**
 * Signs `content` as the intl-1 profile says (CMS SignedData, CAdES-BES, detached) and verifies the result before it is
 * returned. Only those of the signer's intermediates that lead upwards are listed, never a root. Throws what the signer
 * throws, `cert.untrusted` for a certificate that may not sign, `document.signature` when the token's answer is no
 * signature.
 */
export async function signDetachedCms(
  content: Uint8Array,
  signer: Signer,
  signingTime: Date | null,
): Promise<Uint8Array> {
  const certificate = parseCertificate(signer.certificate)
  const { key } = certificate
  publicKeyOf(certificate)
  if (!maySign(certificate)) throw new CryptoFailure('cert.untrusted', 'the certificate may not sign')
  const [algorithm] = signer.algorithms
  const written = algorithm === undefined ? undefined : writtenAlgorithms[algorithm]
  if (algorithm === undefined || written === undefined) {
    throw new CryptoFailure('token.unsupported', 'the key has no usable algorithm')
  }
  const attributes = profileAttributes(certificate, sha256(content), signingTime)
  const answer = await signer.sign(algorithm, sha256(attributesToSign(attributes)))
  const message: SignedData = {
    version: 1,
    digestAlgorithm: sha256Algorithm,
    contentType: oids.data,
    content: null,
    certificates: [certificate, ...chainAbove(certificate, signer.intermediates.map(parseCertificate))].map(
      ({ der }) => der,
    ),
    signer: {
      version: 1,
      issuer: certificate.issuer,
      serial: certificate.serial,
      digestAlgorithm: sha256Algorithm,
      attributes,
      signatureAlgorithm: written,
      signature: key.kind === 'ec' ? recode('document.signature', () => withLowS(answer, key.curve)) : answer,
    },
  }
  const der = encodeSignedData(message)
  verifyDetachedCms(content, der)
  return der
}

/** Shape and mathematics of a detached signature of the intl-1 profile. Throws `document.signature`. */
export function verifyDetachedCms(content: Uint8Array, signature: Uint8Array): DetachedSignature {
  return recode('document.signature', () => verify(content, signature))
}

/** Whether keyUsage lets the key sign content. Encryption keys are escrowed and must never sign. */
export function maySign({ keyUsage }: Certificate): boolean {
  return keyUsage?.has('digitalSignature') === true || keyUsage?.has('nonRepudiation') === true
}

/** The certificates of a signature's message and the one its SignerInfo names. */
export interface ListedCertificates {
  /** DER each. */
  readonly certificates: readonly Uint8Array[]
  readonly signer: Pick<SignerInfo, 'issuer' | 'serial'>
}

/** The signer's certificate among those listed, and the others in their order. Throws `document.signature`. */
export function signerAmong(message: ListedCertificates): {
  readonly signer: Certificate
  readonly intermediates: readonly Certificate[]
} {
  if (message.certificates.length > maxIntermediates + 1) throw bad('too many certificates')
  const listed = message.certificates.map(parseCertificate)
  const { issuer, serial } = message.signer
  const isSigner = (one: Certificate) => sameBytes(one.issuer, issuer) && sameBytes(one.serial, serial)
  const [signer, ...others] = listed.filter(isSigner)
  if (signer === undefined || others.length > 0) throw bad('not exactly one certificate is the signer’s')
  return { signer, intermediates: listed.filter(one => one !== signer) }
}

function verify(content: Uint8Array, signature: Uint8Array): DetachedSignature {
  if (signature.length > maxSignatureLength) throw bad('longer than 64 KiB')
  const message = decodeSignedData(signature)
  const { signer: info } = message
  if (message.version !== 1 || info.version !== 1) throw bad('a version other than 1')
  if (message.contentType !== oids.data || message.content !== null) throw bad('not a detached signature of data')
  for (const algorithm of [message.digestAlgorithm, info.digestAlgorithm]) {
    if (meaningOf(digestAlgorithms, algorithm) === null) throw bad('a digest other than SHA-256')
  }
  const scheme = meaningOf(signatureAlgorithms, info.signatureAlgorithm)
  if (scheme === null) throw bad('a signature algorithm outside the profile')
  const { signer, intermediates } = signerAmong(message)
  if (!maySign(signer)) throw bad('the signer’s certificate may not sign')
  const attributes = readProfileAttributes(info.attributes, signer)
  if (!sameBytes(attributes.messageDigest, sha256(content))) throw bad('the content is another one')
  if (signer.key.kind === 'ec' && !hasLowS(info.signature, signer.key.curve)) throw bad('s is above n/2')
  if (!verifySignature(scheme, publicKeyOf(signer), attributesToSign(info.attributes), info.signature)) {
    throw bad('the signature does not hold')
  }
  const { signingTime } = attributes
  const verified = { signer, intermediates, signatureOctets: info.signature }
  return signingTime === undefined ? verified : { ...verified, signingTime }
}

/** Issuer after issuer out of a pool, up to and without a self-issued certificate: what a message lists. */
export function chainAbove(certificate: Certificate, pool: readonly Certificate[]): readonly Certificate[] {
  const candidates = pool.filter(one => !sameBytes(one.subject, one.issuer))
  const chain: Certificate[] = []
  for (let current = certificate; chain.length < maxIntermediates;) {
    const issuer = candidates.find(one => !chain.includes(one) && issued(one, current))
    if (issuer === undefined) break
    chain.push(issuer)
    current = issuer
  }
  return chain
}

function issued(issuer: Certificate, subject: Certificate): boolean {
  if (!sameBytes(issuer.subject, subject.issuer)) return false
  try {
    const scheme = signatureScheme(subject.signatureAlgorithm)
    return verifySignedBy(issuer, scheme, subject.tbs, subject.signature)
  } catch {
    return false
  }
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest()
}

function bad(detail: string): CryptoFailure {
  return new CryptoFailure('document.signature', detail)
}
