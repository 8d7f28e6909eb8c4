import { type Certificate, parseCertificate } from '../cert/certificate.ts'
import { creditCodeOfName, findCreditCode } from '../cert/credit-code.ts'
import { validatePath } from '../cert/path.ts'
import { chainAbove } from '../cms/detached.ts'
import { readRecoveryCode } from '../cms/recovery-code.ts'
import { requireDates, requireUse } from '../documents/authority.ts'
import { maxDocuments } from '../documents/kinds/bid.ts'
import { encodeDocument } from '../documents/encoding.ts'
import { envelopeCertificates } from '../documents/tender.ts'
import { CryptoFailure } from '../errors.ts'
import { toHex } from '../json/hex.ts'
import type { Signer } from '../sign/signer.ts'
import { tenderReferenceOf } from './checks/tender.ts'
import type { KeyOpener } from './key-opener.ts'
import type { SealOptions } from './seal-options.ts'

/** A recipient whose certificate has been judged. */
export interface PlannedRecipient {
  readonly id: string
  readonly role: 'main' | 'backup' | 'agency'
  readonly label: string | undefined
  readonly certificate: Certificate
  readonly certificateDigest: string
  readonly publicKeyDigest: string
  readonly opener: KeyOpener | undefined
}

/** The certificates of a sealing, judged. */
export interface SealPlan {
  readonly signer: Certificate
  /** The signer, knowing only the intermediates up to the tender's accepted authority: what signatures list. */
  readonly signing: Signer
  readonly recipients: readonly PlannedRecipient[]
}

/** Most recipients of a header, recovery included. */
const maxRecipients = 16

/**
 * Everything that can be refused before the first byte is read or the first PIN is needed: what the tender asks for,
 * certificates (chain of the signer, dates, use, whose they are), doubles and limits.
 *
 * Throws `seal.tender` (suite, agency, recovery, plain twin, traces), `cert.expired` (not valid now, or a recipient that
 * expires before the opening's window is over), `cert.untrusted`, `cert.unsupported`, `token.wrong-lock` (a certificate
 * with another credit code), `document.malformed` (names and values no reader accepts), `arguments.bad`.
 */
export function planSeal(options: SealOptions): SealPlan {
  checkTenderRules(options)
  if (options.documents.length > maxDocuments) throw bad(`more than ${maxDocuments} documents`)
  requireDistinct(
    options.documents.map(each => each.id),
    'documents',
  )
  requireDistinct(
    options.documents.map(each => each.name),
    'document names',
  )
  requireDistinct(
    options.forms.map(each => each.id),
    'forms',
  )
  for (const form of options.forms)
    requireDistinct(
      form.fields.map(field => field.name),
      'fields of a form',
    )
  checkTexts(options)
  return { ...judgeSigner(options), recipients: planRecipients(options) }
}

function checkTenderRules(options: SealOptions): void {
  const { suite, tender, recovery, plainTwin, plainTwinTo, traces, forms } = options
  const { fields } = tender
  if (!fields.suites.includes(suite.id)) throw againstTender(`suite ${suite.id} is not among the tender's`)
  if (recovery !== undefined && fields.remedy.kind !== 'recovery-code')
    throw againstTender('no recovery code is allowed')
  if (recovery !== undefined && readRecoveryCode(recovery.code) !== recovery.code) throw bad('not a recovery code')
  if (plainTwin === true && fields.remedy.kind !== 'plain-twin') throw againstTender('no plain twin is allowed')
  if (plainTwinTo !== undefined && plainTwin !== true) throw bad('a plain twin that the header would not bind')
  if ((traces ?? []).some(trace => !fields.traces.includes(trace.name)))
    throw againstTender('a trace that is not asked for')
  if (forms.some(form => fields.forms.every(each => each.id !== form.id)))
    throw againstTender('a form that is not asked for')
}

/** Names and values as `bid.json` will hold them, before gigabytes are read for their digests. */
function checkTexts({ tender, bidder, forms, documents }: SealOptions): void {
  const unknown = '0'.repeat(64)
  encodeDocument('bid', {
    nonce: unknown,
    sealId: '00000000-0000-4000-8000-000000000000',
    tender: tenderReferenceOf(tender),
    creditCode: bidder.creditCode,
    openingDigest: unknown,
    documents: documents.map(({ id, name, role, mediaType }) => ({
      id,
      name,
      role,
      size: 0,
      digest: unknown,
      mediaType,
    })),
    forms,
  })
}

