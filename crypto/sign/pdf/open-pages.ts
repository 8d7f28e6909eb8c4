import type { ByteSource } from '../../io/source.ts'
import { unlessBroken } from './broken.ts'
import { PdfDocument } from './document.ts'
import { type PageList, readPages } from './pages.ts'

/** A document with its pages; an encrypted one has none that could be read. */
export interface OpenedPages {
  readonly document: PdfDocument
  readonly pageList: PageList
}

/**
 * Opens a document and reads its pages. Where pages are missing because the cross-reference leads to other objects, the
 * objects are looked for by a scan, and that view is taken if it is whole. Throws `input.unreadable`.
 */
export async function openPages(source: ByteSource): Promise<OpenedPages> {
  const document = await PdfDocument.open(source)
  if (document.isEncrypted) return { document, pageList: { pages: [], isBroken: false } }
  const pageList = await readPages(document)
  if (!pageList.isBroken || !document.hasBrokenObjects || document.xref.newest === null) return { document, pageList }
  const scanned = await unlessBroken(null, async () => {
    const rebuilt = await PdfDocument.openByScan(source)
    return rebuilt.isEncrypted ? null : { document: rebuilt, pageList: await readPages(rebuilt) }
  })
  return scanned === null || scanned.pageList.isBroken ? { document, pageList } : scanned
}
