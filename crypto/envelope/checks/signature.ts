import type { Certificate } from '../../cert/certificate.ts'
import { creditCodeOfName, findCreditCode } from '../../cert/credit-code.ts'
import { type PathRequest, validatePath } from '../../cert/path.ts'
import {
  type JudgedCertificate,
  judgeRevocation,
  requireNotRevoked,
  type RevocationEvidence,
} from '../../cert/revocation/index.ts'
import { CryptoFailure, recode } from '../../errors.ts'
import { fromHex, toHex } from '../../json/hex.ts'
import { verifyTimestamp } from '../../sign/timestamp.ts'
import type { SealedBid } from '../read.ts'

/** What check 3 finds out. */
export interface JudgedSignature {
  readonly signer: Certificate
  /** From the signer to the anchor. */
  readonly path: readonly Certificate[]
  /** Credit code of the bidder, in the signer's certificate and in the header. */
  readonly creditCode: string
  /** The time certificates are judged at: the time stamp's, else the one given. */
  readonly judgedAt: Date
  readonly timestamp: {
    readonly time: Date
    readonly signer: Certificate
    /** From its signer to the anchor. */
    readonly path: readonly Certificate[]
  } | null
  /**
   * What is known of the revocation of every certificate of the path at `judgedAt`, then of those of the time stamp at its
   * time, the anchors apart. None of them is revoked.
   */
  readonly revocation: readonly JudgedCertificate[]
}

/** What signatures are judged by. */
export interface SignatureTrust {
  readonly anchors: readonly Certificate[]
  readonly at: Date
  readonly evidence: RevocationEvidence
}

/**
 * Check 3: `seal.p7s` over the exact bytes of `seal.json`, its signer the header's, the time stamp, credit codes, chain.
 * Throws `seal.signature`; its cause is the certificate's own failure (`cert.expired`, `cert.untrusted`, `cert.revoked`), if
 * that was it.
 */
export function checkSignature(bid: SealedBid, trust: SignatureTrust): JudgedSignature {
  return recode('seal.signature', () => {
    const { signer, intermediates, signatureOctets } = bid.suite.verifyDetached(bid.headerBytes, bid.signature)
    if (toHex(bid.suite.digest(signer.der)) !== bid.header.signer.certificateDigest) {
      throw new CryptoFailure('seal.signature', 'the header names another signer')
    }
    const stamp = bid.timestamp === null ? null : judgeTimestamp(bid, bid.timestamp, signatureOctets, trust)
    const timestamp = stamp && { time: stamp.time, signer: stamp.signer, path: stamp.certificates }
    const judgedAt = timestamp?.time ?? trust.at
    const creditCode = checkCreditCodes(bid, signer)
    const path = judgePath({ leaf: signer, intermediates, at: judgedAt, leafUse: 'sign' }, trust)
    return {
      signer,
      path: path.certificates,
      creditCode,
      judgedAt,
      timestamp,
      revocation: [...path.revocation, ...(stamp?.revocation ?? [])],
    }
  })
}

/** The stamp moves the time of judgement, so its authority must lead to the same anchors, or anybody could backdate. */
function judgeTimestamp(
  { suite }: SealedBid,
  tsr: Uint8Array,
  signatureOctets: Uint8Array,
  trust: SignatureTrust,
): JudgedPath & { readonly time: Date; readonly signer: Certificate } {
  const { time, signer, intermediates } = verifyTimestamp(tsr, signatureOctets, suite.id)
  const path = judgePath({ leaf: signer, intermediates, at: time, leafUse: 'timestamp' }, trust)
  return { time, signer, ...path }
}

interface JudgedPath {
  readonly certificates: readonly Certificate[]
  readonly revocation: readonly JudgedCertificate[]
}

function judgePath(
  request: Pick<PathRequest, 'leaf' | 'intermediates' | 'at' | 'leafUse'>,
  { anchors, evidence }: SignatureTrust,
): JudgedPath {
  const certificates = validatePath({ ...request, anchors, requireAllUsed: true })
  const revocation = judgeRevocation(certificates, evidence, request.at)
  requireNotRevoked(revocation, { unknown: 'accept' })
  return { certificates, revocation }
}

function checkCreditCodes(bid: SealedBid, signer: Certificate): string {
  const expected = bid.header.bidder.creditCode
  if (findCreditCode(signer)?.code !== expected) {
    throw new CryptoFailure('seal.signature', "the header's credit code is not the one in the signer's certificate")
  }
  for (const recipient of bid.header.recipients) {
    if (recipient.role !== 'main' && recipient.role !== 'backup') continue
    const shown = creditCodeOfName(fromHex(recipient.subject))
    if (shown !== null && shown !== expected) {
      throw new CryptoFailure('seal.signature', `recipient ${recipient.id} bears another credit code`)
    }
  }
  return expected
}
