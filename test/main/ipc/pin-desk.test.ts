import { describe, expect, test } from 'vitest'
import { CryptoFailure } from '../../../crypto/index.ts'
import type { PinState, TokenDriver, TokenSession, TokenSummary } from '../../../crypto/index.ts'
import type { PinAnswer } from '../../../main/contract/pin.ts'
import { openPinDesk } from '../../../main/ipc/pin-desk.ts'
import type { PinDesk } from '../../../main/ipc/pin-desk.ts'
import { askingLocks } from '../../../main/ipc/pin-tries.ts'

/** Windows that exist only as a count, and the means to close the one that is open. */
function windows(): {
  show: Parameters<typeof openPinDesk>[0]
  opened: number
  closed: number
  closeByHand: () => void
} {
  const state = {
    opened: 0,
    closed: 0,
    closeByHand: (): void => undefined,
    show(onClosed: () => void) {
      state.opened += 1
      state.closeByHand = onClosed
      return { close: () => void (state.closed += 1) }
    },
  }
  return state
}

const never = new AbortController().signal
const typed = (pin: string, lastTry = false): PinAnswer => ({ pin, lastTry })
const lock = (pin: Partial<PinState> = {}): TokenSummary => ({
  ...{ uri: 'pkcs11:token=A', kind: 'pkcs11', label: 'A', manufacturer: 'M', model: '', serial: '1' },
  ...{ certificates: [], mechanisms: [] },
  pin: { state: 'ok', protectedPath: false, ...pin },
})

describe('the PIN desk', () => {
  test('shows one window, hands the PIN over once, and forgets it', async () => {
    const screen = windows()
    const desk = openPinDesk(screen.show, () => 'en')
    const answer = desk.ask({ token: lock({ triesLeft: 3 }), purpose: 'seal', wrong: false }, never)
    await expect.poll(() => screen.opened).toBe(1)
    expect(desk.question()).toEqual({
      ...{ language: 'en', purpose: 'seal', wrong: false, manufacturer: 'M', serial: '1', lockLabel: 'A', state: 'ok' },
      ...{ triesLeft: 3, lastTry: false, onLock: false },
    })
    desk.answer(typed('123456'))
    expect(await answer).toEqual({ pin: '123456' })
    expect(screen.closed).toBe(1)
    expect(() => desk.question()).toThrow('token.pin-required')
    expect(() => desk.answer(typed('123456'))).toThrow('token.pin-required')
  })

  test('asks one question after the other', async () => {
    const screen = windows()
    const desk = openPinDesk(screen.show, () => 'zh-CN')
    const first = desk.ask({ token: lock(), purpose: 'seal', wrong: false }, never)
    const second = desk.ask({ token: lock(), purpose: 'submit', wrong: false }, never)
    await expect.poll(() => screen.opened).toBe(1)
    desk.answer(typed('1'))
    expect(await first).toEqual({ pin: '1' })
    await expect.poll(() => screen.opened).toBe(2)
    desk.answer(typed('2'))
    expect(await second).toEqual({ pin: '2' })
  })

  test.each([
    ['gives up', (desk: PinDesk) => desk.answer(null)],
    ['closes the window', (_: PinDesk, screen: ReturnType<typeof windows>) => screen.closeByHand()],
  ] as const)('is cancelled when the user %s', async (_, act) => {
    const screen = windows()
    const desk = openPinDesk(screen.show, () => 'en')
    const answer = desk.ask({ token: lock(), purpose: 'seal', wrong: false }, never)
    await expect.poll(() => screen.opened).toBe(1)
    act(desk, screen)
    await expect(answer).rejects.toMatchObject({ code: 'cancelled' })
  })

  test.each([
    ['the driver says that it is the last', { state: 'last-try' }],
    ['the driver counts one', { state: 'few-tries', triesLeft: 1 }],
  ] as const)('takes no last try that nobody has agreed to, when %s', async (_, state) => {
    const screen = windows()
    const desk = openPinDesk(screen.show, () => 'en')
    const answer = desk.ask({ token: lock(state), purpose: 'seal', wrong: false }, never)
    await expect.poll(() => screen.opened).toBe(1)
    expect(desk.question()).toMatchObject({ lastTry: true })
    expect(() => desk.answer(typed('123456'))).toThrow('token.pin-last-try')
    expect(screen.closed).toBe(0)
    desk.answer(typed('123456', true))
    expect(await answer).toEqual({ pin: '123456', consent: { lastTry: true } })
  })

  test('takes consent only where it was asked for, and a PIN only where one is typed', async () => {
    const screen = windows()
    const desk = openPinDesk(screen.show, () => 'en')
    const answer = desk.ask({ token: lock({ triesLeft: 2 }), purpose: 'seal', wrong: false }, never)
    await expect.poll(() => screen.opened).toBe(1)
    expect(() => desk.answer({ pin: null, lastTry: true })).toThrow('bridge.arguments')
    desk.answer(typed('123456', true))
    expect(await answer).toEqual({ pin: '123456' })
    const onLock = desk.ask(
      { token: lock({ state: 'last-try', protectedPath: true }), purpose: 'seal', wrong: false },
      never,
    )
    await expect.poll(() => screen.opened).toBe(2)
    expect(desk.question()).toMatchObject({ lastTry: true, onLock: true })
    expect(() => desk.answer(typed('123456', true))).toThrow('bridge.arguments')
    desk.answer({ pin: null, lastTry: true })
    expect(await onLock).toEqual({ pin: null, consent: { lastTry: true } })
  })

  test('closes its window when the job is cancelled', async () => {
    const screen = windows()
    const stop = new AbortController()
    const desk = openPinDesk(screen.show, () => 'en')
    const answer = desk.ask({ token: lock(), purpose: 'seal', wrong: false }, stop.signal)
    await expect.poll(() => screen.opened).toBe(1)
    stop.abort()
    await expect(answer).rejects.toMatchObject({ code: 'cancelled' })
    expect(screen.closed).toBe(1)
  })
})

