import * as fontkit from 'fontkit'
import { PDFDocument, rgb } from 'pdf-lib'
import type { PDFFont, PDFPage } from 'pdf-lib'

/** One column of a table: heading, width as a share of the page, and how its cells stand. */
export interface Column {
  readonly title: string
  readonly share: number
  readonly align?: 'left' | 'right' | 'center'
}

/** A document being written from top to bottom on A4 pages. */
export interface Sheet {
  title(text: string): void
  heading(text: string): void
  paragraph(text: string): void
  /** A line at the right edge: signatures, dates. */
  closing(text: string): void
  table(columns: readonly Column[], rows: readonly (readonly string[])[]): void
  /** White space; what follows stays together on one page when it needs at most `together` points. */
  gap(points: number, together?: number): void
  /** Numbers the pages and answers the PDF. */
  finish(): Promise<Uint8Array>
}

const page = { width: 595.28, height: 841.89, left: 71, right: 71, top: 78, bottom: 72 } as const
const column = page.width - page.left - page.right
const ink = rgb(0.09, 0.11, 0.2)
const faint = rgb(0.55, 0.57, 0.62)
const bodySize = 11.5
const cellSize = 9.5
const cellPadding = 5

/** A blank document in one typeface (TrueType bytes, embedded as a subset). `running` stands small at the head of each page. */
export async function openSheet(typeface: Uint8Array, running: string, at: Date): Promise<Sheet> {
  const document = await PDFDocument.create()
  document.registerFontkit(fontkit)
  const font = await document.embedFont(typeface, { subset: true })
  document.setTitle(running)
  document.setCreator('BidSeal 标封')
  document.setProducer('BidSeal 标封')
  document.setCreationDate(at)
  document.setModificationDate(at)
  const measure = measurer(font)
  const pages: PDFPage[] = []
  let sheet = newPage()
  let y = page.height - page.top

  function newPage(): PDFPage {
    const added = document.addPage([page.width, page.height])
    pages.push(added)
    return added
  }

  function room(height: number): void {
    if (y - height >= page.bottom) return
    sheet = newPage()
    y = page.height - page.top
  }

  function line(text: string, x: number, size: number): void {
    sheet.drawText(text, { x, y, size, font, color: ink })
  }

  function row(columns: readonly Column[], cells: readonly string[], head: boolean): void {
    const wrapped = columns.map((each, index) =>
      wrap(cells[index] ?? '', each.share * column - 2 * cellPadding, cellSize, measure),
    )
    const height = Math.max(...wrapped.map(lines => lines.length)) * cellSize * 1.35 + 2 * cellPadding
    room(height)
    let x: number = page.left
    for (const [index, each] of columns.entries()) {
      const width = each.share * column
      sheet.drawRectangle({
        x,
        y: y - height,
        width,
        height,
        borderColor: faint,
        borderWidth: 0.6,
        ...(head ? { color: rgb(0.94, 0.94, 0.92) } : {}),
      })
      let lineY = y - cellPadding - cellSize
      for (const text of wrapped[index] ?? []) {
        const free = width - 2 * cellPadding - measure(text, cellSize)
        const align = head ? 'center' : (each.align ?? 'left')
        const shift = align === 'right' ? free : align === 'center' ? free / 2 : 0
        sheet.drawText(text, { x: x + cellPadding + shift, y: lineY, size: cellSize, font, color: ink })
        lineY -= cellSize * 1.35
      }
      x += width
    }
    y -= height
  }

  return {
    title(text) {
      room(60)
      y -= 22
      line(text, page.left + (column - measure(text, 22)) / 2, 22)
      y -= 34
    },
    heading(text) {
      room(60)
      y -= 10 + 14
      line(text, page.left, 14)
      y -= 8
    },
    paragraph(text) {
      for (const each of wrap(`　　${text}`, column, bodySize, measure)) {
        room(bodySize * 1.8)
        y -= bodySize * 1.8
        line(each, page.left, bodySize)
      }
    },
    closing(text) {
      room(bodySize * 2)
      y -= bodySize * 2
      line(text, page.width - page.right - measure(text, bodySize), bodySize)
    },
    table(columns, rows) {
      y -= 12
      row(
        columns,
        columns.map(each => each.title),
        true,
      )
      for (const cells of rows) row(columns, cells, false)
      y -= 6
    },
    gap(points, together = 0) {
      room(points + together)
      y -= points
    },
    finish() {
      for (const [index, each] of pages.entries()) {
        const number = `第 ${index + 1} 页 共 ${pages.length} 页`
        each.drawText(running, { x: page.left, y: page.height - 46, size: 8.5, font, color: faint })
        each.drawText(number, { x: (page.width - measure(number, 8.5)) / 2, y: 40, size: 8.5, font, color: faint })
      }
      return document.save()
    },
  }
}

type Measure = (text: string, size: number) => number

/** Widths character by character, kept: laying out whole strings again for each line would take most of the time. */
function measurer(font: PDFFont): Measure {
  const widths = new Map<string, number>()
  return (text, size) => {
    let width = 0
    for (const character of text) {
      let known = widths.get(character)
      if (known === undefined) widths.set(character, (known = font.widthOfTextAtSize(character, 1000)))
      width += known
    }
    return (width * size) / 1000
  }
}

/** Punctuation that never begins a line. */
const clinging = new Set('，。、；：！？）》」』”’％%),.;:!?')

/** Chinese breaks between any two characters, Latin words and figures stay whole. */
function wrap(text: string, width: number, size: number, measure: Measure): readonly string[] {
  const lines: string[] = []
  let current = ''
  for (const piece of text.match(/[\x21-\x7e]+|\s|[^\x21-\x7e\s]/g) ?? []) {
    if (current !== '' && !clinging.has(piece) && measure(current + piece, size) > width) {
      lines.push(current)
      current = ''
    }
    current += piece
  }
  return [...lines, current]
}
