import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nodeFiles } from '../../../../../crypto/io/node-files.ts'
import { checkBoq } from '../../../../../main/services/documents/boq/boq.ts'
import type { CheckedBoq } from '../../../../../main/services/documents/boq/boq.ts'
import { madeWorkbook, zipOf } from '../../../../fixtures/workbook.ts'
import type { MadeCell } from '../../../../fixtures/workbook.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-boq-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

let count = 0
async function check(content: Uint8Array | string, amount?: string): Promise<CheckedBoq> {
  count += 1
  const path = join(folder, `list-${count}`)
  writeFileSync(path, content)
  return checkBoq(nodeFiles, path, amount)
}

const heading = ['项目编码', '项目名称', '单位', '工程量', '综合单价', '合价']
const good: readonly (readonly MadeCell[])[] = [
  heading,
  ['040101001001', '挖一般土方', 'm3', 100, 12.34, 1234],
  ['040101001002', '回填方', 'm3', 3, 0.335, 1.01],
  ['合计', null, null, null, null, 1235.01],
]

function csv(rows: readonly (readonly MadeCell[])[]): string {
  return rows.map(row => row.map(cell => (typeof cell === 'object' ? '' : String(cell))).join(',')).join('\r\n')
}

function codes({ findings }: CheckedBoq): readonly string[] {
  return findings.map(({ code, row, column = '' }) => `${code} ${column}${row ?? ''}`)
}

test('a workbook of another program is read: two heading rows, merged cells, parts, a hidden sheet, a date', async () => {
  const path = fileURLToPath(new URL('../../../../fixtures/documents/boq.xlsx', import.meta.url))
  const boq = await checkBoq(nodeFiles, path, '￥776,539.99')
  expect(boq).toEqual({
    kind: 'xlsx',
    tables: [{ sheet: '分部分项', headingRow: 4, items: 4, sum: '776539.99', stated: '776539.99', findings: [] }],
    items: 4,
    sum: '776539.99',
    amount: '776539.99',
    findings: [],
  })
})

test('a right list has no findings, as XLSX and as CSV in every encoding and with every separator', async () => {
  const text = csv(good)
  const gbk = Buffer.from(encodeGbk(text))
  const lists = [
    await madeWorkbook({ rows: good }),
    text,
    `\ufeff${text}`,
    gbk,
    Buffer.from(`\ufeff${text}`, 'utf16le'),
    text.replaceAll(',', '\t'),
    text.replaceAll(',', ';').replaceAll('\r\n', '\n'),
    text.replace('挖一般土方', '"挖一般土方, ""三类土""\r\n运距 5 km"').replace('1235.01', '"1,235.01"'),
  ]
  for (const list of lists) {
    const boq = await check(list, '1235.01')
    expect(boq.findings).toEqual([])
    expect(boq).toMatchObject({ items: 2, sum: '1235.01' })
    expect(boq.tables[0]?.stated).toBe('1235.01')
  }
})

test.each<readonly [string, (rows: MadeCell[][]) => void, readonly string[]]>([
  [
    'a total that is not quantity × price',
    rows => {
      set(rows, 1, 5, 1234.01)
    },
    ['product-differs F2', 'sum-differs F4'],
  ],
  [
    'a line of totals that is not the sum',
    rows => {
      set(rows, 3, 5, 1235)
    },
    ['sum-differs F4'],
  ],
  [
    'a price that is a text',
    rows => {
      set(rows, 1, 4, '详见附件')
    },
    ['not-a-number E2'],
  ],
  [
    'a price that is missing',
    rows => {
      set(rows, 1, 4, null)
    },
    ['value-missing E2'],
  ],
  [
    'a negative price',
    rows => {
      set(rows, 1, 4, -12.34)
      set(rows, 1, 5, -1234)
      set(rows, 3, 5, -1232.99)
    },
    ['negative E2', 'negative F2'],
  ],
  [
    'a price of nothing',
    rows => {
      set(rows, 1, 4, 0)
      set(rows, 1, 5, 0)
      set(rows, 3, 5, 1.01)
    },
    ['price-zero E2'],
  ],
  [
    'a code that stands twice',
    rows => {
      set(rows, 2, 0, '040101001001')
    },
    ['code-twice A3'],
  ],
])('%s is found with its row', async (_name, change, expected) => {
  const rows = good.map(row => [...row])
  change(rows)
  expect(codes(await check(await madeWorkbook({ rows })))).toEqual(expected)
  expect(codes(await check(csv(rows)))).toEqual(expected)
})

