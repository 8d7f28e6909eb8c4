import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toPem } from '../../../crypto/index.ts'
import { displayWidth } from '../../../main/cli/wording.ts'
import { makeSoftSkf, type SoftSkf } from '../../fakes/skf/soft-skf.ts'
import { type BadModule, buildBadModule } from '../../fixtures/bad-pkcs11.ts'
import { objectOf, runCli, type CliOptions } from '../../fixtures/cli.ts'
import { gmCa } from '../../fixtures/gm-ca.ts'
import { libraryBytes } from '../../fixtures/library-files.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'
import { addSoftHsmLock, makeSoftHsm, type SoftHsm, type SoftHsmLock } from '../../fixtures/softhsm.ts'
import { makeSoftPkcs11, type SoftPkcs11, softPkcs11Pin } from '../../fixtures/soft-pkcs11.ts'

let folder: string
let hsm: SoftHsm
let lock: SoftHsmLock
let skf: SoftSkf
let p11: SoftPkcs11
let bad: BadModule
let root: string
let environment: Readonly<Record<string, string>>

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-token-'))
  hsm = makeSoftHsm()
  lock = addSoftHsmLock(hsm)
  skf = makeSoftSkf('packed')
  p11 = makeSoftPkcs11()
  bad = buildBadModule()
  root = join(folder, 'root.pem')
  writeFileSync(root, toPem(practiceCa().root, 'CERTIFICATE'))
  environment = { ...hsm.environment, ...skf.environment, ...p11.environment, BIDSEAL_HOME: join(folder, 'home') }
})

afterAll(() => {
  hsm.remove()
  skf.remove()
  p11.remove()
  bad.remove()
  rmSync(folder, { recursive: true, force: true })
})

async function run(args: readonly string[], { env = {}, input }: CliOptions = {}) {
  const done = await runCli(['--json', 'token', ...args], {
    env: { ...environment, ...env },
    ...(input === undefined ? {} : { input }),
  })
  return { code: done.code, said: objectOf(done), all: done.stdout + done.stderr }
}

const text = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  runCli(['token', ...args], { env: { ...environment, ...env } })

interface SaidRung {
  readonly rung: string
  readonly status: string
  readonly code: string
  readonly next: string | null
}
interface SaidModule {
  readonly rungs: readonly SaidRung[]
  readonly tokens: readonly {
    readonly rungs: readonly SaidRung[]
    readonly certificates: readonly Readonly<Record<string, unknown>>[]
  }[]
}
const modulesIn = (said: Record<string, unknown>): readonly SaidModule[] => said['modules'] as readonly SaidModule[]
const statuses = (rungs: readonly SaidRung[]): readonly string[] => rungs.map(({ rung, status }) => `${rung} ${status}`)

