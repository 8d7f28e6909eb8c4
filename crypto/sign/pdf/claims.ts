import { dateOf } from './dates.ts'
import type { PdfDocument } from './document.ts'
import { is, type PdfDictionary, textOf } from './objects.ts'
import type { SignatureClaims } from './signature-facts.ts'

/** Reads what a signature dictionary says beside the signature. */
export async function readClaims(document: PdfDocument, { entries }: PdfDictionary): Promise<SignatureClaims> {
  const read = async (key: string): Promise<string | null> => textOf(await document.resolve(entries.get(key)))
  const time = await document.resolve(entries.get('M'))
  return {
    name: await read('Name'),
    reason: await read('Reason'),
    location: await read('Location'),
    time: is(time, 'string') ? dateOf(time) : null,
  }
}
