import { CryptoFailure, toHex, verifySealedBid } from '../../../crypto/index.ts'
import type { Certificate, JobControl, PartName, SealedBid } from '../../../crypto/index.ts'
import type { Failure, FailureCode } from '../../contract/failure.ts'
import { certificateFacts } from '../certificate-facts.ts'
import type { CertificateFacts } from '../certificate-facts.ts'
import { toFailure } from '../failure.ts'
import { type RevocationFacts, revocationFacts } from '../revocation/facts.ts'
import type { Judgement } from './sealed-file.ts'

/** The outcome of `verify`; `failure` is null when every check without a key holds. */
export interface VerifyReport {
  readonly sealId: string
  readonly sealDigest: string
  readonly shortCode: string
  /** Null when the signature itself does not hold, so that there is no signer to speak of. */
  readonly signer: CertificateFacts | null
  readonly chain: { readonly ok: boolean; readonly code?: FailureCode }
  /**
   * What is known of the revocation of every certificate of the chain but its anchor at the judged time, then of the time
   * stamp's; none when the signature does not hold.
   */
  readonly revocation: readonly RevocationFacts[]
  /** Every part whose stored bytes were looked at; none when an earlier check failed. `root` is the header's. */
  readonly parts: readonly VerifiedPartFacts[]
  readonly timestamp?: string
  /** Whether the bid was held against its tender package too. */
  readonly tenderChecked: boolean
  readonly failure: Failure | null
}

export interface VerifiedPartFacts {
  readonly name: string
  readonly ok: boolean
  readonly root: string
}

/**
 * Checks 3 to 7 of a bid that has been read (a header archive: 3 to 6). What fails is reported, not thrown; only a
 * cancelled or unreadable input throws.
 */
export async function verifyBid(bid: SealedBid, judgement: Judgement, control: JobControl): Promise<VerifyReport> {
  const { header, sealDigest, shortCode } = bid
  const common = { sealId: header.sealId, sealDigest, shortCode, tenderChecked: judgement.tender !== null }
  const parts = header.parts.map(({ name, root }) => ({ name, root }))
  try {
    const { signer, timestamp, revocation } = await verifySealedBid(bid, {
      ...control,
      anchors: judgement.anchors,
      tender: judgement.tender ?? undefined,
      at: judgement.at,
      revocation: judgement.revocation,
      pipeline: judgement.pipeline,
      skipParts: bid.kind === 'header',
    })
    return {
      ...common,
      signer: certificateFacts(signer),
      chain: { ok: true },
      revocation: revocationFacts(revocation),
      parts: bid.kind === 'header' ? [] : parts.map(part => ({ ...part, ok: true })),
      ...(timestamp === null ? {} : { timestamp: timestamp.time.toISOString() }),
      failure: null,
    }
  } catch (error) {
    if (!(error instanceof CryptoFailure) || !error.code.startsWith('seal.')) throw error
    const failure = toFailure(error)
    const signer = signerOf(bid)
    const chain =
      failure.code === 'seal.signature' ? { ok: false, code: failure.because ?? failure.code } : { ok: true }
    return {
      ...common,
      signer: signer === null ? null : certificateFacts(signer),
      chain,
      revocation: [],
      parts: failure.code === 'seal.root' ? await judgeParts(bid) : [],
      failure,
    }
  }
}

/** Which of the parts are not the ones that were sealed: only their digests tell, the check stops at the first. */
async function judgeParts(bid: SealedBid): Promise<readonly VerifiedPartFacts[]> {
  const judged: VerifiedPartFacts[] = []
  for (const { name, root } of bid.header.parts) judged.push({ name, root, ok: (await partRoot(bid, name)) === root })
  return judged
}

/** seal-format, "Part stream": leaves over sealed chunks of 2^20 + 16 bytes, prefixes 0x00 and 0x01. */
async function partRoot(bid: SealedBid, name: PartName): Promise<string> {
  const { suite } = bid
  const source = bid.partSource(name)
  const chunk = new Uint8Array(2 ** 20 + 16)
  const leaves: Uint8Array[] = []
  for (let at = 0; at < source.size; at += chunk.length) {
    const piece = chunk.subarray(0, Math.min(chunk.length, source.size - at))
    await source.read(at, piece)
    leaves.push(suite.leaf(0x00, piece))
  }
  return toHex(suite.digest(Uint8Array.of(0x01), ...leaves))
}

/** The certificate whose signature holds in its mathematics, whatever else is wrong. */
function signerOf(bid: SealedBid): Certificate | null {
  try {
    return bid.suite.verifyDetached(bid.headerBytes, bid.signature).signer
  } catch (error) {
    if (error instanceof CryptoFailure) return null
    throw error
  }
}
