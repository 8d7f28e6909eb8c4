import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCli } from '../../fixtures/cli.ts'
import { makeDesk, type Desk } from '../../fixtures/cli-desk.ts'
import { blankPages, madePdf } from '../../fixtures/pdf-made.ts'

const samples = fileURLToPath(new URL('../../fixtures/pdf/', import.meta.url))

/** The five samples, and seven documents that are made here. */
const documents: readonly { readonly id: string; readonly title: string; readonly file: string }[] = [
  { id: 'letter', title: '投标函', file: '01-投标函.pdf' },
  { id: 'opening-form', title: '开标一览表', file: '02-开标一览表.pdf' },
  { id: 'qualification', title: '资格审查资料', file: '03-资格审查资料.pdf' },
  { id: 'technical', title: '技术方案', file: '04-技术方案.pdf' },
  { id: 'boq', title: '已标价工程量清单', file: '05-已标价工程量清单.pdf' },
  ...['授权委托书', '投标保函', '营业执照', '安全生产许可证', '项目经理证书', '类似业绩', '承诺书'].map(
    (title, index) => {
      const number = String(index + 6).padStart(2, '0')
      return { id: `made-${number}`, title, file: `${number}-${title}.pdf` }
    },
  ),
]

let desk: Desk
let tender: string

beforeAll(async () => {
  desk = await makeDesk()
  mkdirSync(desk.path('originals'))
  for (const [index, { file }] of documents.entries()) {
    const to = desk.path(`originals/${file}`)
    if (index < 5) copyFileSync(join(samples, file), to)
    else writeFileSync(to, madePdf(blankPages(index - 3)))
  }
  tender = await desk.tender('twelve', {
    documents: documents.map(({ id, title }) => ({ id, title, required: true, seal: true, maxPages: 30 })),
    forms: [
      {
        id: 'opening',
        title: '开标一览表',
        fields: [
          { name: 'price', title: '投标总报价（元）', kind: 'amount', required: true },
          { name: 'words', title: '大写', kind: 'amount-words', of: 'price', required: true },
        ],
      },
      { id: 'annex', title: '投标函附录', fields: [{ name: 'price', title: '投标报价', kind: 'amount' }] },
    ],
    remedy: { kind: 'plain-twin' },
    traces: ['machine'],
  })
})

afterAll(() => {
  desk.remove()
})

const env = () => ({ BIDSEAL_PIN: desk.bidder.pin })
const run = async (args: readonly string[]): Promise<Record<string, unknown>> => {
  const { code, said } = await desk.run(args, { env: env() })
  expect({ code, said }).toMatchObject({ code: 0, said: { ok: true } })
  return said
}
const findingsOf = (said: Record<string, unknown>): readonly { readonly code: string; readonly level: string }[] =>
  said['findings'] as readonly { readonly code: string; readonly level: string }[]

