import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { commonName, lookForCreditCode, lotOf, parseCertificate, sealBid } from '../../../crypto/index.ts'
import type { FoundCreditCode, JobControl, SealOutcome, SuiteId, Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Delivery } from '../../store/index.ts'
import type { LoadedDraft } from '../bids/draft.ts'
import { loadDraft } from '../bids/draft.ts'
import { isSealedBid } from '../bids/sealed-magic.ts'
import { adviceOnLocks, checkBid } from '../checks/check-bid.ts'
import type { Finding } from '../checks/finding.ts'
import { filesAfter } from '../files-after.ts'
import { signJournal } from '../evidence/sign-journal.ts'
import type { Ports } from '../ports.ts'
import type { RevocationFacts } from '../revocation/facts.ts'
import { requireFree } from '../sealed/header-file.ts'
import type { LockKey, Locks } from '../tokens/locks.ts'
import { otherCompany } from '../tokens/needed-lock.ts'
import { chooseSuite } from './choose-suite.ts'
import type { NamedRecipients } from './recipients.ts'
import { findRecipients, openRecipients } from './recipients.ts'
import { makeRecoveryFile } from './recovery-file.ts'
import { requireSignerNotRevoked, type RevokedRecipient, revokedRecipients } from './revoked-locks.ts'
import { draftState, requireNotSealedBefore, sealingDigest } from './same-sealing.ts'
import { requireComplete, requireRemedy, sealedDocuments, tracesFor } from './sealing-rules.ts'
import { stampForSeal } from './stamp-for-seal.ts'
import { type SlipRequest, type SlipResult, writeSlip } from './slip-file.ts'

export interface SealRequest extends NamedRecipients {
  readonly folder: string
  /** Whose signature and trust the caller has judged. */
  readonly tender: Tender
  /** Null for the one that tender and lock have in common. */
  readonly suite: SuiteId | null
  readonly output: string
  /** A new file for the recovery code, where the tender allows one. */
  readonly recoveryCodeTo?: string
  /** A new file for the plain twin, where the tender's remedy is one. */
  readonly plainTwinTo?: string
  /** A seal slip (PDF) to write; one that stands there is replaced. */
  readonly slip?: SlipRequest
  /** The bidder has seen the machine traces the tender's rule records, and lets them into the header. */
  readonly recordTraces?: boolean
  readonly selfTest: boolean
  /** Seals the same draft a second time. */
  readonly again: boolean
}

export interface SealReport extends SealOutcome {
  readonly suite: string
  readonly bidder: { readonly name: string; readonly creditCode: string }
  /** sealDigest of the delivered bid this one will take the place of. */
  readonly replaces?: string
  readonly slip?: SlipResult
  /** Names of the machine traces that went into the header. */
  readonly traces: readonly string[]
  /** What the check had to say, none of it fatal. */
  readonly findings: readonly Finding[]
  /** What is known of the revocation of the signer's certificate, then of its authorities; none without a chain to judge. */
  readonly revocation: readonly RevocationFacts[]
  /** Recipients whose certificates are known to have been revoked. */
  readonly revokedRecipients: readonly RevokedRecipient[]
}

/**
 * Signs and seals a bid folder and proves that it opens; a PIN is asked for only when nothing else can be refused any
 * more. A signing certificate that is known to have been revoked is refused. Where a time-stamp server is set the bid bears a
 * time stamp, or is not sealed. Afterwards the journal knows the sealed bid. Throws `seal.*`, `bid.*`, `token.*`, `cert.*`,
 * `output.*`.
 */
