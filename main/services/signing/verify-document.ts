import { basename } from 'node:path'
import {
  CryptoFailure,
  commonName,
  displayName,
  judgeRevocation,
  validatePath,
  verifyPdf,
} from '../../../crypto/index.ts'
import type {
  ByteSource,
  Certificate,
  PdfSignature,
  PdfStampVerdict,
  RevocationEvidence,
} from '../../../crypto/index.ts'
import type { Failure, FailureCode } from '../../contract/failure.ts'
import { certificateFacts, keyName } from '../certificate-facts.ts'
import type { Ports } from '../ports.ts'
import { keptEvidence } from '../revocation/evidence.ts'
import { revocationFacts, type RevocationFacts } from '../revocation/facts.ts'
import { type RefreshedSource, refreshRevocation } from '../revocation/refresh.ts'
import { shelfAt } from '../revocation/shelf.ts'
import type { ChainFacts, CoverageReport, PdfReport, SignatureReport, StampReport } from './pdf-report.ts'
import { signatureFiles } from './signature-files.ts'
import { verifyBeside } from './verify-beside.ts'

/** By what signatures are judged. */
export interface PdfJudgement {
  readonly anchors: readonly Certificate[]
  /** Revocation lists beside those the home keeps. */
  readonly more?: RevocationEvidence | undefined
  /** Whether authorities are asked first (needs the network). */
  readonly refresh?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** A report, and what was asked of authorities; null when nothing was to be asked. */
export interface VerifiedDocument {
  readonly report: PdfReport
  readonly fetched: readonly RefreshedSource[] | null
}

/** The detail of the failure of a document that nobody has signed. */
export const noSignature = 'the document has no signature'

/**
 * Verifies every signature inside a PDF and those that stand beside it. What is wrong with one is told, not thrown; throws
 * `input.unreadable` for what is no PDF and has no signature beside it either, `cancelled`.
 */
export async function verifyDocument(ports: Ports, path: string, judgement: PdfJudgement): Promise<VerifiedDocument> {
  const source = await ports.files.open(path)
  try {
    const beside = await judgedBeside(ports, path, source, judgement)
    const inside = await judgedInside(ports, source, judgement, beside.length > 0)
    const all = [...inside.signatures, ...beside]
    const refresh = judgement.refresh === true
    const fetched = refresh
      ? await refreshRevocation(
          ports,
          all.flatMap(({ paths }) => paths.map(one => one.path)),
          judgement,
        )
      : null
    const signatures: SignatureReport[] = []
    for (const each of all) signatures.push(await withRevocation(ports, each, judgement.more))
    const isWhollySigned = signatures.some(({ holds, covers }) => holds && covers.kind === 'whole-file')
    const report = {
      size: source.size,
      signatures,
      isWhollySigned,
      unread: inside.unread,
      failure: failureOf(signatures),
    }
    return { report, fetched }
  } finally {
    await source.close()
  }
}

/** A signature judged but for its revocation, and the paths that is looked for on, each with the time it is judged at. */
interface Judged {
  readonly report: Omit<SignatureReport, 'holds' | 'revocation'>
  readonly paths: readonly { readonly path: readonly Certificate[]; readonly at: Date }[]
}

async function judgedInside(
  { clock }: Ports,
  source: ByteSource,
  { anchors, signal }: PdfJudgement,
  hasOthers: boolean,
): Promise<{ readonly signatures: readonly Judged[]; readonly unread: string | null }> {
  try {
    const { signatures } = await verifyPdf(source, { anchors, ...(signal === undefined ? {} : { signal }) })
    return { signatures: signatures.map(one => judgedField(one, clock.now())), unread: null }
  } catch (error) {
    if (!hasOthers || !(error instanceof CryptoFailure) || error.code !== 'input.unreadable') throw error
    return { signatures: [], unread: error.detail }
  }
}

function judgedField(signature: PdfSignature, now: Date): Judged {
  const { verdict, claims, coverage } = signature
  const stamp = verdict.kind === 'valid' ? verdict.timestamp : null
  const common = {
    kind: signature.purpose,
    name: signature.field,
    claims: { ...claims, time: claims.time?.toISOString() ?? null },
    timestamp: stamp === null ? null : stampReport(stamp),
    covers: coverageReport(coverage),
  }
  if (verdict.kind !== 'valid') {
    const signer = verdict.kind === 'changed' ? certificateFacts(verdict.signer) : null
    const detail = 'detail' in verdict ? { detail: verdict.detail } : {}
    return { report: { ...common, verdict: verdict.kind, ...detail, signer, chain: null }, paths: [] }
  }
  const { signer, trust, digest, algorithm } = verdict
  const report = {
    ...common,
    verdict: verdict.kind,
    signer: certificateFacts(signer),
    algorithm: `${keyName(signer)} ${algorithm} ${digest}`,
    chain: chainFacts(trust),
  }
  const stampTrust = stamp?.kind === 'valid' ? stamp.trust : null
  // SECURITY: a time that only the signer claims proves nothing: whoever has a key that was taken back would claim an early one.
  const isProved = stampTrust?.kind === 'trusted'
  const own = trust.kind === 'trusted' ? [{ path: trust.path, at: isProved ? trust.at : now }] : []
  const isStamp = signature.purpose === 'document-timestamp'
  const others = isProved && !isStamp ? [{ path: stampTrust.path, at: stampTrust.at }] : []
  return { report, paths: [...own, ...others] }
}

type Trust = Extract<PdfSignature['verdict'], { kind: 'valid' }>['trust']

function chainFacts(trust: Trust): ChainFacts {
  if (trust.kind === 'trusted') return { ok: true, at: trust.at.toISOString() }
  // A signature that says no time and has no stamp gives nothing to judge a certificate at.
  if (trust.kind === 'not-judged') return { ok: false, code: 'cert.untrusted' }
  return { ok: false, code: trust.code, at: trust.at.toISOString() }
}

function stampReport(stamp: PdfStampVerdict): StampReport {
  if (stamp.kind !== 'valid') return { verdict: stamp.kind, detail: stamp.detail }
  const { subject } = stamp.signer
  const authority = commonName(subject) ?? displayName(subject)
  return { verdict: 'valid', time: stamp.time.toISOString(), authority, chain: chainFacts(stamp.trust) }
}

function coverageReport(coverage: PdfSignature['coverage']): CoverageReport {
  if (coverage.kind !== 'revision') return { kind: coverage.kind }
  const { followedBy, changes, breaksPermission: forbidden } = coverage
  return { kind: 'revision', followedBy, changes, forbidden }
}

async function judgedBeside(
  { clock }: Ports,
  path: string,
  source: ByteSource,
  { anchors, signal }: PdfJudgement,
): Promise<readonly Judged[]> {
  const found: Judged[] = []
  for (const file of await signatureFiles(path)) {
    const common = {
      kind: 'detached' as const,
      name: basename(file.path),
      claims: { name: null, reason: null, location: null, time: null },
      timestamp: null,
    }
    const verified = await verifyBeside(source, file.bytes, signal)
    if (verified === null) {
      const detail = 'no signature of these bytes'
      const covers = { kind: 'broken' as const }
      found.push({ report: { ...common, verdict: 'broken', detail, signer: null, covers, chain: null }, paths: [] })
      continue
    }
    const { signer, intermediates } = verified
    const at = clock.now()
    const way = wayTo(signer, intermediates, anchors, at)
    const chain: ChainFacts = 'path' in way ? { ok: true, at: at.toISOString() } : { ...way, at: at.toISOString() }
    const facts = { verdict: 'valid' as const, signer: certificateFacts(signer), algorithm: 'SM2 sm3' }
    const covers = { kind: 'whole-file' as const }
    found.push({ report: { ...common, ...facts, covers, chain }, paths: 'path' in way ? [{ path: way.path, at }] : [] })
  }
  return found
}

function wayTo(
  leaf: Certificate,
  intermediates: readonly Certificate[],
  anchors: readonly Certificate[],
  at: Date,
): { readonly path: readonly Certificate[] } | { readonly ok: false; readonly code: FailureCode } {
  try {
    return { path: validatePath({ leaf, intermediates, anchors, at, leafUse: 'sign' }) }
  } catch (error) {
    if (!(error instanceof CryptoFailure)) throw error
    return { ok: false, code: error.code }
  }
}

async function withRevocation(
  { home }: Ports,
  { report, paths }: Judged,
  more: RevocationEvidence | undefined,
): Promise<SignatureReport> {
  const revocation: RevocationFacts[] = []
  for (const { path, at } of paths) {
    const kept = await keptEvidence(shelfAt(home.revocation), path, at)
    const evidence = { ...kept, crls: [...(more?.crls ?? []), ...kept.crls] }
    revocation.push(...revocationFacts(judgeRevocation(path, evidence, at)))
  }
  const isRevoked = revocation.some(({ status }) => status === 'revoked')
  const chain: ChainFacts | null =
    isRevoked && report.chain?.ok === true ? { ok: false, code: 'cert.revoked', at: report.chain.at } : report.chain
  return { ...report, chain, revocation, holds: report.verdict === 'valid' && chain?.ok === true && isIntact(report) }
}

/** What others added is theirs; what is read on the pages must be what was signed, and what was forbidden must not be there. */
function isIntact({ covers }: Pick<SignatureReport, 'covers'>): boolean {
  if (covers.kind !== 'revision') return covers.kind === 'whole-file'
  return !covers.forbidden && !covers.changes.includes('content')
}

function failureOf(signatures: readonly SignatureReport[]): Failure | null {
  if (signatures.length === 0) return { code: 'document.signature', detail: noSignature }
  const bad = signatures.filter(({ holds }) => !holds)
  if (bad.length === 0) return null
  const chain = bad.every(({ verdict }) => verdict === 'valid')
    ? bad.find(each => each.chain?.ok === false)?.chain
    : null
  const detail = `${bad.length} of ${signatures.length} signatures do not hold`
  return { code: 'document.signature', detail, ...(chain?.ok === false ? { because: chain.code } : {}) }
}