test('twelve documents become a complete bid: checked, signed, sealed with its twin and slip, verified and opened', async () => {
  const bid = desk.path('bid')
  await run(['bid', 'new', bid, '--tender', tender, '--trust', desk.trust])
  const empty = await desk.run(['bid', 'check', bid])
  expect(empty.code).toBe(1)
  expect(findingsOf(empty.said).filter(({ code }) => code === 'document-missing')).toHaveLength(12)

  for (const { id, file } of documents) await run(['bid', 'add', bid, desk.path(`originals/${file}`), '--as', id])
  const words = '叁仟贰佰壹拾伍万陆仟柒佰捌拾玖元壹角贰分'
  await run(['bid', 'form', bid, 'opening', 'price=32,156,789.12', `words=${words}`])
  await run(['bid', 'form', bid, 'annex', 'price=32156789.21'])
  const unsigned = await desk.run(['bid', 'check', bid])
  expect(unsigned.code).toBe(1)
  expect(findingsOf(unsigned.said).filter(({ level }) => level === 'fatal')).toHaveLength(13)
  expect(findingsOf(unsigned.said)).toContainEqual(
    expect.objectContaining({ code: 'price-mismatch', jump: { screen: 'documents', form: 'annex', field: 'price' } }),
  )
  await run(['bid', 'form', bid, 'annex', 'price=32156789.12'])

  const inFolder = readdirSync(join(bid, 'documents')).map(name => join(bid, 'documents', name))
  const seal = ['--seal', join(samples, '公章.png'), '--in-place']
  expect(await run(['sign', ...inFolder, '--token', desk.bidder.uri, ...seal])).toMatchObject({ signed: 12 })
  const checked = await run(['bid', 'check', bid, '--sign', desk.bidder.uri])
  expect(checked).toMatchObject({ documents: 12, traces: [{ name: 'machine', value: expect.any(String) }] })
  expect(findingsOf(checked).map(({ code }) => code)).toEqual(['trace-recorded'])

  const [output, twin, slip] = [desk.path('bid.sbid'), desk.path('twin'), desk.path('slip.pdf')]
  const remedies = ['--plain-twin-to', twin, '--slip', slip, '--record-traces']
  const sealed = await run(['seal', bid, '--tender', tender, '--sign', desk.bidder.uri, '-o', output, ...remedies])
  expect(sealed).toMatchObject({ recipients: [{ proved: true }], traces: ['machine'], slip: { path: slip } })
  expect(readFileSync(slip).subarray(0, 5).toString()).toBe('%PDF-')
  expect(statSync(twin).mode & 0o777).toBe(0o600)
  await run(['verify', output, '--plain-twin', twin])

  const opened = desk.path('opened')
  await run(['unseal', output, '--token', desk.bidder.uri, '-o', opened])
  for (const path of inFolder) {
    expect(readFileSync(join(opened, 'documents', basename(path))).equals(readFileSync(path))).toBe(true)
  }
  const signatures = await run(['sign', '--verify', ...inFolder, '--trust', desk.trust])
  expect(signatures['files']).toHaveLength(12)
})

test('a twin of another sealing is refused with a code of its own', async () => {
  const [output, twin] = [desk.path('again.sbid'), desk.path('again-twin')]
  const common = ['seal', desk.path('bid'), '--tender', tender, '--sign', desk.bidder.uri, '-o', output, '--again']
  await run([...common, '--plain-twin-to', twin])
  const other = await desk.run(['verify', desk.path('bid.sbid'), '--plain-twin', twin])
  expect(other).toMatchObject({ code: 1, said: { ok: false, code: 'seal.inner', plainTwinChecked: false } })
  const none = await desk.run(['verify', output, '--plain-twin', desk.path('slip.pdf')])
  expect(none).toMatchObject({ code: 2, said: { code: 'input.unreadable' } })
})

test.each([
  ['a plain twin', { kind: 'none' }, ['--plain-twin-to', 'T']],
  ['a plain twin', { kind: 'recovery-code' }, ['--plain-twin-to', 'T']],
  ['a recovery code', { kind: 'plain-twin' }, ['--recovery-code-to', 'T']],
])('%s is refused where the tender’s remedy is %j, and nothing is left', async (_what, remedy, args) => {
  const name = `${remedy.kind}${args[0] ?? ''}`
  const other = await desk.tender(name, { remedy, tenderId: name })
  const bid = await desk.bid(`bid${name}`, other)
  const output = desk.path(`${name}.sbid`)
  const given = args.map(each => (each === 'T' ? desk.path(`t${name}`) : each))
  const common = ['seal', bid, '--tender', other, '--sign', desk.bidder.uri, '-o', output]
  const refused = await desk.run([...common, ...given], { env: env() })
  expect(refused).toMatchObject({ code: 1, said: { code: 'seal.tender', detail: expect.stringContaining('allow') } })
  expect(existsSync(output) || existsSync(desk.path(`t${name}`))).toBe(false)
})

