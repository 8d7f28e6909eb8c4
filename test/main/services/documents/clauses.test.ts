import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Tender } from '../../../../crypto/index.ts'
import { nodeFiles } from '../../../../crypto/io/node-files.ts'
import { addDocument } from '../../../../main/services/bids/add-document.ts'
import { newBid } from '../../../../main/services/bids/new-bid.ts'
import { bidEntries } from '../../../../main/services/documents/bid-entries.ts'
import { bidBoq } from '../../../../main/services/documents/boq/bid-boq.ts'
import { clauseIndex, writeClauseIndex } from '../../../../main/services/documents/clause-index.ts'
import { linkClause, loadClauseLinks } from '../../../../main/services/documents/clauses.ts'
import { pageRangesText, readPageRanges } from '../../../../main/services/documents/page-ranges.ts'
import type { PageRange } from '../../../../main/services/documents/page-ranges.ts'
import { typefacePath } from '../../../fixtures/documents.ts'
import { withPdfBench } from '../../../fixtures/pdf-bench.ts'
import { blankPages, madePdf } from '../../../fixtures/pdf-made.ts'
import { makeTender } from '../../../fixtures/sealed-bid.ts'

let tender: Tender
let root: string
let folder: string

beforeAll(async () => {
  const clauses = [
    { id: '2.1', title: '资格评审标准：营业执照、资质证书、安全生产许可证均在有效期内且与投标人名称一致' },
    { id: '2.2', title: '施工组织设计' },
    { id: '2.3', title: '投标报价' },
  ]
  const documents = [
    { id: 'letter', title: '投标函', required: true },
    { id: 'technical', title: '技术方案', required: true },
    { id: 'priced', title: '已标价工程量清单', required: false },
  ]
  tender = (await makeTender({ fields: { clauses, documents } })).tender
})

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'bidseal-clauses-'))
  folder = join(root, '投标 文件')
  await newBid({ folder, tender })
  await add('技术.pdf', 'technical', madePdf(blankPages(9)))
  await add('函.pdf', 'letter', madePdf(blankPages(2)))
})

afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

async function add(name: string, documentId: string, content: string | Uint8Array, replace = false): Promise<void> {
  const file = join(root, name)
  writeFileSync(file, content)
  await addDocument(tender, { folder, file, documentId, replace })
}

const link = (clause: string, document: string, ...pages: readonly PageRange[]) =>
  linkClause(nodeFiles, tender, { folder, clause, document, pages })

test('pages linked to clauses are kept in a file of the folder and shown in the order of the tender', async () => {
  await link('2.2', 'technical', [4, 9], [1, 2])
  await link('2.1', 'technical', [3, 3])
  await link('2.1', 'letter', [2, 2], [1, 1])
  const index = await clauseIndex(nodeFiles, tender, folder)
  expect(index.foreign).toEqual([])
  expect(
    index.clauses.map(({ id, places }) => [id, places.map(({ title, pages, holds }) => [title, pages, holds])]),
  ).toEqual([
    [
      '2.1',
      [
        ['投标函', [[1, 2]], true],
        ['技术方案', [[3, 3]], true],
      ],
    ],
    [
      '2.2',
      [
        [
          '技术方案',
          [
            [1, 2],
            [4, 9],
          ],
          true,
        ],
      ],
    ],
    ['2.3', []],
  ])
  expect(JSON.parse(readFileSync(join(folder, 'clauses.json'), 'utf8'))).toMatchObject({ format: 'bidseal-clauses/1' })
})

test('a link takes the place of the one before, and is taken out again', async () => {
  await link('2.1', 'letter', [1, 1])
  expect(await link('2.1', 'letter', [2, 2])).toEqual([{ clause: '2.1', document: 'letter', pages: [[2, 2]] }])
  expect(await link('2.1', 'letter')).toEqual([])
  expect(await loadClauseLinks(folder)).toEqual([])
})

test('links made at once are all kept', async () => {
  await Promise.all(
    Array.from({ length: 9 }, (_, at) => link(`2.${(at % 3) + 1}`, at < 3 ? 'letter' : 'technical', [1, 1])),
  )
  expect(await loadClauseLinks(folder)).toHaveLength(6)
})

test.each([
  ['9.9', 'letter', 1],
  ['2.1', 'nothing', 1],
  ['2.1', 'priced', 1],
  ['2.1', 'letter', 3],
])('refuses to link clause %s to %s page %s', async (clause, document, page) => {
  await expect(link(clause, document, [page, page])).rejects.toMatchObject({ failure: { code: 'arguments.bad' } })
})

