import { describe, expect, it } from 'vitest'
import type { CryptoFailureCode } from '../../../../crypto/errors.ts'
import { codeOf } from '../../../fixtures/refusals.ts'
import { opens, type SkfRig, signs, useSkf } from './rig.ts'

type Outcome = CryptoFailureCode | 'good' | 'bad key' | 'nothing'

/** Each operation a fault can be asked for, and what the user does with it. */
const operations: Readonly<Record<string, (rig: SkfRig) => Promise<Outcome>>> = {
  list: async ({ driver }) => ((await driver.list()).length === 0 ? 'nothing' : 'good'),
  certificate: async ({ driver }) => {
    const certificates = (await driver.list()).flatMap(token => token.certificates)
    return certificates.length === 0 ? 'nothing' : 'good'
  },
  login: rig => rig.withLogin('KEY', () => Promise.resolve('good')),
  sign: rig => rig.withLogin('KEY', async session => ((await signs(session)) ? 'good' : 'bad key')),
  decrypt: rig => rig.withLogin('KEY', async session => ((await opens(session)) ? 'good' : 'bad key')),
}

const expected: readonly (readonly [string, Readonly<Record<string, Outcome>>])[] = [
  ['list', { slow: 'good', remove: 'nothing', garbage: 'nothing', long: 'token.unsupported' }],
  ['certificate', { slow: 'good', remove: 'nothing', garbage: 'nothing', long: 'token.unsupported' }],
  ['login', { slow: 'good', remove: 'token.removed', garbage: 'good', long: 'good' }],
  // What stands behind a signature does not matter.
  ['sign', { slow: 'good', remove: 'token.removed', garbage: 'token.unsupported', long: 'good' }],
  ['decrypt', { slow: 'good', remove: 'token.removed', garbage: 'bad key', long: 'token.unsupported' }],
]
const table = expected.flatMap(([operation, faults]) =>
  Object.entries(faults).map(([fault, outcome]) => [operation, fault, outcome] as const),
)

describe.each(['packed', 'natural'] as const)('faults of a %s library while it runs', build => {
  const rig = useSkf({ build })

  it.each(table)('%s with %s ends as %s, and all is well when it is over', async (operation, fault, outcome) => {
    rig().addBidder('KEY')
    const use = operations[operation] ?? expect.fail('no such operation')
    rig().skf.setFaults(`${operation}:${fault}`)
    let found: Outcome = 'good'
    const refusal = async (): Promise<void> => {
      found = await use(rig())
      throw new Error('done')
    }
    const code = await codeOf(refusal).catch(() => null)
    expect(code ?? found).toBe(outcome)
    expect(rig().skf.openHandles()).toBe(0)
    if (fault === 'remove') rig().skf.plugIn('KEY')
    rig().skf.setFaults('')
    expect(await operations['decrypt']?.(rig())).toBe('good')
    expect(rig().skf.triesLeft('KEY')).toBe(6)
  })

  it('other operations do not feel a fault of one', async () => {
    rig().addBidder('KEY')
    rig().skf.setFaults('sign:garbage,absent=ANOTHER')
    expect(await operations['decrypt']?.(rig())).toBe('good')
    expect(await operations['list']?.(rig())).toBe('good')
  })

  it('a device is absent as long as it is said to be', async () => {
    rig().addBidder('KEY')
    expect(await rig().driver.list()).toHaveLength(1)
    rig().skf.setFaults('absent=KEY')
    expect(await rig().driver.list()).toEqual([])
    rig().skf.setFaults('')
    expect(await rig().driver.list()).toHaveLength(1)
  })
})
