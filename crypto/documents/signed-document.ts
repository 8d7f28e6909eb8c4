import { CryptoFailure } from '../errors.ts'
import type { Clock } from '../io/ports.ts'
import type { Signer } from '../sign/signer.ts'
import type { DetachedSignature, Suite } from '../suite.ts'
import { suiteOfSignature } from '../suites/index.ts'
import { decodeDocument, encodeDocument } from './encoding.ts'
import type { DocumentFields, DocumentKind } from './kinds.ts'

/** A document and its detached signature. What is signed is always exactly `bytes`. */
export interface SignedDocument {
  readonly bytes: Uint8Array
  /** DER. */
  readonly signature: Uint8Array
}

/** A document whose signature's mathematics holds; whom the signer may speak for is judged by the caller. */
export interface VerifiedDocument<K extends DocumentKind> {
  readonly fields: DocumentFields<K>
  readonly signature: DetachedSignature
}

/** Longest signature or time stamp that is looked at, in bytes (seal-format, "JSON"). */
export const maxSignatureBytes = 65_536

/** Writes a document and signs its bytes. Throws `document.malformed` and what the signer throws. */
export async function signDocument<K extends DocumentKind>(
  kind: K,
  fields: DocumentFields<K>,
  signer: Signer,
  suite: Suite,
  clock: Clock,
): Promise<SignedDocument> {
  const bytes = encodeDocument(kind, fields)
  return { bytes, signature: await suite.signDetached(bytes, signer, clock.now()) }
}

/**
 * Reads a document of the kind asked for and verifies its signature's shape and mathematics; the suite follows from the
 * signature. Throws `document.wrong-type`, `document.malformed`, `document.signature`.
 */
export function verifyDocument<K extends DocumentKind>(kind: K, document: SignedDocument): VerifiedDocument<K> {
  if (document.signature.length > maxSignatureBytes) {
    throw new CryptoFailure('document.signature', `a signature longer than ${maxSignatureBytes} bytes`)
  }
  const fields = decodeDocument(kind, document.bytes)
  const suite = suiteOfSignature(document.signature)
  if (suite === null) throw new CryptoFailure('document.signature', 'a signature of no known suite')
  return { fields, signature: suite.verifyDetached(document.bytes, document.signature) }
}
