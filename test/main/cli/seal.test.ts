import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCli } from '../../fixtures/cli.ts'
import { makeDesk, type Desk } from '../../fixtures/cli-desk.ts'

let desk: Desk
let tender: string
let bid: string
let count = 0

beforeAll(async () => {
  desk = await makeDesk()
  tender = await desk.tender('tender')
  bid = await desk.bid('bid', tender)
})

afterAll(() => {
  desk.remove()
})

const fresh = (): string => desk.path(`out-${(count += 1)}.sbid`)
const seal = (output: string, more: readonly string[] = [], env: Record<string, string | undefined> = {}, from = bid) =>
  desk.run(['seal', from, '--tender', tender, '--sign', desk.bidder.uri, '-o', output, '--again', ...more], {
    env: { BIDSEAL_PIN: desk.bidder.pin, ...env },
  })
const leftovers = (): readonly string[] =>
  readdirSync(desk.folder, { recursive: true, encoding: 'utf8' }).filter(name => /\.(part|tmp|lock)$/.test(name))

test('seals, proves that it opens, and verifies without a key', async () => {
  const output = fresh()
  const { code, said } = await seal(output)
  expect(code).toBe(0)
  expect(said).toMatchObject({
    ok: true,
    suite: 'intl-1',
    bidder: { creditCode: expect.stringMatching(/^[0-9A-Z]{18}$/) },
  })
  expect(said['recipients']).toMatchObject([{ role: 'main', label: '公章锁 财务-03', proved: true }])
  expect(said['size']).toBe(statSync(output).size)
  const verified = await desk.run(['verify', output])
  expect(verified.code).toBe(0)
  expect(verified.said).toMatchObject({
    ok: true,
    sealId: said['sealId'],
    signer: { creditCode: expect.any(String), subject: expect.stringMatching(/CN=/), serial: expect.any(String) },
    chain: { ok: true },
    parts: [
      { name: 'opening', ok: true, root: expect.stringMatching(/^[0-9a-f]{64}$/) },
      { name: 'body', ok: true },
    ],
    tenderChecked: true,
  })
})

test('asks the locks for PINs in the order of the command line, once each, from the environment or standard input', async () => {
  const more = ['--backup', desk.backup.uri, '--encrypt', desk.bidder.uri]
  const byEnvironment = await seal(fresh(), more, { BIDSEAL_PIN_2: desk.backup.pin })
  expect(byEnvironment.said['recipients']).toMatchObject([
    { role: 'main', proved: true },
    { role: 'backup', label: '副锁', proved: true },
  ])
  const args = ['seal', bid, '--tender', tender, '--backup', desk.backup.uri, '--sign', desk.bidder.uri, '-o', fresh()]
  const byInput = await desk.run([...args, '--pin-stdin', '--again'], {
    input: `${desk.backup.pin}\n${desk.bidder.pin}\n`,
  })
  expect(byInput.code).toBe(0)
})

test('says of a recipient that is only a certificate that it was not proved', async () => {
  const { code, said } = await seal(fresh(), ['--encrypt', desk.path('bidder-decrypt.pem')])
  expect(code).toBe(0)
  expect(said['recipients']).toMatchObject([{ role: 'main', proved: false }])
})

test('puts a recovery code into a file of its owner alone, and it opens the bid', async () => {
  const output = fresh()
  const codeFile = desk.path('code.txt')
  const { code } = await seal(output, ['--recovery-code-to', codeFile])
  expect(code).toBe(0)
  expect(statSync(codeFile).mode & 0o777).toBe(0o600)
  expect(readFileSync(codeFile, 'utf8')).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-){7}[0-9A-HJKMNP-TV-Z]{5}\n$/)
  const opened = await desk.run(['unseal', output, '--recovery-code', codeFile, '-o', desk.path('by-code')])
  expect(opened.code).toBe(0)
  expect(readFileSync(desk.path('by-code/documents/投标 文件.pdf'))).toEqual(readFileSync(desk.path('投标 文件.pdf')))
})

