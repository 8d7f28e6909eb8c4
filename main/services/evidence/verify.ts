import { readFile, stat } from 'node:fs/promises'
import { requireTenderTrust } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { toFailure } from '../failure.ts'
import type { Ports } from '../ports.ts'
import type { Trust } from '../trust.ts'
import { documentIn, documentNames, packagedBid, required } from './bid-facts.ts'
import type { PackagedBid } from './bid-facts.ts'
import { broken, readCanonicalZip } from './canonical-zip.ts'
import type { Entries } from './canonical-zip.ts'
import { checkDocuments, checkJournalDocument } from './check-documents.ts'
import type { CheckedStamp } from './check-documents.ts'
import { chainName, checkExtract, concerns, linesName } from './extract.ts'
import type { CheckedExtract } from './extract.ts'
import type { Conclusion, JudgedAttempt } from './judgement.ts'
import { conclude, judgeAttempts } from './judgement.ts'
import { checkManifest, manifestName } from './manifest.ts'

/** A package that holds, and what it says. */
export interface VerifiedEvidence {
  readonly sealId: string
  readonly sealDigest: string
  readonly shortCode: string
  readonly entries: readonly string[]
  /** Whether the bidder's lock vouches for the package as a whole. */
  readonly signed: boolean
  /** Whether the tender's signer leads to a trusted root; false where none is known for it. */
  readonly tenderTrusted: boolean
  readonly receivedAt: string | null
  /** Chains and dates of certificates are judged, their revocation is not: what is enclosed about it is for the reader. */
  readonly revocation: 'not-checked'
  readonly stamps: readonly CheckedStamp[]
  readonly journal: { readonly lines: number; readonly kept: number; readonly signedHeads: number }
  readonly attempts: readonly JudgedAttempt[]
  readonly conclusion: Conclusion
}

/** The largest package that is read, in bytes. */
const maxPackage = 512 * 1024 * 1024

/**
 * Verifies an evidence package offline: every byte of the file, every signature and what it binds, the chain of the journal
 * and the bidder's signatures over it. With anchors the user named the tender's signer must lead to one of them. Throws
 * `evidence.broken` naming the entry, `input.unreadable`.
 */
export async function verifyEvidence(
  ports: Pick<Ports, 'clock'>,
  path: string,
  trust: Trust,
): Promise<VerifiedEvidence> {
  const files = readCanonicalZip(await readPackage(path))
  const manifest = checkManifest(files)
  const about = await packagedBid(files)
  const { bid, receivedAt, terms, standing } = about
  const tenderTrusted = isTrusted(about, trust)
  const stamps = await checkDocuments(files, about, { anchors: trust.anchors, now: ports.clock.now() })
  const extract = checkExtract({ lines: required(files, linesName), chain: required(files, chainName) })
  const heads = [...files.keys()].filter(name => /^journal\/heads\/.*\.json$/.test(name))
  for (const head of heads) requireHead(head.slice(0, -5), files, about, extract)
  if (manifest.sealDigest !== bid.sealDigest) throw broken(manifestName, 'it is about another bid')
  const signed = documentIn(files, documentNames.manifest) !== null
  if (signed) requireHead(documentNames.manifest, files, about, extract)
  const { sealId, tender } = bid.header
  const ids = { sealId, sealDigest: bid.sealDigest, packageDigest: tender.packageDigest }
  const stranger = extract.entries.find(entry => !concerns(entry, ids))
  if (stranger !== undefined) throw broken(linesName, `entry ${stranger.n} is about another bid`)
  const attempts = judgeAttempts(extract.entries, terms)
  return {
    ...{
      sealId,
      sealDigest: bid.sealDigest,
      shortCode: bid.shortCode,
      signed,
      tenderTrusted,
      receivedAt,
      revocation: 'not-checked',
      stamps,
      attempts,
    },
    entries: [...files.keys()],
    journal: { lines: extract.digests.length, kept: extract.entries.length, signedHeads: heads.length },
    conclusion: conclude(attempts, standing),
  }
}

function isTrusted({ tender }: PackagedBid, { anchors, named }: Trust): boolean {
  try {
    requireTenderTrust(tender, anchors, new Date(tender.fields.publishedAt))
    return true
  } catch (error) {
    if (named) throw broken(`${documentNames.tender}.p7s`, toFailure(error).detail ?? 'not trusted', error)
    return false
  }
}

/** A signature over the journal must be over this one. */
function requireHead(name: string, files: Entries, about: PackagedBid, { digests }: CheckedExtract): void {
  const { sequence, previous, sealDigest } = checkJournalDocument(name, files, about)
  if (sealDigest !== about.bid.sealDigest) throw broken(`${name}.json`, 'it is about another bid')
  if (sequence > digests.length || previous !== (digests[sequence - 1] ?? '0'.repeat(64))) {
    throw broken(`${name}.json`, 'it is over another journal')
  }
}

async function readPackage(path: string): Promise<Uint8Array> {
  try {
    if ((await stat(path)).size > maxPackage) throw new AppFailure('input.unreadable', 'no evidence package is so long')
    return await readFile(path)
  } catch (error) {
    if (error instanceof AppFailure) throw error
    throw new AppFailure('input.unreadable', 'the package cannot be read', { cause: error })
  }
}
