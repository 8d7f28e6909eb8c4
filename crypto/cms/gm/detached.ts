import { parseCertificate, sm2PointOf } from '../../cert/certificate.ts'
import { sameBytes } from '../../der/writer.ts'
import { CryptoFailure, recode } from '../../errors.ts'
import type { Signer } from '../../sign/signer.ts'
import { readSm2Signature, sm2Digest, sm2VerifyDigest, writeSm2Signature } from '../../sm/sm2/index.ts'
import type { DetachedSignature } from '../../suite.ts'
import { meaningOf } from '../algorithms.ts'
import { chainAbove, maxSignatureLength, maySign, signerAmong } from '../detached.ts'
import { gmDigestAlgorithms, gmSignatureAlgorithms, sm2SignatureAlgorithm, sm3Algorithm } from './algorithms.ts'
import { decodeGmSignedData, encodeGmSignedData } from './signed-data.ts'

/** A content as SM2 signs it. */
export interface DigestedContent {
  /** e = SM3(Z ‖ content), 32 bytes. */
  readonly digest: Uint8Array
  /** The content, where it is small enough to be handed to a lock that digests it itself. */
  readonly message?: Uint8Array
}

/** Digests a content for the signer whose public point this is (04 ‖ x ‖ y): Z is the signer's. */
export type DigestContent = (point: Uint8Array) => Promise<DigestedContent>

/**
 * Signs `content` as the gm-1 profile says (GB/T 35275 SignedData, detached, no attributes, so no signing time) and
 * verifies the result before it is returned. What the signer is asked to sign is e = SM3(Z ‖ content). Only those of the
 * signer's intermediates that lead upwards are listed, never a root. Throws what the signer throws, `cert.untrusted` for
 * a certificate that may not sign, `cert.unsupported` for a key other than SM2, `document.signature` when the lock's
 * answer is no signature.
 */
export async function signDetachedGm(content: Uint8Array, signer: Signer): Promise<Uint8Array> {
  return signDigestedGm(signer, point => Promise.resolve({ digest: sm2Digest(point, content), message: content }))
}

/** The same for a content that is digested by the caller. Throws what it throws too. */
export async function signDigestedGm(signer: Signer, digestContent: DigestContent): Promise<Uint8Array> {
  const certificate = parseCertificate(signer.certificate)
  const point = sm2PointOf(certificate)
  if (!maySign(certificate)) throw new CryptoFailure('cert.untrusted', 'the certificate may not sign')
  if (!signer.algorithms.includes('sm2-sm3')) {
    throw new CryptoFailure('token.unsupported', 'the key cannot sign with SM2')
  }
  const { digest, message } = await digestContent(point)
  const answer = await signer.sign('sm2-sm3', digest, message)
  const signature = recode('document.signature', () => canonicalSignature(answer))
  const listed = [certificate, ...chainAbove(certificate, signer.intermediates.map(parseCertificate))]
  const der = encodeGmSignedData({
    digestAlgorithm: sm3Algorithm,
    certificates: listed.map(each => each.der),
    signer: {
      issuer: certificate.issuer,
      serial: certificate.serial,
      digestAlgorithm: sm3Algorithm,
      signatureAlgorithm: sm2SignatureAlgorithm,
      signature,
    },
  })
  // SECURITY: locks differ in what they take for the digest (some hash again): a wrong answer never leaves.
  recode('document.signature', () => {
    requireHolds(read(der), digest)
  })
  return der
}

/** Shape and mathematics of a detached signature of the gm-1 profile. Throws `document.signature`. */
export function verifyDetachedGm(content: Uint8Array, signature: Uint8Array): DetachedSignature {
  return recode('document.signature', () => {
    const detached = read(signature)
    requireHolds(detached, sm2Digest(sm2PointOf(detached.signer), content))
    return detached
  })
}

/** The same for a content that is digested by the caller, once it is known whose signature it is. Throws what it throws too. */
export async function verifyDigestedGm(
  signature: Uint8Array,
  digestContent: DigestContent,
): Promise<DetachedSignature> {
  const detached = recode('document.signature', () => read(signature))
  const point = recode('document.signature', () => sm2PointOf(detached.signer))
  const { digest } = await digestContent(point)
  recode('document.signature', () => {
    requireHolds(detached, digest)
  })
  return detached
}

/** Everything of a message but its mathematics. */
function read(signature: Uint8Array): DetachedSignature {
  if (signature.length > maxSignatureLength) throw bad('longer than 64 KiB')
  const message = decodeGmSignedData(signature)
  const { signer: info } = message
  for (const algorithm of [message.digestAlgorithm, info.digestAlgorithm]) {
    if (meaningOf(gmDigestAlgorithms, algorithm) === null) throw bad('a digest other than SM3')
  }
  if (meaningOf(gmSignatureAlgorithms, info.signatureAlgorithm) === null) {
    throw bad('a signature algorithm outside the profile')
  }
  const { signer, intermediates } = signerAmong(message)
  if (!maySign(signer)) throw bad('the signer’s certificate may not sign')
  if (!sameBytes(canonicalSignature(info.signature), info.signature)) throw bad('r and s are not in DER')
  return { signer, intermediates, signatureOctets: info.signature }
}

function requireHolds({ signer, signatureOctets }: DetachedSignature, digest: Uint8Array): void {
  if (!sm2VerifyDigest(sm2PointOf(signer), digest, signatureOctets)) throw bad('the signature does not hold')
}

function canonicalSignature(signature: Uint8Array): Uint8Array {
  return writeSm2Signature(readSm2Signature(signature, 'der'), 'der')
}

function bad(detail: string): CryptoFailure {
  return new CryptoFailure('document.signature', detail)
}
