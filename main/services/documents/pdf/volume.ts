import { create as openTypeface } from 'fontkit'
import { PDFDict, PDFDocument, PDFHexString, PDFName, PDFNumber, PDFRef, PDFString } from 'pdf-lib'
import type { PDFFont } from 'pdf-lib'
import type { DraftFile, JobControl } from '../../../../crypto/index.ts'
import { CryptoFailure, throwIfCancelled } from '../../../../crypto/index.ts'
import { AppFailure } from '../../../contract/failure.ts'
import { contentStream, copyPages } from './copy-pages.ts'
import { imagePage } from './image-page.ts'
import { markContent } from './page-mark.ts'
import type { SeenPage } from './page-mark.ts'
import { beginPdfFile } from './pdf-file.ts'
import type { PdfFile } from './pdf-file.ts'

/** A part of a volume, with its bytes when they are wanted; they are let go of afterwards. */
export interface VolumePart {
  /** The bookmark's text. */
  readonly title: string
  readonly kind: 'pdf' | 'picture'
  readonly pages: number
  load(): Promise<Uint8Array>
}

export interface VolumeOptions {
  readonly title: string
  readonly at: Date
  /** TrueType bytes; null for a volume on which nothing is written. */
  readonly typeface: Uint8Array | null
  /** What stands at the foot of a page, counted from 1; needs the typeface. */
  readonly numberText: ((page: number, pages: number) => string) | null
  readonly bookmarks: boolean
}

/** Pages in one node of the page tree. */
const pagesInNode = 64

const fontName = 'BidSealMark'

/** Writes the parts as one document into a draft; answers its length in bytes. */
export async function writeVolume(
  draft: DraftFile,
  parts: readonly VolumePart[],
  options: VolumeOptions,
  { signal }: JobControl,
): Promise<number> {
  const own = await PDFDocument.create({ updateMetadata: false })
  const font = options.typeface === null ? null : await embed(own, options.typeface)
  const file = await beginPdfFile(draft, own.context)
  const pages = openPages(file, font, parts, options)
  for (const [index, part] of parts.entries()) {
    throwIfCancelled(signal)
    await namingPart(index, () =>
      part.kind === 'picture' ? placePicture(file, part, pages) : placePages(file, part, pages),
    )
  }
  await own.flush()
  return pages.finish(own)
}

async function placePicture(file: PdfFile, part: VolumePart, pages: Pages): Promise<void> {
  const { page, content, seen } = await imagePage(file, await part.load())
  const ref = file.context.nextRef()
  pages.begin(part, ref)
  await pages.place(ref, page, [await writeContent(file, content)], seen)
}

async function placePages(file: PdfFile, part: VolumePart, pages: Pages): Promise<void> {
  // The file's bytes are let go of as soon as its objects are read: they hold copies of their own.
  const document = await loadDocument(await part.load(), part.pages)
  const refs = Array.from({ length: part.pages }, () => file.context.nextRef())
  if (refs[0] !== undefined) pages.begin(part, refs[0])
  await copyPages(document, file, refs, (ref, { page, content, seen }) => pages.place(ref, page, content, seen))
}

/** A part that turned out to be broken when it was read as a whole. */
export class PartBroken extends Error {
  override readonly name = 'PartBroken'
  /** Which of the parts. */
  readonly index: number

  constructor(index: number, cause: unknown) {
    super('a part of the volume is broken', { cause })
    this.index = index
  }
}

/** What the PDF library throws over a broken document has no names; what we and the system throw has. */
async function namingPart(index: number, place: () => Promise<void>): Promise<void> {
  try {
    await place()
  } catch (error) {
    const isNamed = error instanceof AppFailure || error instanceof CryptoFailure
    if (isNamed || (error instanceof Error && 'syscall' in error)) throw error
    throw new PartBroken(index, error)
  }
}

/** Two readers have looked at it: where they don't see the same pages, neither is believed. */
async function loadDocument(bytes: Uint8Array, pages: number): Promise<PDFDocument> {
  const document = await PDFDocument.load(bytes, { updateMetadata: false })
  if (document.getPageCount() === pages) return document
  throw new Error('how many pages it has depends on who reads it')
}

interface Pages {
  begin(part: VolumePart, firstPage: PDFRef): void
  place(ref: PDFRef, page: PDFDict, content: readonly PDFRef[], seen: SeenPage): Promise<void>
  finish(own: PDFDocument): Promise<number>
}

