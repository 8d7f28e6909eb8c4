import { PdfBroken } from './broken.ts'
import type { DocumentBytes } from './document-bytes.ts'

const block = 256 * 1024
const word = 'endstream'

/**
 * How long a stream's data is: what its dictionary says when `endstream` follows there, else up to the next `endstream`,
 * without the end of line before it.
 */
export async function findEndOfStream(bytes: DocumentBytes, offset: number, said: number | null): Promise<number> {
  if (said !== null && Number.isSafeInteger(said) && said >= 0 && offset + said <= bytes.size) {
    const after = Buffer.from(await bytes.window(offset + said, 16)).toString('latin1')
    if (after.trimStart().startsWith(word)) return said
  }
  for (let at = offset; at < bytes.size; at += block - word.length) {
    const window = Buffer.from(await bytes.window(at, block))
    bytes.spend(window.length)
    const found = window.indexOf(word, 0, 'latin1')
    if (found >= 0) return withoutLineEnd(bytes, offset, at + found)
  }
  throw new PdfBroken('a stream without its end')
}

async function withoutLineEnd(bytes: DocumentBytes, offset: number, end: number): Promise<number> {
  const [before, last] = await bytes.window(Math.max(offset, end - 2), 2)
  const length = end - offset
  if (length >= 2 && before === 0x0d && last === 0x0a) return length - 2
  const only = length === 1 ? before : last
  return length >= 1 && (only === 0x0a || only === 0x0d) ? length - 1 : length
}
