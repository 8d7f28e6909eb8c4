import type { Certificate } from '../cert/certificate.ts'
import { noEvidence, type RevocationEvidence } from '../cert/revocation/index.ts'
import type { Tender } from '../documents/tender.ts'
import type { JobControl } from '../io/ports.ts'
import type { Pipeline } from '../worker/pipeline.ts'
import { startMeter } from '../io/progress.ts'
import { systemClock } from '../io/system.ts'
import { checkEntries } from './checks/entries.ts'
import { checkEnvelopes } from './checks/envelopes.ts'
import { checkRoots } from './checks/roots.ts'
import { checkSignature, type JudgedSignature } from './checks/signature.ts'
import { checkTender } from './checks/tender.ts'
import type { PartName } from './header.ts'
import type { SealedBid } from './read.ts'

/** What a bid is held against. */
export interface VerifyOptions extends JobControl {
  /** The tender's accepted authorities, or those of the user's trust list. */
  readonly anchors: readonly Certificate[]
  /** The package the bid must be for; without it check 4 is left out. */
  readonly tender?: Tender | undefined
  /** Time certificates are judged at when there is no time stamp: the receipt's, else (absent) now. */
  readonly at?: Date | undefined
  /** Revocation lists and OCSP answers at hand; what they do not speak of is accepted as not checked. */
  readonly revocation?: RevocationEvidence | undefined
  /** Threads for check 7, where the bid stands in a plain file. */
  readonly pipeline?: Pipeline | undefined
  /** For a header archive: checks 3 to 6, no part is read. */
  readonly skipParts?: boolean | undefined
}

/** A bid that has passed every check that needs no key. */
export interface VerifiedBid extends JudgedSignature {
  readonly bid: SealedBid
  readonly anchors: readonly Certificate[]
  /** The parts whose stored bytes have been verified; none with `skipParts`. */
  readonly parts: readonly VerifiedPart[]
  /** Leaf digests of the verified parts. */
  readonly leaves: ReadonlyMap<PartName, readonly Uint8Array[]>
}

/** A part whose stored bytes are those that were sealed. */
export interface VerifiedPart {
  readonly name: PartName
  readonly ok: true
  /** Hex. */
  readonly root: string
}

/**
 * Checks 3 to 7 in their order (1 and 2 are {@link readSealedBid}'s); the first that fails is thrown: `seal.signature`,
 * `seal.tender`, `seal.entries`, `seal.envelope`, `seal.root`. Reads the parts once, one chunk at a time.
 */
export async function verifySealedBid(bid: SealedBid, options: VerifyOptions): Promise<VerifiedBid> {
  if (options.skipParts === true) return verifyHeader(bid, options)
  const known = verifyHeader(bid, options)
  const leaves = await checkRoots(bid, startMeter(options, 'verify', partBytes(bid)), options)
  const parts = bid.header.parts.map(({ name, root }) => ({ name, ok: true as const, root }))
  return { ...known, parts, leaves }
}

/** Check 7 alone: whether the stored parts are those the header names, whoever signed it. Throws `seal.root`. */
export async function verifyPartRoots(bid: SealedBid, options: JobControl = {}): Promise<void> {
  await checkRoots(bid, startMeter(options, 'verify', partBytes(bid)), options)
}

/** Checks 3 to 6: everything but the parts' bytes, which must be there unless `skipParts` says that they need not. */
export function verifyHeader(bid: SealedBid, options: VerifyOptions): VerifiedBid {
  const { anchors, at = systemClock.now(), revocation: evidence = noEvidence } = options
  const signature = checkSignature(bid, { anchors, at, evidence })
  if (options.tender !== undefined) checkTender(bid, options.tender)
  checkEntries(bid, options.skipParts !== true)
  checkEnvelopes(bid)
  return { ...signature, bid, anchors, parts: [], leaves: new Map() }
}

/** Plaintext bytes of all parts. */
export function partBytes({ header }: SealedBid): number {
  return header.parts.reduce((sum, part) => sum + part.size, 0)
}
