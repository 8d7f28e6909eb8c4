import type { PDFDocument, PDFFont, PDFImage } from 'pdf-lib'
import { CryptoFailure } from '../../errors.ts'

/** What is seen where a document is signed. */
export interface SealAppearance {
  /** The seal: PNG (transparency stays) or JPEG. */
  readonly image?: Uint8Array
  readonly text?: VisibleText
  /** Where the text stands, seen from the image; below unless told otherwise. */
  readonly textPlace?: 'below' | 'right'
}

/** Visible lines: name, time. */
export interface VisibleText {
  readonly lines: readonly string[]
  /** A TrueType font that has every character; only the glyphs used are embedded. */
  readonly font: Uint8Array
  /** Points; as large as fits, at most 12, unless told otherwise. */
  readonly size?: number
}

/** Longest image, in bytes, and its most pixels on a side: it is decoded in memory. */
const maxImageLength = 8 * 2 ** 20
const maxImageSide = 4096

const maxLines = 8
const largest = 12
const smallest = 3
const leading = 1.3
const ink = [0.1, 0.1, 0.12] as const

/** Drawings by appearance and size: a batch draws its seal once. */
const drawn = new WeakMap<SealAppearance, Map<string, Promise<Uint8Array>>>()

/**
 * Draws an appearance, which the caller no longer changes, on a page of this many points: a PDF of one page, transparent where nothing is drawn. Throws
 * `input.unreadable` for an image or font that cannot be used, `arguments.bad` for a character the font has no glyph for.
 */
export function drawAppearance(appearance: SealAppearance, width: number, height: number): Promise<Uint8Array> {
  const sizes = drawn.get(appearance) ?? new Map<string, Promise<Uint8Array>>()
  drawn.set(appearance, sizes)
  const key = `${width} ${height}`
  const drawing = sizes.get(key) ?? draw(appearance, width, height)
  sizes.set(key, drawing)
  return drawing
}

async function draw(appearance: SealAppearance, width: number, height: number): Promise<Uint8Array> {
  // Loaded when something is drawn: most uses of this library draw nothing, and starting it takes its time.
  const { PDFDocument, rgb } = await import('pdf-lib')
  const document = await PDFDocument.create({ updateMetadata: false })
  const page = document.addPage([width, height])
  const { text, textPlace = 'below' } = appearance
  const image = appearance.image === undefined ? null : await embedImage(document, appearance.image)
  const lines = text?.lines.filter(line => line.trim() !== '').slice(0, maxLines) ?? []
  let area = { x: 0, y: 0, width, height }
  if (text !== undefined && lines.length > 0) {
    const font = await embedFont(document, text.font, lines)
    const room = roomForText(width, height, image !== null, textPlace)
    const size = text.size ?? fittingSize(font, lines, room.width, room.height)
    const block = lines.length * size * leading
    const widest = Math.max(...lines.map(line => font.widthOfTextAtSize(line, size)))
    const isBeside = image !== null && textPlace === 'right'
    const left = isBeside ? width - widest : 0
    const top = image === null || isBeside ? (height + block) / 2 : block
    for (const [index, line] of lines.entries()) {
      const free = isBeside ? 0 : width - font.widthOfTextAtSize(line, size)
      page.drawText(line, {
        x: left + free / 2,
        y: top - (index + 0.95) * size * leading,
        size,
        font,
        color: rgb(...ink),
      })
    }
    area = isBeside ? { ...area, width: left } : { x: 0, y: block, width, height: height - block }
  }
  if (image !== null) {
    const scale = Math.min(area.width / image.width, area.height / image.height)
    const size = { width: image.width * scale, height: image.height * scale }
    const x = area.x + (area.width - size.width) / 2
    const y = area.y + (area.height - size.height) / 2
    if (scale > 0) page.drawImage(image, { x, y, ...size })
  }
  return document.save({ useObjectStreams: false })
}

async function embedImage(document: PDFDocument, bytes: Uint8Array): Promise<PDFImage> {
  if (bytes.length > maxImageLength) throw unreadable('the seal image is longer than 8 MiB')
  const head = Buffer.from(bytes.subarray(0, 24))
  const isPng = head.length === 24 && head.subarray(0, 8).toString('latin1') === '\x89PNG\r\n\x1a\n'
  const isJpeg = head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff
  if (!isPng && !isJpeg) throw unreadable('the seal image is neither PNG nor JPEG')
  if (isPng && Math.max(head.readUInt32BE(16), head.readUInt32BE(20)) > maxImageSide) {
    throw unreadable('the seal image has more than 4096 pixels on a side')
  }
  try {
    return isPng ? await document.embedPng(bytes) : await document.embedJpg(bytes)
  } catch (error) {
    throw unreadable('the seal image is broken', error)
  }
}

async function embedFont(document: PDFDocument, bytes: Uint8Array, lines: readonly string[]): Promise<PDFFont> {
  document.registerFontkit(await import('fontkit'))
  const font = await document.embedFont(bytes, { subset: true }).catch((error: unknown) => {
    throw unreadable('the font is no TrueType font that can be embedded', error)
  })
  const present = new Set(font.getCharacterSet())
  for (const character of lines.join('')) {
    const point = character.codePointAt(0) ?? 0
    if (present.has(point)) continue
    throw new CryptoFailure('arguments.bad', `the font has no glyph for U+${point.toString(16).toUpperCase()}`)
  }
  return font
}

function roomForText(width: number, height: number, hasImage: boolean, place: 'below' | 'right') {
  if (!hasImage) return { width, height }
  return place === 'below' ? { width, height: height * 0.35 } : { width: width * 0.6, height }
}

function fittingSize(font: PDFFont, lines: readonly string[], width: number, height: number): number {
  const widest = Math.max(...lines.map(line => font.widthOfTextAtSize(line, 1)), 0.01)
  const fitting = Math.min(largest, (width - 1) / widest, height / (lines.length * leading))
  return Math.max(smallest, fitting)
}

function unreadable(detail: string, cause?: unknown): CryptoFailure {
  return new CryptoFailure('input.unreadable', detail, cause)
}
