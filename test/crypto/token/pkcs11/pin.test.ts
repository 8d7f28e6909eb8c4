import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPkcs11Driver } from '../../../../crypto/token/pkcs11/driver.ts'
import type { PinChange, PinConsent, TokenDriver } from '../../../../crypto/token/port.ts'
import { expectRejection } from '../../../fixtures/failure.ts'
import {
  makeSoftPkcs11,
  type SoftPkcs11,
  softPkcs11Pin as pin,
  type SoftPkcs11Quirk,
} from '../../../fixtures/soft-pkcs11.ts'
import { addSoftHsmLock, makeSoftHsm, type SoftHsm } from '../../../fixtures/softhsm.ts'

const wrong = '999999'
const newPin = '222222'
const pinCalls = ['C_Login', 'C_SetPIN']

let p11: SoftPkcs11
let driver: TokenDriver
let count = 0

beforeAll(async () => {
  p11 = makeSoftPkcs11()
  Object.assign(process.env, p11.environment)
  driver = await openPkcs11Driver(p11.modulePath, p11.profile)
})

afterAll(async () => {
  await driver.close()
  p11.remove()
})

/** A fresh token with so many tries, and what can be done with it. */
function freshToken(tries = 6, quirks: readonly SoftPkcs11Quirk[] = []) {
  count += 1
  const token = `token-${count}`
  const uri = p11.addLock({ token, tries })
  p11.setFaults(...quirks.map(quirk => `quirk=${quirk}` as const))
  const sent = () => p11.calls().filter(name => pinCalls.includes(name))
  return {
    login: async (used: string | null, consent?: PinConsent) => {
      await (await driver.login(uri, used, consent)).close()
    },
    session: () => driver.login(uri, pin),
    change: (change: PinChange) => driver.changePin(uri, change),
    state: async () => (await driver.list()).find(each => each.serial === token)?.pin,
    left: () => p11.triesLeft(token),
    sent,
  }
}

describe('a PIN given to a PKCS #11 token', () => {
  it('is tried once; the failure tells how it stands, and the last try waits for consent', async () => {
    const token = freshToken(3)
    expect(await token.state()).toMatchObject({ state: 'ok' })
    expect(await expectRejection('token.pin-incorrect', token.login(wrong))).toContain('few tries are left')
    expect(await expectRejection('token.pin-incorrect', token.login(wrong))).toContain('one try is left')
    expect(await token.state()).toMatchObject({ state: 'last-try', triesLeft: 1 })
    token.sent()
    expect(await expectRejection('token.pin-last-try', token.login(wrong))).toContain('nothing was sent')
    await expectRejection('token.pin-last-try', token.login(pin, {}))
    await expectRejection('token.pin-last-try', token.login(pin, { lastTry: false }))
    expect(token.sent()).toEqual([])
    expect(token.left()).toBe(1)
  })

  it('unlocks with consent on the last try, after which all tries are there again', async () => {
    const token = freshToken(2)
    await expectRejection('token.pin-incorrect', token.login(wrong))
    await token.login(pin, { lastTry: true })
    expect(token.left()).toBe(2)
    await token.login(pin)
  })

  it('locks the token when it is wrong on the last try, and nothing is sent to a locked one', async () => {
    const token = freshToken(2)
    await expectRejection('token.pin-incorrect', token.login(wrong))
    expect(await expectRejection('token.pin-locked', token.login(wrong, { lastTry: true }))).toContain('now locked')
    token.sent()
    await expectRejection('token.pin-locked', token.login(pin))
    await expectRejection('token.pin-locked', token.login(pin, { lastTry: true }))
    expect(token.sent()).toEqual([])
    expect(await token.state()).toMatchObject({ state: 'locked' })
  })

  it('is all that can be known where the token’s flags tell nothing', async () => {
    const token = freshToken(2, ['no-pin-flags'])
    expect(await expectRejection('token.pin-incorrect', token.login(wrong))).not.toContain('left')
    await expectRejection('token.pin-incorrect', token.login(wrong))
    await expectRejection('token.pin-locked', token.login(pin))
  })

  it('is typed on the token’s own pad, with the same consent to the last try', async () => {
    const token = freshToken(2, ['protected-path'])
    await token.login(null)
    process.env['BIDSEAL_SOFT_P11_PAD'] = 'wrong'
    try {
      await expectRejection('token.pin-incorrect', token.login(null))
      await expectRejection('token.pin-last-try', token.login(null))
      process.env['BIDSEAL_SOFT_P11_PAD'] = 'cancel'
      await expectRejection('cancelled', token.login(null, { lastTry: true }))
    } finally {
      delete process.env['BIDSEAL_SOFT_P11_PAD']
    }
    await token.login(null, { lastTry: true })
  })
})

