import { existsSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { formatTokenUri } from '../../../crypto/index.ts'
import { writeSoftLock } from '../../../crypto/token/soft/pkcs12-write.ts'
import { type AuthorityServer, startAuthorityServer } from '../../fixtures/authority-server.ts'
import { runCli } from '../../fixtures/cli.ts'
import { type Desk, makeDesk } from '../../fixtures/cli-desk.ts'
import { withOpenssl } from '../../fixtures/openssl.ts'
import { practiceCa, type PracticeIdentity } from '../../fixtures/practice-ca.ts'
import { addressed, opensslList, practiceList } from '../../fixtures/practice-lists.ts'

const ca = practiceCa()
const pin = '111111'
const hour = 3_600_000
const begun = Math.floor(Date.now() / 1000) * 1000
const ago = (hours: number): Date => new Date(begun - hours * hour)
/** A list of now. */
const dates = () => ({ thisUpdate: ago(1), nextUpdate: ago(-24) })

let desk: Desk
let server: AuthorityServer
let sign: PracticeIdentity
let decrypt: PracticeIdentity
let lock: string
let tender: string
let bid: string
let sealed: string
let homes = 0
let home = ''

beforeAll(async () => {
  server = await startAuthorityServer()
  desk = await makeDesk()
  home = desk.path('home-0')
  sign = addressed(ca.bidder.sign, { crls: [`${server.url}/ca.crl`] })
  decrypt = addressed(ca.bidder.decrypt, { crls: [`${server.url}/ca.crl`] })
  const path = desk.path('addressed.p12')
  const key = ({ certificate, privateKey }: PracticeIdentity) => ({
    certificate,
    privateKey: new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' })),
  })
  const keys = [
    { use: 'sign' as const, ...key(sign) },
    { use: 'decrypt' as const, ...key(decrypt) },
  ]
  await writeSoftLock(path, { pin, label: '公章锁', keys, intermediates: [ca.intermediate] })
  lock = formatTokenUri({ kind: 'soft', path })
  tender = await desk.tender('tender')
  bid = await desk.bid('bid', tender)
  sealed = desk.path('sealed.sbid')
  expect((await seal(sealed)).code).toBe(0)
})
afterAll(async () => {
  desk.remove()
  await server.close()
})
beforeEach(() => {
  home = desk.path(`home-${(homes += 1)}`)
  server.asked.length = 0
})

const seal = (
  output: string,
  more: readonly string[] = [],
  env: Record<string, string | undefined> = { BIDSEAL_PIN: pin },
) => run(['seal', bid, '--tender', tender, '--trust', desk.trust, '--sign', lock, '-o', output, ...more], env)
const run = (args: readonly string[], env: Record<string, string | undefined> = {}) =>
  runCli([...args, '--home', home], { env: { BIDSEAL_PIN: undefined, ...env } })
const verify = (...more: readonly string[]) => run(['verify', sealed, '--trust', desk.trust, ...more])
async function json(...more: readonly string[]): Promise<Record<string, unknown>> {
  return JSON.parse((await verify('--json', ...more)).stdout) as Record<string, unknown>
}
function listFile(name: string, since: Date | null): string {
  const entries = since === null ? [] : [{ certificate: sign.certificate, since, reason: 1 }]
  writeFileSync(desk.path(name), practiceList({ ...dates(), entries }))
  return desk.path(name)
}

test('verify says that nothing was checked where nothing is at hand, and asks nobody', async () => {
  expect((await json())['revocation']).toMatchObject([
    { subject: expect.stringContaining('CN=云岭建设集团有限公司'), status: 'not-checked', why: 'none' },
    { subject: expect.stringContaining('CN=标封演练签发 CA'), status: 'not-checked', why: 'none' },
  ])
  const zh = await verify('--lang', 'zh')
  expect(zh.stdout).toMatch(/吊销 +云岭建设集团有限公司：未检查吊销状态\n/)
  expect((await verify('--lang', 'en')).stdout).toMatch(/revocation +云岭建设集团有限公司: revocation not checked\n/)
  expect(server.asked).toEqual([])
})

test('verify --crl takes the lists of an authority from files, DER and PEM', () =>
  withOpenssl(async bench => {
    const pem = bench.put('list.pem', opensslList(bench, []))
    const zh = await verify('--lang', 'zh', '--crl', pem)
    expect(zh.code).toBe(0)
    expect(zh.stdout).toMatch(/云岭建设集团有限公司：未吊销（截至 \d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d，CRL）/)
    const en = await verify('--lang', 'en', '--crl', listFile('good.crl', null))
    expect(en.stdout).toMatch(/: not revoked \(as of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d, CRL\)/)
    const asOf = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/)
    expect((await json('--crl', pem))['revocation']).toMatchObject([
      { status: 'good', asOf, source: 'crl' },
      { status: 'not-checked', why: 'none' },
    ])
  }))

