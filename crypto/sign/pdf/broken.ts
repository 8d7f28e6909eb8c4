import { CryptoFailure } from '../../errors.ts'

/**
 * Bytes that are not what a PDF must have at this place. An object that is broken counts as null, as the standard says of
 * a missing one; what the whole document hangs on makes the document unreadable.
 */
export class PdfBroken extends CryptoFailure {
  constructor(detail: string, cause?: unknown) {
    super('input.unreadable', `PDF: ${detail}`, cause)
  }
}

/** The document asks for more work or memory than any honest one: nothing more is read of it. */
export function tooMuch(detail: string): CryptoFailure {
  return new CryptoFailure('input.unreadable', `PDF: ${detail}`)
}

/** Runs a step whose brokenness is no failure: answers `otherwise` instead. Failures of the medium pass through. */
export async function unlessBroken<T>(otherwise: T, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof PdfBroken) return otherwise
    throw error
  }
}
