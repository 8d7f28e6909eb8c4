import { readFileSync, rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  intl1,
  nodeFiles,
  parseCertificate,
  signDocument,
  systemClock,
  systemRandomness,
} from '../../../crypto/index.ts'
import type { TokenCertificate, TokenSummary } from '../../../crypto/index.ts'
import type { Platform } from '../../../main/platform/index.ts'
import { guardBids, listReminders, type GuardReport, type Ports } from '../../../main/services/index.ts'
import { fetchNotices } from '../../../main/services/tenders/notices.ts'
import { importedTender } from '../../../main/services/tenders/tender-file.ts'
import { deliveriesAt, homeAt, journalAt } from '../../../main/store/index.ts'
import { readCalendar, textOf } from '../../fixtures/calendar-reader.ts'
import { runCli } from '../../fixtures/cli.ts'
import { makeDesk, type Desk } from '../../fixtures/cli-desk.ts'
import { practiceCa, type PracticeIdentity } from '../../fixtures/practice-ca.ts'

let desk: Desk
let sealId: string
let shortCode: string
const ca = practiceCa()

beforeAll(async () => {
  desk = await makeDesk()
  const tender = await desk.tender('tender')
  const bid = await desk.bid('bid', tender)
  const { said } = await desk.run(
    ['seal', bid, '--tender', tender, '--sign', desk.bidder.uri, '-o', desk.path('bid.sbid'), '--no-self-test'],
    { env: { BIDSEAL_PIN: desk.bidder.pin } },
  )
  sealId = String(said['sealId'])
  shortCode = String(said['shortCode'])
})

afterAll(() => {
  desk.remove()
})

/** The desk's home, with whatever locks the test says. */
function portsWith(tokens: readonly TokenSummary[] | Error, now = new Date()): Ports {
  const home = homeAt(desk.path('home'))
  const list = () => (tokens instanceof Error ? Promise.reject(tokens) : Promise.resolve(tokens))
  return {
    ...{ clock: { now: () => now }, randomness: systemRandomness, files: nodeFiles, home },
    tokens: { driver: () => ({ list }), close: () => Promise.resolve() },
    journal: journalAt(home.journal, () => now),
    deliveries: deliveriesAt(home.deliveries),
  } as unknown as Ports
}
const token = (
  identities: readonly (readonly [PracticeIdentity, 'sign' | 'decrypt'])[],
  label = '公章锁 财务-03',
): TokenSummary => ({
  ...{ uri: 'p12:/lock', kind: 'soft', label, manufacturer: '', model: '', serial: '', mechanisms: [] },
  pin: { state: 'ok', protectedPath: false },
  certificates: [
    ...identities.map(([{ certificate }, use], index): TokenCertificate => {
      return { keyId: `0${index}`, label: '', uses: [use], certificate }
    }),
    { keyId: '', label: '', uses: [], certificate: ca.intermediate },
  ],
})
const guard = (tokens: readonly TokenSummary[] | Error, now?: Date): Promise<GuardReport> =>
  guardBids(portsWith(tokens, now), [{ kind: 'soft', path: '/lock' }])
const codes = ({ findings }: GuardReport): readonly string[] => findings.map(({ code }) => code)
const { sign, decrypt } = ca.bidder

test('guard list says which certificates a sealed bid depends on and what is to be done, without a PIN', async () => {
  const { code, said } = await desk.run(['guard', 'list', '--module', desk.path('locks')])
  expect(code).toBe(0)
  const serial = Buffer.from(parseCertificate(decrypt.certificate).serial).toString('hex')
  expect(said).toMatchObject({
    ok: true,
    bids: [
      {
        ...{ sealId, shortCode, state: 'sealed', title: '滨河路改造工程施工（一标段）' },
        certificates: [{ role: 'main', label: '公章锁 财务-03', serial, key: 'here', lock: '公章锁 财务-03' }],
      },
    ],
    findings: [{ id: `not-submitted:${sealId}`, level: 'urgent', next: expect.stringContaining('bidseal submit') }],
    unseen: [],
  })
  const shown = await runCli([
    '--lang',
    'zh',
    '--home',
    desk.path('home'),
    'guard',
    'list',
    '--module',
    desk.path('locks'),
  ])
  expect(shown.stdout).toContain('密钥在本机的锁里')
  expect(shown.stdout).toContain('紧急：尚未递交')
})