describe('consent to the last try', () => {
  test('goes to the driver with the first PIN and with no other', async () => {
    const seen: unknown[] = []
    const desk = { ...openPinDesk(windows().show, () => 'en'), ask: () => Promise.resolve({ pin: 'right' }) }
    const driver = {
      login: (_uri: string, pin: string, consent: unknown) => {
        seen.push([pin, consent])
        return pin === 'right'
          ? Promise.resolve({} as TokenSession)
          : Promise.reject(new CryptoFailure('token.pin-incorrect', 'wrong'))
      },
      list: () => Promise.resolve([lock({ triesLeft: 3 })]),
    } as unknown as TokenDriver
    const hosts = { driver: () => driver, close: () => Promise.resolve() }
    const asking = askingLocks(hosts, desk, 'seal', never).hosts.driver({ kind: 'pkcs11', path: '/x' })
    await asking.login('pkcs11:token=A', 'wrong', { lastTry: true })
    expect(seen).toEqual([
      ['wrong', { lastTry: true }],
      ['right', undefined],
    ])
  })
})

describe('a wrong PIN', () => {
  /** Logs in with a lock whose driver says these things of its PIN after each wrong one; answers how many were asked for. */
  async function tryPins(states: readonly Partial<PinState>[], pins: readonly string[]): Promise<string> {
    const given = [...pins]
    const left = [...states]
    let asked = 0
    const desk: PinDesk = {
      ask: ({ wrong }) => {
        asked += 1
        expect(wrong).toBe(true)
        return Promise.resolve({ pin: given.shift() ?? 'none' })
      },
      question: () => {
        throw new Error('not here')
      },
      answer: () => undefined,
    }
    const driver = {
      login: (_uri: string, pin: string) =>
        pin === 'right'
          ? Promise.resolve({} as TokenSession)
          : Promise.reject(new CryptoFailure('token.pin-incorrect', 'wrong')),
      list: () => Promise.resolve([lock(left.shift())]),
    } as unknown as TokenDriver
    const hosts = { driver: () => driver, close: () => Promise.resolve() }
    const asking = askingLocks(hosts, desk, 'seal', never).hosts.driver({ kind: 'pkcs11', path: '/x' })
    const end = await asking.login('pkcs11:token=A', 'wrong').then(
      () => 'in',
      (error: unknown) => (error instanceof CryptoFailure ? error.code : 'something else'),
    )
    return `${end} after ${asked}`
  }

  test('is asked for again while the driver counts more than one try', async () => {
    expect(await tryPins([{ triesLeft: 3 }, { triesLeft: 2 }], ['wrong', 'right'])).toBe('in after 2')
  })

  test.each([
    ['one try is left', { triesLeft: 1 }],
    ['the driver says last try', { state: 'last-try' }],
    ['the lock is locked', { state: 'locked' }],
  ] as const)('is not asked for again when %s', async (_, state) => {
    expect(await tryPins([state], ['right'])).toBe('token.pin-incorrect after 0')
  })

  test.each(['ok', 'few-tries', 'unknown'] as const)(
    'is asked for once more, and no oftener, when the driver does not count and says %s',
    async state => {
      expect(await tryPins([{ state }, { state }, { state }], ['wrong', 'right'])).toBe('token.pin-incorrect after 1')
    },
  )

  test('is not asked for again when the lock is locked, whatever it counts', async () => {
    expect(await tryPins([{ state: 'locked', triesLeft: 3 }], ['right'])).toBe('token.pin-incorrect after 0')
  })
})
