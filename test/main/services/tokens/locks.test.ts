import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { CryptoFailure, formatTokenUri } from '../../../../crypto/index.ts'
import type { PinConsent, PinState, TokenDriver, TokenSession, TokenSummary } from '../../../../crypto/index.ts'
import { changePin, openLocks } from '../../../../main/services/index.ts'
import type { GivenPin, ModuleReference } from '../../../../main/services/index.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'
import { softHsmModule } from '../../../fixtures/softhsm.ts'

const { bidder } = practiceCa()
let token: TokenSummary
let logins: (readonly [string | null, PinConsent | undefined])[]
let signatures: number
let asked: TokenSummary[]
let checked: string[]

beforeEach(() => {
  logins = []
  signatures = 0
  asked = []
  checked = []
  // Another token each time: what has passed once is not tried again in this process.
  token = {
    ...{ kind: 'pkcs11', label: 'A', manufacturer: 'M', model: 'K', serial: randomBytes(4).toString('hex') },
    ...{ uri: '', mechanisms: [], pin: { state: 'ok', protectedPath: false } },
    certificates: [
      { keyId: '01', label: 's', certificate: bidder.sign.certificate, uses: ['sign'] },
      { keyId: '02', label: 'e', certificate: bidder.decrypt.certificate, uses: ['decrypt'] },
    ],
  }
  token = { ...token, uri: formatTokenUri({ kind: 'pkcs11', serial: token.serial, modulePath: softHsmModule }) }
})

const session = (changes: Partial<TokenSession> = {}): TokenSession => ({
  certificates: () => Promise.resolve(token.certificates),
  algorithms: () => Promise.resolve(['rsa-pkcs1-sha256']),
  sign: (_keyId, algorithm, digest) => {
    signatures += 1
    return bidder.sign.signer().sign(algorithm, digest)
  },
  open: (_keyId, transport) => bidder.decrypt.opener().open(transport),
  close: () => Promise.resolve(),
  ...changes,
})

const unused = (): Promise<never> => Promise.reject(new Error('unused'))
const driverOf = (changes: Partial<TokenDriver> = {}): TokenDriver => ({
  module: unused,
  list: () => Promise.resolve([token]),
  login: (_uri, pin, consent) => {
    logins.push([pin, consent])
    return Promise.resolve(session())
  },
  changePin: unused,
  initialisePracticeToken: unused,
  storePracticeCertificates: unused,
  close: () => Promise.resolve(),
  ...changes,
})

function locksOf(
  driver: TokenDriver,
  askPin: (token: TokenSummary) => Promise<GivenPin> = () => Promise.resolve({ pin: '123456' }),
  kind: ModuleReference['kind'] = 'pkcs11',
) {
  return openLocks({
    hosts: { driver: () => driver, close: () => Promise.resolve() },
    modules: [{ kind, path: softHsmModule }],
    order: [token.uri],
    askPin: request => {
      asked.push(request.token)
      return askPin(request.token)
    },
    onCheck: ({ label }) => void checked.push(label),
  })
}

function withPin(pin: Partial<PinState>): void {
  token = { ...token, pin: { ...token.pin, ...pin } }
}

describe('the last try', () => {
  test('is not sent without consent, whatever PIN is given', async () => {
    withPin({ state: 'last-try' })
    await expect(locksOf(driverOf()).signer(token.uri)).rejects.toMatchObject({ code: 'token.pin-last-try' })
    expect(logins).toEqual([])
  })

  test('is sent with consent, which the driver is told of', async () => {
    withPin({ state: 'few-tries', triesLeft: 1 })
    await locksOf(driverOf(), () => Promise.resolve({ pin: '1', consent: { lastTry: true } })).signer(token.uri)
    expect(logins).toEqual([['1', { lastTry: true }]])
  })

  test('is asked about when only the driver knew that it is the last', async () => {
    const login: TokenDriver['login'] = (_uri, pin, consent) => {
      if (consent?.lastTry !== true) return Promise.reject(new CryptoFailure('token.pin-last-try', 'nothing was sent'))
      logins.push([pin, consent])
      return Promise.resolve(session())
    }
    const agree = ({ pin }: TokenSummary): Promise<GivenPin> =>
      Promise.resolve({ pin: '1', ...(pin.state === 'last-try' ? { consent: { lastTry: true } } : {}) })
    await locksOf(driverOf({ login }), agree).signer(token.uri)
    expect(asked.map(({ pin }) => pin.state)).toEqual(['ok', 'last-try'])
    expect(logins).toEqual([['1', { lastTry: true }]])
    await expect(locksOf(driverOf({ login })).opener(token.uri)).rejects.toMatchObject({ code: 'token.pin-last-try' })
  })

  test('on a lock with a pad of its own needs consent and no PIN', async () => {
    withPin({ state: 'ok', protectedPath: true })
    await locksOf(driverOf()).signer(token.uri)
    expect([asked, logins]).toEqual([[], [[null, {}]]])
    withPin({ state: 'last-try' })
    await expect(locksOf(driverOf()).signer(token.uri)).rejects.toMatchObject({ code: 'token.pin-last-try' })
    await locksOf(driverOf(), () => Promise.resolve({ pin: null, consent: { lastTry: true } })).signer(token.uri)
    expect(logins.at(-1)).toEqual([null, { lastTry: true }])
  })

  test('is past when the PIN is locked: nobody is asked', async () => {
    withPin({ state: 'locked' })
    await expect(locksOf(driverOf()).signer(token.uri)).rejects.toMatchObject({ code: 'token.pin-locked' })
    expect(asked).toEqual([])
  })
})

