import type { ByteSource } from '../../io/source.ts'
import { PdfBroken } from './broken.ts'
import { DocumentBytes } from './document-bytes.ts'

/** How far into a file its header may stand, in bytes. */
const headerReach = 1024

/** Finds `%PDF-` in the first kilobyte. Answers the bytes from there, how many stand before it, and the version. */
export async function readHeader(
  source: ByteSource,
): Promise<{ readonly bytes: DocumentBytes; readonly offset: number; readonly version: string }> {
  const head = new Uint8Array(Math.min(headerReach + 16, source.size))
  await source.read(0, head)
  const found = /%PDF-(\d\.\d)/.exec(Buffer.from(head).toString('latin1'))
  if (found === null || found.index > headerReach) throw new PdfBroken('no header: this is not a PDF')
  const [, version = ''] = found
  return { bytes: new DocumentBytes(source, found.index), offset: found.index, version }
}
