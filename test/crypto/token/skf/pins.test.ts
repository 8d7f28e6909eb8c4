import { describe, expect, it } from 'vitest'
import { expectRejection } from '../../../fixtures/failure.ts'
import { opens, pin, useSkf } from './rig.ts'

const uri = 'skf:serial=KEY-A-0001'
const wrong = '000000'

describe.each(['packed', 'natural', 'minimal'] as const)('PINs of a %s SKF library', build => {
  const rig = useSkf({ build })
  const tellsTries = build !== 'minimal'

  function addKey(tries: number, pinIsDefault = false): void {
    rig().skf.addLock({ device: 'KEY-A', pin, tries, pinIsDefault, containers: [] })
  }

  async function stateNow() {
    return (await rig().token('KEY-A')).pin
  }

  /** How often a PIN was given to the library since this was asked last. */
  function sent(): number {
    return rig()
      .skf.calls()
      .filter(name => name === 'SKF_VerifyPIN' || name === 'SKF_ChangePIN').length
  }

  it('gives a wrong PIN to the library once, and tells the tries that are left', async () => {
    addKey(3)
    const told = await expectRejection('token.pin-incorrect', rig().driver.login(uri, wrong))
    expect(told).toContain('2 tries are left')
    expect(told).not.toContain(wrong)
    expect(sent()).toBe(1)
    expect(rig().skf.triesLeft('KEY-A')).toBe(2)
    expect(await stateNow()).toMatchObject({ state: 'few-tries', triesLeft: 2 })
    expect(await expectRejection('token.pin-incorrect', rig().driver.login(uri, wrong))).toContain('one try is left')
    expect(await stateNow()).toMatchObject({ state: 'last-try', triesLeft: 1 })
  })

  it('sends nothing at the last try until the user has agreed to it', async () => {
    addKey(2)
    await expectRejection('token.pin-incorrect', rig().driver.login(uri, wrong))
    sent()
    await expectRejection('token.pin-last-try', rig().driver.login(uri, pin))
    await expectRejection('token.pin-last-try', rig().driver.login(uri, pin, { lastTry: false }))
    await expectRejection('token.pin-last-try', rig().driver.changePin(uri, { oldPin: pin, newPin: '135790' }))
    expect(sent()).toBe(0)
    expect(rig().skf.triesLeft('KEY-A')).toBe(1)
    await (await rig().driver.login(uri, pin, { lastTry: true })).close()
    expect(rig().skf.triesLeft('KEY-A')).toBe(2)
    await (await rig().driver.login(uri, pin)).close()
  })

  it('stops at the lock', async () => {
    addKey(1)
    await expectRejection('token.pin-locked', rig().driver.login(uri, wrong, { lastTry: true }))
    if (tellsTries) expect(await stateNow()).toMatchObject({ state: 'locked', triesLeft: 0 })
    sent()
    await expectRejection('token.pin-locked', rig().driver.login(uri, pin, { lastTry: true }))
    // Where the token says that it is locked, no PIN is sent any more.
    expect(sent()).toBe(tellsTries ? 0 : 1)
    await expectRejection('token.pin-locked', rig().driver.changePin(uri, { oldPin: pin, newPin: '135790' }))
  })

  it('wins all tries back with the right PIN', async () => {
    addKey(6)
    await expectRejection('token.pin-incorrect', rig().driver.login(uri, wrong))
    expect(rig().skf.triesLeft('KEY-A')).toBe(5)
    await (await rig().driver.login(uri, pin)).close()
    expect(rig().skf.triesLeft('KEY-A')).toBe(6)
    expect((await stateNow()).state).toBe(tellsTries ? 'ok' : 'unknown')
  })

  it('sends no PIN that no token can have, and none at all without one', async () => {
    addKey(6)
    await expectRejection('token.pin-form', rig().driver.login(uri, ''))
    await expectRejection('token.pin-form', rig().driver.login(uri, `${pin}\0`))
    await expectRejection('arguments.bad', rig().driver.login(uri, null))
    await expectRejection('token.pin-form', rig().driver.changePin(uri, { oldPin: pin, newPin: '' }))
    await expectRejection('token.pin-form', rig().driver.changePin(uri, { oldPin: pin, newPin: `1\0` }))
    expect(sent()).toBe(0)
    await expectRejection('token.pin-form', rig().driver.login(uri, '123'))
    expect(rig().skf.triesLeft('KEY-A')).toBe(6)
  })

  it('does not believe a retry count that cannot be', async () => {
    addKey(6)
    rig().setFault('retry')
    const told = await expectRejection('token.pin-incorrect', rig().driver.login(uri, wrong))
    if (tellsTries) expect(told).toContain('5 tries are left')
    else expect(told).not.toContain('left')
    rig().skf.setFaults('login:garbage')
    expect(await expectRejection('token.pin-incorrect', rig().driver.login(uri, wrong))).not.toMatch(/\d{4} tries/)
    rig().setFault('garbage:SKF_GetPINInfo')
    if (tellsTries) expect((await stateNow()).state).toBe('unknown')
    await (await rig().driver.login(uri, pin)).close()
  })

  it('lets no wrong PIN pass because somebody is logged in', async () => {
    rig().addBidder('KEY-A')
    rig().setQuirks('already')
    const session = await rig().login('KEY-A')
    await expectRejection('token.pin-incorrect', rig().driver.login(uri, wrong))
    await session.close()
    await rig().withLogin('KEY-A', async again => expect(await opens(again)).toBe(true))
    // Somebody else's program has logged in, and the right PIN is right all the same.
    await rig().withLogin('KEY-A', () => rig().withLogin('KEY-A', async both => expect(await opens(both)).toBe(true)))
  })

  it('keeps the login of one session when another one of the same token ends', async () => {
    rig().addBidder('KEY-A')
    await rig().withLogin('KEY-A', async session => {
      await rig().withLogin('KEY-A', () => Promise.resolve())
      expect(await opens(session)).toBe(true)
    })
    expect(rig().skf.calls().slice(-3, -1)).toEqual(['SKF_ClearSecureState', 'SKF_CloseApplication'])
  })

  it('says of a PIN that it is still the one the token came with, until it is changed', async () => {
    addKey(6, true)
    if (tellsTries) expect((await stateNow()).isDefault).toBe(true)
    else expect(await stateNow()).not.toHaveProperty('isDefault')
    await rig().driver.changePin(uri, { oldPin: pin, newPin: '135790' })
    if (tellsTries) expect((await stateNow()).isDefault).toBe(false)
    await expectRejection('token.pin-incorrect', rig().driver.login(uri, pin))
    await (await rig().driver.login(uri, '135790')).close()
    expect(rig().skf.openHandles()).toBe(0)
  })

  it('changes a PIN only with the old one, tried once, and to one that the token takes', async () => {
    addKey(3)
    const told = await expectRejection(
      'token.pin-incorrect',
      rig().driver.changePin(uri, { oldPin: wrong, newPin: '135790' }),
    )
    expect(told).toContain('2 tries are left')
    expect(sent()).toBe(1)
    await expectRejection('token.pin-form', rig().driver.changePin(uri, { oldPin: pin, newPin: '135' }))
    expect(rig().skf.triesLeft('KEY-A')).toBe(2)
    await (await rig().driver.login(uri, pin)).close()
  })

  it('logs in to change a PIN where the library wants that', async () => {
    addKey(3)
    rig().setQuirks('change-login')
    await expectRejection('token.pin-incorrect', rig().driver.changePin(uri, { oldPin: wrong, newPin: '135790' }))
    expect(rig().skf.triesLeft('KEY-A')).toBe(2)
    await rig().driver.changePin(uri, { oldPin: pin, newPin: '135790' })
    await (await rig().driver.login(uri, '135790')).close()
  })

  it('changes the PIN of a token whose session goes on', async () => {
    rig().addBidder('KEY-A')
    await rig().withLogin('KEY-A', async session => {
      await rig().driver.changePin(uri, { oldPin: pin, newPin: '135790' })
      expect(await opens(session)).toBe(true)
    })
  })
})