export async function sealFolder(
  ports: Ports,
  locks: Locks,
  request: SealRequest,
  control: JobControl,
): Promise<SealReport> {
  const { tender, folder } = request
  if (await isSealedBid(folder)) throw new AppFailure('seal.already-sealed', 'this is a sealed bid, not a bid folder')
  await requireFree(request.output)
  await requireRemedy(request)
  const loaded = await loadDraft(folder)
  const surroundings = { ports, signal: control.signal }
  requireComplete(await checkBid(folder, loaded.draft, tender, surroundings))
  const signing = await locks.key(request.sign, 'sign')
  const suite = chooseSuite(tender, signing.certificate.certificate, request.suite)
  const bidder = bidderOf(loaded, signing)
  // Now that it is known whose bid this is: the seals on the documents must be that company's.
  const checked = await checkBid(folder, { ...loaded.draft, bidder }, tender, surroundings)
  requireComplete(checked)
  const around = signing.token.certificates.map(({ certificate }) => certificate)
  const shown = await requireSignerNotRevoked(ports, tender, signing.certificate.certificate, around)
  const recipients = await findRecipients(locks, request)
  const advice = await adviceOnLocks(ports, tender, loaded.draft, { ...request, locks })
  for (const { certificate } of recipients) suite.requireKey(parseCertificate(certificate), 'decrypt')
  const digest = await sealingDigest(loaded, checked.documents, recipients, hasRemedy(request))
  if (!request.again) await requireNotSealedBefore(ports, digest)
  const state = await draftState(loaded, checked.documents)
  const others = await bidsForLot(ports, tender, bidder.creditCode)
  if (!request.again) requireNoneOnItsWay(others)
  const replaces = others.find(each => each.state === 'received' && each.withdrawing !== true)?.sealDigest
  // A journal that can't be written must show before the work, not after it.
  await ports.journal.entries()
  const stamp = await stampForSeal(ports, { tender, suite, signal: control.signal })
  const recovery =
    request.recoveryCodeTo === undefined
      ? null
      : await makeRecoveryFile(request.recoveryCodeTo, tender, ports.randomness)
  const traces = tracesFor(request, checked.traces)
  let stands = false
  try {
    const signer = await locks.signer(request.sign)
    // Some tokens show the certificates of their authority only after the login.
    const judged = shown ?? (await requireSignerNotRevoked(ports, tender, signer.certificate, signer.intermediates))
    const revoked = await revokedRecipients(ports, tender, recipients, [...around, ...signer.intermediates])
    const outcome = await sealBid({
      ...control,
      suite,
      tender,
      bidder,
      forms: loaded.draft.forms,
      documents: sealedDocuments(checked.documents),
      signer,
      recipients: await openRecipients(locks, recipients),
      ...(recovery === null ? {} : { recovery: { code: recovery.code } }),
      ...(request.plainTwinTo === undefined ? {} : { plainTwin: true, plainTwinTo: request.plainTwinTo }),
      ...(traces.length === 0 ? {} : { traces }),
      ...(replaces === undefined ? {} : { replaces }),
      ...(stamp === null ? {} : { stamp }),
      output: request.output,
      files: recovery === null ? ports.files : filesAfter(ports.files, () => recovery.commit()),
      pipeline: ports.pipeline,
      randomness: ports.randomness,
      clock: ports.clock,
      selfTest: request.selfTest,
    })
    stands = true
    const known = { creditCode: bidder.creditCode, sealingDigest: digest, draftState: state }
    try {
      await keep(ports, request, outcome, known, recovery !== null)
    } catch (error) {
      // A sealed file this home knows nothing of would be sealed again beside it.
      stands = !(await removed(request.output))
      throw error
    }
    const { sealId, sealDigest } = outcome
    await signJournal(ports, { signer, suite, sealId, sealDigest, moment: 'sealed' })
    return {
      ...outcome,
      suite: suite.id,
      bidder,
      ...(replaces === undefined ? {} : { replaces }),
      ...(request.slip === undefined ? {} : { slip: await writeSlip(ports, request.slip, { ...request, outcome }) }),
      traces: traces.map(({ name }) => name),
      findings: [...checked.findings, ...advice],
      revocation: judged ?? [],
      revokedRecipients: revoked,
    }
  } finally {
    if (!stands) {
      await recovery?.discard()
      if (request.plainTwinTo !== undefined) await removed(request.plainTwinTo)
    }
  }
}

