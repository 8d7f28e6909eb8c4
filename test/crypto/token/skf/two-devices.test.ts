import { describe, expect, it } from 'vitest'
import type { TokenSession } from '../../../../crypto/token/port.ts'
import { expectRejection } from '../../../fixtures/failure.ts'
import { gmCa } from '../../../fixtures/gm-ca.ts'
import { opens, pin, type SkfRig, signs, useSkf } from './rig.ts'

const { rival } = gmCa()

/** Two locks whose containers have the same name, and a session with each. */
async function twoSessions(rig: SkfRig): Promise<readonly [TokenSession, TokenSession]> {
  rig.addBidder('KEY-A')
  rig.addBidder('KEY-B', rival)
  return [await rig.login('KEY-A'), await rig.login('KEY-B')]
}

describe.each([
  ['packed', ''],
  ['packed', 'global-current'],
  ['natural', 'global-current'],
  ['minimal', 'global-current'],
] as const)('two devices of a %s library at a time (%s)', (build, quirks) => {
  const rig = useSkf({ build, quirks })

  it('use each its own keys, in whatever order', async () => {
    const [a, b] = await twoSessions(rig())
    for (let time = 0; time < 3; time += 1) {
      expect(await signs(a)).toBe(true)
      expect(await opens(b, {}, rival)).toBe(true)
      expect(await opens(a)).toBe(true)
      await rig().driver.list()
      expect(await opens(b)).toBe(false)
      expect(await opens(b, {}, rival)).toBe(true)
    }
    await a.close()
    expect(await opens(b, {}, rival)).toBe(true)
    await b.close()
    expect(rig().skf.openHandles()).toBe(0)
  })

  it('have one device and one application open, closed before the next ones are opened', async () => {
    const [a, b] = await twoSessions(rig())
    rig().skf.calls()
    expect(await opens(a)).toBe(true)
    expect(rig().skf.openHandles()).toBe(2)
    expect(await opens(b, {}, rival)).toBe(true)
    expect(rig().skf.openHandles()).toBe(2)
    const order = rig()
      .skf.calls()
      .filter(name => /Dis[Cc]onnectDev|ConnectDev|OpenApplication|CloseApplication/.test(name))
    const turn = [
      'SKF_CloseApplication',
      expect.stringMatching(/Dis[Cc]onnectDev/),
      'SKF_ConnectDev',
      'SKF_OpenApplication',
    ]
    expect(order).toEqual([...turn, ...turn])
  })

  it('log out each for itself', async () => {
    const [a, b] = await twoSessions(rig())
    await a.close()
    await b.close()
    rig().setQuirks(`${quirks},already`)
    rig().skf.calls()
    await rig().withLogin('KEY-A', () => Promise.resolve())
    // Nobody was logged in any more: the PIN was looked at at once.
    expect(
      rig()
        .skf.calls()
        .filter(name => name === 'SKF_VerifyPIN'),
    ).toHaveLength(1)
  })

  it('lose one without the other', async () => {
    const [a, b] = await twoSessions(rig())
    rig().skf.pullOut('KEY-A')
    expect(await opens(b, {}, rival)).toBe(true)
    await expectRejection('token.removed', opens(a))
    expect(await opens(b, {}, rival)).toBe(true)
    rig().skf.plugIn('KEY-A')
    await rig().withLogin('KEY-A', async again => expect(await signs(again)).toBe(true))
    expect(await opens(b, {}, rival)).toBe(true)
  })

  it('do not take one for the other after a replug that nobody saw', async () => {
    const [a, b] = await twoSessions(rig())
    expect(await opens(b, {}, rival)).toBe(true)
    rig().skf.pullOut('KEY-A')
    rig().skf.plugIn('KEY-A')
    await expectRejection('token.removed', signs(a))
    expect(await opens(b, {}, rival)).toBe(true)
  })

  it('do not take a third one for the first because it bears its name', async () => {
    const [a, b] = await twoSessions(rig())
    expect(await opens(b, {}, rival)).toBe(true)
    rig().addBidder('KEY-C', rival)
    rig().skf.pullOut('KEY-C')
    rig().skf.swap('KEY-A', 'KEY-C')
    await expectRejection('token.removed', rig().login('KEY-A'))
    // Somebody may have logged in to it.
    const c = await rig().login('KEY-C')
    await expectRejection('token.removed', signs(a))
    expect(await signs(c, rival)).toBe(true)
    expect(await opens(b, {}, rival)).toBe(true)
  })

  it('change a PIN of one while the other is in use', async () => {
    rig().addBidder('KEY-A')
    rig().addBidder('KEY-B', rival)
    await rig().withLogin('KEY-A', async session => {
      await rig().driver.changePin('skf:serial=KEY-B-0001', { oldPin: pin, newPin: '135790' })
      expect(await opens(session)).toBe(true)
    })
    await expectRejection('token.pin-incorrect', rig().login('KEY-B'))
  })
})