function judgeSigner({ suite, tender, bidder, signer, clock }: SealOptions): Pick<SealPlan, 'signer' | 'signing'> {
  const certificate = parseCertificate(signer.certificate)
  suite.requireKey(certificate, 'sign')
  requireUse(certificate, 'sign')
  const at = clock.now()
  requireDates(certificate, at)
  const known = signer.intermediates.map(parseCertificate)
  const judged = { leaf: certificate, anchors: tender.anchors, at, leafUse: 'sign' } as const
  const between = validatePath({ ...judged, intermediates: known }).slice(1, -1)
  // Judged again as every reader will, on what the signatures will list: a fault shows before a PIN is used.
  validatePath({ ...judged, intermediates: chainAbove(certificate, between), requireAllUsed: true })
  if (findCreditCode(certificate)?.code !== bidder.creditCode) throw wrongLock("the signer's certificate")
  return { signer: certificate, signing: signingWith(signer, between) }
}

function signingWith(signer: Signer, intermediates: readonly Certificate[]): Signer {
  return {
    certificate: signer.certificate,
    intermediates: intermediates.map(({ der }) => der),
    algorithms: signer.algorithms,
    sign: (algorithm, digest, message) => signer.sign(algorithm, digest, message),
  }
}

function planRecipients(options: SealOptions): readonly PlannedRecipient[] {
  const { suite, tender, bidder, recovery } = options
  const locks = options.recipients.map(each => {
    const certificate = parseCertificate(each.certificate)
    const shown = findCreditCode(certificate)?.code ?? creditCodeOfName(certificate.subject)
    if (shown !== null && shown !== bidder.creditCode) throw wrongLock(`a ${each.role} certificate`)
    return plan(options, certificate, each.role, each.label, each.opener)
  })
  const agencies = tender.fields.keyPolicy === 'split' ? envelopeCertificates(tender, 'agency', suite) : []
  if (tender.fields.keyPolicy === 'split' && agencies.length === 0)
    throw againstTender(`no agency certificate for ${suite.id} is listed`)
  if (locks.length === 0 && recovery === undefined) throw bad('no lock and no recovery code to seal for')
  const all = [...locks, ...agencies.map(each => plan(options, each, 'agency', undefined, undefined))]
  if (all.length + (recovery === undefined ? 0 : 1) > maxRecipients) throw bad(`more than ${maxRecipients} recipients`)
  requireDistinct(
    all.map(each => each.id),
    'recipients',
  )
  requireDistinct(
    all.map(each => each.publicKeyDigest),
    'recipient keys',
  )
  for (const { certificate } of all) suite.requireKey(certificate, 'decrypt')
  return all
}

function plan(
  { suite, tender, clock }: SealOptions,
  certificate: Certificate,
  role: PlannedRecipient['role'],
  label: string | undefined,
  opener: KeyOpener | undefined,
): PlannedRecipient {
  requireUse(certificate, 'decrypt')
  requireDates(certificate, clock.now())
  const { openingTime, releaseMinutes } = tender.fields
  // Judged at the end of the release window: a lock that expires during it would be refused while it is needed.
  requireDates(certificate, new Date(Date.parse(openingTime) + releaseMinutes * 60_000))
  const certificateDigest = toHex(suite.digest(certificate.der))
  const publicKeyDigest = toHex(suite.digest(certificate.publicKeyInfo))
  return { id: certificateDigest.slice(0, 16), role, label, certificate, certificateDigest, publicKeyDigest, opener }
}

function requireDistinct(names: readonly string[], what: string): void {
  if (new Set(names).size !== names.length) throw bad(`two ${what} are the same`)
}

function againstTender(detail: string): CryptoFailure {
  return new CryptoFailure('seal.tender', detail)
}

function wrongLock(whose: string): CryptoFailure {
  return new CryptoFailure('token.wrong-lock', `${whose} does not bear the bidder's credit code`)
}

function bad(detail: string): CryptoFailure {
  return new CryptoFailure('arguments.bad', detail)
}