describe('token doctor', () => {
  test('finds a good lock usable, tries no PIN, and ends with 0', async () => {
    const { code, said } = await run(['doctor', '--module', hsm.modulePath, '--trust', root])
    expect([code, said['ok'], said['code']]).toEqual([0, true, undefined])
    const [module] = modulesIn(said)
    expect(statuses(module?.tokens[0]?.rungs ?? [])).toEqual([
      'token ok',
      'certificate ok',
      'usable ok',
      'chain ok',
      'pin ok',
    ])
    const [signing] = module?.tokens[0]?.certificates.filter(({ intended }) => String(intended) === 'sign') ?? []
    expect(signing).toMatchObject({
      usableFor: ['sign'],
      pairedWith: '02',
      chain: 'trusted',
      creditCode: practiceCa().bidder.creditCode,
      creditCodeAt: 'extension 1.2.156.10260.4.1.4',
    })
  })

  test('examines every module though one crashes, one hangs and one is for another system', async () => {
    const windows = join(folder, 'skf.dll')
    writeFileSync(windows, libraryBytes.pe(0x14c, { word: 32, exports: ['SKF_EnumDev'] }))
    const named = [bad.path, windows, hsm.modulePath].flatMap(path => ['--module', path])
    for (const [fault, failure] of [
      ['crash-list', 'token.driver-crashed'],
      ['hang', 'token.driver-hung'],
    ] as const) {
      const { code, said } = await run(['doctor', ...named], { env: { BAD_PKCS11: fault } })
      expect(code).toBe(0)
      const [first, second, third] = modulesIn(said)
      expect(first?.rungs.find(({ status }) => status === 'problem')).toMatchObject({
        code: fault === 'hang' ? 'loads.failed' : 'slots.failed',
        next: expect.any(String),
      })
      expect(JSON.stringify(first)).not.toContain(failure === 'token.driver-hung' ? 'SIGSEGV' : 'in time')
      expect(statuses(second?.rungs ?? [])).toContain('bitness problem')
      expect(third?.tokens).toHaveLength(1)
    }
  }, 60_000)

  test('says what is missing where nothing is plugged in and where there is no driver, and ends with 3', async () => {
    const empty = await run(['doctor', '--module', skf.modulePath])
    expect([empty.code, empty.said['code']]).toEqual([3, 'token.absent'])
    expect(modulesIn(empty.said)[0]?.rungs.at(-1)).toMatchObject({ code: 'slots.empty', next: expect.any(String) })
    const nowhere = await run(['doctor', '--module', join(folder, 'nowhere.so')])
    expect([nowhere.code, nowhere.said['code']]).toEqual([3, 'token.driver-unavailable'])
    mkdirSync(join(folder, 'no-locks'), { recursive: true })
    const soft = await run(['doctor', '--module', join(folder, 'no-locks')])
    expect([soft.code, soft.said['code']]).toEqual([3, 'token.absent'])
  })

  test('tries the PIN and the keys when that is asked for', async () => {
    const right = await run(['doctor', '--module', hsm.modulePath, '--pin-check'], { env: { BIDSEAL_PIN: lock.pin } })
    expect(modulesIn(right.said)[0]?.tokens[0]?.rungs.at(-1)).toMatchObject({ status: 'ok', code: 'pin.checked' })
    const wrong = await run(['doctor', '--module', hsm.modulePath, '--pin-check'], { env: { BIDSEAL_PIN: '99999999' } })
    expect(modulesIn(wrong.said)[0]?.tokens[0]?.rungs.at(-1)).toMatchObject({
      status: 'problem',
      code: 'pin.check-failed',
    })
    expect(wrong.code).toBe(3)
    expect(wrong.all).not.toContain('99999999')
  })

  test.each(['zh', 'en'])('fits into eighty columns and speaks one language: %s', async language => {
    const named = [bad.path, skf.modulePath, hsm.modulePath, folder].flatMap(path => ['--module', path])
    const { stdout } = await text(['--lang', language, 'doctor', ...named, '--trust', root], {
      BAD_PKCS11: 'crash-list',
    })
    const lines = stdout.split('\n').filter(line => !line.startsWith('/'))
    expect(lines.length).toBeGreaterThan(25)
    expect(lines.filter(line => displayWidth(line) > 80)).toEqual([])
    for (const word of language === 'zh' ? ['驱动文件', '证书链', '结论'] : ['driver file', 'chain', 'In short']) {
      expect(stdout).toContain(word)
    }
    if (language === 'en') expect(stdout.replace(/CN=.*|“.*”|known as.*/g, '')).not.toMatch(/[\u4e00-\u9fff]{4}/)
  })
})