describe('the first use of a key', () => {
  test('is tried once for each use, however many rings of locks there are', async () => {
    for (const _ of [1, 2]) {
      const locks = locksOf(driverOf())
      await locks.signer(token.uri)
      await locks.signer(token.uri)
    }
    expect([signatures, checked]).toEqual([1, ['A']])
    await locksOf(driverOf()).opener(token.uri)
    expect(checked).toEqual(['A', 'A'])
  })

  test('is not tried on soft locks, whose driver is ours', async () => {
    const soft = {
      ...driverOf(),
      list: () => Promise.resolve([{ ...token, kind: 'soft' as const, uri: 'p12:/a.p12' }]),
    }
    await locksOf(soft, undefined, 'soft').signer('p12:/a.p12')
    expect([signatures, checked]).toEqual([0, []])
  })

  test('refuses a signing key that deviates, and decrypts all the same', async () => {
    const wrong = session({ sign: () => Promise.resolve(new Uint8Array(256)) })
    const locks = locksOf(driverOf({ login: () => Promise.resolve(wrong) }))
    await expect(locks.signer(token.uri)).rejects.toMatchObject({ code: 'token.deviation' })
    expect(await locks.opener(token.uri)).toHaveProperty('open')
    // Its driver may have been replaced since.
    await expect(locks.signer(token.uri)).rejects.toMatchObject({ code: 'token.deviation' })
  })

  test('refuses a key that cannot decrypt for decryption only', async () => {
    const refuse = (): Promise<never> => Promise.reject(new CryptoFailure('token.unsupported', 'CKR_FUNCTION_FAILED'))
    const locks = locksOf(driverOf({ login: () => Promise.resolve(session({ open: refuse })) }))
    expect(await locks.signer(token.uri)).toHaveProperty('sign')
    await expect(locks.opener(token.uri)).rejects.toMatchObject({
      code: 'token.deviation',
      detail: expect.stringContaining('CKR_FUNCTION_FAILED'),
    })
  })

  test('is told as what it is when the lock is pulled out meanwhile', async () => {
    const gone = (): Promise<never> => Promise.reject(new CryptoFailure('token.removed', 'gone'))
    const locks = locksOf(driverOf({ login: () => Promise.resolve(session({ sign: gone })) }))
    await expect(locks.signer(token.uri)).rejects.toMatchObject({ code: 'token.removed' })
  })
})

describe('changing the PIN', () => {
  const change = (driver: TokenDriver, given: GivenPin & { pin: string; newPin: string }) =>
    changePin({
      hosts: { driver: () => driver, close: () => Promise.resolve() },
      modules: [],
      uri: token.uri,
      ask: () => Promise.resolve(given),
    })
  const recording = (seen: unknown[]) =>
    driverOf({
      changePin: (uri, what) => {
        seen.push([uri, what])
        return Promise.resolve()
      },
    })

  test('hands both PINs to the driver, once', async () => {
    const seen: unknown[] = []
    await change(recording(seen), { pin: '111111', newPin: '222222' })
    expect(seen).toEqual([[token.uri, { oldPin: '111111', newPin: '222222' }]])
  })

  test('sends nothing for a new PIN that is the old one, a blocked lock, a pad, or a last try without consent', async () => {
    const seen: unknown[] = []
    const both = { pin: '111111', newPin: '222222' }
    await expect(change(recording(seen), { pin: '1', newPin: '1' })).rejects.toMatchObject({ code: 'arguments.bad' })
    withPin({ state: 'last-try' })
    await expect(change(recording(seen), both)).rejects.toMatchObject({ code: 'token.pin-last-try' })
    withPin({ state: 'locked' })
    await expect(change(recording(seen), both)).rejects.toMatchObject({ code: 'token.pin-locked' })
    withPin({ state: 'ok', protectedPath: true })
    await expect(change(recording(seen), both)).rejects.toMatchObject({ code: 'token.unsupported' })
    expect(seen).toEqual([])
    withPin({ state: 'last-try', protectedPath: false })
    await change(recording(seen), { ...both, consent: { lastTry: true } })
    expect(seen).toMatchObject([[token.uri, { lastTry: true }]])
  })
})
