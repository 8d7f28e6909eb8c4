import { createHash } from 'node:crypto'
import type { Certificate } from '../../cert/certificate.ts'
import { oids } from '../../der/oids.ts'
import { sameBytes } from '../../der/writer.ts'
import { CryptoFailure } from '../../errors.ts'
import { docMdpOf, type Permission } from './certification.ts'
import { type ForeignCms, NotRead, readForeignCms } from './cms-read.ts'
import { readClaims } from './claims.ts'
import { type CoveredBytes, digestCovered, readCoverage, signedRevision } from './coverage.ts'
import type { PdfDocument } from './document.ts'
import type { FormField } from './fields.ts'
import { laterChanges, type LaterChanges } from './later-changes.ts'
import { requireNamedCertificate, signingTimeOf } from './named-certificate.ts'
import { isName, type PdfDictionary } from './objects.ts'
import type { Coverage, PdfSignature, SignatureClaims, SignatureVerdict, StampVerdict } from './signature-facts.ts'
import { readTimestampToken, type TimestampFacts, verifyTimestampToken } from './timestamp-token.ts'
import { judgeTrust, type Trust } from './trust.ts'

/** How signatures are judged. */
export interface PdfTrust {
  /** Trusted authorities; without them no chain is judged. */
  readonly anchors?: readonly Certificate[]
  /** The time at which certificates must be valid, unless a trusted time stamp tells it; the claimed time when absent. */
  readonly at?: Date
  readonly signal?: AbortSignal
}

const signatureForms: ReadonlySet<string> = new Set(['ETSI.CAdES.detached', 'adbe.pkcs7.detached'])

/** What a certification still allows (ISO 32000-2, table 257); evidence for later checks always. */
const allowedChanges: Readonly<Record<Permission, LaterChanges>> = {
  1: ['metadata'],
  2: ['metadata', 'signatures', 'form'],
  3: ['metadata', 'signatures', 'form', 'annotations'],
}

/** Verifies the signature in a field. What is wrong with it is told, never thrown; the medium's failures are. */
export async function verifyField(
  document: PdfDocument,
  field: FormField,
  value: PdfDictionary,
  trust: PdfTrust,
): Promise<PdfSignature> {
  const subFilter = await document.resolve(value.entries.get('SubFilter'))
  const form = isName(subFilter) ? subFilter.name : ''
  const claims = await readClaims(document, value)
  const common = {
    field: field.name,
    purpose: form === 'ETSI.RFC3161' ? ('document-timestamp' as const) : ('signature' as const),
    subFilter: form,
    claims,
    permission: await docMdpOf(document, value),
  }
  const covered = await readCoverage(document, value)
  if ('problem' in covered) {
    const detail = covered.problem
    return { ...common, coverage: { kind: 'broken', detail }, verdict: { kind: 'broken', detail } }
  }
  const coverage = await coverageOf(document, field, covered, common.permission)
  if (coverage.kind === 'broken') return { ...common, coverage, verdict: coverage }
  return { ...common, coverage, verdict: await judged(document, covered, form, claims, trust) }
}

async function coverageOf(
  document: PdfDocument,
  field: FormField,
  covered: CoveredBytes,
  permission: Permission | null,
): Promise<Coverage> {
  const followedBy = document.source.size - covered.end
  if (followedBy === 0) return { kind: 'whole-file' }
  const revision = await signedRevision(document, field, covered)
  if (revision === null) return { kind: 'broken', detail: 'what is covered is no whole document' }
  const changes = await laterChanges(revision, document)
  const breaksPermission = permission !== null && changes.some(change => !allowedChanges[permission].includes(change))
  return { kind: 'revision', followedBy, changes, breaksPermission }
}

async function judged(
  document: PdfDocument,
  covered: CoveredBytes,
  form: string,
  claims: SignatureClaims,
  trust: PdfTrust,
): Promise<SignatureVerdict> {
  try {
    if (form === 'ETSI.RFC3161') return await judgedTimestamp(document, covered, trust)
    if (!signatureForms.has(form)) throw new NotRead(`the form ${form.slice(0, 64) || 'without a name'}`)
    const message = readForeignCms(covered.contents)
    if (message.contentType !== oids.data || message.content !== null) throw new NotRead('a signature of other content')
    if (!message.holds) throw new CryptoFailure('document.signature', 'the signature does not hold')
    requireNamedCertificate(message, form)
    const digest = await digestCovered(document.source, covered, createHash(message.digest), trust.signal)
    const { signer } = message
    if (!sameBytes(digest, message.messageDigest)) return { kind: 'changed', signer }
    const timestamp = stampOf(message, trust)
    const at = provedTime(timestamp) ?? trust.at ?? claims.time ?? signingTimeOf(message)
    return {
      kind: 'valid',
      signer,
      others: message.others,
      digest: message.digest,
      algorithm: message.scheme.kind,
      trust: trustIn(signer, message.others, trust, at, 'sign'),
      timestamp,
    }
  } catch (error) {
    return verdictOf(error)
  }
}

/** A time stamp over the whole document (ETSI EN 319 142-1, 5.4.3). */
async function judgedTimestamp(
  document: PdfDocument,
  covered: CoveredBytes,
  trust: PdfTrust,
): Promise<SignatureVerdict> {
  const facts = readTimestampToken(covered.contents)
  const { hash, digest } = facts.imprint
  const { signer, others, time } = facts
  const own = await digestCovered(document.source, covered, createHash(hash), trust.signal)
  if (!sameBytes(own, digest)) return { kind: 'changed', signer }
  const trusted = trustIn(signer, others, trust, time, 'timestamp')
  return {
    kind: 'valid',
    signer,
    others,
    digest: hash,
    algorithm: signer.key.kind === 'ec' ? 'ecdsa' : 'rsa-pkcs1',
    trust: trusted,
    timestamp: { kind: 'valid', time, signer, trust: trusted },
  }
}

function stampOf(message: ForeignCms, trust: PdfTrust): StampVerdict | null {
  const [token] = message.unsigned.get(oids.signatureTimestamp) ?? []
  if (token === undefined) return null
  try {
    const facts: TimestampFacts = verifyTimestampToken(token.raw, hash =>
      Uint8Array.from(createHash(hash).update(message.signature).digest()),
    )
    const { time, signer, others } = facts
    return { kind: 'valid', time, signer, trust: trustIn(signer, others, trust, time, 'timestamp') }
  } catch (error) {
    return verdictOf(error)
  }
}

function verdictOf(error: unknown): { readonly kind: 'broken' | 'not-read'; readonly detail: string } {
  if (error instanceof NotRead) return { kind: 'not-read', detail: error.detail }
  if (error instanceof CryptoFailure && error.code === 'document.signature') {
    return { kind: 'broken', detail: error.detail }
  }
  throw error
}

/** Only a time stamp of a trusted authority tells when; any other is a claim. */
function provedTime(stamp: StampVerdict | null): Date | null {
  return stamp?.kind === 'valid' && stamp.trust.kind === 'trusted' ? stamp.time : null
}

function trustIn(
  signer: Certificate,
  others: readonly Certificate[],
  { anchors }: PdfTrust,
  at: Date | null,
  use: 'sign' | 'timestamp',
): Trust {
  if (anchors === undefined || at === null) return { kind: 'not-judged' }
  return judgeTrust(signer, others, anchors, at, use)
}
