import type { Tender } from '../../../crypto/index.ts'
import type { BidDraft } from '../bids/draft.ts'
import { requireSameTender } from '../bids/same-tender.ts'
import type { ModuleReference, Ports } from '../ports.ts'
import { bidBoq } from '../documents/boq/bid-boq.ts'
import type { BidFacts, PresentDocument } from './facts.ts'
import { gatherSeenLocks, gatherTraces } from './facts/computer.ts'
import { gatherDocuments } from './facts/documents.ts'
import { gatherHome } from './facts/home.ts'
import { gatherLocks } from './facts/locks.ts'
import type { LockQuestion } from './facts/locks.ts'
import type { Finding } from './finding.ts'
import { certificateRules } from './rules/certificates.ts'
import { applyRules } from './rules/index.ts'

/** What the check may look at beside the folder and the tender; what is left out is not looked at. */
export interface CheckSurroundings {
  /** The home: addenda that were imported, bids of other companies; the clock; and what reads the bill of quantities. */
  readonly ports?: Ports
  /** The locks the bid shall be sealed with. */
  readonly locks?: LockQuestion
  /** Modules whose locks are looked at, for those of other companies. */
  readonly modules?: readonly ModuleReference[]
  readonly signal?: AbortSignal | undefined
}

export interface CheckedBid {
  readonly findings: readonly Finding[]
  readonly documents: readonly PresentDocument[]
  /** Bytes of all documents and of the signatures beside them. */
  readonly size: number
  /** What the tender's rule would record of this computer. */
  readonly traces: BidFacts['traces']
}

/**
 * Holds a draft against its tender, its own contents, the locks and this home. Throws `seal.foreign-tender` when it was made
 * for another tender, `bid.invalid` when it names files outside its folder, `token.*` for locks that are asked about;
 * everything else is a finding.
 */
export async function checkBid(
  folder: string,
  draft: BidDraft,
  tender: Tender,
  surroundings: CheckSurroundings = {},
): Promise<CheckedBid> {
  requireSameTender(draft, tender)
  const { ports, locks, modules, signal } = surroundings
  const now = ports?.clock.now() ?? new Date()
  const through = ports === undefined ? {} : { files: ports.files }
  const inFolder = await gatherDocuments(folder, draft, { tender, now, signal, ...through })
  const traces = gatherTraces(tender.fields.traces)
  const facts: BidFacts = {
    tender,
    draft,
    now,
    ...inFolder,
    ...(ports === undefined ? { knownTenders: [], otherBids: [], addendum: null } : await gatherHome(ports, tender)),
    locks: ports === undefined || locks === undefined ? [] : await gatherLocks(ports, tender, locks),
    seenLocks: ports === undefined || modules === undefined ? [] : await gatherSeenLocks(ports.tokens, modules),
    traces,
    boq: ports === undefined ? null : await boqTotal(ports, folder),
  }
  const documents = facts.documents.map(({ document }) => document)
  const files = documents.flatMap(({ file, signatures }) => [file, ...signatures.map(each => each.file)])
  const size = files.reduce((sum, file) => sum + file.size, 0)
  return { findings: applyRules(facts), documents, size, traces }
}

async function boqTotal({ files }: Ports, folder: string): Promise<BidFacts['boq']> {
  const found = await bidBoq(files, folder)
  if (found === null) return null
  const { documentId, file, total, checked } = found
  return { documentId, file, total, faults: checked.findings.filter(({ level }) => level === 'fatal').length }
}

/**
 * What is worth saying of locks that nothing keeps from sealing: a certificate that is about to expire. What is wrong with
 * them sealing refuses by codes of its own.
 */
export async function adviceOnLocks(
  ports: Ports,
  tender: Tender,
  draft: BidDraft,
  question: LockQuestion,
): Promise<readonly Finding[]> {
  const locks = await gatherLocks(ports, tender, question)
  return certificateRules({ tender, draft, now: ports.clock.now(), locks }).filter(({ level }) => level === 'advice')
}
