import { PDFArray, PDFDict, PDFName, PDFNumber, PDFRawStream, PDFRef, PDFStream } from 'pdf-lib'
import type { PDFDocument, PDFObject, PDFPage } from 'pdf-lib'
import { copyAnnotations } from './copy-annotations.ts'
import { objectCopier } from './copy-objects.ts'
import type { ObjectCopier } from './copy-objects.ts'
import { namedDestinations } from './destinations.ts'
import type { SeenPage } from './page-mark.ts'
import type { PdfFile } from './pdf-file.ts'

/** A page being put into a file: its dictionary as yet without parent and content, and what its content is. */
export interface CopiedPage {
  readonly page: PDFDict
  readonly content: readonly PDFRef[]
  readonly seen: SeenPage
}

/** Entries of a page that come along beside resources, boxes, content and annotations. */
const kept = ['BleedBox', 'TrimBox', 'ArtBox', 'Group', 'UserUnit'] as const

/**
 * Copies all pages of a document. `place` is called for each page in order and puts it under the reference it got. What
 * pages share is written once.
 */
export async function copyPages(
  document: PDFDocument,
  file: PdfFile,
  refs: readonly PDFRef[],
  place: (ref: PDFRef, page: CopiedPage) => Promise<void>,
): Promise<void> {
  const copier = objectCopier(document.context, file)
  const named = namedDestinations(document)
  const pages = document.getPages()
  for (const [index, page] of pages.entries()) {
    const ref = refs[index]
    if (ref !== undefined) copier.replacePage(page.ref, ref)
  }
  for (const [index, page] of pages.entries()) {
    const ref = refs[index]
    if (ref === undefined) continue
    const copied = PDFDict.withContext(file.context)
    copied.set(PDFName.of('Type'), PDFName.of('Page'))
    const seen = seenPage(page)
    copied.set(PDFName.of('MediaBox'), boxOf(file, page, 'MediaBox') ?? file.context.obj([0, 0, 595.28, 841.89]))
    const crop = boxOf(file, page, 'CropBox')
    if (crop !== null) copied.set(PDFName.of('CropBox'), crop)
    if (seen.rotate !== 0) copied.set(PDFName.of('Rotate'), PDFNumber.of(seen.rotate))
    copied.set(PDFName.of('Resources'), resourcesOf(file, page, copier))
    for (const key of kept) {
      const value = page.node.get(PDFName.of(key))
      if (value !== undefined) copied.set(PDFName.of(key), copier.copy(value))
    }
    const annotations = copyAnnotations(page, copier, named)
    if (annotations !== null) copied.set(PDFName.of('Annots'), annotations)
    await place(ref, { page: copied, content: contentOf(page, copier), seen })
    await copier.drain()
  }
}

/** Resources with a font dictionary of the page's own, so that a font can be added. */
function resourcesOf(file: PdfFile, page: PDFPage, copier: ObjectCopier): PDFDict {
  const resources = PDFDict.withContext(file.context)
  const fonts = PDFDict.withContext(file.context)
  const old = page.node.Resources()
  for (const [key, value] of old?.entries() ?? []) {
    if (key !== PDFName.of('Font')) resources.set(key, copier.copy(value))
  }
  const oldFonts = old?.lookup(PDFName.of('Font'))
  if (oldFonts instanceof PDFDict) for (const [key, value] of oldFonts.entries()) fonts.set(key, copier.copy(value))
  resources.set(PDFName.of('Font'), fonts)
  return resources
}

function contentOf(page: PDFPage, copier: ObjectCopier): readonly PDFRef[] {
  const value = page.node.get(PDFName.of('Contents'))
  const content = page.node.lookup(PDFName.of('Contents'))
  const list = content instanceof PDFArray ? content.asArray() : content instanceof PDFStream ? [value] : []
  return list.flatMap(each => {
    const isStream = each instanceof PDFRef && page.node.context.lookup(each) instanceof PDFStream
    const copied = isStream ? copier.copy(each) : undefined
    return copied instanceof PDFRef ? [copied] : []
  })
}

function boxOf(file: PdfFile, page: PDFPage, key: 'MediaBox' | 'CropBox'): PDFArray | null {
  const box = numbersOf(page, key)
  return box === null ? null : file.context.obj([...box])
}

function numbersOf(page: PDFPage, key: 'MediaBox' | 'CropBox'): readonly [number, number, number, number] | null {
  const value = page.node.context.lookup(page.node.getInheritableAttribute(PDFName.of(key)))
  if (!(value instanceof PDFArray) || value.size() !== 4) return null
  const [a, b, c, d] = value.asArray().map(each => numberOf(page.node.context.lookup(each)))
  if (a === undefined || b === undefined || c === undefined || d === undefined) return null
  return Number.isFinite(a + b + c + d) ? [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)] : null
}

function numberOf(object: PDFObject | undefined): number {
  return object instanceof PDFNumber ? object.asNumber() : Number.NaN
}

/** What of a page is seen: the crop box within the media box (ISO 32000-1, 14.11.2). */
function seenPage(page: PDFPage): SeenPage {
  const [left, bottom, right, top] = numbersOf(page, 'MediaBox') ?? [0, 0, 595.28, 841.89]
  const crop = numbersOf(page, 'CropBox') ?? [left, bottom, right, top]
  const turn = numberOf(page.node.context.lookup(page.node.getInheritableAttribute(PDFName.of('Rotate'))))
  return {
    box: {
      left: Math.max(left, crop[0]),
      bottom: Math.max(bottom, crop[1]),
      right: Math.min(right, crop[2]),
      top: Math.min(top, crop[3]),
    },
    rotate: Number.isInteger(turn / 90) ? ((turn % 360) + 360) % 360 : 0,
  }
}

/** A stream of operators. */
export function contentStream(file: PdfFile, content: Uint8Array): PDFRawStream {
  return PDFRawStream.of(file.context.obj({}), content)
}