function hasRemedy({ recoveryCodeTo, plainTwinTo }: SealRequest): boolean {
  return recoveryCodeTo !== undefined || plainTwinTo !== undefined
}

/** The credit code is the certificate's; what the draft says of the bidder must agree with it. */
function bidderOf({ draft }: LoadedDraft, signing: LockKey): { name: string; creditCode: string } {
  const certificate = parseCertificate(signing.certificate.certificate)
  const { counts, found } = lookForCreditCode(certificate)
  if (counts === null) throw new AppFailure('cert.unsupported', withoutCode(found))
  const { code } = counts
  if (draft.bidder.creditCode !== '' && draft.bidder.creditCode !== code) {
    throw otherCompany(draft.bidder, signing)
  }
  return { name: draft.bidder.name || (commonName(certificate.subject) ?? code), creditCode: code }
}

/** Every reader of the bid must find the same code without knowing the authority's habits, so none is chosen here. */
function withoutCode(found: readonly FoundCreditCode[]): string {
  const shown = found.map(({ code, where }) => `${code} (${where})`).join(', ')
  return found.length === 0
    ? 'the signing certificate holds no credit code'
    : `the signing certificate holds different credit codes: ${shown}`
}

/** What this home knows of this bidder's bids for the lot. One that stands must be named, or the platform would have two. */
async function bidsForLot(ports: Ports, tender: Tender, creditCode: string): Promise<readonly Delivery[]> {
  return (await ports.deliveries.list()).filter(
    delivery =>
      delivery.creditCode === creditCode &&
      delivery.tenderId === tender.fields.tenderId &&
      delivery.lotId === lotOf(tender),
  )
}

/**
 * A bid that was on its way, or a withdrawal, may have arrived or not: only submitting the bid once more tells whether it
 * stands and is replaced.
 */
function requireNoneOnItsWay(others: readonly Delivery[]): void {
  const undone = others.find(({ state, withdrawing }) => state === 'received' && withdrawing === true)
  if (undone !== undefined) {
    throw new AppFailure(
      'seal.already-sealed',
      `bid ${undone.shortCode} may have been withdrawn; withdraw it or submit it again first`,
    )
  }
  const unknown = others.find(({ state }) => state === 'submitting')
  if (unknown === undefined) return
  throw new AppFailure(
    'seal.already-sealed',
    `bid ${unknown.shortCode} was on its way and may have been received; submit it again first`,
  )
}

/** Removes a file; false when the system refuses. */
function removed(path: string): Promise<boolean> {
  return rm(path, { force: true }).then(
    () => true,
    () => false,
  )
}

async function keep(
  ports: Ports,
  { tender, output, plainTwinTo }: SealRequest,
  outcome: SealOutcome,
  known: Required<Pick<Delivery, 'creditCode' | 'sealingDigest' | 'draftState'>>,
  recoveryCode: boolean,
): Promise<void> {
  const { sealId, sealDigest, shortCode } = outcome
  await ports.journal.append('sealed', {
    sealId,
    sealDigest,
    packageDigest: tender.packageDigest,
    proved: outcome.recipients.filter(({ proved }) => proved).length,
    recoveryCode,
    ...(plainTwinTo === undefined ? {} : { plainTwin: true }),
    ...(outcome.timestamp === undefined ? {} : { timestamp: outcome.timestamp }),
  })
  await ports.deliveries.save({
    sealId,
    sealDigest,
    shortCode,
    packageDigest: tender.packageDigest,
    tenderId: tender.fields.tenderId,
    lotId: lotOf(tender),
    ...known,
    openingTime: tender.fields.openingTime,
    state: 'sealed',
    sealedPath: resolve(output),
  })
}
