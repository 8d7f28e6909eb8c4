import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCli } from '../../fixtures/cli.ts'
import { makeDesk, type Desk } from '../../fixtures/cli-desk.ts'

let desk: Desk
let first: string
let second: string
let bid: string

// Days are those of China, where the papers are dated.
const chineseDay = (time: number): string => new Date(time + 8 * 3_600_000).toISOString().slice(0, 10)
const openingAt = Date.now() + 5 * 86_400_000
const opening = new Date(openingAt).toISOString()
const dayBefore = chineseDay(openingAt - 86_400_000)
const form = (max: string) => [
  {
    id: 'opening',
    title: '开标一览表',
    fields: [
      { name: 'bidder', title: '投标人名称' },
      { name: 'price', required: true, kind: 'amount', max },
      { name: '工期' },
    ],
  },
]

beforeAll(async () => {
  desk = await makeDesk()
  first = await desk.tender('first', { deadline: opening, openingTime: opening, forms: form('2000') })
  bid = await desk.bid('bid', first)
  const { said } = await desk.run(['tender', 'verify', first])
  second = await desk.tender('second', {
    ...{ supersedes: said['packageDigest'], deadline: opening, openingTime: opening, forms: form('500') },
    documents: [{ id: 'safety', title: '安全生产许可证', required: true }],
  })
}, 60_000)

afterAll(() => {
  desk.remove()
})

const trusted = (...args: readonly string[]) => desk.run([...args, '--trust', desk.trust])
const spoken = async (language: string, ...args: readonly string[]): Promise<string> =>
  (await runCli(['--home', desk.path('home'), '--lang', language, ...args])).stdout

test('two packages are compared whichever is named first, and only when both are trusted', async () => {
  for (const files of [
    [first, second],
    [second, first],
  ]) {
    const { code, said } = await trusted('tender', 'diff', ...files)
    expect(code).toBe(0)
    expect(said).toMatchObject({ ok: true, sameTender: true, amends: true })
    expect(
      (said['changes'] as { area: string; change: string; id: string }[]).map(each => `${each.change} ${each.id}`),
    ).toEqual(['removed letter', 'added safety', 'changed opening/price'])
  }
  const stranger = await desk.run(['--home', desk.path('other-home'), 'tender', 'diff', first, second])
  expect([stranger.code, stranger.said['code']]).toEqual([1, 'cert.untrusted'])
})

test('differences are worded in both languages', async () => {
  const args = ['tender', 'diff', first, second, '--trust', desk.trust]
  expect(await spoken('zh', ...args)).toContain('变更 表单项  opening/price：最大值 2000 → 500')
  expect(await spoken('en', ...args)).toContain('changed form field  opening/price: greatest value 2000 → 500')
})

test('an addendum that is imported shows what it changes and which sealed bids it touches; the bid is flagged', async () => {
  const before = await trusted('bid', 'check', bid)
  expect(before.said).toMatchObject({ addendum: null, forks: [] })
  const sealed = await desk.run(
    ['seal', bid, '--tender', first, '--sign', desk.bidder.uri, '-o', desk.path('a.sbid')],
    {
      env: { BIDSEAL_PIN: desk.bidder.pin },
    },
  )
  const { said } = await trusted('tender', 'import', second)
  expect(said).toMatchObject({ ok: true, imported: true, signer: { subject: expect.stringContaining('CN=') } })
  expect(said['changes']).toHaveLength(3)
  expect(sealed.code).toBe(0)
  expect(said['sealedForEarlier']).toMatchObject([{ sealId: sealed.said['sealId'] }])
  const { said: checked } = await desk.run(['bid', 'check', bid])
  expect(checked).toMatchObject({ ok: false, addendum: { steps: 1 } })
  const shown = await spoken('zh', 'bid', 'check', bid)
  expect(shown).toContain('与本投标文件所依据的不同')
  expect(shown).toContain('取消 投标文件组成  letter 投标函')
})