describe('the last try', () => {
  const device = { pin: '246810', tries: 1, containers: [] as const }
  const bidder = gmCa().bidder

  test('is not used by a command without --last-try, and is with it', async () => {
    skf.addLock({ ...device, device: 'LAST', containers: [{ name: 'c', sign: bidder.sign, encrypt: bidder.decrypt }] })
    const check = ['doctor', '--module', skf.modulePath, '--token', 'skf:serial=LAST-0001', '--pin-check']
    const before = await run(check, { env: { BIDSEAL_PIN: device.pin } })
    expect(modulesIn(before.said)[0]?.tokens[0]?.rungs.at(-1)).toMatchObject({ code: 'pin.check-failed' })
    expect(before.all).toContain('--last-try')
    expect(skf.triesLeft('LAST')).toBe(1)
    const byInput = await run([...check, '--pin-stdin'], { input: `${device.pin}\n` })
    expect(byInput.code).toBe(3)
    expect(skf.triesLeft('LAST')).toBe(1)
    const agreed = await run([...check, '--last-try'], { env: { BIDSEAL_PIN: device.pin } })
    expect(modulesIn(agreed.said)[0]?.tokens[0]?.rungs.at(-1)).toMatchObject({ code: 'pin.checked' })
    skf.pullOut('LAST')
  })

  test('is refused by every command that uses locks', async () => {
    const uri = p11.addLock({ token: 'LASTP11', tries: 1 })
    const { code, said } = await run(['pin', '--token', uri, '--pin-stdin'], { input: `${softPkcs11Pin}\n222222\n` })
    expect([code, said['code']]).toEqual([3, 'token.pin-last-try'])
    expect(p11.triesLeft('LASTP11')).toBe(1)
    p11.pullOut('LASTP11')
  })
})

describe('token pin', () => {
  test('changes the PIN with two lines of input, and tells neither', async () => {
    const uri = p11.addLock({ token: 'CHANGE' })
    const changed = await run(['pin', '--token', uri, '--pin-stdin'], { input: `${softPkcs11Pin}\n87654321\n` })
    expect(changed).toMatchObject({ code: 0, said: { ok: true, label: 'CHANGE' } })
    expect(changed.all).not.toMatch(/87654321/)
    const check = (pin: string) =>
      run(['doctor', '--token', uri, '--pin-check'], { env: { BIDSEAL_PIN: pin } }).then(
        ({ said }) => modulesIn(said)[0]?.tokens[0]?.rungs.at(-1)?.code,
      )
    expect(await check(softPkcs11Pin)).toBe('pin.check-failed')
    expect(await check('87654321')).toBe('pin.checked')
    p11.pullOut('CHANGE')
  })

  test('sends nothing with one line, with twice the same, or with nobody to ask', async () => {
    const uri = p11.addLock({ token: 'KEEP' })
    p11.calls()
    const pin = ['pin', '--token', uri]
    expect((await run([...pin, '--pin-stdin'], { input: '111111\n' })).said).toMatchObject({
      code: 'token.pin-required',
    })
    expect((await run([...pin, '--pin-stdin'], { input: '1\n1\n' })).said).toMatchObject({ code: 'arguments.bad' })
    expect((await run(pin, { env: { BIDSEAL_PIN: softPkcs11Pin } })).said).toMatchObject({ code: 'token.pin-required' })
    expect(p11.calls()).not.toContain('C_SetPIN')
    expect(p11.triesLeft('KEEP')).toBe(6)
    p11.pullOut('KEEP')
  })

  test('is for one lock that is there', async () => {
    expect(
      (await run(['pin', '--token', 'pkcs11:serial=none', '--pin-stdin'], { input: '1\n2\n' })).said,
    ).toMatchObject({
      code: 'token.absent',
    })
    expect((await run(['pin'])).code).toBe(2)
  })
})

test('a library for another system is told as such by token list, and by whoever names it in a token’s URI', async () => {
  const windows = join(folder, 'vendor.dll')
  writeFileSync(windows, libraryBytes.pe(0x14c, { word: 32, exports: ['C_GetFunctionList'] }))
  const listed = await run(['list', '--module', windows])
  expect([listed.code, listed.said['code']]).toEqual([3, 'token.driver-bitness'])
  expect(listed.said['detail']).toMatch(/32-bit Windows library; this program is 64-bit/)
  const uri = `pkcs11:token=A?module-path=${windows}`
  expect((await run(['pin', '--token', uri, '--pin-stdin'], { input: '1\n2\n' })).said).toMatchObject({
    code: 'token.driver-bitness',
  })
})
