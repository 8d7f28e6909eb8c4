import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askCli, objectOf, runCli } from '../../fixtures/cli.ts'
import { softHsmModule } from '../../fixtures/softhsm.ts'

let folder: string
let demo: string
let said: Record<string, unknown>

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-demo-gm-'))
  demo = join(folder, '国密演练')
  said = await askCli(['demo', '--suite', 'gm', '--dir', demo])
}, 120_000)

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const openssl = (...args: readonly string[]): string =>
  execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

test('the whole path in SM2, SM3 and SM4 ends with what went in', () => {
  expect(said).toMatchObject({ ok: true, suite: 'gm-1', digestsEqual: true, receipt: { kind: 'received' } })
  expect(said['record']).toMatchObject({ bids: [{ state: 'opened' }] })
  expect(said['bytes']).toBe(readFileSync(String(said['sealed'])).length)
  const documents = join(demo, 'bid', 'documents')
  const opened = join(demo, 'opened', String(said['sealId']), 'documents')
  const names = readdirSync(documents)
  expect(readdirSync(opened)).toEqual(names)
  for (const name of names) expect(readFileSync(join(opened, name))).toEqual(readFileSync(join(documents, name)))
})

test('a signature stands beside every document, and holds', async () => {
  const documents = join(demo, 'bid', 'documents')
  const signed = readdirSync(documents).filter(name => name.endsWith('.pdf'))
  expect(readdirSync(documents)).toHaveLength(2 * signed.length)
  const files = signed.map(name => join(documents, name))
  const verified = await askCli(['sign', '--verify', ...files, '--trust', join(demo, 'ca/root.pem')])
  expect(verified['files']).toHaveLength(signed.length)
})

test('its CA, its lock and everything signed are SM2, as openssl sees them', () => {
  const root = openssl('x509', '-in', join(demo, 'ca/root.pem'), '-noout', '-text')
  expect(root).toContain('Signature Algorithm: SM2-with-SM3')
  expect(root).toContain('ASN1 OID: SM2')
  const id = ['-vfyopt', 'distid:1234567812345678']
  openssl('verify', ...id, '-CAfile', join(demo, 'ca/root.pem'), join(demo, 'ca/issuing.pem'))
  const pin = /PIN: (\S+)/.exec(readFileSync(join(demo, 'locks/README.txt'), 'utf8'))?.[1] ?? ''
  const lock = ['-in', join(demo, 'locks/bidder.p12'), '-passin', `pass:${pin}`]
  writeFileSync(join(folder, 'keys.pem'), openssl('pkcs12', ...lock, '-nocerts', '-nodes'))
  expect(openssl('pkey', '-in', join(folder, 'keys.pem'), '-noout', '-text')).toContain('ASN1 OID: SM2')
  for (const name of ['receipt', 'record']) {
    const parsed = openssl('asn1parse', '-inform', 'DER', '-in', join(demo, `${name}.p7s`))
    expect(parsed.split('\n')[1]).toContain('1.2.156.10197.6.1.4.2.2')
  }
})

test('the command line goes on with what it made: it lists, verifies and opens', async () => {
  const trust = ['--trust', join(demo, 'ca/root.pem')]
  const env = { BIDSEAL_HOME: join(folder, 'home'), BIDSEAL_PIN: '12345678' }
  const lock = join(demo, 'locks/bidder.p12')
  const listed = await askCli(['token', 'list', '--module', lock], { env })
  const [module] = listed['modules'] as readonly { tokens: readonly { uri: string; certificates: object[] }[] }[]
  expect(module?.tokens[0]?.certificates).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ uses: ['sign'], algorithm: 'SM2', creditCode: '91530100MA6K000013' }),
      expect.objectContaining({ uses: ['decrypt'], algorithm: 'SM2' }),
    ]),
  )
  const verified = await askCli(['verify', String(said['sealed']), ...trust], { env })
  expect(verified).toMatchObject({ ok: true, sealId: said['sealId'], chain: { ok: true } })
  const output = join(folder, 'unsealed')
  const record = ['--record', join(demo, 'record.json')]
  expect(await askCli(['unseal', String(said['sealed']), ...record, ...trust, '-o', output], { env })).toMatchObject({
    ok: true,
  })
  expect(readdirSync(join(output, 'documents'))).toEqual(readdirSync(join(demo, 'bid', 'documents')))
})

test('a bid for it is sealed in its suite without being told, and in no other', async () => {
  const only = (name: string): string => join(demo, name, readdirSync(join(demo, name))[0] ?? '')
  const lock = `p12:${encodeURI(join(demo, 'locks/bidder.p12'))}`
  const seal = [
    ...['seal', join(demo, 'bid'), '--tender', only('tender'), '--sign', lock],
    ...['--trust', join(demo, 'ca/root.pem'), '--again', '--json'],
  ]
  const env = { BIDSEAL_HOME: join(folder, 'home'), BIDSEAL_PIN: '12345678' }
  const refused = await runCli([...seal, '--suite', 'intl', '-o', join(folder, 'intl.sbid')], { env })
  expect(objectOf(refused)).toMatchObject({ ok: false, code: 'seal.tender' })
  const sealed = await runCli([...seal, '-o', join(folder, 'again.sbid')], { env })
  expect(objectOf(sealed)).toMatchObject({ ok: true, suite: 'gm-1', recipients: [{ proved: true }] })
})

test('a PKCS#11 library is refused for it before anything is made', async () => {
  const never = join(folder, 'never')
  const run = await runCli(['demo', '--suite', 'gm', '--module', softHsmModule, '--dir', never, '--json'])
  expect(run.code).toBe(3)
  expect(objectOf(run)).toMatchObject({ ok: false, code: 'token.unsupported', detail: expect.stringContaining('SM2') })
  expect(existsSync(never)).toBe(false)
})