test('a bid is taken over to the addendum, its history is shown, and it is restored', async () => {
  const moved = desk.path('moved')
  cpSync(bid, moved, { recursive: true })
  const { said, code } = await trusted('bid', 'move', moved, '--tender', second)
  expect(code).toBe(0)
  expect(said).toMatchObject({
    dropped: [{ documentId: 'letter' }],
    misfits: [{ field: 'opening/price', misfit: 'too-large' }],
    missing: [{ documentId: 'safety' }],
  })
  const { said: history } = await desk.run(['bid', 'history', moved, '--with', bid])
  expect(history).toMatchObject({ revision: 4, forks: [], keptDocuments: [{ until: 3 }] })
  const { said: restored } = await desk.run(['bid', 'restore', moved, '3'])
  expect(restored).toMatchObject({ ok: true, revision: 5, otherPackage: true, missing: [] })
  expect(readFileSync(desk.path('moved/documents/投标 文件.pdf'))).toEqual(readFileSync(desk.path('投标 文件.pdf')))
  const unknown = await desk.run(['bid', 'restore', moved, '77'])
  expect([unknown.code, unknown.said['code']]).toEqual([2, 'arguments.bad'])
})

test('a bid that was changed on two machines is told by both sides, and the check says so', async () => {
  const here = desk.path('here')
  cpSync(bid, here, { recursive: true })
  cpSync(bid, desk.path('there'), { recursive: true })
  await desk.run(['bid', 'form', here, 'opening', '工期=300'])
  await desk.run(['bid', 'form', desk.path('there'), 'opening', '工期=200'])
  cpSync(desk.path('there/history'), desk.path('here/history'), { recursive: true })
  const { said } = await desk.run(['bid', 'check', here])
  expect(said['forks']).toMatchObject([
    { there: [{ about: 'opening/工期', to: '200' }], here: [{ about: 'opening/工期', to: '300' }] },
  ])
  expect(await spoken('en', 'bid', 'history', here)).toContain('this bid has forked after revision 3')
})

test('the company library is filled in once, fills forms and gives documents, and warns of what expires', async () => {
  const paper = desk.path('许可证.pdf')
  writeFileSync(paper, '%PDF-1.7')
  await desk.run(['library', 'set', '企业名称=云岭建设集团有限公司', '工期=0'])
  const added = await desk.run([
    ...['library', 'add', 'certificate', 'xkz', '安全生产许可证', '编号=1'],
    ...['--file', paper, '--valid-until', dayBefore],
  ])
  expect(added.code).toBe(0)
  await desk.run(['library', 'add', 'person', 'li', '李明远', '身份证号=11010519491231002X'])
  const { said: shown } = await desk.run(['library', 'show'])
  expect(JSON.stringify(shown)).toContain('110105********002X')
  expect(JSON.stringify((await desk.run(['library', 'show', '--full'])).said)).toContain('11010519491231002X')

  const { code, said: check } = await trusted('library', 'check', '--tender', second)
  expect(code).toBe(1)
  expect(check).toMatchObject({ ok: false, expiries: [{ id: 'xkz', state: 'too-early', days: -1 }] })
  expect((await desk.run(['library', 'check', '--margin', '0'])).said).toMatchObject({ ok: true, expiries: [] })

  const fresh = desk.path('fresh')
  await trusted('bid', 'new', fresh, '--tender', second)
  const { said: filled } = await desk.run(['bid', 'form', fresh, 'opening', '--from-library', '工期=365'])
  expect(filled['bid']).toMatchObject({
    forms: [
      {
        fields: [
          { name: 'bidder', value: '云岭建设集团有限公司' },
          { name: '工期', value: '365' },
        ],
      },
    ],
  })
  const { said: with_ } = await desk.run(['bid', 'add', fresh, '--from-library', 'xkz', '--as', 'safety'])
  expect(with_['bid']).toMatchObject({ documents: [{ path: 'documents/许可证.pdf', validUntil: dayBefore }] })

  await desk.run(['library', 'remove', 'xkz'])
  expect(existsSync(desk.path('home/library/证照/xkz'))).toBe(false)
  expect(existsSync(desk.path('fresh/documents/许可证.pdf'))).toBe(true)
})

test.each([
  ['a kind there is none of', ['library', 'add', 'nosuch', 'x', 't']],
  ['a day that is none', ['library', 'add', 'person', 'x', 't', '--valid-until', 'soon']],
  ['nothing to fill in', ['library', 'set']],
  ['an entry there is none of', ['library', 'show', 'nosuch']],
  ['a margin that is no number', ['library', 'check', '--margin', 'x']],
])('the library refuses %s', async (_what, args) => {
  const { code, said } = await desk.run(args)
  expect([code, said['code']]).toEqual([2, 'arguments.bad'])
})