test.each<[string, string, number, () => ReturnType<typeof seal>]>([
  [
    'a wrong PIN',
    'token.pin-incorrect',
    3,
    () => seal(fresh(), ['--recovery-code-to', desk.path('never')], { BIDSEAL_PIN: 'no' }),
  ],
  ['no PIN and nobody to ask', 'token.pin-required', 3, () => seal(fresh(), [], { BIDSEAL_PIN: undefined })],
  ['a lock that is not there', 'token.absent', 3, () => seal(fresh(), ['--backup', `p12:${desk.path('none.p12')}`])],
  [
    'a lock of another company',
    'token.wrong-lock',
    3,
    () => seal(fresh(), ['--encrypt', desk.rival.uri], { BIDSEAL_PIN_2: desk.rival.pin }),
  ],
  [
    'a sealed bid instead of a folder',
    'seal.already-sealed',
    1,
    async () => {
      const output = fresh()
      await seal(output)
      return seal(fresh(), [], {}, output)
    },
  ],
  [
    'an output that exists',
    'output.exists',
    2,
    () => {
      writeFileSync(desk.path('there.sbid'), 'precious')
      return seal(desk.path('there.sbid'))
    },
  ],
  ['an output folder that does not exist', 'output.unwritable', 2, () => seal(desk.path('nowhere/out.sbid'))],
  ['a folder that is none', 'bid.invalid', 2, () => seal(fresh(), [], {}, desk.path('locks'))],
])('refuses %s with %s and exit code %i, and leaves nothing', async (_what, failure, exit, run) => {
  const before = readdirSync(desk.folder).filter(name => name.endsWith('.sbid') && name.startsWith('out-')).length
  const { code, said } = await run()
  expect(said).toMatchObject({ ok: false, code: failure, message: expect.any(String), next: expect.any(String) })
  expect(typeof said['retriable']).toBe('boolean')
  expect(code).toBe(exit)
  expect(leftovers()).toEqual([])
  expect(existsSync(desk.path('never'))).toBe(false)
  const made = readdirSync(desk.folder).filter(name => name.endsWith('.sbid') && name.startsWith('out-')).length
  expect(made - before).toBe(failure === 'seal.already-sealed' ? 1 : 0)
  if (existsSync(desk.path('there.sbid'))) expect(readFileSync(desk.path('there.sbid'), 'utf8')).toBe('precious')
})

test('refuses a bid made for another tender, an incomplete one, one that is too large, and a code where none is allowed', async () => {
  const other = await desk.tender('other', {
    tenderId: 'E5300001000009999',
    remedy: { kind: 'none' },
    limits: { fileBytes: 10, bidBytes: 10_000_000 },
  })
  const common = ['--tender', other, '--trust', desk.trust, '--sign', desk.bidder.uri, '-o', fresh()]
  const env = { BIDSEAL_PIN: desk.bidder.pin }
  expect((await desk.run(['seal', bid, ...common], { env })).said['code']).toBe('seal.foreign-tender')
  const large = await desk.bid('large', other)
  expect((await desk.run(['seal', large, ...common], { env })).said['code']).toBe('seal.too-large')
  await desk.run(['bid', 'new', desk.path('bare'), '--tender', other])
  const incomplete = await desk.run(['seal', desk.path('bare'), ...common], { env })
  expect(incomplete.said).toMatchObject({ code: 'bid.incomplete', detail: expect.stringContaining('投标函') })
  const small = await desk.tender('small', { tenderId: 'E53', remedy: { kind: 'none' } })
  const allowed = await desk.bid('allowed', small)
  const args = ['seal', allowed, '--tender', small, '--sign', desk.bidder.uri, '-o', fresh()]
  expect((await desk.run([...args, '--recovery-code-to', desk.path('never')], { env })).said['code']).toBe(
    'seal.tender',
  )
  expect(existsSync(desk.path('never'))).toBe(false)
})

test('does not seal the same draft twice while the first file is there, unless told to', async () => {
  const draft = await desk.bid('twice', tender)
  const args = (output: string): string[] => [
    'seal',
    draft,
    '--tender',
    tender,
    '--sign',
    desk.bidder.uri,
    '-o',
    output,
  ]
  const env = { BIDSEAL_PIN: desk.bidder.pin }
  expect((await desk.run(args(fresh()), { env })).code).toBe(0)
  expect((await desk.run(args(fresh()), { env })).said['code']).toBe('seal.already-sealed')
  expect((await desk.run([...args(fresh()), '--again'], { env })).code).toBe(0)
  expect(
    (
      await desk.run([...args(fresh()), '--backup', desk.backup.uri], {
        env: { ...env, BIDSEAL_PIN_2: desk.backup.pin },
      })
    ).code,
  ).toBe(0)
})

