import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { bytesSource, type ByteSource } from '../../../../crypto/io/source.ts'
import { PdfDocument } from '../../../../crypto/sign/pdf/document.ts'
import { inspectPdf } from '../../../../crypto/sign/pdf/inspect.ts'
import { readPages } from '../../../../crypto/sign/pdf/pages.ts'
import { codeOf, detailOf } from '../../../fixtures/refusals.ts'
import { samplePdf, withPdfBench } from '../../../fixtures/pdf-bench.ts'
import { blankPages, madePdf, madeStream } from '../../../fixtures/pdf-made.ts'

const wholePages = { pages: 3, trouble: [] }

async function view(pdf: Uint8Array) {
  const facts = await inspectPdf(bytesSource(pdf))
  return { xref: facts.xref, pages: facts.pages.length, trouble: facts.trouble }
}

function text(pdf: Uint8Array): string {
  return Buffer.from(pdf).toString('latin1')
}

function bytes(pdf: string): Uint8Array {
  return Buffer.from(pdf, 'latin1')
}

describe('where the objects of a PDF are', () => {
  it('is read from a table, a stream, and a table with a stream beside it', async () => {
    expect(await view(madePdf(blankPages(3)))).toEqual({ xref: 'table', ...wholePages })
    expect(await view(madePdf(blankPages(3), { style: 'stream' }))).toEqual({ xref: 'stream', ...wholePages })
    const compressed = madePdf(blankPages(3), { style: 'stream', hidden: [2, 10, 11, 12] })
    expect(await view(compressed)).toEqual({ xref: 'stream', ...wholePages })
    const hybrid = madePdf(blankPages(3), { style: 'hybrid', hidden: [11, 12] })
    expect(await view(hybrid)).toEqual({ xref: 'hybrid', ...wholePages })
  })

  it('is what poppler and qpdf make of the same files', async () => {
    await withPdfBench(async bench => {
      const made = {
        table: madePdf(blankPages(3)),
        stream: madePdf(blankPages(3), { style: 'stream', hidden: [2, 10, 11] }),
        hybrid: madePdf(blankPages(3), { style: 'hybrid', hidden: [11, 12] }),
      }
      for (const [name, pdf] of Object.entries(made)) {
        bench.put(`${name}.pdf`, pdf)
        expect(bench.run('pdfinfo', `${name}.pdf`).text, name).toMatch(/^Pages:\s+3$/m)
        expect(bench.isSound(`${name}.pdf`), name).toBe(true)
      }
    })
  })

  it('is read from what qpdf writes: linearized, object streams, both', async () => {
    await withPdfBench(async bench => {
      bench.put('in.pdf', samplePdf(4))
      for (const args of [
        ['--linearize'],
        ['--object-streams=generate'],
        ['--linearize', '--object-streams=generate'],
      ]) {
        bench.run('qpdf', ...args, 'in.pdf', 'out.pdf')
        const facts = await inspectPdf(bytesSource(bench.read('out.pdf')))
        expect(facts.pages.length, args.join(' ')).toBe(24)
        expect(facts.isLinearized).toBe(args.includes('--linearize'))
        expect(facts.xref).toBe(args.length === 1 && args[0] === '--linearize' ? 'table' : 'stream')
        expect(facts.trouble).toEqual([])
      }
    })
  })

  it('is what the newest update says', async () => {
    const first = madePdf(blankPages(3))
    const page = '<< /Type /Page /Parent 2 0 R /Rotate 90 >>'
    const second = madePdf({ 11: page }, { after: first })
    const third = madePdf({ 12: page }, { after: second, style: 'stream' })
    const facts = await inspectPdf(bytesSource(third))
    expect(facts.pages.map(({ rotate }) => rotate)).toEqual([0, 90, 90])
    expect(facts.sections).toBe(3)
  })

  it('is counted from the header, wherever in the first kilobyte it is', async () => {
    const moved = Buffer.concat([Buffer.alloc(1000, 'x'), madePdf(blankPages(3))])
    expect(await view(moved)).toEqual({ xref: 'table', pages: 3, trouble: ['header-offset'] })
    const tooFar = Buffer.concat([Buffer.alloc(1100, 'x'), madePdf(blankPages(3))])
    expect(await codeOf(() => inspectPdf(bytesSource(tooFar)))).toBe('input.unreadable')
  })

  it.each([
    ['a table counted from object 1', (pdf: string) => pdf.replace('xref\n0 1\n', 'xref\n1 1\n')],
    ['rows ended by one character', (pdf: string) => pdf.replaceAll(/ ([nf]) \n/g, ' $1\n')],
    ['nothing after the last number', (pdf: string) => pdf.replace(/\n%%EOF\n$/, '')],
    ['white space after the end', (pdf: string) => `${pdf}\n\n  \n`],
  ])('is read in spite of %s', async (_what, change) => {
    expect(await view(bytes(change(text(madePdf(blankPages(3))))))).toEqual({ xref: 'table', ...wholePages })
  })

  it.each([
    ['startxref leads nowhere', (pdf: string) => pdf.replace(/startxref\n\d+/, 'startxref\n99999999')],
    ['startxref leads elsewhere', (pdf: string) => pdf.replace(/startxref\n\d+/, 'startxref\n20')],
    ['startxref is missing', (pdf: string) => pdf.replace(/startxref[^]*$/, '')],
    ['the table is cut off', (pdf: string) => pdf.replace(/xref\n[^]*$/, '')],
    ['every offset is wrong', (pdf: string) => pdf.replace('%PDF-1.7\n', '%PDF-1.7\n\n\n\n')],
    [
      'the sections go round in a circle',
      (pdf: string) => pdf.replace(/trailer\n<< /, `trailer\n<< /Prev ${pdf.lastIndexOf('xref\n0')} `),
    ],
    ['line ends were changed', (pdf: string) => pdf.replaceAll('\n', '\r\n')],
    ['one page is entered at a wrong place', (pdf: string) => pdf.replace(/(\n11 1\n)\d{10}/, '$10000000033')],
  ])('is found by a scan where %s', async (_what, change) => {
    const pdf = bytes(change(text(madePdf(blankPages(3)))))
    expect(await view(pdf)).toEqual({ xref: 'rebuilt', pages: 3, trouble: ['xref-rebuilt'] })
  })

  it('is found by a scan in object streams too', async () => {
    const compressed = madePdf(blankPages(3), { style: 'stream', hidden: [2, 10, 11, 12] })
    const pdf = bytes(text(compressed).replace(/startxref\n\d+/, 'startxref\n1'))
    expect(await view(pdf)).toEqual({ xref: 'rebuilt', pages: 3, trouble: ['xref-rebuilt'] })
  })

  it('is read from a table of thousands of parts', async () => {
    const facts = await inspectPdf(bytesSource(madePdf(blankPages(5000))))
    expect(facts.pages.length).toBe(5000)
    expect(facts.trouble).toEqual([])
  })

  it('counts as null where an object refers to itself', async () => {
    const objects = { ...blankPages(1), 3: '3 0 R', 20: '<< /Length 20 0 R >>\nstream\nx\nendstream' }
    const document = await PdfDocument.open(bytesSource(madePdf(objects)))
    expect(await document.resolve({ kind: 'reference', number: 3, generation: 0 })).toBeNull()
    const stream = await document.object({ kind: 'reference', number: 20, generation: 0 })
    if (stream === null || typeof stream !== 'object' || stream.kind !== 'stream') throw new Error('no stream')
    expect(text(await document.encodedBytes(stream, 100))).toBe('x')
  })

  it('finds the end of a stream whose length is wrong', async () => {
    const wrong = bytes(text(madeStream('', bytes('twelve bytes'))).replace('/Length 12', '/Length 5'))
    const document = await PdfDocument.open(bytesSource(madePdf({ ...blankPages(1), 20: wrong })))
    const stream = await document.object({ kind: 'reference', number: 20, generation: 0 })
    if (stream === null || typeof stream !== 'object' || stream.kind !== 'stream') throw new Error('no stream')
    expect(text(await document.encodedBytes(stream, 100))).toBe('twelve bytes')
  })
})

