import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { completeCreditCode, CryptoFailure, parseCertificate, systemRandomness } from '../../../../crypto/index.ts'
import type {
  CertificateProfile,
  PinState,
  TokenCertificate,
  TokenDriver,
  TokenSummary,
} from '../../../../crypto/index.ts'
import { usesOf } from '../../../../crypto/token/key-use.ts'
import { nodeHttp } from '../../../../main/http/index.ts'
import { examineLocks } from '../../../../main/services/index.ts'
import type {
  DoctorReport,
  DoctorRequest,
  ExaminedCertificate,
  ModuleReference,
  Rung,
} from '../../../../main/services/index.ts'
import { homeAt } from '../../../../main/store/index.ts'
import { libraryBytes } from '../../../fixtures/library-files.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'
import { softHsmModule } from '../../../fixtures/softhsm.ts'

const folder = mkdtempSync(join(tmpdir(), 'bidseal-doctor-'))
const ca = practiceCa()
const { bidder, rival } = ca
const now = new Date('2026-06-01T00:00:00Z')
let drivers: Map<string, TokenDriver>
let loggedIn: string[]

beforeEach(() => {
  drivers = new Map()
  loggedIn = []
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A library that is one on the disk; what it does is the driver's. */
function library(name: string, driver: Partial<TokenDriver>): ModuleReference {
  const path = join(folder, `${name}.so`)
  rmSync(path, { force: true })
  symlinkSync(softHsmModule, path)
  drivers.set(path, {
    module: () => Promise.resolve({ path, description: name, manufacturer: 'M', version: '1.0' }),
    list: () => Promise.resolve([]),
    login: () => Promise.reject(new CryptoFailure('token.pin-incorrect', 'wrong')),
    changePin: unused,
    initialisePracticeToken: unused,
    storePracticeCertificates: unused,
    close: () => Promise.resolve(),
    ...driver,
  })
  return { kind: 'pkcs11', path }
}
const unused = (): Promise<never> => Promise.reject(new Error('unused'))

function token(label: string, certificates: readonly TokenCertificate[], pin: Partial<PinState> = {}): TokenSummary {
  return {
    ...{ uri: `pkcs11:token=${label}`, kind: 'pkcs11', label, manufacturer: 'M', model: 'K1', serial: `${label}-1` },
    ...{ certificates, mechanisms: [], pin: { state: 'ok', protectedPath: false, ...pin } },
  }
}

function shown(keyId: string, certificate: Uint8Array, label = keyId): TokenCertificate {
  return { keyId, label, certificate, uses: usesOf(parseCertificate(certificate)) }
}

const own = [
  shown('01', bidder.sign.certificate),
  shown('02', bidder.decrypt.certificate),
  shown('99', ca.intermediate),
]

function examine(modules: readonly ModuleReference[], changes: Partial<DoctorRequest> = {}): Promise<DoctorReport> {
  const ports = {
    tokens: {
      driver: ({ path }: ModuleReference) => drivers.get(path) ?? expect.fail(`no driver of ${path}`),
      close: () => Promise.resolve(),
    },
    ...{
      clock: { now: () => now },
      http: nodeHttp(),
      home: homeAt(join(folder, 'home')),
      randomness: systemRandomness,
    },
  }
  const trust = { anchors: [parseCertificate(ca.root)], named: false }
  const request = { modules, token: null, trust, askPin: null, vendors: null, usb: () => Promise.resolve(null) }
  return examineLocks(ports, { ...request, ...changes }, {})
}

/** A ladder as a line: `device ok device.seen`. */
function ladder(rungs: readonly Rung[]): readonly string[] {
  return rungs.map(({ rung, status, finding }) => `${rung} ${status} ${finding.code}`)
}

async function certificatesOf(
  certificates: readonly TokenCertificate[],
  changes: Partial<DoctorRequest> = {},
): Promise<readonly ExaminedCertificate[]> {
  const report = await examine(
    [library('one', { list: () => Promise.resolve([token('A', [...certificates, shown('99', ca.intermediate)])]) })],
    changes,
  )
  return (report.modules[0]?.tokens[0]?.certificates ?? []).filter(({ keyId }) => keyId !== '99')
}

describe('the ladder', () => {
  test('goes from the driver to the PIN where all is well, and no PIN is tried', async () => {
    const login = (): Promise<never> => {
      loggedIn.push('tried')
      return unused()
    }
    const report = await examine([
      library('good', { list: () => Promise.resolve([token('A', own, { triesLeft: 6 })]), login }),
    ])
    expect(report.ok).toBe(true)
    expect(ladder(report.rungs)).toEqual(['device not-reached device.not-checked'])
    expect(ladder(report.modules[0]?.rungs ?? [])).toEqual([
      'driver-file ok driver-file.library',
      'bitness ok bitness.fits',
      'loads ok loads.ok',
      'slots ok slots.tokens',
    ])
    expect(ladder(report.modules[0]?.tokens[0]?.rungs ?? [])).toEqual([
      'token ok token.found',
      'certificate ok certificate.found',
      'usable ok usable.both',
      'chain ok chain.trusted',
      'pin ok pin.state',
    ])
    expect(loggedIn).toEqual([])
  })

  test('ends where a driver crashes or hangs, and goes on with the others', async () => {
    const ends = (code: 'token.driver-crashed' | 'token.driver-hung') => () =>
      Promise.reject(new CryptoFailure(code, 'the process ended'))
    const report = await examine([
      library('crashes', { module: ends('token.driver-crashed') }),
      library('hangs', { list: ends('token.driver-hung') }),
      library('works', { list: () => Promise.resolve([token('A', own)]) }),
    ])
    expect(report.modules.map(({ rungs }) => ladder(rungs).slice(2))).toEqual([
      ['loads problem loads.failed', 'slots not-reached not-reached'],
      ['loads ok loads.ok', 'slots problem slots.failed'],
      ['loads ok loads.ok', 'slots ok slots.tokens'],
    ])
    expect(report.modules[0]?.rungs[2]?.finding).toMatchObject({ failure: { code: 'token.driver-crashed' } })
    expect(report.ok).toBe(true)
  })

  test('ends at the file of a library that is none, and at one for another machine, without a process', async () => {
    const text = join(folder, 'text.so')
    const windows = join(folder, 'skf.dll')
    writeFileSync(text, 'not found\n')
    writeFileSync(windows, libraryBytes.pe(0x14c, { word: 32, exports: ['SKF_EnumDev'] }))
    const modules = [text, join(folder, 'nowhere.so'), windows].map(path => ({ kind: 'skf', path }) as const)
    const report = await examine(modules, { host: { platform: 'linux', arch: 'x64' } })
    expect(report.modules.map(({ rungs }) => ladder(rungs).slice(0, 3))).toEqual([
      ['driver-file problem driver-file.fault', 'bitness not-reached not-reached', 'loads not-reached not-reached'],
      ['driver-file problem driver-file.fault', 'bitness not-reached not-reached', 'loads not-reached not-reached'],
      ['driver-file ok driver-file.library', 'bitness problem bitness.differs', 'loads not-reached not-reached'],
    ])
    expect(report.ok).toBe(false)
  })

  test('says that nothing is plugged in, that there is no driver at all, and that the lock asked for is another', async () => {
    const empty = await examine([library('empty', {})])
    expect(ladder(empty.modules[0]?.rungs ?? []).at(-1)).toBe('slots problem slots.empty')
    expect(ladder((await examine([])).rungs)).toContain('driver-file problem driver-file.none')
    const other = library('other', { list: () => Promise.resolve([token('A', own)]) })
    const asked = await examine([other], { token: 'pkcs11:token=B' })
    expect(ladder(asked.modules[0]?.rungs ?? []).at(-1)).toBe('slots problem slots.not-the-one')
    expect((await examine([other], { token: 'pkcs11:token=A' })).ok).toBe(true)
  })

  test.each([
    [{ state: 'locked' }, 'problem', false],
    [{ state: 'not-set' }, 'problem', false],
    [{ state: 'last-try' }, 'warning', true],
    [{ state: 'few-tries', triesLeft: 2 }, 'warning', true],
    [{ state: 'ok', isDefault: true }, 'warning', true],
    [{ state: 'unknown' }, 'ok', true],
  ] as const)('tells the PIN %j', async (pin, status, ok) => {
    const report = await examine([library('one', { list: () => Promise.resolve([token('A', own, pin)]) })])
    expect(report.modules[0]?.tokens[0]?.rungs.at(-1)).toMatchObject({ rung: 'pin', status })
    expect(report.ok).toBe(ok)
  })
})

describe('the certificates', () => {
  const code = completeCreditCode('91530100MA6K0B7Q2')
  const issue = (profile: CertificateProfile, changes: Parameters<typeof ca.issue>[1] | object = {}): Uint8Array =>
    ca.issue(`doctor-${profile}`, {
      profile,
      subject: parseCertificate(bidder.sign.certificate).subject,
      creditCode: code,
      ...changes,
    }).certificate

  test('form pairs, and say where the credit code was found', async () => {
    expect(await certificatesOf(own.slice(0, 2))).toMatchObject([
      {
        keyId: '01',
        usableFor: ['sign'],
        reasons: [],
        pairedWith: '02',
        chain: 'trusted',
        creditCodeAt: 'extension 1.2.156.10260.4.1.4',
      },
      { keyId: '02', usableFor: ['decrypt'], reasons: [], pairedWith: '01', facts: { creditCode: code } },
    ])
  })

  test('of two companies on one token are paired by their holder, of one company by their key ids', async () => {
    const pairs = async (certificates: readonly TokenCertificate[]) =>
      (await certificatesOf(certificates)).map(({ keyId, pairedWith }) => `${keyId}-${pairedWith}`)
    const both = [
      shown('11', bidder.sign.certificate),
      shown('21', rival.sign.certificate),
      shown('22', rival.decrypt.certificate),
      shown('12', bidder.decrypt.certificate),
    ]
    expect(await pairs(both)).toEqual(['11-12', '21-22', '22-21', '12-11'])
    const old = [
      shown('a101', bidder.sign.certificate),
      shown('b201', issue('sign')),
      shown('b202', issue('decrypt')),
      shown('a102', bidder.decrypt.certificate),
    ]
    expect(await pairs(old)).toEqual(['a101-a102', 'b201-b202', 'b202-b201', 'a102-a101'])
    const alone = [shown('01', bidder.sign.certificate)]
    expect(await pairs(alone)).toEqual(['01-null'])
  })

  test.each([
    ['expired', () => issue('sign', { notAfter: new Date('2026-03-01T00:00:00Z') }), []],
    ['not-yet-valid', () => issue('sign', { notBefore: new Date('2027-01-01T00:00:00Z') }), []],
    ['no-credit-code', () => ca.issue('doctor-sign', { profile: 'sign' }).certificate, []],
  ] as const)('are told apart from usable ones: %s', async (reason, certificate, usableFor) => {
    const [found] = await certificatesOf([{ ...shown('01', certificate()), uses: ['sign'] }])
    expect(found).toMatchObject({ reasons: [reason], usableFor })
  })

  test('of an authority, or for something else than signing and encryption, are told as such', async () => {
    const other = Buffer.from(bidder.sign.certificate)
    // keyUsage: a BIT STRING of digitalSignature and nonRepudiation; bit 8 alone, decipherOnly, is neither.
    const at = other.indexOf(Buffer.from('0603551d0f', 'hex'))
    const usage = other.indexOf(Buffer.from('030206c0', 'hex'), at)
    expect(usage).toBeGreaterThan(at)
    other.set([0x03, 0x02, 0x01, 0x02], usage)
    expect(
      await certificatesOf([
        { ...shown('01', other), uses: [] },
        { ...shown('02', ca.root), uses: [] },
      ]),
    ).toMatchObject([
      { reasons: ['wrong-usage'], intended: [] },
      { reasons: ['authority'], intended: [], chain: 'not-judged', pairedWith: null },
    ])
  })

  test('without their private key on the token are of no use', async () => {
    const [found] = await certificatesOf([{ ...shown('01', bidder.sign.certificate), uses: [] }])
    expect(found).toMatchObject({ reasons: ['no-key'], usableFor: [], intended: ['sign'] })
  })

  test('of a pair that bears two credit codes are both of no use', async () => {
    const { subject } = parseCertificate(bidder.sign.certificate)
    const other = ca.issue('doctor-other', { profile: 'decrypt', subject, creditCode: rival.creditCode }).certificate
    expect(await certificatesOf([shown('01', bidder.sign.certificate), shown('02', other)])).toMatchObject([
      { reasons: ['other-credit-code'], usableFor: [] },
      { reasons: ['other-credit-code'], usableFor: [] },
    ])
  })

  test('that cannot be read hide no others', async () => {
    const broken: TokenCertificate = { keyId: '07', label: 'odd', certificate: Uint8Array.of(0x30, 0), uses: ['sign'] }
    expect(await certificatesOf([broken, ...own.slice(0, 2)])).toMatchObject([
      { reasons: ['unreadable'], facts: null },
      {},
      {},
    ])
  })

  test('under no known root are a warning, and of no use where the user has named the roots', async () => {
    const stranger = [parseCertificate(rival.sign.certificate)]
    const [mild] = await certificatesOf(own, { trust: { anchors: stranger, named: false } })
    expect(mild).toMatchObject({ chain: 'untrusted', reasons: ['untrusted'], usableFor: ['sign'] })
    const [strict] = await certificatesOf(own, { trust: { anchors: stranger, named: true } })
    expect(strict).toMatchObject({ reasons: ['untrusted'], usableFor: [] })
    const [unknown] = await certificatesOf(own, { trust: { anchors: [], named: false } })
    expect(unknown).toMatchObject({ chain: 'not-judged', reasons: [], usableFor: ['sign'] })
  })

  test('whose revocation nobody has told of are said not to have been checked', async () => {
    expect((await certificatesOf(own))[0]?.revocation).toMatchObject({ status: 'not-checked' })
  })
})

describe('the PIN, where its check was asked for', () => {
  const pinOf = () => Promise.resolve({ pin: '123456' })
  const good: Partial<TokenDriver> = {
    list: () => Promise.resolve([token('A', own)]),
    login: () =>
      Promise.resolve({
        certificates: () => Promise.resolve(own),
        algorithms: () => Promise.resolve(bidder.sign.signer().algorithms),
        sign: (_keyId: string, algorithm: 'rsa-pkcs1-sha256', digest: Uint8Array) =>
          bidder.sign.signer().sign(algorithm, digest),
        open: (_keyId: string, transport: Parameters<ReturnType<typeof bidder.decrypt.opener>['open']>[0]) =>
          bidder.decrypt.opener().open(transport),
        close: () => Promise.resolve(),
      }),
  }

  test('is tried once, and the keys with it', async () => {
    const report = await examine([library('one', good)], { askPin: pinOf })
    expect(report.modules[0]?.tokens[0]?.rungs.at(-1)).toMatchObject({
      status: 'ok',
      finding: { code: 'pin.checked', deviations: [] },
    })
    expect(report.ok).toBe(true)
  })

  test('is told to be wrong, and the token cannot sign', async () => {
    const report = await examine(
      [library('one', { ...good, login: () => Promise.reject(new CryptoFailure('token.pin-incorrect', 'wrong')) })],
      {
        askPin: pinOf,
      },
    )
    expect(report.modules[0]?.tokens[0]?.rungs.at(-1)).toMatchObject({
      status: 'problem',
      finding: { code: 'pin.check-failed', failure: { code: 'token.pin-incorrect' } },
    })
    expect(report.ok).toBe(false)
  })

  test('is not sent when it is the last try and nobody has agreed', async () => {
    const lastTry = { ...good, list: () => Promise.resolve([token('A', own, { state: 'last-try' })]) }
    const login = (_uri: string, pin: string | null) => {
      loggedIn.push(String(pin))
      return good.login?.('', '') ?? unused()
    }
    const refused = await examine([library('one', { ...lastTry, login })], { askPin: pinOf })
    expect(refused.modules[0]?.tokens[0]?.rungs.at(-1)?.finding).toMatchObject({
      failure: { code: 'token.pin-last-try' },
    })
    expect(loggedIn).toEqual([])
    await examine([library('one', { ...lastTry, login })], {
      askPin: () => Promise.resolve({ pin: '1', consent: { lastTry: true } }),
    })
    expect(loggedIn).toEqual(['1'])
  })

  test('shows keys that deviate, and which certificates they spoil', async () => {
    const session = {
      ...(await (good.login?.('', '') ?? unused())),
      sign: () => Promise.resolve(new Uint8Array(256)),
    }
    const report = await examine([library('one', { ...good, login: () => Promise.resolve(session) })], {
      askPin: pinOf,
    })
    const [first, second] = report.modules[0]?.tokens[0]?.certificates ?? []
    expect(first).toMatchObject({ reasons: ['deviates'], deviation: 'wrong-signature', usableFor: [] })
    expect(second).toMatchObject({ reasons: [], usableFor: ['decrypt'] })
    expect(report.ok).toBe(false)
  })
})

test('USB devices are told where the system shows them, and a driver that answers knows better', async () => {
  const { lookAtUsb } = await import('../../../../main/services/doctor/usb.ts')
  const devices = join(folder, 'usb')
  const device = (name: string, facts: Readonly<Record<string, string>>): void => {
    mkdirSync(join(devices, name), { recursive: true })
    for (const [key, value] of Object.entries(facts)) writeFileSync(join(devices, name, key), `${value}\n`)
  }
  mkdirSync(devices)
  expect(await lookAtUsb(devices, 'linux')).toEqual({ keys: [], others: 0 })
  device('usb1', { idVendor: '1d6b', idProduct: '0002', bDeviceClass: '09' })
  device('1-1', { idVendor: '046d', idProduct: 'c077', bDeviceClass: '00' })
  device('1-1:1.0', { bInterfaceClass: '03' })
  expect(await lookAtUsb(devices, 'linux')).toEqual({ keys: [], others: 1 })
  device('1-2', { idVendor: '055c', idProduct: 'db08', bDeviceClass: '00', product: 'GM3000', manufacturer: 'Longmai' })
  device('1-3', { idVendor: 'abcd', idProduct: '0001', bDeviceClass: '00' })
  device('1-3:1.0', { bInterfaceClass: '0b' })
  const usb = await lookAtUsb(devices, 'linux')
  expect(usb).toEqual({
    keys: [
      { id: '055c:db08', name: 'Longmai GM3000' },
      { id: 'abcd:0001', name: '' },
    ],
    others: 1,
  })
  expect(await lookAtUsb(join(devices, 'none'), 'linux')).toBeNull()
  expect(await lookAtUsb(devices, 'darwin')).toBeNull()
  const nothing = { keys: [], others: 3 }
  const works = library('works', { list: () => Promise.resolve([token('A', own)]) })
  expect(ladder((await examine([works], { usb: () => Promise.resolve(nothing) })).rungs)).toEqual([
    'device ok device.none-known',
  ])
  expect(ladder((await examine([], { usb: () => Promise.resolve(nothing) })).rungs)[0]).toBe(
    'device warning device.none-known',
  )
  expect(ladder((await examine([], { usb: () => Promise.resolve(usb) })).rungs)[0]).toBe('device ok device.seen')
})