describe('changing the PIN of a PKCS #11 token', () => {
  it('puts the new one in the place of the old one, and ends sessions that know the old one', async () => {
    const token = freshToken()
    const session = await token.session()
    await token.change({ oldPin: pin, newPin })
    await expectRejection('token.removed', session.certificates())
    await expectRejection('token.pin-incorrect', token.login(pin))
    await token.login(newPin)
    await token.change({ oldPin: newPin, newPin: pin })
    await token.login(pin)
  })

  it('tries the old one once, and tells what a wrong one has cost', async () => {
    const token = freshToken(3)
    token.sent()
    const first = token.change({ oldPin: wrong, newPin })
    expect(await expectRejection('token.pin-incorrect', first)).toContain('few tries are left')
    expect(token.sent()).toEqual(['C_SetPIN'])
    expect(token.left()).toBe(2)
    await expectRejection('token.pin-incorrect', token.change({ oldPin: wrong, newPin }))
    token.sent()
    await expectRejection('token.pin-last-try', token.change({ oldPin: pin, newPin }))
    expect(token.sent()).toEqual([])
    const last = token.change({ oldPin: wrong, newPin, lastTry: true })
    expect(await expectRejection('token.pin-locked', last)).toContain('now locked')
    await expectRejection('token.pin-locked', token.change({ oldPin: pin, newPin, lastTry: true }))
  })

  it('takes consent for the last try', async () => {
    const token = freshToken(1)
    await token.change({ oldPin: pin, newPin, lastTry: true })
    // One try is all this token ever has.
    await token.login(newPin, { lastTry: true })
  })

  it('sends nothing for a new PIN that the token cannot take, and says what it takes', async () => {
    const token = freshToken()
    token.sent()
    for (const bad of ['', '1', 'x'.repeat(65), '汉'.repeat(30), 'abc\0def']) {
      const detail = await expectRejection('token.pin-form', token.change({ oldPin: pin, newPin: bad }))
      expect(detail).toContain('bytes')
      expect(bad.length > 1 && detail.includes(bad)).toBe(false)
    }
    expect(token.sent()).toEqual([])
    expect(token.left()).toBe(6)
  })

  it('is not done here for a token with its own pad', async () => {
    const token = freshToken(6, ['protected-path'])
    await expectRejection('token.unsupported', token.change({ oldPin: pin, newPin }))
  })

  it('of an absent token is a failure of that name', async () => {
    await expectRejection('token.absent', driver.changePin('pkcs11:token=Nobody', { oldPin: pin, newPin }))
  })
})

describe('changing the PIN of a SoftHSM token', () => {
  let hsm: SoftHsm
  beforeAll(() => {
    hsm = makeSoftHsm()
    process.env['SOFTHSM2_CONF'] = hsm.environment.SOFTHSM2_CONF
  })
  afterAll(() => hsm.remove())

  it('is what its own tools see', async () => {
    const lock = addSoftHsmLock(hsm)
    const other = await openPkcs11Driver(hsm.modulePath)
    await expectRejection('token.pin-incorrect', other.changePin(lock.uri, { oldPin: wrong, newPin }))
    await expectRejection('token.pin-form', other.changePin(lock.uri, { oldPin: lock.pin, newPin: '1' }))
    await other.changePin(lock.uri, { oldPin: lock.pin, newPin })
    await (await other.login(lock.uri, newPin)).close()
    await other.close()
    const list = ['--module', hsm.modulePath, '--token-label', lock.label, '--login', '--list-objects', '--pin']
    expect(hsm.run('pkcs11-tool', ...list, newPin)).toContain('Private Key Object')
    expect(() => hsm.run('pkcs11-tool', ...list, lock.pin)).toThrow()
  })
})
