import type { Certificate } from '../../cert/certificate.ts'
import { creditCodeOfName, findCreditCode } from '../../cert/credit-code.ts'
import { validatePath } from '../../cert/path.ts'
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
  readonly timestamp: { readonly time: Date; readonly signer: Certificate } | null
}

/**
 * Check 3: `seal.p7s` over the exact bytes of `seal.json`, its signer the header's, the time stamp, credit codes, chain.
 * Throws `seal.signature`; its cause is the certificate's own failure (`cert.expired`, `cert.untrusted`), if that was it.
 */
export function checkSignature(bid: SealedBid, anchors: readonly Certificate[], at: Date): JudgedSignature {
  return recode('seal.signature', () => {
    const { signer, intermediates, signatureOctets } = bid.suite.verifyDetached(bid.headerBytes, bid.signature)
    if (toHex(bid.suite.digest(signer.der)) !== bid.header.signer.certificateDigest) {
      throw new CryptoFailure('seal.signature', 'the header names another signer')
    }
    const timestamp = bid.timestamp === null ? null : judgeTimestamp(bid, bid.timestamp, signatureOctets, anchors)
    const judgedAt = timestamp?.time ?? at
    const creditCode = checkCreditCodes(bid, signer)
    const path = validatePath({
      leaf: signer,
      intermediates,
      anchors,
      at: judgedAt,
      leafUse: 'sign',
      requireAllUsed: true,
    })
    return { signer, path, creditCode, judgedAt, timestamp }
  })
}

/** The stamp moves the time of judgement, so its authority must lead to the same anchors, or anybody could backdate. */
function judgeTimestamp(
  { suite }: SealedBid,
  tsr: Uint8Array,
  signatureOctets: Uint8Array,
  anchors: readonly Certificate[],
) {
  const { time, signer, intermediates } = verifyTimestamp(tsr, signatureOctets, suite.id)
  validatePath({ leaf: signer, intermediates, anchors, at: time, leafUse: 'timestamp', requireAllUsed: true })
  return { time, signer }
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
