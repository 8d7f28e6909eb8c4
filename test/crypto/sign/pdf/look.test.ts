import { describe, expect, it } from 'vitest'
import type { SignPdfOptions } from '../../../../crypto/sign/pdf/sign-pdf.ts'
import { samplePdf, sealImage, sealWithText, typeface, withPdfBench } from '../../../fixtures/pdf-bench.ts'
import { blankPages, madePdf } from '../../../fixtures/pdf-made.ts'
import { isDark, isRed, type PagePicture, pictures } from '../../../fixtures/pdf-picture.ts'

const box = { x: 60, y: 60, width: 130, height: 160 }
const place: SignPdfOptions['place'] = { kind: 'page', page: 1, box }

/** Blank pages of 400 by 600 points. */
function blank(count: number, page?: (index: number) => string): Uint8Array {
  const objects = blankPages(count, { pages: '/MediaBox [0 0 400 600]', ...(page === undefined ? {} : { page }) })
  return madePdf({ ...objects, 3: '<< /Length 0 >>\nstream\n\nendstream' })
}

function sides({ x, y, width, height }: typeof box) {
  return { whole: { x, y, width, height }, image: { x, y: y + height - width, width, height: width } }
}

/** Ink on the rest of the page, when nothing but the box was blank before. */
function inkOutside(picture: PagePicture, { x, y, width, height }: typeof box): number {
  const isInk = (red: number, green: number, blue: number) => red + green + blue < 700
  const parts = [
    { x: 0, y: 0, width: x - 1, height: picture.height },
    { x: x + width + 1, y: 0, width: picture.width - x - width - 1, height: picture.height },
    { x, y: 0, width, height: y - 1 },
    { x, y: y + height + 1, width, height: picture.height - y - height - 1 },
  ]
  return parts.reduce((sum, part) => sum + picture.share(part, isInk), 0)
}

