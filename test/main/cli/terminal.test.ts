import { PassThrough } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { proxyPassword } from '../../../main/cli/proxy-password.ts'
import { openTerminal } from '../../../main/cli/terminal.ts'
import type { Terminal } from '../../../main/cli/terminal.ts'

const stdin = Object.getOwnPropertyDescriptor(process, 'stdin')
let keyboard: PassThrough
let shown: string
let terminal: Terminal

beforeEach(() => {
  shown = ''
  keyboard = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined })
  Object.defineProperty(process, 'stdin', { configurable: true, get: () => keyboard })
  vi.spyOn(process.stderr, 'write').mockImplementation(text => {
    shown += String(text)
    return true
  })
  terminal = { ...openTerminal({ language: 'en', json: false }), interactive: true }
})

afterEach(() => {
  vi.restoreAllMocks()
  if (stdin !== undefined) Object.defineProperty(process, 'stdin', stdin)
})

async function type(prompt: string, line: string): Promise<void> {
  await vi.waitFor(() => {
    expect(shown).toContain(prompt)
  })
  keyboard.write(`${line}\n`)
  await wait(5)
}

it('puts questions asked at once one after the other: no line answers two', async () => {
  const ask = proxyPassword(terminal, null)
  const answers = Promise.all([
    ask('zhang', 'proxy.example:3128'),
    terminal.secret('PIN: '),
    terminal.line('name: '),
    terminal.confirm('sure?'),
    ask('zhang', 'proxy.example:3128'),
  ])
  await wait(20)
  expect(shown).toContain('Password of zhang for the proxy proxy.example:3128: ')
  expect(shown).not.toContain('PIN')
  await type('Password of zhang', 'of the proxy')
  await type('PIN: ', '123456')
  expect(shown).not.toContain('sure?')
  await type('name: ', 'Li')
  await type('sure?', 'y')
  expect(await answers).toEqual(['of the proxy', '123456', 'Li', true, 'of the proxy'])
})

it('asks for the password of each proxy by itself', async () => {
  const ask = proxyPassword(terminal, null)
  const both = Promise.all([ask('zhang', 'one:1'), ask('zhang', 'two:2')])
  await type('one:1', 'first')
  await type('two:2', 'second')
  expect(await both).toEqual(['first', 'second'])
})

it('puts no further question to who has ended the input at one', async () => {
  const answers = Promise.all([terminal.secret('PIN: '), terminal.secret('another: ')])
  await vi.waitFor(() => {
    expect(shown).toContain('PIN: ')
  })
  keyboard.write('\u0004')
  expect(await answers).toEqual([null, null])
  expect(shown).not.toContain('another')
  const later = terminal.secret('later: ')
  await type('later: ', 'yes')
  expect(await later).toBe('yes')
})
