import type { ByteSource } from '../../io/source.ts'
import { CryptoFailure } from '../../errors.ts'
import { tooMuch } from './broken.ts'
import { PdfDocument } from './document.ts'
import { readForm } from './fields.ts'
import { limits } from './limits.ts'
import { is } from './objects.ts'
import type { PdfSignature } from './signature-facts.ts'
import { type PdfTrust, verifyField } from './verify-field.ts'

/** What the signatures of a document say. */
export interface VerifiedPdf {
  /** In the order they were made, as far as what they cover tells it. */
  readonly signatures: readonly PdfSignature[]
  /**
   * Whether one valid signature covers the whole file: then every later change an earlier signature tells of was signed by
   * the later ones.
   */
  readonly isWhollySigned: boolean
}

/**
 * Verifies every signature of a PDF. What is wrong with a signature is told in its verdict. Throws `input.unreadable` for
 * what is no PDF, is encrypted, or asks for more than any honest one; `cancelled`. With `only`, nothing but the field of that name is looked at.
 */
export async function verifyPdf(source: ByteSource, trust: PdfTrust = {}, only?: string): Promise<VerifiedPdf> {
  const document = await PdfDocument.open(source)
  if (document.isEncrypted) throw new CryptoFailure('input.unreadable', 'PDF: it is encrypted; nothing of it is read')
  const form = await readForm(document)
  const signatures: PdfSignature[] = []
  for (const field of form?.fields ?? []) {
    const value = await document.resolve(field.value)
    if (field.type !== 'Sig' || !is(value, 'dictionary') || (only ?? field.name) !== field.name) continue
    if (signatures.length >= limits.signatures) throw tooMuch('too many signatures')
    signatures.push(await verifyField(document, field, value, trust))
  }
  return {
    signatures: signatures.sort((a, b) => laterBytes(b) - laterBytes(a)),
    isWhollySigned: signatures.some(one => one.coverage.kind === 'whole-file' && one.verdict.kind === 'valid'),
  }
}

function laterBytes({ coverage }: PdfSignature): number {
  return coverage.kind === 'revision' ? coverage.followedBy : 0
}