test('a document replaced by a shorter one is found out', async () => {
  await link('2.2', 'technical', [9, 9])
  await add('技术.pdf', 'technical', madePdf(blankPages(3)), true)
  const { clauses } = await clauseIndex(nodeFiles, tender, folder)
  expect(clauses[1]?.places[0]?.holds).toBe(false)
})

test.each([
  '{',
  '[]',
  '{"format":"bidseal-clauses/2","links":[]}',
  '{"format":"bidseal-clauses/1","links":[{"clause":"2.1"}]}',
  '{"format":"bidseal-clauses/1","links":[{"clause":"2.1","document":"letter","pages":[[2,1]]}]}',
])('a file of links that is damaged is named: %s', async content => {
  writeFileSync(join(folder, 'clauses.json'), content)
  await expect(loadClauseLinks(folder)).rejects.toMatchObject({ failure: { code: 'bid.invalid' } })
})

test('links to what an addendum took away are told apart', async () => {
  const links = [{ clause: '1.9', document: 'letter', pages: [[1, 1]] }]
  writeFileSync(join(folder, 'clauses.json'), JSON.stringify({ format: 'bidseal-clauses/1', links }))
  expect((await clauseIndex(nodeFiles, tender, folder)).foreign).toEqual(links)
})

test('links of a bid for another tender are not touched', async () => {
  const other = (await makeTender({ fields: { tenderId: 'another' } })).tender
  const request = { folder, clause: '2.1', document: 'letter', pages: [[1, 1]] as const }
  await expect(linkClause(nodeFiles, other, request)).rejects.toMatchObject({
    failure: { code: 'seal.foreign-tender' },
  })
  await expect(clauseIndex(nodeFiles, other, folder)).rejects.toMatchObject({
    failure: { code: 'seal.foreign-tender' },
  })
})

test('the index table is a sound PDF that says clause, document and pages', async () => {
  await link('2.1', 'letter', [1, 2])
  await link('2.1', 'technical', [3, 3])
  await link('2.2', 'technical', [1, 2], [4, 9])
  const index = await clauseIndex(nodeFiles, tender, folder)
  await withPdfBench(async bench => {
    const options = { output: bench.path('index.pdf'), project: '滨河路改造工程', font: typefacePath, at: new Date() }
    await writeClauseIndex(index, options)
    expect(bench.isSound('index.pdf')).toBe(true)
    const text = bench.run('pdftotext', '-layout', 'index.pdf', '-').text.replace(/[ \t]/g, '')
    for (const said of [
      '评审条款索引表',
      '滨河路改造工程',
      '投标函1–2',
      '技术方案3',
      '技术方案1–2、4–9',
      '投标报价——',
    ]) {
      expect(text).toContain(said)
    }
  })
})

test("a bid's documents are bound in the order of the tender with its titles", async () => {
  expect((await bidEntries(tender, folder)).map(({ title }) => title)).toEqual(['投标函', '技术方案'])
  rmSync(join(folder, 'documents', '函.pdf'))
  await expect(bidEntries(tender, folder)).rejects.toMatchObject({ failure: { code: 'input.unreadable' } })
})

test('the priced list of a bid is found among its documents', async () => {
  expect(await bidBoq(nodeFiles, folder)).toBeNull()
  await add('清单.csv', 'priced', '项目名称,工程量,综合单价,合价\n甲,2,1.5,3\n')
  expect(await bidBoq(nodeFiles, folder)).toMatchObject({ documentId: 'priced', file: '清单.csv', total: '3.00' })
})

test.each([
  [
    '1-3,7',
    [
      [1, 3],
      [7, 7],
    ],
    '1–3、7',
  ],
  [
    '７、1～3，2-5',
    [
      [1, 5],
      [7, 7],
    ],
    '1–5、7',
  ],
  ['5', [[5, 5]], '5'],
])('reads the pages %s', (text, pages, shown) => {
  const ranges = readPageRanges(text)
  expect(ranges).toEqual(pages)
  expect(pageRangesText(ranges ?? [])).toBe(shown)
})

test.each(['', '0', '3-1', 'a', '1-', '1-2-3', '-1', '9999999'])('%j are no pages', text => {
  expect(readPageRanges(text)).toBeNull()
})
