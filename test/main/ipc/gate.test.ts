import { beforeEach, describe, expect, test } from 'vitest'
import { channels, requests } from '../../../main/contract/requests.ts'
import type { Handlers } from '../../../main/contract/requests.ts'
import { openGate, openPinGate } from '../../../main/ipc/gate.ts'
import type { PinAnswer, PinQuestion } from '../../../main/contract/pin.ts'

type Listener = (event: object, ...args: readonly unknown[]) => Promise<unknown>

const registered = new Map<string, Listener>()
const ipc = { handle: (channel: string, listener: Listener) => void registered.set(channel, listener) }
const id = 'a'.repeat(32)
let trusted = true
let answered: (PinAnswer | null)[] = []

const call = (channel: string, ...args: readonly unknown[]): Promise<unknown> => registered.get(channel)!({}, ...args)
const refused = { ok: false, failure: { code: 'bridge.arguments' } }
const unknownSender = { ok: false, failure: { code: 'bridge.sender' } }

beforeEach(() => {
  trusted = true
  answered = []
  registered.clear()
  const echo = Object.fromEntries(channels.map(channel => [channel, async () => channel]))
  const handlers = {
    ...echo,
    'bid.addDocument': async () => {
      throw new Error('/srv/secret.pdf')
    },
  } as unknown as Handlers
  openGate(
    ipc,
    handlers,
    () => trusted,
    () => ({ code: 'internal', detail: 'incident 1' }),
  )
  const question = { language: 'en' } as PinQuestion
  const answers = { question: () => question, answer: (answer: PinAnswer | null) => void answered.push(answer) }
  openPinGate(
    ipc,
    answers,
    () => trusted,
    () => ({ code: 'internal' }),
  )
})

describe('the gate', () => {
  test('answers every channel of the contract, the two of the PIN page, and no other', () => {
    expect([...registered.keys()].sort()).toEqual([...channels, 'pin.question', 'pin.answer'].sort())
  })

  test('passes arguments that hold', async () => {
    expect(await call('job.cancel', id)).toEqual({ ok: true, value: 'job.cancel' })
    expect(await call('tender.list')).toEqual({ ok: true, value: 'tender.list' })
    const choice = { sign: id, main: id, backups: [id], again: false }
    expect(await call('bid.seal', id, choice)).toEqual({ ok: true, value: 'bid.seal' })
  })

  test.each(channels)('refuses %s to whoever is not trusted, before it looks at anything else', async channel => {
    trusted = false
    expect(await call(channel, 'one', 'two', 'three')).toMatchObject(unknownSender)
  })

  test.each(channels)('refuses %s with an argument too many', async channel => {
    const args = requests[channel].checks.map(() => id)
    expect(await call(channel, ...args, undefined)).toMatchObject(refused)
  })

  test.each([
    ['job.cancel', []],
    ['job.cancel', [42]],
    ['job.cancel', [null]],
    ['job.cancel', [`${id} `]],
    ['job.cancel', [{ toString: () => id }]],
    ['job.cancel', [[id]]],
    ['bid.seal', [id]],
    ['bid.seal', [id, { sign: id, main: id }]],
    ['bid.seal', [id, { sign: id, main: id, backups: [] }]],
    ['bid.seal', [id, { sign: id, main: id, backups: [], again: 1 }]],
    ['bid.seal', [id, { sign: id, main: id, backups: [], again: false, more: 1 }]],
    ['bid.seal', [id, { sign: id, main: id, backups: Array(9).fill(id), again: false }]],
    ['bid.seal', [id, { sign: id, main: '/usr/lib/evil.so', backups: [], again: false }]],
    ['tender.setPlatform', ['a'.repeat(64), 'file:///etc/passwd']],
    ['tender.setPlatform', ['a'.repeat(64), `http://${'x'.repeat(300)}`]],
    ['app.setLanguage', ['fr']],
    ['rehearsal.start', []],
    ['rehearsal.start', ['gm-2']],
    ['question.answer', [id, 1]],
    ['bid.fillForm', [id, 'opening', [{ name: 'price', value: 5 }]]],
  ] as const)('refuses %s(%j)', async (channel, args) => {
    expect(await call(channel, ...args)).toMatchObject(refused)
  })

  test('tells nothing of what a fault of the program says', async () => {
    const result = await call('bid.addDocument', id, 'letter')
    expect(result).toEqual({ ok: false, failure: { code: 'internal', detail: 'incident 1' } })
  })
})

describe('the gate of the PIN page', () => {
  const typed = { pin: '123456', lastTry: false }

  test('hands over an answer, consent to the last try, a PIN typed on the lock, and giving up', async () => {
    const answers = [typed, { pin: '123456', lastTry: true }, { pin: null, lastTry: true }, null]
    for (const answer of answers) expect(await call('pin.answer', answer)).toEqual({ ok: true, value: null })
    expect(answered).toEqual(answers)
  })

  test.each([
    [[]],
    [['123456']],
    [[{ pin: '', lastTry: false }]],
    [[{ pin: '1'.repeat(65), lastTry: false }]],
    [[{ pin: 123456, lastTry: false }]],
    [[{ pin: '123456' }]],
    [[{ pin: '123456', lastTry: 'yes' }]],
    [[{ ...typed, more: 1 }]],
    [[typed, 'x']],
  ])('refuses the answer %j', async args => {
    expect(await call('pin.answer', ...args)).toMatchObject(refused)
    expect(answered).toEqual([])
  })

  test('refuses whoever is not the PIN page', async () => {
    trusted = false
    expect(await call('pin.question')).toMatchObject(unknownSender)
    expect(await call('pin.answer', typed)).toMatchObject(unknownSender)
    expect(answered).toEqual([])
  })
})