test('a tender nobody vouches for is refused, with what to do', async () => {
  const { code, said } = await desk.run(['tender', 'verify', tender, '--home', desk.path('another-home')])
  expect(code).toBe(1)
  expect(said).toMatchObject({ ok: false, code: 'cert.untrusted', next: expect.stringContaining('--trust') })
  const trusted = await desk.run([
    'tender',
    'verify',
    tender,
    '--home',
    desk.path('another-home'),
    '--trust',
    desk.trust,
  ])
  expect(trusted.said).toMatchObject({ ok: true, tenderId: 'E5300001000001001', keyPolicy: 'bidder' })
})

test('verifying by other anchors reports the chain, and keeps the code of the check', async () => {
  const output = fresh()
  await seal(output)
  const { code, said } = await desk.run(['verify', output, '--home', desk.path('another-home')])
  expect(code).toBe(1)
  expect(said).toMatchObject({
    ok: false,
    code: 'seal.signature',
    chain: { ok: false, code: 'cert.untrusted' },
    signer: { creditCode: expect.any(String) },
  })
})

test('a damaged part is named, and unsealing leaves nothing of it', async () => {
  const output = fresh()
  await seal(output)
  const bytes = readFileSync(output)
  const at = 200_000
  bytes[at] = (bytes[at] ?? 0) ^ 1
  const damaged = fresh()
  writeFileSync(damaged, bytes)
  const { code, said } = await desk.run(['verify', damaged])
  expect(code).toBe(1)
  expect(said).toMatchObject({
    ok: false,
    code: 'seal.root',
    parts: [
      { name: 'opening', ok: true },
      { name: 'body', ok: false },
    ],
  })
  const opened = await desk.run(['unseal', damaged, '--token', desk.bidder.uri, '-o', desk.path('damaged')], {
    env: { BIDSEAL_PIN: desk.bidder.pin },
  })
  expect(opened.said['code']).toBe('seal.root')
  expect(existsSync(desk.path('damaged'))).toBe(false)
  expect(leftovers()).toEqual([])
})

test('the header file says the same of the bid, and cannot be unsealed', async () => {
  const output = fresh()
  const { said: sealed } = await seal(output)
  const header = desk.path('bid.header')
  expect((await desk.run(['header', output, '-o', header])).said).toMatchObject({ shortCode: sealed['shortCode'] })
  expect((await desk.run(['inspect', header])).said).toMatchObject({ kind: 'header', sealDigest: sealed['sealDigest'] })
  expect((await desk.run(['verify', header])).said).toMatchObject({ ok: true, parts: [] })
  const opened = await desk.run(['unseal', header, '--token', desk.bidder.uri, '-o', desk.path('no')], {
    env: { BIDSEAL_PIN: desk.bidder.pin },
  })
  expect(opened.said['code']).toBe('seal.container')
})

test.each([
  [['frobnicate']],
  [['seal']],
  [['seal', 'x', '--frobnicate']],
  [['demo', '--suite', 'rot13']],
  [['demo', '--size', 'huge']],
  [['verify']],
])('answers arguments it cannot understand (%j) with exit code 2 and no stack', async args => {
  const text = await runCli(args)
  expect(text.code).toBe(2)
  expect(text.stdout).toBe('')
  expect(text.stderr).toContain('arguments.bad')
  expect(text.stderr).not.toMatch(/\n\s+at /)
  const json = await runCli([...args, '--json'])
  expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, code: 'arguments.bad', retriable: false })
})

test('prints its help and version with exit code 0', async () => {
  const help = await runCli(['seal', '--help'])
  expect(help.code).toBe(0)
  expect(help.stdout).toContain('--recovery-code-to')
  expect(help.stdout).toContain('--json')
  expect((await runCli(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})

test('speaks Chinese where the system does', async () => {
  const run = await runCli(['verify', desk.path('none.sbid')], { env: { LANG: 'zh_CN.UTF-8', LC_ALL: '' } })
  expect(run.code).toBe(2)
  expect(run.stderr).toContain('文件无法读取')
})
