import { PdfBroken, tooMuch } from './broken.ts'
import type { PdfDocument } from './document.ts'
import { limits } from './limits.ts'
import { is, isName, type PdfDictionary, type PdfObject, type PdfReference } from './objects.ts'

/** A rectangle in points: left, bottom, right, top; left ≤ right, bottom ≤ top. */
export interface Box {
  readonly left: number
  readonly bottom: number
  readonly right: number
  readonly top: number
}

/** A page with what it inherits (ISO 32000-1, 7.7.3). */
export interface PdfPage {
  readonly reference: PdfReference
  readonly dictionary: PdfDictionary
  readonly mediaBox: Box
  /** What is seen of the page: CropBox within MediaBox. */
  readonly cropBox: Box
  /** Degrees clockwise that the page is turned when it is shown. */
  readonly rotate: 0 | 90 | 180 | 270
  /** Fonts, images and the like of its contents. */
  readonly resources: PdfDictionary | null
  /** Whether its boxes were missing or made no sense, so that A4 was taken. */
  readonly hasDefaultBox: boolean
}

/** The pages of a document in order. */
export interface PageList {
  readonly pages: readonly PdfPage[]
  /** Whether something in the tree was no page, stood twice or was missing. */
  readonly isBroken: boolean
}

const a4: Box = { left: 0, bottom: 0, right: 595.28, top: 841.89 }

interface Inherited {
  readonly mediaBox: PdfObject | undefined
  readonly cropBox: PdfObject | undefined
  readonly rotate: PdfObject | undefined
  readonly resources: PdfObject | undefined
}

/** Walks the page tree; what is broken in it is left out and told. Throws `input.unreadable` without any page tree. */
export async function readPages(document: PdfDocument): Promise<PageList> {
  const root = (await document.catalog()).entries.get('Pages')
  if ((await document.dictionaryAt(root)) === null) throw new PdfBroken('no page tree')
  const walk: Walk = { document, pages: [], seen: new Set(), isBroken: false }
  const nothing = { mediaBox: undefined, cropBox: undefined, rotate: undefined, resources: undefined }
  await walkNode(walk, root, nothing, 0)
  return { pages: walk.pages, isBroken: walk.isBroken }
}

interface Walk {
  readonly document: PdfDocument
  readonly pages: PdfPage[]
  readonly seen: Set<number>
  isBroken: boolean
}

async function walkNode(walk: Walk, object: PdfObject | undefined, above: Inherited, depth: number): Promise<void> {
  const node = await walk.document.dictionaryAt(object)
  // Kids are references; a node that stands twice would be a circle, or a page too many.
  if (!is(object, 'reference') || node === null || walk.seen.has(object.number) || depth > limits.pageDepth) {
    walk.isBroken = true
    return
  }
  walk.seen.add(object.number)
  const { entries } = node
  const inherited: Inherited = {
    mediaBox: entries.get('MediaBox') ?? above.mediaBox,
    cropBox: entries.get('CropBox') ?? above.cropBox,
    rotate: entries.get('Rotate') ?? above.rotate,
    resources: entries.get('Resources') ?? above.resources,
  }
  const kids = entries.has('Kids') ? await walk.document.arrayAt(entries.get('Kids')) : null
  if (kids === null || isName(entries.get('Type'), 'Page')) {
    if (walk.pages.length >= limits.pages) throw tooMuch('too many pages')
    walk.pages.push(await pageOf(walk.document, object, node, inherited))
    return
  }
  for (const kid of kids.items) await walkNode(walk, kid, inherited, depth + 1)
}

async function pageOf(
  document: PdfDocument,
  reference: PdfReference,
  dictionary: PdfDictionary,
  inherited: Inherited,
): Promise<PdfPage> {
  const found = await readBox(document, inherited.mediaBox)
  const mediaBox = found ?? a4
  const crop = await readBox(document, inherited.cropBox)
  const seen = crop === null ? mediaBox : intersection(crop, mediaBox)
  const turn = await document.resolve(inherited.rotate)
  return {
    reference,
    dictionary,
    mediaBox,
    cropBox: seen ?? mediaBox,
    resources: await document.dictionaryAt(inherited.resources),
    rotate: typeof turn === 'number' ? quarterTurns(turn) : 0,
    hasDefaultBox: found === null || seen === null,
  }
}

async function readBox(document: PdfDocument, object: PdfObject | undefined): Promise<Box | null> {
  const corners = await document.arrayAt(object)
  if (corners?.items.length !== 4) return null
  const [x1 = null, y1 = null, x2 = null, y2 = null] = await Promise.all(
    corners.items.map(item => document.resolve(item)),
  )
  if (typeof x1 !== 'number' || typeof y1 !== 'number' || typeof x2 !== 'number' || typeof y2 !== 'number') return null
  const box = {
    left: Math.min(x1, x2),
    bottom: Math.min(y1, y2),
    right: Math.max(x1, x2),
    top: Math.max(y1, y2),
  }
  const isUsable =
    box.right - box.left >= 1 && box.top - box.bottom >= 1 && sides(box).every(side => Math.abs(side) < 1e6)
  return isUsable ? box : null
}

function sides({ left, bottom, right, top }: Box): readonly number[] {
  return [left, bottom, right, top]
}

function intersection(a: Box, b: Box): Box | null {
  const both = {
    left: Math.max(a.left, b.left),
    bottom: Math.max(a.bottom, b.bottom),
    right: Math.min(a.right, b.right),
    top: Math.min(a.top, b.top),
  }
  return both.right - both.left >= 1 && both.top - both.bottom >= 1 ? both : null
}

function quarterTurns(degrees: number): 0 | 90 | 180 | 270 {
  const turned = (((Math.round(degrees / 90) * 90) % 360) + 360) % 360
  return turned === 90 || turned === 180 || turned === 270 ? turned : 0
}
