import { afterEach, beforeEach, expect, test } from 'vitest'
import type { PinState, TokenSummary } from '../../../../crypto/index.ts'
import { AppFailure } from '../../../../main/contract/failure.ts'
import { openingReadiness } from '../../../../main/services/index.ts'
import type { Locks } from '../../../../main/services/index.ts'
import { makeNotice, type OpeningDesk, openingDesk } from '../../../fixtures/fake-opening.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'

let desk: OpeningDesk

beforeEach(async () => {
  desk = await openingDesk({ backup: true })
  desk.time.pass(-31 * 60_000)
})

afterEach(() => {
  desk.close()
})

const { bidder, rival } = practiceCa()
const forbidden = (): never => {
  throw new Error('a key was used')
}
/** Locks that can only be looked at. */
const seen = (locks: Locks = desk.locks()): Locks => ({
  ...locks,
  signer: forbidden,
  opener: forbidden,
  key: forbidden,
})
const ask = (locks: Locks = seen(), bid = desk.bid.header.sealId, ports = desk.ports) =>
  openingReadiness(ports, locks, { ...desk.request, bid }, {})
const reasons = async (...given: Parameters<typeof ask>): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries((await ask(...given)).lines.map(({ id, reason }) => [id, reason]))

const allWell = {
  bid: 'bid-stands',
  tender: 'tender-fetched',
  receipt: 'receipt-kept',
  lock: 'lock-right',
  certificate: 'certificate-same',
  signer: 'signer-valid',
  pin: 'pin-ok',
  network: 'network-up',
  clock: 'clock-close',
  platform: 'platform-ready',
  dates: 'dates-stand',
  stored: 'stored-same',
}

test('says of everything an opening needs that it is there; no key is used, nothing is signed', async () => {
  expect(await reasons()).toEqual(allWell)
  expect((await ask()).ready).toBe(true)
  expect([desk.opened(), desk.seen]).toEqual([0, []])
})

test('a second lock of the bid is right as well', async () => {
  expect(await reasons(seen(desk.locks(bidder.backup)))).toEqual(allWell)
})

test('a wrong lock, a missing one, and one that shows nothing without its PIN are told apart', async () => {
  expect(await reasons(seen(desk.locks(rival.decrypt, { sign: rival.sign })))).toMatchObject({
    ...{ lock: 'lock-wrong', certificate: 'not-reached', signer: 'signer-other' },
  })
  const failing = (code: 'token.absent' | 'token.pin-required' | 'token.driver-crashed'): Locks => {
    const fail = () => Promise.reject(new AppFailure(code, 'x'))
    return { ...seen(), keys: fail, find: fail }
  }
  expect(await reasons(failing('token.absent'))).toMatchObject({ lock: 'lock-absent', pin: 'not-reached' })
  expect(await reasons(failing('token.pin-required'))).toMatchObject({ lock: 'lock-hidden' })
  expect(await reasons(failing('token.driver-crashed'))).toMatchObject({ lock: 'lock-unreadable' })
})

test('a certificate that was renewed on the same key is right; one that ends before the opening is told', async () => {
  const renewed = practiceCa().issue('bidder-decrypt', { profile: 'decrypt', creditCode: bidder.creditCode })
  const soon = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2026-03-02T08:00:00Z') }
  const expired = practiceCa().issue('bidder-sign', { profile: 'sign', creditCode: bidder.creditCode, ...soon })
  const found = await reasons(seen(desk.locks(bidder.decrypt, { sign: expired })))
  expect(found).toMatchObject({ certificate: 'certificate-same', signer: 'signer-expires' })
  const own = Buffer.from(renewed.privateKey.export({ format: 'der', type: 'pkcs8' }))
  const same = own.equals(Buffer.from(bidder.decrypt.privateKey.export({ format: 'der', type: 'pkcs8' })))
  expect(await reasons(seen(desk.locks(renewed)))).toMatchObject(
    same ? { lock: 'lock-right', certificate: 'certificate-renewed' } : { lock: 'lock-wrong' },
  )
})

test.each([
  [{ state: 'ok', protectedPath: false, triesLeft: 6 }, 'pin-ok'],
  [{ state: 'few-tries', protectedPath: false, triesLeft: 3 }, 'pin-few'],
  [{ state: 'last-try', protectedPath: false, triesLeft: 1 }, 'pin-last'],
  [{ state: 'ok', protectedPath: false, triesLeft: 1 }, 'pin-last'],
  [{ state: 'locked', protectedPath: false }, 'pin-locked'],
  [{ state: 'not-set', protectedPath: false }, 'pin-not-set'],
  [{ state: 'ok', protectedPath: false, isDefault: true }, 'pin-default'],
  [{ state: 'unknown', protectedPath: false }, 'pin-untold'],
  [{ state: 'ok', protectedPath: true }, 'pin-pad'],
] satisfies readonly [PinState, string][])('of a PIN %j it says %s', async (pin, reason) => {
  const locks = seen()
  const find = async (): Promise<TokenSummary> => ({ ...(await locks.find('')), pin })
  expect(await reasons({ ...locks, find })).toMatchObject({ pin: reason })
})

test('without the network it still tells what is here', async () => {
  const down = () => Promise.reject(new AppFailure('platform.unreachable', 'cut'))
  const { sealId } = desk.bid.header
  await ask()
  const { ready, lines } = await openingReadiness(
    { ...desk.ports, platformAt: () => new Proxy(desk.platform, { get: () => down }) },
    seen(),
    { ...desk.request, trust: { ...desk.request.trust, named: false }, bid: sealId },
    {},
  )
  expect(ready).toBe(false)
  expect(Object.fromEntries(lines.map(({ id, reason }) => [id, reason]))).toEqual({
    ...{ ...allWell, tender: 'tender-kept', network: 'network-down', clock: 'not-reached', platform: 'not-reached' },
    ...{ dates: 'not-reached', stored: 'not-reached' },
  })
})

test('a clock that is apart, an opening that moved, a closed one and another bid in the store are told', async () => {
  desk.time.wall += 3_600_000
  desk.notices.push(await makeNotice(desk.tender, { openingTime: '2026-03-02T10:00:00Z' }))
  desk.hostile.state = 'closed'
  desk.hostile.header = () => Promise.resolve(new Uint8Array(2048))
  expect(await reasons()).toMatchObject({
    ...{ clock: 'clock-apart', dates: 'dates-moved', platform: 'platform-closed', stored: 'stored-other' },
  })
})

test('a bid that was withdrawn, and one this computer never submitted, are told', async () => {
  const { sealId } = desk.bid.header
  const delivery = await desk.ports.deliveries.get(sealId)
  if (delivery === null) throw new Error('no delivery')
  await desk.ports.deliveries.save({ ...delivery, state: 'withdrawn' })
  expect(await reasons()).toMatchObject({ bid: 'bid-gone', lock: 'not-reached' })
  expect(await reasons(seen(), desk.sealed.path, desk.elsewhere())).toMatchObject({
    ...{ bid: 'bid-new-here', receipt: 'receipt-missing', lock: 'lock-right', stored: 'stored-same' },
  })
})
