import type { PDFFont } from 'pdf-lib'

/** What is stamped on a page. */
export interface PageMark {
  readonly text: string
  readonly font: PDFFont
  /** The font's name among the page's resources. */
  readonly fontName: string
}

/** A page as it is seen: its visible box and how it is turned, in degrees clockwise: 0, 90, 180 or 270. */
export interface SeenPage {
  readonly box: { readonly left: number; readonly bottom: number; readonly right: number; readonly top: number }
  readonly rotate: number
}

const size = 9

/** Points from the lower edge as the page is seen; printers leave out less. */
const height = 18

/** Content that writes a line at the middle of a page's lower edge, whichever way the page is turned. */
export function markContent({ text, font, fontName }: PageMark, { box, rotate }: SeenPage): Uint8Array {
  const { left, bottom, right, top } = box
  const isLying = rotate % 180 !== 0
  const width = isLying ? top - bottom : right - left
  const across = Math.max(0, (width - font.widthOfTextAtSize(text, size)) / 2)
  const upright = [1, 0, 0, 1, left + across, bottom + height]
  const places: Partial<Record<number, readonly number[]>> = {
    90: [0, 1, -1, 0, right - height, bottom + across],
    180: [-1, 0, 0, -1, right - across, top - height],
    270: [0, -1, 1, 0, left + height, top - across],
  }
  const matrix = (places[rotate] ?? upright).map(value => Number(value.toFixed(3))).join(' ')
  const shown = font.encodeText(text).toString()
  return Buffer.from(`q BT 0 0 0 rg 0 Tr /${fontName} ${size} Tf ${matrix} Tm ${shown} Tj ET Q`, 'latin1')
}