test('rounding goes to the cent: halves up or down are both accepted, a cent more is not', async () => {
  const list = (total: string): string => csv([heading, ['1', '甲', 'm', '1', '0.335', total]])
  expect(codes(await check(list('0.34')))).toEqual([])
  expect(codes(await check(list('0.33')))).toEqual([])
  expect((await check(list('0.35'))).findings).toMatchObject([
    { code: 'product-differs', expected: '0.34', found: '0.35' },
  ])
})

test('sums are exact where floating point is not', async () => {
  const items = Array.from({ length: 1000 }, (_, index) => [`c${index}`, '项', 'm', '1', '0.1', '0.1'])
  const big = ['big', '大项', '项', '1', '9007199254740993.01', '9007199254740993.01']
  const boq = await check(csv([heading, ...items, big]))
  expect(boq).toMatchObject({ sum: '9007199254741093.01', findings: [] })
})

test('the sum is held against the amount of the price form', async () => {
  expect(codes(await check(csv(good), '1235.01'))).toEqual([])
  expect((await check(csv(good), '1235.02')).findings).toMatchObject([
    { code: 'amount-differs', row: null, expected: '1235.02', found: '1235.01' },
  ])
  await expect(check(csv(good), 'viel')).rejects.toMatchObject({ failure: { code: 'arguments.bad' } })
})

test('totals of pages and parts are checked each against its own items', async () => {
  const rows = [
    ['分部分项工程量清单'],
    heading,
    ['A', '土石方工程'],
    ['1', '甲', 'm', '1', '10', '10'],
    ['2', '乙', 'm', '1', '20', '20'],
    ['', '小计', '', '', '', '30'],
    ['B', '道路工程'],
    ['3', '丙', 'm', '1', '40', '40'],
    ['', '本页小计', '', '', '', '70'],
    heading,
    ['4', '丁', 'm', '1', '50', '50'],
    ['', '小 计', '', '', '', '90'],
    ['', '本页小计', '', '', '', '50'],
    ['总计', '', '', '', '', '120'],
  ]
  expect(codes(await check(csv(rows)))).toEqual([])
  for (const [row, code] of [
    [5, 'subtotal-differs F6'],
    [8, 'subtotal-differs F9'],
    [11, 'subtotal-differs F12'],
    [12, 'subtotal-differs F13'],
    [13, 'sum-differs F14'],
  ] as const) {
    const wrong = rows.map((cells, index) => (index === row ? [...cells.slice(0, 5), '77'] : cells))
    expect(codes(await check(csv(wrong)))).toEqual([code])
  }
})

test('a formula without a result is named: the program that wrote it has not calculated', async () => {
  const rows = good.map(row => [...row])
  set(rows, 1, 5, { xml: '<f>D2*E2</f>' })
  expect(codes(await check(await madeWorkbook({ rows })))).toEqual(['result-missing F2', 'sum-differs F4'])
  set(rows, 1, 5, { xml: '<f>D2*E2</f><v>1234.0000000000002</v>' })
  expect(codes(await check(await madeWorkbook({ rows })))).toEqual([])
})

test('rich text, inline strings and characters by number are read as their text', async () => {
  const rows = good.map(row => [...row])
  set(rows, 0, 1, {
    type: 'inlineStr',
    xml: '<is><r><t>项目</t></r><r><t>&#21517;&#x79F0;</t></r><rPh><t>mingcheng</t></rPh></is>',
  })
  set(rows, 1, 1, '砖 & 石 <5cm')
  set(rows, 1, 4, 1)
  const boq = await check(await madeWorkbook({ rows }))
  expect(boq.findings[0]).toMatchObject({ code: 'product-differs', about: '砖 & 石 <5cm' })
})

