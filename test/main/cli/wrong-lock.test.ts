import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCli } from '../../fixtures/cli.ts'
import { makeDesk, type Desk } from '../../fixtures/cli-desk.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'

let desk: Desk
let tender: string
let sealed: string

beforeAll(async () => {
  desk = await makeDesk()
  tender = await desk.tender('tender')
  const bid = await desk.bid('bid', tender)
  sealed = desk.path('bid.sbid')
  const args = ['seal', bid, '--tender', tender, '--sign', desk.bidder.uri, '--backup', desk.backup.uri, '-o', sealed]
  const { code } = await desk.run(args, { env: { BIDSEAL_PIN: desk.bidder.pin, BIDSEAL_PIN_2: desk.backup.pin } })
  expect(code).toBe(0)
}, 60_000)

afterAll(() => {
  desk.remove()
})

// No PIN is given anywhere here: whoever asks for one first gets `token.pin-required`.
const noPin = { env: { BIDSEAL_PIN: undefined, BIDSEAL_PIN_2: undefined } }
const { bidder, rival } = practiceCa()

test('opening with another lock names the locks that are needed and the one that is plugged in, before any PIN', async () => {
  const args = ['unseal', sealed, '--token', desk.rival.uri, '-o', desk.path('opened')]
  const { code, said } = await desk.run(args, noPin)
  expect(code).toBe(3)
  expect(said).toMatchObject({ code: 'token.wrong-lock' })
  const expected = (label: string, name: string) => ({
    label,
    subject: expect.stringContaining(name),
    serial: expect.stringMatching(/^[0-9a-f]+$/),
    notAfter: expect.stringMatching(/^2036/),
  })
  expect(said['wrongLock']).toEqual({
    needed: [expected('公章锁 财务-03', bidder.name), expected('副锁', bidder.name)],
    plugged: [{ ...expected('rival', rival.name), creditCode: rival.creditCode }],
  })
  expect(
    (await desk.run(['unseal', sealed, '--token', desk.bidder.uri, '-o', desk.path('opened')], noPin)).said,
  ).toMatchObject({
    code: 'token.pin-required',
  })
})

test('the sentence is in the user’s language, and in the other', async () => {
  const args = ['--home', desk.path('home'), 'unseal', sealed, '--token', desk.rival.uri, '-o', desk.path('opened')]
  const zh = await runCli(['--lang', 'zh', ...args])
  expect(zh.stderr).toMatch(
    /需要的锁：「公章锁 财务-03」（.*云岭.*序列号 [0-9a-f]+，有效期至 2036-01-01）；或 「副锁」/,
  )
  expect(zh.stderr).toMatch(/插入的锁：「rival」（.*滇池/)
  expect(zh.stderr).not.toContain('needed')
  const en = await runCli(['--lang', 'en', ...args])
  expect(en.stderr).toMatch(
    /The lock that is needed: “公章锁 财务-03” \(.*serial [0-9a-f]+, until 2036-01-01\); or “副锁”/,
  )
})

test('a lock that is not there is asked for by the name it was sealed with', async () => {
  const away = desk.rival.uri.replace('rival', 'away')
  const { said } = await desk.run(['unseal', sealed, '--token', away, '-o', desk.path('opened')], noPin)
  expect(said).toMatchObject({
    code: 'token.absent',
    wrongLock: { needed: [{ label: '公章锁 财务-03' }, {}], plugged: [] },
  })
})

test('sealing with another company’s lock names both companies, before any PIN', async () => {
  const bid = await desk.bid('owned', tender)
  const draft = JSON.parse(readFileSync(join(bid, 'bid.json'), 'utf8')) as Record<string, unknown>
  const { name, creditCode } = bidder
  writeFileSync(join(bid, 'bid.json'), JSON.stringify({ ...draft, bidder: { name, creditCode } }))
  const args = ['seal', bid, '--tender', tender, '--sign', desk.rival.uri, '-o', desk.path('stranger.sbid')]
  expect((await desk.run(args, noPin)).said).toMatchObject({
    code: 'token.wrong-lock',
    wrongLock: {
      needed: [{ subject: name, creditCode }],
      plugged: [{ label: 'rival', creditCode: rival.creditCode }],
    },
  })
})
