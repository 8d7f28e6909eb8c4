import { expect, test } from 'vitest'
import { Tally, vectorsAbsent } from '../../../build/testing/tally.mjs'

const run = {
  passed: 3,
  failures: [{ name: 'a.test.ts > adds', message: 'expected 3' }],
  notRun: [{ name: 'b.test.ts > loads', reason: 'no library' }],
}

test('ends with one line of counts', () => {
  const tally = new Tally({ everythingMustRun: false })
  tally.pass()
  expect(tally.report()).toEqual(['1 passed, 0 failed'])
})

test('lists what failed and what did not run before the counts', () => {
  const tally = new Tally({ everythingMustRun: false })
  tally.add('Node', run)
  expect(tally.report()).toEqual([
    'Not run:',
    '  Node: b.test.ts > loads (no library)',
    '',
    'Failed:',
    '  Node: a.test.ts > adds: expected 3',
    '',
    '3 passed, 1 failed, 1 skipped',
  ])
})

test('counts what did not run as failed where everything must run', () => {
  const tally = new Tally({ everythingMustRun: true })
  tally.add('Node', run)
  expect(tally.report().at(-1)).toBe('3 passed, 2 failed')
})

test('lets absent vectors pass as not run even where everything must run', () => {
  const tally = new Tally({ everythingMustRun: true })
  tally.skip('aes', `${vectorsAbsent}not there`)
  expect(tally.report().at(-1)).toBe('0 passed, 0 failed, 1 skipped')
})