test('traces go into the header only when the bidder lets them', async () => {
  const output = desk.path('silent.sbid')
  const common = ['seal', desk.path('bid'), '--tender', tender, '--sign', desk.bidder.uri, '-o', output, '--again']
  expect(await run(common)).toMatchObject({ traces: [] })
  expect(readFileSync(output).includes('"traces"')).toBe(false)
  expect(readFileSync(desk.path('bid.sbid')).includes('"traces":[{"name":"machine"')).toBe(true)
})

test.each(['zh', 'en'])('what the check says in %s fits a terminal, fatal apart from advice', async lang => {
  const bid = desk.path(`words-${lang}`)
  await run(['bid', 'new', bid, '--tender', tender])
  await run(['bid', 'form', bid, 'opening', 'price=1', 'words=贰元整'])
  const { stdout, code } = await runCli(['--home', desk.path('home'), '--lang', lang, 'bid', 'check', bid])
  expect(code).toBe(1)
  const { displayWidth } = await import('../../../main/cli/wording.ts')
  for (const line of stdout.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(80)
  const fatal = stdout.indexOf(lang === 'zh' ? '必改' : 'Must change')
  expect(fatal).toBeGreaterThanOrEqual(0)
  expect(stdout.indexOf(lang === 'zh' ? '建议' : 'Advice')).toBeGreaterThan(fatal)
  expect(stdout).toContain(lang === 'zh' ? '财政部令第 87 号第五十九条' : 'MoF Order 87, Art. 59')
})

test('the bill of quantities, later addenda, and another company’s bid and lock are told by the home they are known in', async () => {
  const opening = { name: 'price', title: '报价', kind: 'amount' }
  const changes = {
    tenderId: 'E5300001000007777',
    documents: [{ id: 'boq', title: '清单', required: true }],
    forms: [{ id: 'opening', title: '开标一览表', fields: [opening] }],
  }
  const first = await desk.tender('first', changes)
  const rivals = desk.path('rivals')
  const list = desk.path('清单.csv')
  writeFileSync(list, '项目名称,单位,工程量,综合单价,合价\n挖一般土方,m3,10,100.00,1000.00\n回填方,m3,1,5.00,5.00\n')
  const compose = async (bid: string, price: string, more: readonly string[] = []): Promise<void> => {
    await run(['bid', 'new', bid, '--tender', first, '--trust', desk.trust, ...more])
    await run(['bid', 'add', bid, list, '--as', 'boq'])
    await run(['bid', 'form', bid, 'opening', `price=${price}`])
  }
  await compose(rivals, '1,005.00')
  const sealing = ['seal', rivals, '--tender', first, '--sign', desk.rival.uri, '-o', desk.path('rivals.sbid')]
  const sealed = await desk.run(sealing, { env: { BIDSEAL_PIN: desk.rival.pin } })
  expect(sealed.code).toBe(0)

  const bid = desk.path('own')
  await compose(bid, '1,006.00')
  const look = ['bid', 'check', bid, '--sign', desk.bidder.uri, '--module', desk.path('locks')]
  const found = async () => findingsOf((await desk.run(look)).said).map(({ code }) => code)
  expect(await found()).toEqual(['boq-mismatch', 'other-company-bid', 'other-company-lock'])
  await run(['bid', 'form', bid, 'opening', 'price=1005'])
  expect(await found()).not.toContain('boq-mismatch')

  const { packageDigest } = await run(['tender', 'verify', first, '--trust', desk.trust])
  const second = await desk.tender('second', { ...changes, supersedes: packageDigest })
  await run(['tender', 'import', second, '--trust', desk.trust])
  expect(await found()).toContain('addendum-newer')
  const late = ['seal', bid, '--tender', first, '--sign', desk.bidder.uri, '-o', desk.path('late.sbid')]
  const refused = await desk.run(late, { env: env() })
  expect(refused.said).toMatchObject({ ok: false, code: 'tender.addendum-newer' })
  expect(existsSync(desk.path('late.sbid'))).toBe(false)
})