/** What is said where a guard of its own stands before the others. */
const refusals: Readonly<Record<string, RegExp>> = {
  entities: /declares entities/,
  'a part that unpacks to more than it may': /unpacks to more/,
  'too many parts': /too many parts/,
  'deep nesting': /nested deeper/,
  'rows in disorder': /in disorder/,
  'a row beyond all': /in disorder/,
}

test.each<readonly [string, () => Promise<Uint8Array | string>]>([
  ['no table', () => Promise.resolve('甲,乙\n1,2\n')],
  ['an empty file', () => Promise.resolve('')],
  ['a quoted field without end', () => Promise.resolve('项目名称,工程量,综合单价,合价\n"甲,1,2,3')],
  ['an old workbook', () => Promise.resolve(Buffer.from('d0cf11e0a1b11ae10000', 'hex'))],
  ['a ZIP that is no workbook', () => zipOf({ 'word/document.xml': '<a/>' })],
  ['a ZIP cut short', async () => (await madeWorkbook({ rows: good })).subarray(0, 700)],
  [
    'entities',
    () =>
      madeWorkbook({
        rows: good,
        parts: { 'xl/sharedStrings.xml': '<!DOCTYPE s [<!ENTITY a "aaaa">]><sst><si><t>&a;</t></si></sst>' },
      }),
  ],
  [
    'no XML',
    () =>
      madeWorkbook({ rows: good, parts: { 'xl/worksheets/sheet1.xml': '<worksheet><sheetData><row></sheetData>' } }),
  ],
  [
    'rows in disorder',
    () =>
      madeWorkbook({
        rows: good,
        parts: { 'xl/worksheets/sheet1.xml': '<worksheet><sheetData><row r="2"/><row r="1"/></sheetData></worksheet>' },
      }),
  ],
  [
    'a row beyond all',
    () =>
      madeWorkbook({
        rows: good,
        parts: { 'xl/worksheets/sheet1.xml': '<worksheet><sheetData><row r="4000000000"/></sheetData></worksheet>' },
      }),
  ],
  [
    'a part that unpacks to more than it may',
    () => madeWorkbook({ rows: good, parts: { 'xl/sharedStrings.xml': Buffer.alloc(40 * 1024 * 1024, 32) } }),
  ],
  [
    'too many parts',
    () =>
      madeWorkbook({
        rows: good,
        parts: Object.fromEntries(Array.from({ length: 2100 }, (_, index) => [`xl/p${index}.xml`, ''])),
      }),
  ],
  [
    'deep nesting',
    () =>
      madeWorkbook({
        rows: good,
        parts: { 'xl/styles.xml': `<styleSheet>${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}</styleSheet>` },
      }),
  ],
])('%s is refused by name', async (name, make) => {
  const started = performance.now()
  const detail = expect.stringMatching(refusals[name] ?? /./) as string
  await expect(check(await make())).rejects.toMatchObject({ failure: { code: 'input.unreadable', detail } })
  expect(performance.now() - started).toBeLessThan(10_000)
})

function set(rows: MadeCell[][], row: number, column: number, value: MadeCell): void {
  const cells = rows[row]
  if (cells !== undefined) cells[column] = value
}

/** Node decodes GBK and does not encode it: the table is turned round. */
function encodeGbk(text: string): readonly number[] {
  const decoder = new TextDecoder('gb18030')
  const table = new Map<string, readonly number[]>()
  for (let high = 0x81; high < 0xff; high += 1) {
    for (let low = 0x40; low < 0xff; low += 1) table.set(decoder.decode(Uint8Array.of(high, low)), [high, low])
  }
  return [...text].flatMap(character => {
    const code = character.charCodeAt(0)
    return code < 0x80 ? [code] : (table.get(character) ?? [])
  })
}
