import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCli } from '../../fixtures/cli.ts'
import { makeDesk, type Desk } from '../../fixtures/cli-desk.ts'
import { documentFixture } from '../../fixtures/documents.ts'
import { samplePdf, sealImage, withPdfBench } from '../../fixtures/pdf-bench.ts'
import { blankPages, madePdf } from '../../fixtures/pdf-made.ts'
import { zipOf } from '../../fixtures/workbook.ts'

let desk: Desk
let tender: string

beforeAll(async () => {
  desk = await makeDesk()
  const documents = [
    { id: 'letter', title: '投标函', required: true },
    { id: 'technical', title: '技术方案', required: true },
  ]
  tender = await desk.tender('tender', { documents, clauses: [{ id: '2.2', title: '施工组织设计' }] })
  await desk.run(['bid', 'new', desk.path('bid'), '--tender', tender, '--trust', desk.trust])
  put('施工.pdf', madePdf(blankPages(3)))
  put('函.pdf', samplePdf(1))
  put('章.png', sealImage())
  for (const [file, id] of [
    ['施工.pdf', 'technical'],
    ['函.pdf', 'letter'],
  ] as const) {
    await desk.run(['bid', 'add', desk.path('bid'), desk.path(file), '--as', id])
  }
}, 60_000)

afterAll(() => {
  desk.remove()
})

function put(name: string, content: string | Uint8Array): string {
  writeFileSync(desk.path(name), content)
  return desk.path(name)
}

const document = (...args: readonly string[]) => desk.run(['document', ...args])

test('merges a bid folder in the order of the tender, and more behind it', async () => {
  const output = desk.path('卷.pdf')
  const merged = await document('merge', `公章=${desk.path('章.png')}`, '--bid', desk.path('bid'), '-o', output)
  expect(merged.code).toBe(0)
  expect(merged.said).toMatchObject({
    ok: true,
    pages: 5,
    documents: [
      { title: '投标函', firstPage: 1, pages: 1 },
      { title: '技术方案', firstPage: 2, pages: 3 },
      { title: '公章', firstPage: 5, pages: 1 },
    ],
  })
  expect((await document('merge', desk.path('章.png'), '-o', output)).said).toMatchObject({ code: 'output.exists' })
})

test('names what cannot be merged and writes nothing', async () => {
  const letter = put('letter.doc', 'no PDF')
  const { code, said } = await document('merge', desk.path('函.pdf'), letter, '-o', desk.path('no.pdf'))
  expect(code).toBe(2)
  expect(said).toMatchObject({
    ok: false,
    code: 'input.unreadable',
    documents: [{}, { problems: [{ code: 'picture-unknown' }] }],
  })
  expect(readdirSync(desk.folder).filter(name => name.startsWith('no.pdf'))).toEqual([])
})

test('converts pictures', async () => {
  const photo = put('photo.jpg', documentFixture('quadrants.jpg'))
  const { said } = await document('convert', photo, photo, '-o', desk.path('photos.pdf'))
  expect(said).toMatchObject({ ok: true, pages: 2 })
  expect(existsSync(desk.path('photos.pdf'))).toBe(true)
})

test('links pages to clauses and writes the table', async () => {
  const linked = await document('link', desk.path('bid'), '2.2', 'technical', '2-3')
  expect(linked.said).toMatchObject({ ok: true, links: [{ clause: '2.2', document: 'technical', pages: [[2, 3]] }] })
  expect((await document('link', desk.path('bid'), '2.2', 'technical', '2-4')).said).toMatchObject({
    code: 'arguments.bad',
  })
  expect((await document('link', desk.path('bid'), '2.2', 'technical')).said).toMatchObject({ code: 'arguments.bad' })
  const indexed = await document('index', desk.path('bid'), '-o', desk.path('index.pdf'))
  expect(indexed.said).toMatchObject({
    ok: true,
    clauses: [{ id: '2.2', places: [{ title: '技术方案', holds: true }] }],
  })
  expect(readFileSync(desk.path('index.pdf')).subarray(0, 5).toString()).toBe('%PDF-')
  expect((await document('link', desk.path('bid'), '2.2', 'technical', '--remove')).said).toMatchObject({ links: [] })
})

test('checks a list against the price', async () => {
  const list = fileURLToPath(new URL('../../fixtures/documents/boq.xlsx', import.meta.url))
  expect(await document('boq', list, '--total', '776,539.99')).toMatchObject({ code: 0, said: { ok: true, items: 4 } })
  const differing = await document('boq', list, '--total', '776540')
  expect(differing).toMatchObject({
    code: 1,
    said: { ok: false, code: 'bid.incomplete', findings: [{ code: 'amount-differs' }] },
  })
  const { stdout } = await runCli(['--lang', 'zh', 'document', 'boq', list, '--total', '776540'])
  expect(stdout).toContain('清单总额与报价不符：应为 776540.00，现为 776539.99')
})

test('turns amounts both ways', async () => {
  expect((await document('amount', '1,680.32')).said).toMatchObject({ words: '壹仟陆佰捌拾元叁角贰分', formal: true })
  expect((await document('amount', '一百元')).said).toMatchObject({ amount: '100.00', formal: false })
  expect((await document('amount', 'viel')).said).toMatchObject({ code: 'arguments.bad' })
})

test('shows who signed a guarantee, and names the forms that are not read yet', async () => {
  await withPdfBench(async bench => {
    await bench.sign(samplePdf(1), 'guarantee.pdf')
    const guarantee = put('guarantee.pdf', bench.read('guarantee.pdf'))
    const held = await document('paper', guarantee, '--trust', desk.trust)
    expect(held).toMatchObject({ code: 0, said: { ok: true, format: 'pdf', isWhollySigned: true } })
    expect(held.said['signatures']).toMatchObject([
      { holds: true, signer: { creditCode: expect.any(String) as string } },
    ])
    const noList = put('none.crl', 'no list')
    expect(await document('paper', guarantee, '--trust', desk.trust, '--crl', noList)).toMatchObject({
      code: 2,
      said: { code: 'input.unreadable' },
    })
    const changed = Buffer.from(bench.read('guarantee.pdf'))
    changed[changed.indexOf('/MediaBox')] = 0x20
    expect(await document('paper', put('changed.pdf', changed), '--trust', desk.trust)).toMatchObject({
      code: 1,
      said: { ok: false },
    })
  })
  expect(await document('paper', desk.path('函.pdf'))).toMatchObject({
    code: 1,
    said: { ok: false, format: 'pdf', read: true },
  })
  for (const [name, content, format] of [
    ['licence.ofd', await zipOf({ 'OFD.xml': '<ofd/>' }), 'ofd'],
    ['licence.xml', '\ufeff<?xml version="1.0"?><licence/>', 'xml'],
    ['licence.zip', await zipOf({ 'a.txt': 'a' }), 'zip'],
    ['licence.png', sealImage(), 'picture'],
    ['licence.txt', 'licence', 'unknown'],
  ] as const) {
    const { code, said } = await document('paper', put(name, content))
    expect({ code, said }).toMatchObject({ code: 1, said: { ok: false, format, read: false } })
  }
})
