import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PinState } from '../../../../crypto/token/port.ts'
import { commonCases } from '../../../../main/services/workbench/cases/common/index.ts'
import { refuseRightPin, refuseWrongPin } from '../../../../main/services/workbench/consent.ts'
import { expectRejection } from '../../../fixtures/failure.ts'
import { bundleTokenHost, type TokenHostBundle } from '../../../fixtures/token-host-bundle.ts'
import { caseFor, makeRig, outcomes, type Rig, softPkcs11Subject, softSkfSubject } from './rig.ts'

const pin = (state: PinState['state'], triesLeft?: number): PinState => ({
  state,
  protectedPath: false,
  ...(triesLeft === undefined ? {} : { triesLeft }),
})

describe('the rules for sending a PIN', () => {
  it.each([
    [pin('ok'), null],
    [pin('ok', 3), null],
    [pin('unknown'), null],
    [pin('ok', 2), 'pin-tries-low'],
    [pin('few-tries', 3), null],
    [pin('few-tries'), 'pin-tries-low'],
    [pin('last-try'), 'pin-tries-low'],
    [pin('locked'), 'pin-locked'],
    [pin('not-set'), 'pin-not-set'],
  ])('sends a PIN that nobody has proved to %j only where two tries are left after it', (state, refusal) => {
    expect(refuseRightPin(state, false)).toBe(refusal)
  })

  it('sends a PIN that was accepted before also where few are left, but never at the last try', () => {
    expect(refuseRightPin(pin('few-tries'), true)).toBeNull()
    expect(refuseRightPin(pin('ok', 2), true)).toBeNull()
    expect(refuseRightPin(pin('last-try'), true)).toBe('pin-tries-low')
  })

  it('sends a wrong one only after the right one, and only where the tries are known', () => {
    expect(refuseWrongPin(pin('ok', 6), false)).toBe('pin-not-proven')
    expect(refuseWrongPin(pin('ok', 3), true)).toBeNull()
    expect(refuseWrongPin(pin('ok', 2), true)).toBe('pin-tries-low')
    expect(refuseWrongPin(pin('few-tries'), true)).toBe('pin-tries-low')
    expect(refuseWrongPin(pin('unknown'), true)).toBe('pin-tries-low')
  })
})

describe('a run', () => {
  let bundle: TokenHostBundle
  let rig: Rig

  beforeAll(async () => {
    bundle = await bundleTokenHost('with-binding')
    rig = makeRig(bundle.program)
  })

  afterAll(() => {
    rig.remove()
    bundle.remove()
  })

  const cases = commonCases.filter(({ id }) => /^C-(PIN|SIG-005)/.test(id))

  it('sends no PIN without consent, and skips what needs one', async () => {
    const subject = softPkcs11Subject('rsa')
    try {
      const run = await rig.run(subject, { cases, allowPinTests: true, askPin: () => Promise.resolve(undefined) })
      expect(outcomes(run)).toEqual({
        ...{ 'C-PIN-001': 'pass', 'C-PIN-002': 'skip pin-not-given', 'C-PIN-003': 'skip pin-not-given' },
        ...{ 'C-PIN-004': 'skip pin-not-given', 'C-PIN-005': 'skip pin-not-given', 'C-SIG-005': 'skip pin-not-given' },
      })
      const calls = subject.p11.calls()
      expect(calls.length).toBeGreaterThan(0)
      expect(calls).not.toContain('C_Login')
    } finally {
      subject.remove()
    }
  })

  it('spends no try unless that was allowed', async () => {
    const subject = softSkfSubject()
    try {
      const run = await rig.run(subject, { cases })
      expect(outcomes(run)['C-PIN-004']).toBe('skip pin-tests-not-allowed')
      expect(subject.skf.triesLeft('KEY')).toBe(6)
      const spent = await rig.run(subject, { cases, allowPinTests: true })
      expect(outcomes(spent)['C-PIN-004']).toBe('pass')
      expect(subject.skf.triesLeft('KEY')).toBe(6)
    } finally {
      subject.remove()
    }
  })

  it('does not even ask for the PIN where a wrong one would leave one try', async () => {
    const subject = softSkfSubject(2)
    try {
      const run = await rig.run(subject, {
        cases,
        allowPinTests: true,
        askPin: () => Promise.reject(new Error('asked')),
      })
      expect(outcomes(run)['C-PIN-002']).toBe('skip pin-tries-low')
      expect(outcomes(run)['C-PIN-004']).toBe('skip pin-tries-low')
      expect(subject.skf.triesLeft('KEY')).toBe(2)
    } finally {
      subject.remove()
    }
  })

  it('ends with a PIN that is refused, and sends it once', async () => {
    const subject = softSkfSubject()
    try {
      await expectRejection('token.pin-incorrect', rig.run(subject, { cases, askPin: () => Promise.resolve('000000') }))
      expect(subject.skf.triesLeft('KEY')).toBe(5)
    } finally {
      subject.remove()
    }
  })

  it('writes to the token, and asks a person, only where that was allowed', async () => {
    const subject = softSkfSubject()
    const never = () => Promise.reject(new Error('it ran'))
    try {
      const wanting = [
        caseFor('C-TRY-001', never, { needs: { writes: true } }),
        caseFor('C-TRY-002', never, { needs: { person: true } }),
        caseFor('P-TRY-003', never, { kinds: ['pkcs11'] }),
      ]
      expect(outcomes(await rig.run(subject, { cases: wanting }))).toEqual({
        'C-TRY-001': 'skip writes-not-allowed',
        'C-TRY-002': 'skip nobody-there',
      })
    } finally {
      subject.remove()
    }
  })
})