describe('the page tree', () => {
  it('hands boxes, turns and resources down', async () => {
    const objects = {
      ...blankPages(2, {
        pages: '/Rotate 450 /CropBox [-10 20 500 700] /Resources << /A 1 >>',
        page: index => (index === 1 ? '/MediaBox [300 400 0 0] /Rotate -90' : ''),
      }),
    }
    const { pages } = await readPages(await PdfDocument.open(bytesSource(madePdf(objects))))
    expect(pages.map(page => [page.rotate, page.cropBox])).toEqual([
      [90, { left: 0, bottom: 20, right: 500, top: 700 }],
      [270, { left: 0, bottom: 20, right: 300, top: 400 }],
    ])
    expect(pages[1]?.resources?.entries.get('A')).toBe(1)
  })

  it.each([
    ['goes round in a circle', { 10: '<< /Type /Pages /Kids [2 0 R] >>' }],
    ['has a page twice', { 2: '<< /Type /Pages /Kids [10 0 R 10 0 R] /MediaBox [0 0 9 9] >>' }],
    ['has a page that is missing', { 2: '<< /Type /Pages /Kids [10 0 R 77 0 R] /MediaBox [0 0 9 9] >>' }],
    ['has a page that is no object', { 2: '<< /Type /Pages /Kids [10 0 R << /Type /Page >>] /MediaBox [0 0 9 9] >>' }],
  ])('is told to be broken where it %s', async (_what, change) => {
    const facts = await inspectPdf(bytesSource(madePdf({ ...blankPages(1), ...change })))
    expect(facts.trouble).toContain('page-tree')
    expect(facts.pages.length).toBeLessThanOrEqual(1)
  })

  it('takes A4 and tells it where a page has no size', async () => {
    const facts = await inspectPdf(bytesSource(madePdf(blankPages(1, { pages: '/MediaBox [0 0 0 0]' }))))
    expect(facts.trouble).toEqual(['page-box'])
    expect(facts.pages[0]?.mediaBox.right).toBeCloseTo(595.28)
  })

  it('is followed to a depth no honest document has, and no deeper', async () => {
    const deep = Object.fromEntries(
      Array.from({ length: 200 }, (_none, index) => [100 + index, `<< /Type /Pages /Kids [${101 + index} 0 R] >>`]),
    )
    const facts = await inspectPdf(bytesSource(madePdf({ ...blankPages(1), ...deep, 10: deep[100] ?? '' })))
    expect(facts.trouble).toContain('page-tree')
  })
})

