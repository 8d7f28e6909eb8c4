import {
  commonName,
  CryptoFailure,
  displayName,
  findCreditCode,
  readAll,
  sha256Hex,
  suiteOfSignature,
  validatePath,
  verifyPdf,
} from '../../../../crypto/index.ts'
import type { ByteSource, Certificate, FileSystem, PdfSignature } from '../../../../crypto/index.ts'
import { maxSignatureFile } from '../../signing/signature-files.ts'
import { verifyBeside } from '../../signing/verify-beside.ts'
import type { SignatureFacts, SignatureFile } from '../facts.ts'
import type { ContentQuestion } from './content.ts'

/** The signatures in a PDF, judged by the authorities the tender accepts; document time stamps are none. */
export async function pdfSignatures(
  source: ByteSource,
  { tender, now, signal }: ContentQuestion,
): Promise<readonly SignatureFacts[]> {
  const trust = { anchors: tender.anchors, at: now, ...(signal === undefined ? {} : { signal }) }
  try {
    const { signatures } = await verifyPdf(source, trust)
    return signatures.filter(({ purpose }) => purpose === 'signature').map(factsOf)
  } catch (error) {
    if (!(error instanceof CryptoFailure) || error.code !== 'input.unreadable') throw error
    return [{ name: '', verdict: 'not-read', signer: null, trusted: false }]
  }
}

/** The signature in a file of its own, as locks make it that can't sign inside a PDF. */
export async function detachedSignature(
  source: ByteSource,
  files: FileSystem,
  { path, file }: SignatureFile,
  { tender, now, signal }: ContentQuestion,
): Promise<SignatureFacts> {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const unread = { name, verdict: 'not-read', signer: null, trusted: false } as const
  const signatureSource = await files.open(file.path)
  try {
    if (signatureSource.size > maxSignatureFile) return unread
    const signature = await readAll(signatureSource, maxSignatureFile)
    if (!isGm(signature)) return unread
    const verified = await verifyBeside(source, signature, signal)
    if (verified === null) return { ...unread, verdict: 'broken' }
    const { signer, intermediates } = verified
    return { name, verdict: 'valid', signer: signerOf(signer), trusted: leadsTo(signer, intermediates, tender, now) }
  } finally {
    await signatureSource.close()
  }
}

function factsOf({ field, verdict, coverage }: PdfSignature): SignatureFacts {
  const signer = verdict.kind === 'valid' || verdict.kind === 'changed' ? signerOf(verdict.signer) : null
  const trusted = verdict.kind === 'valid' && verdict.trust.kind === 'trusted'
  return { name: field, signer, trusted, verdict: verdictOf(verdict.kind, coverage) }
}

function verdictOf(
  kind: PdfSignature['verdict']['kind'],
  coverage: PdfSignature['coverage'],
): SignatureFacts['verdict'] {
  if (kind === 'changed' || kind === 'broken' || coverage.kind === 'broken') return 'broken'
  if (kind === 'not-read') return 'not-read'
  const altered = coverage.kind === 'revision' && (coverage.breaksPermission || coverage.changes.includes('content'))
  return altered ? 'altered' : 'valid'
}

function signerOf(certificate: Certificate): SignatureFacts['signer'] {
  return {
    name: commonName(certificate.subject) ?? displayName(certificate.subject),
    creditCode: findCreditCode(certificate)?.code ?? null,
    digest: sha256Hex(certificate.der),
  }
}

/** By the kind of the message (GB/T 35275); locks that can sign inside a PDF leave no other beside it. */
function isGm(signature: Uint8Array): boolean {
  try {
    return suiteOfSignature(signature)?.id === 'gm-1'
  } catch (error) {
    if (error instanceof CryptoFailure) return false
    throw error
  }
}

function leadsTo(
  leaf: Certificate,
  intermediates: readonly Certificate[],
  tender: ContentQuestion['tender'],
  at: Date,
): boolean {
  try {
    validatePath({ leaf, intermediates, anchors: tender.anchors, at, leafUse: 'sign' })
    return true
  } catch (error) {
    if (error instanceof CryptoFailure) return false
    throw error
  }
}
