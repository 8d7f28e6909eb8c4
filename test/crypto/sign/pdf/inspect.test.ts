import { describe, expect, it } from 'vitest'
import { bytesSource } from '../../../../crypto/io/source.ts'
import { inspectPdf, type PdfFacts } from '../../../../crypto/sign/pdf/inspect.ts'
import { type PdfBench, samplePdf, withPdfBench } from '../../../fixtures/pdf-bench.ts'
import { blankPages, madePdf, type MadeObjects, madeStream } from '../../../fixtures/pdf-made.ts'

async function factsOf(objects: MadeObjects, trailer = ''): Promise<PdfFacts> {
  return inspectPdf(bytesSource(madePdf(objects, { trailer })))
}

async function throughQpdf(bench: PdfBench, ...args: readonly string[]): Promise<PdfFacts> {
  bench.put('in.pdf', samplePdf(1))
  const answer = bench.run('qpdf', 'in.pdf', ...args, 'out.pdf')
  if (answer.code !== 0) throw new Error(answer.text)
  return inspectPdf(bytesSource(bench.read('out.pdf')))
}

const quiet = {
  hasJavaScript: false,
  hasLaunchActions: false,
  embeddedFiles: 0,
  hasMedia: false,
  encryption: null,
  formFields: 0,
  hasXfa: false,
  signatures: [],
  emptySignatureFields: [],
  permission: null,
  trouble: [],
}

describe('what a bidder is told of a PDF', () => {
  it('is nothing but pages and sizes for the sample documents', async () => {
    const pages = [1, 1, 1, 24, 16]
    for (const number of [1, 2, 3, 4, 5] as const) {
      const facts = await inspectPdf(bytesSource(samplePdf(number)))
      expect(facts).toMatchObject({ ...quiet, version: '1.4', xref: 'table', sections: 1 })
      expect(facts.pages.length).toBe(pages[number - 1])
      expect(facts.pages[0]?.cropBox.right).toBeCloseTo(594.96)
      expect(facts.info.get('Producer')).toMatch(/Skia/)
    }
  })

  it.each([
    ['256', []],
    ['128', ['--use-aes=y']],
    ['40', []],
  ])('is that it is encrypted with %s bits, and nothing else', async (bits, more) => {
    await withPdfBench(async bench => {
      const weak = bits === '256' ? [] : ['--allow-weak-crypto']
      const facts = await throughQpdf(bench, ...weak, '--encrypt', 'user', 'owner', bits, ...more, '--')
      expect(facts.encryption).toEqual({ handler: 'Standard' })
      expect(facts.pages).toEqual([])
    })
  })

  it('is that it is encrypted even where anybody may open it, and in an object stream', async () => {
    await withPdfBench(async bench => {
      const facts = await throughQpdf(bench, '--object-streams=generate', '--encrypt', '', 'owner', '256', '--')
      expect(facts.encryption).toEqual({ handler: 'Standard' })
    })
  })

  it('is that files are embedded in it', async () => {
    await withPdfBench(async bench => {
      const path = bench.put('model.bin', 'anything')
      const facts = await throughQpdf(bench, '--object-streams=generate', '--add-attachment', path, '--')
      expect(facts).toMatchObject({ ...quiet, embeddedFiles: 1 })
    })
  })

  it.each([
    ['when it is opened', { 1: '<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert) >> >>' }],
    [
      'by name',
      {
        1: '<< /Type /Catalog /Pages 2 0 R /Names << /JavaScript 20 0 R >> >>',
        20: '<< /Names [(a) << /S /JavaScript /JS 21 0 R >>] >>',
      },
    ],
    [
      'on a page',
      { 10: '<< /Type /Page /Parent 2 0 R /AA << /O << /S /GoTo /Next << /S /Java#53cript /JS () >> >> >> >>' },
    ],
    ['that nothing leads to', { 20: '<< /S /JavaScript /JS (hidden) >>' }],
  ])('is that a script stands in it: %s', async (_where, objects) => {
    expect(await factsOf({ ...blankPages(1), ...objects })).toMatchObject({ ...quiet, hasJavaScript: true })
  })

  it('is that it starts programs or sends data', async () => {
    for (const action of ['Launch', 'SubmitForm', 'ImportData', 'GoToE']) {
      const facts = await factsOf({ ...blankPages(1), 20: `<< /Type /Annot /A << /S /${action} >> >>` })
      expect(facts, action).toMatchObject({ ...quiet, hasLaunchActions: true })
    }
  })

  it('is not that a link leads to a page or an address', async () => {
    const facts = await factsOf({ ...blankPages(1), 20: '<< /A << /S /URI /URI (http://example.org) >> >>' })
    expect(facts).toMatchObject(quiet)
  })

  it('is that it has films in it', async () => {
    const facts = await factsOf({ ...blankPages(1), 20: '<< /Type /Annot /Subtype /RichMedia >>' })
    expect(facts).toMatchObject({ ...quiet, hasMedia: true })
  })

  it('is what form it has, and which signatures wait', async () => {
    const facts = await factsOf({
      ...blankPages(1, { catalog: '/AcroForm << /Fields [20 0 R 23 0 R] /XFA [] >>' }),
      20: '<< /T (bidder) /FT /Tx /Kids [21 0 R 22 0 R] >>',
      21: '<< /T (name) /Parent 20 0 R >>',
      22: '<< /T (seal) /FT /Sig /Parent 20 0 R /Kids [<< /Subtype /Widget >>] >>',
      23: '<< /T (date) /FT /Tx /V (today) >>',
    })
    expect(facts).toMatchObject({ ...quiet, formFields: 2, hasXfa: true, emptySignatureFields: ['bidder.seal'] })
  })

  it.each([
    ['/P 1', 1],
    ['/P 3', 3],
    ['', 2],
  ])('is what a certification with %j allows', async (permission, allowed) => {
    const facts = await factsOf({
      ...blankPages(1, { catalog: '/AcroForm << /Fields [20 0 R] >> /Perms << /DocMDP 21 0 R >>' }),
      20: '<< /T (s) /FT /Sig /V 21 0 R >>',
      21: `<< /Type /Sig /Reference [<< /TransformMethod /DocMDP /TransformParams << ${permission} >> >>] >>`,
    })
    expect(facts).toMatchObject({ ...quiet, signatures: ['s'], permission: allowed })
  })

  it('is what a signer has locked', async () => {
    const facts = await factsOf({
      ...blankPages(1, { catalog: '/AcroForm << /Fields [20 0 R] >>' }),
      20: '<< /T (s) /FT /Sig /V << /Type /Sig >> /Lock << /Action /All /P 1 >> >>',
    })
    expect(facts.permission).toBe(1)
  })

  it('is text from the file’s own description in Chinese, without what would turn a line around', async () => {
    const title = Buffer.from('投标\u202e文件', 'utf16le').swap16().toString('hex')
    const facts = await factsOf({ ...blankPages(1), 20: `<< /Title <feff${title}> /Trapped /False >>` }, '/Info 20 0 R')
    expect([...facts.info]).toEqual([['Title', '投标 文件']])
  })

  it('is that an object is broken', async () => {
    const facts = await factsOf({ ...blankPages(1), 20: '<< /Never (closed >>', 21: madeStream('', Buffer.from('x')) })
    expect(facts.trouble).toEqual(['object-broken'])
  })
})
