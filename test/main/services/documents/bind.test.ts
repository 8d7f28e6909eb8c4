import { existsSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { nodeFiles } from '../../../../crypto/io/node-files.ts'
import { bindVolume } from '../../../../main/services/documents/bind.ts'
import type { BindRequest, BoundVolume } from '../../../../main/services/documents/bind.ts'
import { documentFixture, madePng, turnedJpeg, typefacePath } from '../../../fixtures/documents.ts'
import { oddPdfs } from '../../../fixtures/pdf-odd.ts'
import { samplePdf, sealImage, withPdfBench } from '../../../fixtures/pdf-bench.ts'
import type { PdfBench } from '../../../fixtures/pdf-bench.ts'
import { blankPages, madePdf, madeStream } from '../../../fixtures/pdf-made.ts'
import { pictures } from '../../../fixtures/pdf-picture.ts'
import type { PagePicture } from '../../../fixtures/pdf-picture.ts'

const names = ['投标函', '开标一览表', '资格审查资料', '技术方案', '已标价工程量清单']

function bind(bench: PdfBench, files: readonly string[], changes: Partial<BindRequest> = {}): Promise<BoundVolume> {
  const entries = files.map(file => ({ path: bench.path(file), title: file.replace(/\.\w+$/, '') }))
  const base = {
    output: bench.path('out.pdf'),
    title: '投标文件',
    at: new Date('2026-11-24T08:00:00Z'),
    font: typefacePath,
  }
  return bindVolume(nodeFiles, { entries, ...base, numbered: true, bookmarks: true, ...changes }, {})
}

function pagesOf(bench: PdfBench, name: string): number {
  return Number(/^Pages:\s+(\d+)/m.exec(bench.run('pdfinfo', name).text)?.[1])
}

function putSamples(bench: PdfBench): readonly string[] {
  return names.map((name, index) => {
    bench.put(`${name}.pdf`, samplePdf((index + 1) as 1))
    return `${name}.pdf`
  })
}

test('five documents and a picture become one sound volume with bookmarks, numbers and all their text', async () => {
  await withPdfBench(async bench => {
    const files = [...putSamples(bench), '公章.png']
    bench.put('公章.png', sealImage())
    const counts = files.slice(0, 5).map(file => pagesOf(bench, file))
    const volume = await bind(bench, files)
    expect(volume.written).toBe(true)
    expect(volume.documents.map(({ pages }) => pages)).toEqual([...counts, 1])
    expect(bench.isSound('out.pdf')).toBe(true)
    expect(pagesOf(bench, 'out.pdf')).toBe(volume.pages)
    expect(volume.bytes).toBe(statSync(bench.path('out.pdf')).size)
    expect(bench.run('pdfinfo', 'out.pdf').text).toContain('投标文件')
    const text = (name: string, ...pages: readonly string[]): string =>
      bench.run('pdftotext', ...pages, '-layout', name, '-').stdout.toString()
    for (const [index, { firstPage, pages }] of volume.documents.slice(0, 5).entries()) {
      const page = text('out.pdf', '-f', String(firstPage), '-l', String(firstPage))
      expect(page.replace(/ /g, '')).toContain(`第${firstPage}页`)
      expect(page.replace(/ /g, '')).toContain(`共${volume.pages}页`)
      const own = text(files[index] ?? '', '-f', String(pages), '-l', String(pages))
      const there = text('out.pdf', '-f', String(firstPage + pages - 1), '-l', String(firstPage + pages - 1))
      const words = (all: string): readonly string[] => all.split(/\s+/).filter(word => word.length > 3)
      for (const word of words(own)) expect(there).toContain(word)
    }
    const outlines = JSON.parse(bench.run('qpdf', '--json', '--json-key=outlines', 'out.pdf').stdout.toString()) as {
      outlines: { title: string; destpageposfrom1: number }[]
    }
    expect(outlines.outlines.map(({ title, destpageposfrom1 }) => [title, destpageposfrom1])).toEqual(
      volume.documents.map(({ title, firstPage }) => [title, firstPage]),
    )
  })
}, 60_000)

test('the pages of a volume look like those they came from', async () => {
  await withPdfBench(async bench => {
    await bind(bench, putSamples(bench), { numbered: false })
    let page = 1
    for (const name of names) {
      const [own] = pictures(bench, `${name}.pdf`)
      const [there] = pictures(bench, 'out.pdf', page)
      const all = { x: 0, y: 0, width: own?.width ?? 0, height: own?.height ?? 0 }
      expect(there?.pixels(all).equals(own?.pixels(all) ?? Buffer.alloc(0))).toBe(true)
      page += pagesOf(bench, `${name}.pdf`)
    }
  })
}, 60_000)

const colours = {
  red: (r: number, g: number, b: number) => r > 180 && g < 90 && b < 90,
  green: (r: number, g: number, b: number) => r < 110 && g > 80 && b < g - 20,
  blue: (r: number, g: number, b: number) => r < 90 && g < 110 && b > 110,
  yellow: (r: number, g: number, b: number) => r > 200 && g > 170 && b < 110,
} as const
type Colour = keyof typeof colours

/** What stands in the four quarters of what is not white, from the upper left, row by row. */
function quarters(page: PagePicture): readonly (Colour | '?')[] {
  const { width, height } = page
  const places = [
    [-1, 1],
    [1, 1],
    [-1, -1],
    [1, -1],
  ] as const
  return places.map(([right, up]) => {
    const box = { x: width / 2 + right * 25 - 4, y: height / 2 + up * 25 - 4, width: 8, height: 8 }
    const names = Object.keys(colours) as Colour[]
    return names.find(name => page.share(box, colours[name]) > 0.9) ?? '?'
  })
}

const upright = ['red', 'green', 'blue', 'yellow']

test.each([
  'quadrants.jpg',
  'quadrants-progressive.jpg',
  'quadrants-cmyk.jpg',
  'quadrants-interlaced.png',
  'quadrants-palette.png',
])('%s is shown upright in its colours on an A4 page', async name => {
  await withPdfBench(async bench => {
    bench.put(name, documentFixture(name))
    await bind(bench, [name])
    expect(bench.isSound('out.pdf')).toBe(true)
    expect(bench.run('pdfinfo', 'out.pdf').text).toContain('841.89 x 595.28 pts (A4)')
    const [page] = pictures(bench, 'out.pdf')
    expect(page && quarters(page)).toEqual(upright)
  })
})

test.each([
  [1, ['red', 'green', 'blue', 'yellow']],
  [2, ['green', 'red', 'yellow', 'blue']],
  [3, ['yellow', 'blue', 'green', 'red']],
  [4, ['blue', 'yellow', 'red', 'green']],
  [5, ['red', 'blue', 'green', 'yellow']],
  [6, ['blue', 'red', 'yellow', 'green']],
  [7, ['yellow', 'green', 'blue', 'red']],
  [8, ['green', 'yellow', 'red', 'blue']],
] as const)(
  'a photo that EXIF says is turned (%s) is shown as it was taken, and without what EXIF tells',
  async (turn, seen) => {
    await withPdfBench(async bench => {
      bench.put('photo.jpg', turnedJpeg(documentFixture('quadrants.jpg'), turn, turn % 2 === 0 ? 'II' : 'MM'))
      const volume = await bind(bench, ['photo.jpg'], { numbered: false, bookmarks: false })
      expect(volume.documents[0]?.problems.map(({ code }) => code)).toEqual(['metadata'])
      const [page] = pictures(bench, 'out.pdf')
      expect(page && quarters(page)).toEqual(seen)
      expect((page?.width ?? 0) > (page?.height ?? 0)).toBe(turn < 5)
      expect((await readFile(bench.path('out.pdf'))).includes('Exif')).toBe(false)
    })
  },
)

const half = (y: number): number => (y < 20 ? 255 : 0)

test.each([
  ['grey, 1 bit', { depth: 1, colour: 0, row: (y: number) => new Uint8Array(5).fill(half(y)) }, [255, 0]],
  ['grey, 16 bits', { depth: 16, colour: 0, row: (y: number) => new Uint8Array(80).fill(half(y)) }, [255, 0]],
  [
    'grey with a transparent value',
    {
      depth: 8,
      colour: 0,
      row: (y: number) => new Uint8Array(40).fill(half(y)),
      chunks: [['tRNS', Uint8Array.of(0, 0)]],
    },
    [255, 255],
  ],
  [
    'grey with alpha',
    { depth: 8, colour: 4, row: (y: number) => new Uint8Array(80).map((_, at) => (at % 2 === 0 ? 0 : half(y))) },
    [0, 255],
  ],
  [
    'RGB with alpha, 16 bits',
    { depth: 16, colour: 6, row: (y: number) => new Uint8Array(320).map((_, at) => (at % 8 < 6 ? 0 : half(y))) },
    [0, 255],
  ],
  [
    'palette with transparency',
    {
      depth: 4,
      colour: 3,
      row: (y: number) => new Uint8Array(20).fill(y < 20 ? 0x11 : 0),
      chunks: [
        ['PLTE', Uint8Array.of(0, 0, 0, 0, 0, 0)],
        ['tRNS', Uint8Array.of(255, 0)],
      ],
    },
    [255, 0],
  ],
] as const)('a PNG of %s looks as it must', async (_name, png, [above, below]) => {
  await withPdfBench(async bench => {
    bench.put('made.png', madePng({ width: 40, height: 40, ...png }))
    await bind(bench, ['made.png'], { numbered: false })
    expect(bench.isSound('out.pdf')).toBe(true)
    const [page] = pictures(bench, 'out.pdf')
    const { width = 0, height = 0 } = page ?? {}
    for (const [up, grey] of [
      [7, above],
      [-7, below],
    ] as const) {
      const box = { x: width / 2 - 4, y: height / 2 + up - 2, width: 8, height: 4 }
      expect(page?.share(box, red => Math.abs(red - grey) < 3)).toBe(1)
    }
  })
})

test('a seal on nothing keeps its transparency', async () => {
  await withPdfBench(async bench => {
    bench.put('seal.png', sealImage())
    await bind(bench, ['seal.png'])
    expect(bench.run('pdfimages', '-list', 'out.pdf').text).toMatch(/smask/)
    const [page] = pictures(bench, 'out.pdf')
    const { width = 0, height = 0 } = page ?? {}
    const box = { x: 0, y: 100, width, height: height - 100 }
    expect(page?.share(box, (r, g, b) => r < 60 && g < 60 && b < 60)).toBe(0)
    expect(page?.share(box, colours.red)).toBeGreaterThan(0.01)
  })
})

test.each([
  ['cut.jpg', () => documentFixture('quadrants.jpg').subarray(0, 500), 'picture-broken'],
  ['cut.png', () => documentFixture('quadrants-palette.png').subarray(0, 100), 'picture-broken'],
  [
    'hurt.png',
    () => documentFixture('quadrants-palette.png').map((byte, at) => (at === 90 ? byte ^ 1 : byte)),
    'picture-broken',
  ],
  [
    'wide.png',
    () => madePng({ width: 40_000, height: 1, depth: 1, colour: 0, row: () => new Uint8Array(5000) }),
    'picture-too-large',
  ],
  [
    'odd.png',
    () => madePng({ width: 4, height: 1, depth: 4, colour: 2, row: () => new Uint8Array(6) }),
    'picture-unsupported',
  ],
  [
    'arithmetic.jpg',
    () =>
      documentFixture('quadrants.jpg').map((byte, at, all) => (byte === 0xc0 && all[at - 1] === 0xff ? 0xc9 : byte)),
    'picture-unsupported',
  ],
  ['letter.doc', () => Buffer.from('no picture at all'), 'picture-unknown'],
  ['empty.pdf', () => Buffer.alloc(0), 'picture-unknown'],
  ['broken.pdf', () => Buffer.from('%PDF-1.7\nnothing behind it'), 'not-read'],
  ['locked.pdf', (bench: PdfBench) => encrypted(bench), 'encrypted'],
  ['none.pdf', () => madePdf(blankPages(0)), 'no-pages'],
])('%s is named and keeps the volume from being written', async (name, make, code) => {
  await withPdfBench(async bench => {
    bench.put('good.png', sealImage())
    bench.put(name, make(bench))
    const volume = await bind(bench, ['good.png', name])
    expect(volume.written).toBe(false)
    expect(volume.documents[1]?.problems.map(each => each.code)).toContain(code)
    expect(existsSync(bench.path('out.pdf'))).toBe(false)
    expect(existsSync(bench.path('out.pdf.part'))).toBe(false)
  })
})

test('a PNG whose rows are damaged behind a right checksum is refused when it is unpacked', async () => {
  await withPdfBench(async bench => {
    const png = { width: 40, height: 40, depth: 8, colour: 0, row: () => new Uint8Array(40) }
    bench.put('filter.png', madePng({ ...png, filter: () => 9 }))
    bench.put('short.png', madePng({ ...png, row: () => new Uint8Array(30) }))
    for (const name of ['filter.png', 'short.png']) {
      const volume = await bind(bench, [name])
      expect(volume.written).toBe(false)
      expect(volume.documents[0]?.problems).toEqual([{ code: 'picture-broken', level: 'fatal' }])
    }
    expect(existsSync(bench.path('out.pdf.part'))).toBe(false)
  })
})

test('signed documents come along only as pictures, and only when that is asked for', async () => {
  await withPdfBench(async bench => {
    await bench.sign(samplePdf(1), 'signed.pdf')
    expect((await bind(bench, ['signed.pdf'])).written).toBe(false)
    const volume = await bind(bench, ['signed.pdf'], { takeSigned: true })
    expect(volume.documents[0]?.problems).toMatchObject([{ code: 'signed', level: 'told' }])
    expect(volume.written).toBe(true)
    expect(bench.run('pdfsig', 'out.pdf').text).toContain('does not contain any signatures')
    expect(bench.isSound('out.pdf')).toBe(true)
  })
})

test('scripts, attachments and actions are told of and left behind; links lead where they led', async () => {
  await withPdfBench(async bench => {
    const link = (entries: string): string => `<< /Type /Annot /Subtype /Link /Rect [10 10 90 40] ${entries} >>`
    const annotations = [
      link('/Dest [12 0 R /Fit]'),
      link('/A << /S /GoTo /D (chapter) >>'),
      link('/A << /S /URI /URI (https://example.org/) /Next << /S /JavaScript /JS (evil) >> >>'),
      link('/A << /S /JavaScript /JS (evil) >>'),
      link('/A << /S /Launch /F (evil.exe) >>'),
    ]
    const pdf = madePdf({
      ...blankPages(3, {
        catalog:
          '/OpenAction << /S /JavaScript /JS (evil) >> /Names << /Dests << /Names [(chapter) [11 0 R /XYZ 0 0 0]] >> >>',
        page: index =>
          index === 0 ? `/AA << /O << /S /JavaScript /JS (evil) >> >> /Annots [${annotations.join(' ')}]` : '',
      }),
      8: madeStream('/Type /EmbeddedFile', Buffer.from('evil')),
    })
    bench.put('scripted.pdf', pdf)
    bench.put('before.pdf', madePdf(blankPages(2)))
    const volume = await bind(bench, ['before.pdf', 'scripted.pdf'], { numbered: false })
    expect(volume.documents[1]?.problems.map(({ code }) => code)).toEqual(['scripted', 'launches', 'attachments'])
    expect(bench.isSound('out.pdf')).toBe(true)
    expect((await readFile(bench.path('out.pdf'))).includes('evil')).toBe(false)
    const json = bench.run('qpdf', '--json=1', '--json-key=objects', '--json-key=pages', 'out.pdf').stdout.toString()
    const { pages, objects } = JSON.parse(json) as {
      pages: { object: string }[]
      objects: Record<string, { '/Annots'?: Record<string, unknown>[] }>
    }
    const links = objects[pages[2]?.object ?? '']?.['/Annots']
    expect(links?.map(each => each['/Dest'] ?? each['/A'])).toEqual([
      [pages[4]?.object, '/Fit'],
      [pages[3]?.object, '/XYZ', 0, 0, 0],
      { '/S': '/URI', '/URI': 'https://example.org/' },
    ])
  })
})

test.each([0, 90, 180, 270])(
  'the number stands at the foot of a page turned by %s degrees and cropped',
  async rotate => {
    await withPdfBench(async bench => {
      bench.put('turned.pdf', madePdf(blankPages(1, { page: () => `/Rotate ${rotate} /CropBox [50 80 450 700]` })))
      await bind(bench, ['turned.pdf'])
      const [page] = pictures(bench, 'out.pdf')
      const { width = 0, height = 0 } = page ?? {}
      expect(width > height).toBe(rotate % 180 !== 0)
      const dark = (r: number, g: number, b: number): boolean => r < 100 && g < 100 && b < 100
      const ink = page?.share({ x: width / 2 - 45, y: 15, width: 90, height: 12 }, dark) ?? 0
      expect(ink).toBeGreaterThan(0.05)
      expect(page?.share({ x: 0, y: 30, width, height: height - 30 }, dark)).toBe(0)
      expect(bench.run('pdftotext', 'out.pdf', '-').text.replace(/ /g, '')).toContain('第1页')
    })
  },
)

test('page content that leaves the coordinates turned does not turn the number', async () => {
  await withPdfBench(async bench => {
    const objects = { ...blankPages(1), 3: madeStream('', Buffer.from('q 1 0 0 rg 0 1 -1 0 300 300 cm 3 w')) }
    bench.put('open.pdf', madePdf(objects))
    await bind(bench, ['open.pdf'])
    const [page] = pictures(bench, 'out.pdf')
    const dark = (r: number, g: number, b: number): boolean => r < 100 && g < 100 && b < 100
    expect(page?.share({ x: 250, y: 15, width: 95, height: 12 }, dark)).toBeGreaterThan(0.05)
  })
})

test('no documents are no volume', async () => {
  await withPdfBench(async bench => {
    await expect(bind(bench, [])).rejects.toMatchObject({ failure: { code: 'arguments.bad' } })
  })
})

function encrypted(bench: PdfBench): Uint8Array {
  bench.put('plain.pdf', samplePdf(1))
  bench.run('qpdf', '--encrypt', 'secret', 'owner', '256', '--', 'plain.pdf', 'locked-made.pdf')
  return bench.read('locked-made.pdf')
}

test('every odd PDF comes into a sound volume with all its pages, or is named', async () => {
  await withPdfBench(async bench => {
    let taken = 0
    for (const [index, { name, pdf }] of oddPdfs(bench).entries()) {
      bench.put(`odd-${index}.pdf`, pdf)
      const output = bench.path(`out-${index}.pdf`)
      const volume = await bind(bench, [`odd-${index}.pdf`], { output, takeSigned: true, numbered: false })
      const fatal = volume.documents[0]?.problems.some(({ level }) => level === 'fatal') === true
      expect(volume.written, name).toBe(!fatal)
      if (!volume.written) continue
      taken += 1
      expect(bench.isSound(`out-${index}.pdf`), name).toBe(true)
      expect(pagesOf(bench, `out-${index}.pdf`), name).toBe(volume.pages)
    }
    expect(taken).toBeGreaterThan(20)
  })
}, 120_000)