test('verify fails because of a certificate that was revoked, and says since when', async () => {
  const crl = listFile('revoked.crl', ago(5))
  const said = await json('--crl', crl, '--lang', 'zh')
  expect(said).toMatchObject({
    ok: false,
    code: 'seal.signature',
    chain: { ok: false, code: 'cert.revoked' },
    message: '证书在需要的时间已被 CA 机构吊销。',
  })
  const en = await verify('--crl', crl, '--lang', 'en')
  expect(en.code).toBe(1)
  expect(en.stderr).toContain('A certificate had been revoked by its CA at the time that counts.')
  expect(en.stderr).toContain(ago(5).toISOString().slice(0, 13))
  expect(en.stderr).toContain('cert.revoked · seal.signature')
})

test('verify refuses a file that is no revocation list, and says when one does not help', async () => {
  writeFileSync(desk.path('none.crl'), 'no list')
  for (const file of [desk.path('none.crl'), desk.path('absent.crl')]) {
    const { code, stdout } = await verify('--json', '--crl', file)
    expect([code, JSON.parse(stdout)]).toMatchObject([2, { code: 'input.unreadable' }])
  }
  writeFileSync(desk.path('old.crl'), practiceList({ thisUpdate: ago(50), nextUpdate: ago(40) }))
  expect((await json('--crl', desk.path('old.crl')))['revocation']).toMatchObject([
    { status: 'not-checked', why: 'unusable' },
    { status: 'not-checked', why: 'none' },
  ])
  const zh = await verify('--lang', 'zh', '--crl', desk.path('old.crl'))
  expect(zh.stdout).toContain('未检查吊销状态：手头的吊销信息不是该时间的')
})

test('verify --check-revocation fetches once; afterwards the answer stands without the network', async () => {
  server.say('/ca.crl', practiceList(dates()))
  const first = await json('--check-revocation')
  expect(first).toMatchObject({
    ok: true,
    revocation: [{ status: 'good', source: 'crl' }, { status: 'not-checked' }],
    fetched: [{ kind: 'crl', address: `${server.url}/ca.crl`, outcome: 'newer' }],
  })
  server.say('/ca.crl', null)
  server.asked.length = 0
  const { fetched: _, ...same } = first
  expect(await json()).toEqual(same)
  expect(server.asked).toEqual([])
  const again = await verify('--lang', 'zh', '--check-revocation')
  expect(again.code).toBe(0)
  expect(again.stdout).toContain('未吊销（截至')
  expect(again.stderr).toContain(`吊销列表：对方未提供  ${server.url}/ca.crl`)
})

test('seal refuses a signing certificate that is known to be revoked, before any PIN, and leaves nothing', async () => {
  server.say('/ca.crl', practiceList({ ...dates(), entries: [{ certificate: sign.certificate, since: ago(5) }] }))
  expect((await verify('--check-revocation')).code).toBe(1)
  const output = desk.path('never.sbid')
  const { code, stdout } = await seal(output, ['--json'], {})
  expect([code, JSON.parse(stdout)]).toMatchObject([1, { ok: false, code: 'cert.revoked' }])
  expect(existsSync(output)).toBe(false)
})

test('seal warns of a recipient whose encryption certificate is known to be revoked', async () => {
  const entries = [{ certificate: decrypt.certificate, since: ago(5), reason: 4 }]
  server.say('/ca.crl', practiceList({ ...dates(), entries }))
  expect((await verify('--check-revocation')).code).toBe(0)
  const { code, stdout } = await seal(desk.path('warned.sbid'), ['--json'])
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    ok: true,
    revocation: [{ status: 'good', source: 'crl' }, { status: 'not-checked' }],
    revokedRecipients: [{ role: 'main', label: '公章锁', since: ago(5).toISOString(), reason: 'superseded' }],
  })
  const zh = await seal(desk.path('zh.sbid'), ['--lang', 'zh', '--again'])
  expect(zh.stderr).toMatch(/注意：主锁 公章锁 的加密证书已于 .* 吊销/)
  expect(zh.stdout).toContain('未吊销（截至')
  const en = await seal(desk.path('en.sbid'), ['--lang', 'en', '--again'])
  expect(en.stderr).toMatch(/Note: the encryption certificate of the main lock 公章锁 was revoked at /)
})