test('a certificate renewed on the same key opens the bid as well; one on a new key is warned of', async () => {
  const { subject } = parseCertificate(decrypt.certificate)
  const sameKey = ca.issue('bidder-decrypt', { profile: 'decrypt', subject })
  const old = parseCertificate(decrypt.certificate).publicKeyInfo
  const renewed = Buffer.compare(parseCertificate(sameKey.certificate).publicKeyInfo, old) === 0
  expect(renewed).toBe(true)
  const onSame = await guard([
    token([
      [sign, 'sign'],
      [sameKey, 'decrypt'],
    ]),
  ])
  expect(onSame.bids[0]?.certificates[0]?.key).toBe('renewed')
  expect(codes(onSame)).toEqual(['not-submitted', 'lock-renewed'])

  const newKey = ca.issue('bidder-renewed', { profile: 'decrypt', subject })
  const onNew = await guard([
    token([
      [sign, 'sign'],
      [newKey, 'decrypt'],
    ]),
  ])
  expect(onNew.bids[0]?.certificates[0]?.key).toBe('new-key')
  expect(codes(onNew)).toEqual(['not-submitted', 'no-lock-here', 'lock-new-key'])
  // The old lock beside it, and all is well again.
  expect(
    codes(
      await guard([
        token([
          [sign, 'sign'],
          [newKey, 'decrypt'],
        ]),
        token([[decrypt, 'decrypt']], '旧锁'),
      ]),
    ),
  ).toEqual(['not-submitted'])
})

test('another company’s lock is no lock of the bid', async () => {
  const report = await guard([
    token(
      [
        [ca.rival.sign, 'sign'],
        [ca.rival.decrypt, 'decrypt'],
      ],
      '公章锁 财务-03',
    ),
  ])
  expect(report.bids[0]?.certificates[0]?.key).toBe('absent')
})

test('a module that fails hides nothing and is told', async () => {
  const report = await guard(new Error('crashed'))
  expect(report.unseen).toEqual([{ path: '/lock', code: 'internal' }])
  expect(codes(report)).toContain('no-lock-here')
})

test('reminders are a calendar that a strict reader takes, and move with a signed notice of the platform', async () => {
  const file = desk.path('标书 提醒.ics')
  const read = () => readCalendar(readFileSync(file)).parts
  const { code, said } = await desk.run(['reminders', 'export', '-o', file, '--lang', 'zh'])
  expect(code).toBe(0)
  const before = read()
  expect(before.map(each => textOf(each, 'SUMMARY'))).toEqual([
    '开标前就绪检查：滨河路改造工程施工（一标段）（001 标段）',
    '投标截止：滨河路改造工程施工（一标段）（001 标段）',
    '开标解密：滨河路改造工程施工（一标段）（001 标段）',
  ])
  expect(textOf(before[2], 'DESCRIPTION')).toContain(shortCode)
  expect(said['reminders']).toHaveLength(3)

  const ports = portsWith([])
  const packageDigest = (await ports.deliveries.get(sealId))?.packageDigest ?? ''
  const tender = await importedTender(ports, packageDigest)
  if (tender === null) throw new Error('no tender')
  const { platformId, tenderId, lotId = '', openingTime } = tender.fields
  const moved = new Date(Date.parse(openingTime) + 48 * 3_600_000).toISOString()
  const notice = await signDocument(
    'notice',
    {
      ...{ platformId, tenderId, lotId, packageDigest, certificates: [], deadline: moved, openingTime: moved },
      publishedAt: new Date(Date.now() + 120_000).toISOString(),
    },
    ca.notice.signer(),
    intl1,
    systemClock,
  )
  await fetchNotices(ports, { notices: () => Promise.resolve([notice]) } as unknown as Platform, tender)
  await desk.run(['reminders', 'export', '-o', file, '--lang', 'zh'])
  const after = read()
  const id = (parts: typeof after) => parts.map(each => textOf(each, 'UID'))
  expect(id(after)).toEqual(id(before))
  expect(textOf(after[2], 'DTSTART')).toBe(`${moved.slice(0, 19).replaceAll(/[-:]/g, '')}Z`)
  expect(Number(textOf(after[2], 'SEQUENCE'))).toBeGreaterThan(Number(textOf(before[2], 'SEQUENCE')))
  // The guards go by the same dates: there are two days left.
  expect(
    codes(
      await guard([
        token([
          [sign, 'sign'],
          [decrypt, 'decrypt'],
        ]),
      ]),
    ),
  ).toEqual([])
  rmSync(desk.path(`home/notices`), { recursive: true })
})

test('a home without tenders has nothing to remember, and no file is written', async () => {
  const home = ['--home', desk.path('empty')]
  const run = await runCli(['--json', ...home, 'reminders', 'export', '-o', desk.path('none.ics')])
  expect(JSON.parse(run.stdout)).toEqual({ ok: true, output: null, reminders: [] })
  expect(() => readFileSync(desk.path('none.ics'))).toThrow()
})

test('what is over is not told of any more', async () => {
  const later = new Date(Date.now() + 9 * 24 * 3_600_000)
  expect((await guard([], later)).bids).toEqual([])
  expect(await listReminders(portsWith([], later))).toEqual([])
})
