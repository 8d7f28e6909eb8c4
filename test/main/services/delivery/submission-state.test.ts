import { expect, test } from 'vitest'
import { failures } from '../../../../main/contract/failure.ts'
import type { FailureCode } from '../../../../main/contract/failure.ts'
import { project } from '../../../../main/services/delivery/projection.ts'
import {
  eventOfFailure,
  hasEnded,
  nextState,
  submissionEvents,
  submissionStates,
} from '../../../../main/services/delivery/submission-state.ts'

// One row a state, one column an event in the order of `submissionEvents`; '-' can't happen.
const table: Readonly<Record<string, string>> = {
  //                    verify ask send complete receipt lose-network miss-lock await-answer find-busy pause refuse fail retry
  ready:
    'verifying beginning - - received waiting-for-network waiting-for-lock waiting-for-answer waiting-for-turn paused refused failed -',
  verifying:
    '- beginning uploading completing received waiting-for-network waiting-for-lock waiting-for-answer waiting-for-turn paused refused failed -',
  beginning:
    'verifying - uploading - received waiting-for-network waiting-for-lock waiting-for-answer waiting-for-turn paused refused failed -',
  uploading:
    'verifying - uploading completing - waiting-for-network waiting-for-lock waiting-for-answer waiting-for-turn paused refused failed -',
  completing:
    'verifying - uploading - received waiting-for-network waiting-for-lock waiting-for-answer waiting-for-turn paused refused failed -',
  'waiting-for-network': '- - - - - - - - - paused refused failed ready',
  'waiting-for-lock': '- - - - - - - - - paused refused failed ready',
  'waiting-for-answer': '- - - - - - - - - paused refused failed ready',
  'waiting-for-turn': '- - - - - - - - - paused refused failed ready',
  paused: '- - - - - - - - - - - - ready',
  received: '- - - - - - - - - - - - -',
  refused: '- - - - - - - - - - - - ready',
  failed: '- - - - - - - - - - - - ready',
}

test.each(submissionStates)('from %s every event leads where the table says, or nowhere', state => {
  const expected = table[state]?.split(' ') ?? []
  expect(expected).toHaveLength(submissionEvents.length)
  const found = submissionEvents.map(event => {
    try {
      return nextState(state, event)
    } catch (error) {
      expect(error).toMatchObject({ code: 'internal' })
      return '-'
    }
  })
  expect(found).toEqual(expected)
})

test('only a receipt, a refusal, a failure and a pause end it', () => {
  expect(submissionStates.filter(hasEnded)).toEqual(['paused', 'received', 'refused', 'failed'])
})

test('what time or a lock cures is waited for by whoever tries again, and a PIN is never among it', () => {
  const waits = (code: FailureCode): string => eventOfFailure({ code }, true)
  const all = Object.keys(failures) as FailureCode[]
  expect(all.filter(code => waits(code) === 'lose-network')).toEqual([
    ...['platform.unreachable', 'platform.nonce', 'platform.storage'],
    ...['platform.proxy', 'platform.clock'],
  ])
  expect(all.filter(code => waits(code) === 'await-answer')).toEqual(['platform.awaiting'])
  expect(all.filter(code => waits(code) === 'find-busy')).toEqual(['bid.busy'])
  expect(eventOfFailure({ code: 'platform.awaiting' }, false)).toBe('fail')
  expect(all.filter(code => waits(code) === 'miss-lock')).toEqual([
    ...['token.absent', 'token.removed', 'token.driver-crashed', 'token.driver-hung', 'token.wrong-lock'],
  ])
  expect(all.filter(code => code.startsWith('token.pin')).map(waits)).toEqual(Array(5).fill('fail'))
  expect(eventOfFailure({ code: 'platform.unreachable' }, false)).toBe('fail')
  expect(eventOfFailure({ code: 'cancelled' }, true)).toBe('pause')
  expect(eventOfFailure({ code: 'platform.late' }, true)).toBe('refuse')
  expect(eventOfFailure({ code: 'tender.addendum-newer' }, true)).toBe('refuse')
  expect(eventOfFailure({ code: 'seal.signature', platformSays: '签名无效' }, true)).toBe('refuse')
  expect(eventOfFailure({ code: 'seal.signature' }, true)).toBe('fail')
})

const facts = { remaining: 1000, bytesPerSecond: 100, serverTime: 0, uncertaintyMs: 0, deadline: 60_000 }

test.each([
  ['fits with room', {}, { finish: 10_000, fits: true }],
  ['fits to the very moment that is kept for the receipt', { deadline: 15_000 }, { finish: 10_000, fits: true }],
  ['is red a millisecond later', { deadline: 14_999 }, { finish: 10_000, fits: false }],
  [
    'is red when the platform’s clock may be fast',
    { deadline: 15_500, uncertaintyMs: 501 },
    { finish: 10_000, fits: false },
  ],
  ['is red while nothing moves', { bytesPerSecond: 0 }, { finish: null, fits: false }],
  ['is not known without a speed', { bytesPerSecond: null }, { finish: null, fits: null }],
  [
    'is red past the deadline, whatever the speed',
    { bytesPerSecond: null, serverTime: 60_000 },
    { finish: null, fits: false },
  ],
  ['is not known without the platform’s time', { serverTime: null }, { finish: null, fits: null }],
  [
    'with nothing left counts the moment',
    { remaining: 0, bytesPerSecond: null, serverTime: 55_000 },
    { finish: 55_000, fits: true },
  ],
])('the projection %s', (_name, change, expected) => {
  expect(project({ ...facts, ...change })).toEqual(expected)
})
