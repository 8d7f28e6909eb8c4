import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askCli, objectOf, runCli, startCli } from '../../fixtures/cli.ts'
import { makeSoftHsm } from '../../fixtures/softhsm.ts'

let folder: string
let demo: string
let said: Record<string, unknown>

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-demo-test-'))
  demo = join(folder, '演练 一')
  said = await askCli(['demo', '--dir', demo])
}, 120_000)

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const openssl = (...args: readonly string[]): Buffer =>
  execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] })

test('answers the one object other programs rely on', () => {
  expect(said).toMatchObject({ ok: true, suite: 'intl-1', digestsEqual: true, receipt: { kind: 'received' } })
  expect(said['sealId']).toMatch(/^[0-9a-f-]{36}$/)
  expect(said['shortCode']).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/)
  expect(said['bytes']).toBe(readFileSync(String(said['sealed'])).length)
  expect(said['record']).toMatchObject({ bids: [{ state: 'opened' }] })
  const steps = said['steps'] as readonly { name: string; ms: number }[]
  expect(steps.map(({ name }) => name)).toEqual(expect.arrayContaining(['seal', 'submit', 'release', 'compare']))
  expect(steps.every(({ ms }) => Number.isInteger(ms) && ms >= 0)).toBe(true)
})

test('keeps everything in its folder, and what was opened is byte for byte the bid', () => {
  for (const name of [
    'ca/root.pem',
    'locks/bidder.p12',
    'locks/README.txt',
    'bid/bid.json',
    'receipt.json',
    'record.json',
    'evidence.zip',
  ]) {
    expect(existsSync(join(demo, name)), name).toBe(true)
  }
  expect(readdirSync(join(demo, 'tender')).filter(name => name.endsWith('.tender'))).toHaveLength(1)
  expect(readdirSync(join(demo, 'sealed')).filter(name => name.endsWith('.sbid'))).toHaveLength(1)
  const documents = join(demo, 'bid', 'documents')
  const opened = join(demo, 'opened', String(said['sealId']), 'documents')
  const names = readdirSync(documents)
  expect(names).toHaveLength(5)
  expect(readdirSync(opened)).toEqual(names)
  for (const name of names)
    expect(readFileSync(join(opened, name)).equals(readFileSync(join(documents, name)))).toBe(true)
  expect(readdirSync(demo)).not.toContain('workshop')
})

test('every document of its bid bears the bidder’s signature, as another program sees it', () => {
  const documents = join(demo, 'bid', 'documents')
  for (const name of readdirSync(documents)) {
    const seen = execFileSync('pdfsig', [join(documents, name)], { encoding: 'utf8' })
    expect(seen).toContain('Signature is Valid')
    expect(seen).toContain('云岭建设集团有限公司')
  }
})

test('tar and openssl alone list, verify and unwrap what it sealed', () => {
  const work = join(folder, 'stranger')
  mkdirSync(work)
  execFileSync('tar', ['-xf', String(said['sealed']), '-C', work])
  const at = (name: string): string => join(work, name)
  openssl(
    ...['cms', '-verify', '-cades', '-binary', '-inform', 'DER', '-in', at('META-INF/seal.p7s')],
    ...[
      '-content',
      at('META-INF/seal.json'),
      '-CAfile',
      join(demo, 'ca/root.pem'),
      '-purpose',
      'any',
      '-out',
      at('content'),
    ],
  )
  const pin = /PIN: (\S+)/.exec(readFileSync(join(demo, 'locks/README.txt'), 'utf8'))?.[1] ?? ''
  const keys = openssl('pkcs12', '-in', join(demo, 'locks/bidder.p12'), '-nocerts', '-nodes', '-passin', `pass:${pin}`)
  writeFileSync(at('keys.pem'), keys)
  const [envelope] = readdirSync(at('keys')).filter(name => name.startsWith('body.'))
  const key = openssl(
    'cms',
    '-decrypt',
    '-inform',
    'DER',
    '-in',
    at(`keys/${envelope ?? ''}`),
    '-inkey',
    at('keys.pem'),
  )
  expect(key).toHaveLength(32)
})

test('its receipt and record are signed by what the tender lists', () => {
  for (const name of ['receipt', 'record']) {
    openssl(
      ...[
        'cms',
        '-verify',
        '-cades',
        '-binary',
        '-inform',
        'DER',
        '-in',
        join(demo, `${name}.p7s`),
        '-content',
        join(demo, `${name}.json`),
      ],
      ...['-CAfile', join(demo, 'ca/root.pem'), '-purpose', 'any', '-out', join(folder, 'content')],
    )
  }
})

test('does not touch a folder that holds anything', async () => {
  const run = await runCli(['demo', '--dir', demo, '--json'])
  expect(run.code).toBe(2)
  expect(objectOf(run)).toMatchObject({ ok: false, code: 'output.exists' })
})

test('does the same with a blank token of a PKCS#11 library, and overwrites none', async () => {
  const hsm = makeSoftHsm()
  const environment = { ...hsm.environment, BIDSEAL_HOME: join(folder, 'home') }
  try {
    const onToken = await askCli(['demo', '--module', hsm.modulePath], { env: environment })
    expect(onToken).toMatchObject({ ok: true, digestsEqual: true })
    const listed = await askCli(['token', 'list', '--module', hsm.modulePath], { env: environment })
    const [module] = listed['modules'] as readonly {
      tokens: readonly { uri: string; certificates: readonly object[] }[]
    }[]
    expect(module?.tokens).toHaveLength(1)
    expect(module?.tokens[0]?.uri).toMatch(/^pkcs11:token=/)
    expect(module?.tokens[0]?.certificates).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ uses: ['sign'], creditCode: '91530100MA6K000013' }),
        expect.objectContaining({ uses: ['decrypt'], creditCode: '91530100MA6K000013' }),
      ]),
    )
  } finally {
    hsm.remove()
  }
}, 120_000)

test('a demo that is stopped leaves no folder, no file and no process', async () => {
  const stopped = join(folder, 'stopped')
  const temporary = join(folder, 'tmp')
  mkdirSync(temporary)
  for (const args of [['demo', '--dir', stopped], ['demo']]) {
    const running = startCli([...args, '--json'], { env: { TMPDIR: temporary } })
    while (readdirSync(temporary).length === 0 && !existsSync(stopped)) await wait(20)
    await wait(300)
    running.child.kill('SIGINT')
    const run = await running.ended
    expect(run.code).toBe(130)
    expect(objectOf(run)).toMatchObject({ ok: false, code: 'cancelled' })
  }
  expect(existsSync(stopped)).toBe(false)
  expect(readdirSync(temporary)).toEqual([])
  expect(processesNaming(folder)).toEqual([])
})

test('says what is missing when there is no driver, and exits with 3', async () => {
  const run = await runCli(['token', 'list', '--module', join(folder, 'none.so'), '--json'])
  expect(run.code).toBe(3)
  expect(objectOf(run)).toMatchObject({ ok: false, code: 'token.driver-unavailable', next: expect.any(String) })
})

function processesNaming(text: string): readonly string[] {
  const listed = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
  return listed.split('\n').filter(line => line.includes(text))
}
