import { CryptoFailure } from '../../errors.ts'
import type { PdfFacts } from './inspect.ts'
import type { SignaturePlace } from './places.ts'

/** Why a document is not signed. */
export type SigningRefusal =
  /** Encrypted: nothing of it is read. */
  | 'encrypted'
  /** An earlier signer allows no further signature, or not the marks this place needs. */
  | 'certified'
  /** An XFA form shows what its program makes of it; print it to a plain PDF first. */
  | 'xfa'
  /** Bytes stand before its header: programs count its offsets differently. */
  | 'header-offset'
  /** Its pages are not told clearly. */
  | 'page-tree'

/** A document that is not signed, and why. */
export class SigningRefused extends CryptoFailure {
  readonly refusal: SigningRefusal

  constructor(refusal: SigningRefusal) {
    super('input.unreadable', `PDF: not signed: ${reasons[refusal]}`)
    this.refusal = refusal
  }
}

const reasons: Readonly<Record<SigningRefusal, string>> = {
  encrypted: 'it is encrypted',
  certified: 'an earlier signer has certified it and allows no such change',
  xfa: 'it is an XFA form',
  'header-offset': 'bytes stand before its header',
  'page-tree': 'its page tree is broken',
}

/** What of a document decides whether it can be signed. */
export type Signability = Pick<PdfFacts, 'encryption' | 'permission' | 'hasXfa' | 'trouble'>

/** Why a document cannot be signed at this place, or null when it can. Places are judged against pages elsewhere. */
export function signingRefusal(facts: Signability, place: SignaturePlace): SigningRefusal | null {
  if (facts.encryption !== null) return 'encrypted'
  if (facts.permission === 1) return 'certified'
  // Signing adds one field; stamps on further pages are annotations, which only permission 3 allows.
  const hasStamps = place.kind === 'every-page' || place.kind === 'across-pages'
  if (facts.permission === 2 && hasStamps) return 'certified'
  if (facts.hasXfa) return 'xfa'
  if (facts.trouble.includes('header-offset')) return 'header-offset'
  return facts.trouble.includes('page-tree') || facts.trouble.includes('no-pages') ? 'page-tree' : null
}