describe('the seal on a page', () => {
  it('is red where it should be, lets the page show through, and has its text below it', async () => {
    await withPdfBench(async bench => {
      await bench.sign(blank(1), 'signed.pdf', { place, appearance: sealWithText() })
      const [picture] = pictures(bench, 'signed.pdf')
      if (picture === undefined) throw new Error('no picture')
      expect(picture.share(sides(box).image, isRed)).toBeGreaterThan(0.08)
      // The star in its middle, and nothing in the corners of its square.
      expect(picture.share({ x: 115, y: 145, width: 20, height: 20 }, isRed)).toBeGreaterThan(0.8)
      expect(picture.share({ x: 60, y: 200, width: 12, height: 12 }, isRed)).toBe(0)
      // Two lines of about ten and eight characters.
      const text = picture.share({ x: 60, y: 60, width: 130, height: 31 }, isDark)
      expect(text).toBeGreaterThan(0.08)
      expect(text).toBeLessThan(0.4)
      expect(inkOutside(picture, box)).toBe(0)
    })
  })

  it('shows every Chinese character with ink of its own, and as text', async () => {
    await withPdfBench(async bench => {
      const line = '投标人签章电子印'
      const appearance = { text: { lines: [line], font: typeface(), size: 20 } }
      const wide = { x: 20, y: 300, width: 160, height: 26 }
      await bench.sign(blank(1), 'signed.pdf', { place: { kind: 'page', page: 1, box: wide }, appearance })
      const [picture] = pictures(bench, 'signed.pdf')
      const glyphs = Array.from(line, (_character, index) => ({ x: 20 + index * 20, y: 300, width: 20, height: 26 }))
      for (const glyph of glyphs) {
        const ink = picture?.share(glyph, isDark) ?? 0
        expect(ink).toBeGreaterThan(0.08)
        expect(ink).toBeLessThan(0.5)
      }
      const looks = new Set(glyphs.map(glyph => picture?.pixels(glyph).toString('latin1')))
      expect(looks.size).toBe(line.length)
      expect(bench.run('pdftotext', 'signed.pdf', '-').text).toContain(line)
      expect(bench.run('pdffonts', 'signed.pdf').text).toMatch(/NotoSansSC.*CID TrueType +Identity-H +yes/)
      expect(bench.read('signed.pdf').length - blank(1).length).toBeLessThan(40_000)
    })
  })

  it('covers the page behind it only where it is drawn', async () => {
    await withPdfBench(async bench => {
      const gray = madePdf({
        ...blankPages(1, { pages: '/MediaBox [0 0 400 600]' }),
        3: '<< /Length 27 >>\nstream\n0.8 g 0 0 400 600 re f     \nendstream',
      })
      await bench.sign(gray, 'signed.pdf', { place, appearance: { image: sealImage() } })
      const [picture] = pictures(bench, 'signed.pdf')
      const isGray = (red: number, green: number, blue: number) => red === 204 && green === 204 && blue === 204
      expect(picture?.share(sides(box).whole, isGray)).toBeGreaterThan(0.6)
      expect(picture?.share(sides(box).whole, isRed)).toBeGreaterThan(0.05)
    })
  })

  it.each([90, 180, 270] as const)('stands upright at the same place on a page turned by %d', async rotate => {
    await withPdfBench(async bench => {
      await bench.sign(blank(1), 'plain.pdf', { place, appearance: sealWithText() })
      await bench.sign(
        blank(1, () => `/Rotate ${rotate}`),
        'turned.pdf',
        { place, appearance: sealWithText() },
      )
      const [plain] = pictures(bench, 'plain.pdf')
      const [turned] = pictures(bench, 'turned.pdf')
      if (plain === undefined || turned === undefined) throw new Error('no picture')
      expect(turned.width).toBe(rotate === 180 ? 400 : 600)
      expect(inkOutside(turned, box)).toBe(0)
      // Edges are smoothed otherwise when a picture is turned: compare it in fields of 10 points.
      for (let y = 0; y < box.height; y += 10) {
        for (let x = 0; x < box.width; x += 10) {
          const field = { x: box.x + x, y: box.y + y, width: 10, height: 10 }
          expect(Math.abs(turned.share(field, isRed) - plain.share(field, isRed))).toBeLessThan(0.15)
        }
      }
    })
  })

  it('stands on every page of a document of many, turned ones and smaller ones too', async () => {
    await withPdfBench(async bench => {
      const pages = blank(
        4,
        index => ['', '/Rotate 90', '/MediaBox [0 0 300 300]', '/CropBox [100 100 400 600]'][index] ?? '',
      )
      const corner = { x: 10, y: 10, width: 60, height: 60, from: 'lower-right' } as const
      await bench.sign(pages, 'signed.pdf', {
        place: { kind: 'every-page', box: corner },
        appearance: { image: sealImage() },
      })
      for (const picture of pictures(bench, 'signed.pdf', 1, 4)) {
        const stamp = { x: picture.width - 70, y: 10, width: 60, height: 60 }
        expect(picture.share(stamp, isRed)).toBeGreaterThan(0.1)
        expect(inkOutside(picture, stamp)).toBe(0)
      }
    })
  })

  it('is nowhere to be seen when it is invisible', async () => {
    await withPdfBench(async bench => {
      await bench.sign(samplePdf(1), 'signed.pdf')
      bench.put('before.pdf', samplePdf(1))
      const whole = { x: 0, y: 0, width: 600, height: 900 }
      const [before] = pictures(bench, 'before.pdf')
      const [after] = pictures(bench, 'signed.pdf')
      expect(after?.pixels(whole).equals(before?.pixels(whole) ?? Buffer.alloc(0))).toBe(true)
    })
  })
})

describe('a seal across pages', () => {
  it('makes the whole seal when the right edges of five pages are laid side by side', async () => {
    await withPdfBench(async bench => {
      const size = 120
      const centre = 300
      await bench.sign(blank(5), 'across.pdf', {
        place: { kind: 'across-pages', width: size, height: size, centre },
        appearance: { image: sealImage() },
      })
      const whole = { x: 100, y: centre - size / 2, width: size, height: size }
      await bench.sign(blank(1), 'whole.pdf', {
        place: { kind: 'page', page: 1, box: whole },
        appearance: { image: sealImage() },
      })
      expect(bench.pdfsig('across.pdf')).toEqual(['Signature is Valid.'])
      const [one] = pictures(bench, 'whole.pdf')
      const slice = size / 5
      for (const [index, picture] of pictures(bench, 'across.pdf', 1, 5).entries()) {
        const strip = { x: 400 - slice, y: whole.y, width: slice, height: size }
        expect(inkOutside(picture, strip), `page ${index + 1}`).toBe(0)
        expect(picture.share(strip, isRed), `page ${index + 1}`).toBeGreaterThan(0.02)
        for (let y = 0; y < size; y += 12) {
          for (let x = 0; x < slice; x += 12) {
            const field = { x: strip.x + x, y: strip.y + y, width: 12, height: 12 }
            const same = { x: whole.x + index * slice + x, y: whole.y + y, width: 12, height: 12 }
            expect(Math.abs(picture.share(field, isRed) - (one?.share(same, isRed) ?? 0))).toBeLessThan(0.1)
          }
        }
      }
    })
  })
})
