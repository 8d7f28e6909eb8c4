import { readFile } from 'node:fs/promises'
import { sameCertificate, verifyBeside } from './verify-beside.ts'
import type { ByteSource } from '../../../crypto/index.ts'
import { isTaken } from './targets.ts'

/** Most detached signatures of one document. */
export const maxSignatures = 16

/** Longest detached signature, in bytes. */
export const maxSignatureFile = 64 * 1024

/** The name of the first, second, … detached signature of a document: `a.pdf.p7s`, `a.pdf.2.p7s`. */
export function signatureFileName(document: string, number: number): string {
  return number === 1 ? `${document}.p7s` : `${document}.${number}.p7s`
}

/** A detached signature as it stands beside its document. */
export interface SignatureFile {
  readonly path: string
  readonly bytes: Uint8Array
}

/** The detached signatures beside a document, by their numbers until one is missing. Throws what reading them throws. */
export async function signatureFiles(document: string): Promise<readonly SignatureFile[]> {
  const found: SignatureFile[] = []
  for (let number = 1; number <= maxSignatures; number += 1) {
    const path = signatureFileName(document, number)
    if (!(await isTaken(path))) break
    found.push({ path, bytes: new Uint8Array((await readFile(path)).subarray(0, maxSignatureFile + 1)) })
  }
  return found
}

/** Where the next detached signature of a document goes. */
export type NextSignature =
  | { readonly kind: 'free'; readonly path: string }
  /** This certificate has signed these bytes already. */
  | { readonly kind: 'standing'; readonly path: string }
  /** Something that is no signature of these bytes bears the name. */
  | { readonly kind: 'taken'; readonly path: string }

/** Looks for the place of a signature by this certificate (DER) over a document's bytes. Throws as the source does. */
export async function nextSignature(
  document: string,
  source: ByteSource,
  certificate: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<NextSignature> {
  const files = await signatureFiles(document)
  for (const { path, bytes } of files) {
    const verified = await verifyBeside(source, bytes, signal)
    if (verified === null) return { kind: 'taken', path }
    if (sameCertificate(verified.signer.der, certificate)) return { kind: 'standing', path }
  }
  const path = signatureFileName(document, files.length + 1)
  return { kind: files.length < maxSignatures ? 'free' : 'taken', path }
}