describe('hostile documents', () => {
  it.each([
    ['no bytes at all', ''],
    ['no PDF', 'PK\x03\x04 something else'],
    ['a header and nothing', '%PDF-1.7\n'],
    ['no catalog', '%PDF-1.7\n1 0 obj\n<< /Type /Other >>\nendobj\n'],
  ])('are refused: %s', async (_what, content) => {
    expect(await codeOf(() => inspectPdf(bytesSource(bytes(content))))).toBe('input.unreadable')
  })

  it('cannot make the reader parse the same bytes for ever', async () => {
    // Each object is a string that is never closed, and holds all the following ones.
    const before = text(madePdf(blankPages(1)))
    const count = 20_000
    const bodies = Array.from({ length: count }, (_none, index) => `${100 + index} 0 obj (`.padEnd(20))
    const rows = bodies.map((_body, index) => `${String(before.length + index * 20).padStart(10, '0')} 00000 n \n`)
    const prev = /startxref\n(\d+)/.exec(before)?.[1] ?? ''
    const start = before.length + count * 20 + 1
    const table = `\nxref\n100 ${count}\n${rows.join('')}trailer\n<< /Root 1 0 R /Size ${100 + count} /Prev ${prev} >>`
    const whole = `${before}${bodies.join('')}${table}\nstartxref\n${start}\n%%EOF`
    const started = performance.now()
    expect(await detailOf(() => inspectPdf(bytesSource(bytes(whole))))).toMatch(/again and again/)
    expect(performance.now() - started).toBeLessThan(10_000)
  })

  it('cannot fill the memory with one object stream after the other', async () => {
    const zeros = Buffer.alloc(60 * 2 ** 20, ' ')
    zeros.write('10 0 ', 'latin1')
    const bomb = madeStream('/Type /ObjStm /N 1 /First 5 /Filter /FlateDecode', deflateSync(zeros))
    const streams = Object.fromEntries(Array.from({ length: 12 }, (_none, index) => [100 + index, bomb]))
    const kids = Array.from({ length: 12 }, (_none, index) => `${200 + index} 0 R`).join(' ')
    const pdf = text(madePdf({ ...blankPages(0), ...streams, 2: `<< /Type /Pages /Kids [${kids}] >>` }))
    const rows = Array.from({ length: 12 }, (_none, index) => [2, 100 + index, 0]).map(([type = 0, second = 0]) =>
      String.fromCharCode(type, 0, 0, 0, second, 0, 0),
    )
    const section = madeStream(
      `/Type /XRef /W [1 4 2] /Index [200 12] /Size 300 /Root 1 0 R /Prev ${/startxref\n(\d+)/.exec(pdf)?.[1] ?? ''}`,
      bytes(rows.join('')),
    )
    const whole = `${pdf}400 0 obj\n${text(section)}\nendobj\nstartxref\n${pdf.length}\n%%EOF\n`
    expect(await codeOf(() => inspectPdf(bytesSource(bytes(whole))))).toBe('input.unreadable')
  })

  it('pass on what the medium fails with, instead of calling the document broken', async () => {
    const pdf = madePdf(blankPages(3))
    let reads = 0
    const failing: ByteSource = {
      ...bytesSource(pdf),
      read: (offset, into) => {
        reads += 1
        return reads > 1 ? Promise.reject(new Error('the stick was pulled')) : bytesSource(pdf).read(offset, into)
      },
    }
    await expect(inspectPdf(failing)).rejects.toThrow('the stick was pulled')
  })
})
