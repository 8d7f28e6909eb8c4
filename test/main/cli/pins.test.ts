import { describe, expect, test } from 'vitest'
import type { PinState, TokenSummary } from '../../../crypto/index.ts'
import { pinSource } from '../../../main/cli/pins.ts'
import { openTerminal } from '../../../main/cli/terminal.ts'
import type { Terminal } from '../../../main/cli/terminal.ts'

const token = (pin: Partial<PinState>): TokenSummary => ({
  ...{ uri: 'pkcs11:token=A', kind: 'pkcs11', label: '公章锁', manufacturer: '', model: '', serial: '' },
  ...{ certificates: [], mechanisms: [], pin: { state: 'ok', protectedPath: false, ...pin } },
})

/** A terminal with somebody at it who types these words; what they are shown is kept. */
function desk(typed: { readonly line?: string | null; readonly secret?: string } = {}, interactive = true) {
  const shown: string[] = []
  const terminal: Terminal = {
    ...openTerminal({ language: 'zh', json: true }),
    interactive,
    note: line => void shown.push(line),
    line: prompt => {
      shown.push(prompt)
      return Promise.resolve(typed.line ?? null)
    },
    secret: prompt => {
      shown.push(prompt)
      return Promise.resolve(typed.secret ?? null)
    },
    inputLines: () => Promise.resolve(['246810']),
  }
  return { terminal, shown }
}

const from = (terminal: Terminal, options: { lastTry?: boolean; fromInput?: boolean; environment?: string } = {}) => {
  const environment = new Map(options.environment === undefined ? [] : [[0, options.environment] as const])
  return pinSource(terminal, { environment, lastTry: options.lastTry === true, fromInput: options.fromInput === true })
}

describe('the last try at the terminal', () => {
  const last = { token: token({ state: 'last-try', triesLeft: 1 }), index: 0 }

  test.each(['yes', 'YES', '是', ' 同意 '])('is used when the person types %j after the warning', async line => {
    const { terminal, shown } = desk({ line, secret: '246810' })
    expect(await from(terminal)(last)).toEqual({ pin: '246810', consent: { lastTry: true } })
    expect(shown.join('\n')).toMatch(/公章锁[^]*只剩最后一次机会[^]*锁死[^]*PIN 码：/)
  })

  test.each(['y', '', 'no', '不是'])('is not used when they type %j', async line => {
    const { terminal, shown } = desk({ line, secret: '246810' })
    await expect(from(terminal)(last)).rejects.toMatchObject({ code: 'token.pin-last-try' })
    expect(shown.join('')).not.toContain('请输入「公章锁」的 PIN 码')
  })

  test('is given up when the input ends', async () => {
    await expect(from(desk({ line: null }).terminal)(last)).rejects.toMatchObject({ code: 'cancelled' })
  })

  test('is never used by a script that has not said --last-try', async () => {
    const { terminal } = desk({}, false)
    for (const given of [{ environment: '246810' }, { fromInput: true }]) {
      await expect(from(terminal, given)(last)).rejects.toMatchObject({ code: 'token.pin-last-try' })
      expect(await from(terminal, { ...given, lastTry: true })(last)).toEqual({
        pin: '246810',
        consent: { lastTry: true },
      })
    }
  })

  test('of a lock with a pad of its own is agreed to here and typed there', async () => {
    const pad = { token: token({ state: 'last-try', protectedPath: true }), index: 0 }
    expect(await from(desk({ line: '是' }).terminal)(pad)).toEqual({ pin: null, consent: { lastTry: true } })
  })
})

test('a PIN with tries enough is taken without a question', async () => {
  const { terminal, shown } = desk({ secret: '246810' })
  expect(await from(terminal)({ token: token({ triesLeft: 6 }), index: 0 })).toEqual({ pin: '246810' })
  expect(shown).toEqual(['请输入「公章锁」的 PIN 码：'])
  const few = { token: token({ state: 'few-tries', triesLeft: 2 }), index: 0 }
  await from(terminal)(few)
  expect(shown.at(-1)).toContain('剩余次数不多')
  const nobody = from(desk({}, false).terminal)(few)
  await expect(nobody).rejects.toMatchObject({ code: 'token.pin-required' })
})