function openPages(file: PdfFile, font: PDFFont | null, parts: readonly VolumePart[], options: VolumeOptions): Pages {
  const { context } = file
  const total = parts.reduce((sum, part) => sum + part.pages, 0)
  const root = context.nextRef()
  const nodes: { readonly ref: PDFRef; readonly kids: PDFRef[] }[] = []
  const begun: { readonly title: string; readonly page: PDFRef }[] = []
  let count = 0
  let keep: readonly [PDFRef, PDFRef] | undefined
  return {
    begin({ title }, page) {
      begun.push({ title, page })
    },
    async place(ref, page, content, seen) {
      const last = nodes.at(-1)
      const node = last !== undefined && last.kids.length < pagesInNode ? last : { ref: context.nextRef(), kids: [] }
      if (node !== last) nodes.push(node)
      node.kids.push(ref)
      count += 1
      page.set(PDFName.of('Parent'), node.ref)
      const text = options.numberText?.(count, total)
      if (font !== null && text !== undefined) {
        // What the page's own content leaves behind (colours, a turned system of coordinates) does not reach the mark.
        keep ??= [await writeContent(file, ascii('q')), await writeContent(file, ascii('Q'))]
        const [before, after] = keep
        const mark = await writeContent(file, markContent({ text, font, fontName }, seen))
        fontsOf(page).set(PDFName.of(fontName), font.ref)
        page.set(PDFName.of('Contents'), context.obj([before, ...content, after, mark]))
      } else page.set(PDFName.of('Contents'), context.obj([...content]))
      await file.write(ref, page)
    },
    async finish(own) {
      const kids = nodes.map(({ ref }) => ref)
      await file.write(root, context.obj({ Type: 'Pages', Kids: kids, Count: count }))
      for (const node of nodes) {
        const entries = { Type: 'Pages', Parent: root, Kids: node.kids, Count: node.kids.length }
        await file.write(node.ref, context.obj(entries))
      }
      const catalog = own.catalog
      const unused = catalog.get(PDFName.of('Pages'))
      if (unused instanceof PDFRef) context.delete(unused)
      catalog.set(PDFName.of('Pages'), root)
      if (options.bookmarks && begun.length > 0) {
        catalog.set(PDFName.of('Outlines'), await writeOutlines(file, begun))
        catalog.set(PDFName.of('PageMode'), PDFName.of('UseOutlines'))
      }
      const info = context.register(infoOf(file, options))
      const rootRef = context.getObjectRef(catalog) ?? context.register(catalog)
      return file.finish(rootRef, info)
    },
  }
}

async function writeOutlines(
  file: PdfFile,
  entries: readonly { readonly title: string; readonly page: PDFRef }[],
): Promise<PDFRef> {
  const { context } = file
  const outlines = context.nextRef()
  const refs = entries.map(() => context.nextRef())
  for (const [index, { title, page }] of entries.entries()) {
    const item = PDFDict.withContext(context)
    item.set(PDFName.of('Title'), PDFHexString.fromText(title))
    item.set(PDFName.of('Parent'), outlines)
    item.set(PDFName.of('Dest'), context.obj([page, 'Fit']))
    const [before, after] = [refs[index - 1], refs[index + 1]]
    if (before !== undefined) item.set(PDFName.of('Prev'), before)
    if (after !== undefined) item.set(PDFName.of('Next'), after)
    const ref = refs[index]
    if (ref !== undefined) await file.write(ref, item)
  }
  const [first, last] = [refs[0], refs.at(-1)]
  const dict = context.obj({ Type: 'Outlines', Count: PDFNumber.of(refs.length), First: first, Last: last })
  await file.write(outlines, dict)
  return outlines
}

function fontsOf(page: PDFDict): PDFDict {
  const resources = page.lookup(PDFName.of('Resources'), PDFDict)
  const fonts = resources.lookup(PDFName.of('Font'))
  if (fonts instanceof PDFDict) return fonts
  const made = PDFDict.withContext(page.context)
  resources.set(PDFName.of('Font'), made)
  return made
}

function infoOf({ context }: PdfFile, { title, at }: VolumeOptions): PDFDict {
  const info = PDFDict.withContext(context)
  info.set(PDFName.of('Title'), PDFHexString.fromText(title))
  info.set(PDFName.of('Producer'), PDFHexString.fromText('BidSeal 标封'))
  info.set(PDFName.of('CreationDate'), PDFString.fromDate(at))
  info.set(PDFName.of('ModDate'), PDFString.fromDate(at))
  return info
}

async function writeContent(file: PdfFile, content: Uint8Array): Promise<PDFRef> {
  const ref = file.context.nextRef()
  await file.write(ref, contentStream(file, content))
  return ref
}

async function embed(document: PDFDocument, typeface: Uint8Array): Promise<PDFFont> {
  document.registerFontkit({ create: openTypeface })
  return document.embedFont(typeface, { subset: true })
}

function ascii(text: string): Uint8Array {
  return Buffer.from(text, 'latin1')
}
