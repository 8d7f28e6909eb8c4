import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AppFailure } from '../../../../main/contract/failure.ts'
import type { FailureCode } from '../../../../main/contract/failure.ts'
import type { Platform } from '../../../../main/platform/index.ts'
import { attendOpening } from '../../../../main/services/index.ts'
import type { Locks, Ports } from '../../../../main/services/index.ts'
import { keepRelease, keptRelease } from '../../../../main/services/opening/kept-release.ts'
import { patientPlatform } from '../../../../main/services/opening/patient-platform.ts'
import { agree, type OpeningDesk, openingDesk } from '../../../fixtures/fake-opening.ts'
import { makeChallenge } from '../../../fixtures/opening.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'
import { codeOf } from '../../../fixtures/practice-platform.ts'

let desk: OpeningDesk

beforeEach(async () => {
  desk = await openingDesk()
})

afterEach(() => {
  desk.close()
})

const refused = (code: FailureCode): AppFailure => new AppFailure(code, 'the platform says so')
const with_ = (change: Partial<Platform>, ports = desk.ports): Ports => {
  const platform = Object.assign(Object.create(desk.platform) as Platform, change)
  return { ...ports, platformAt: () => platform }
}
const open = (more: { ports?: Ports; locks?: Locks; confirm?: boolean; wait?: boolean } = {}) =>
  attendOpening(
    more.ports ?? desk.ports,
    more.locks ?? desk.locks(),
    {
      ...{ ...desk.request, bid: desk.bid.header.sealId, follow: true, confirm: more.confirm ?? false },
      ...{ questions: agree, wait: more.wait },
    },
    {},
  )
const entries = async (kind: string) =>
  (await desk.ports.journal.entries()).filter(entry => entry.kind === kind).map(({ facts }) => facts)
const failed = async () => (await entries('failed')).map(({ act, code, side }) => [act, code, side])
const kept = (pattern: RegExp): readonly string[] =>
  readdirSync(join(desk.ports.home.deliveries, desk.bid.header.sealId)).filter(name => pattern.test(name))

describe('a kept document that the platform refuses is not sent for ever:', () => {
  test.each(['cert.expired', 'document.signature', 'opening.challenge', 'platform.refused'] as const)(
    'after %s the next run makes another release',
    async code => {
      // Also what comes after signing in once more is refused.
      desk.script.push(...(code === 'platform.refused' ? [refused(code), refused(code)] : [refused(code)]))
      expect(await codeOf(open())).toBe(code)
      expect((await open()).record?.own.state).toBe('opened')
      expect(new Set(desk.releases).size).toBe(2)
    },
  )

  test('after the close, and while the network is away, it stays the same release', async () => {
    desk.script.push(refused('platform.closed'))
    expect(await codeOf(open())).toBe('platform.closed')
    await open()
    expect(new Set(desk.releases).size).toBe(1)
  })

  test('a wrong lock is told before the PIN also after a release was refused', async () => {
    desk.script.push(refused('cert.expired'))
    expect(await codeOf(open())).toBe('cert.expired')
    const used = desk.opened()
    expect(await codeOf(open({ locks: desk.locks(practiceCa().bidder.backup) }))).toBe('token.wrong-lock')
    expect([desk.opened(), desk.releases.length]).toEqual([used, 1])
  })

  test('a confirmation that was refused is signed anew by the next run', async () => {
    const sent: string[] = []
    const ports = with_({
      confirm(id, document) {
        sent.push(Buffer.from(document.bytes).toString('hex'))
        return sent.length === 1 ? Promise.reject(refused('cert.expired')) : desk.platform.confirm(id, document)
      },
    })
    expect(await codeOf(open({ ports, confirm: true }))).toBe('cert.expired')
    expect((await open({ ports, confirm: true })).confirmed).toBe(true)
    expect(new Set(sent).size).toBe(2)
  })

  test('a platform that has lost the sign-in gets another, and then the same release', async () => {
    desk.script.push(refused('platform.closed'))
    expect(await codeOf(open())).toBe('platform.closed')
    desk.script.push(refused('platform.refused'))
    expect((await open()).record?.own.state).toBe('opened')
    expect(desk.seen).toEqual(['sign-in', 'release', 'release', 'sign-in', 'release'])
    expect(new Set(desk.releases).size).toBe(1)
  })
})

describe('the journal tells what this computer decided itself:', () => {
  test('a PIN that fails at the sign-in', async () => {
    const locks: Locks = { ...desk.locks(), signer: () => Promise.reject(refused('token.pin-incorrect')) }
    expect(await codeOf(open({ locks }))).toBe('token.pin-incorrect')
    expect(await failed()).toEqual([['lock', 'token.pin-incorrect', 'bidder']])
  })

  test('a lock that does not open the bid', async () => {
    expect(await codeOf(open({ locks: desk.locks(practiceCa().bidder.backup) }))).toBe('token.wrong-lock')
    expect(await failed()).toEqual([['lock', 'token.wrong-lock', 'bidder']])
  })

  test('another bid stored under our digest', async () => {
    desk.hostile.header = () => Promise.resolve(new Uint8Array(1024))
    expect(await codeOf(open())).toBe('opening.challenge')
    expect(await failed()).toEqual([['check-stored', 'opening.challenge', 'platform']])
  })

  test('a challenge that does not hold, which is kept', async () => {
    const receipt = await desk.ports.deliveries.document(desk.bid.header.sealId, 'receipt')
    if (receipt === null) throw new Error('no receipt')
    desk.hostile.challenge = () => makeChallenge(desk.bid, receipt, { openingId: 'opening-2' })
    expect(await codeOf(open())).toBe('opening.challenge')
    expect(await failed()).toEqual([['check-challenge', 'opening.challenge', 'platform']])
    const [told] = (await entries('answer')).filter(({ act }) => act === 'challenge')
    const name = `challenge-refused-${String(told?.['answerDigest']).slice(0, 16)}`
    expect(kept(/refused/)).toEqual([`${name}.json`, `${name}.p7s`])
  })

  test('a receipt that refuses a part, or is of another release, which is kept', async () => {
    desk.hostile.receiptOfRelease = ({ parts, ...fields }) => ({
      ...fields,
      parts: parts.map(part => ({ ...part, result: 'refused' as const })),
    })
    expect(await codeOf(open())).toBe('seal.key-mismatch')
    expect((await failed()).map(([act, code]) => [act, code])).toEqual([['check-release-receipt', 'seal.key-mismatch']])
    expect(kept(/^release-receipt/)).toHaveLength(2)
    expect(kept(/^release-receipt-refused-[0-9a-f]{16}\.(json|p7s)$/)).toHaveLength(2)
  })

  test('a record that does not hold', async () => {
    desk.hostile.record = fields => ({ ...fields, bids: [] })
    expect(await codeOf(open())).toBe('opening.record')
    expect(await failed()).toEqual([['check-record', 'opening.record', 'platform']])
  })
})

describe('killed at a bad moment:', () => {
  test('between the receipt and the journal, the next run writes what is missing, once', async () => {
    const journal: Ports['journal'] = {
      ...desk.ports.journal,
      entries: () => desk.ports.journal.entries(),
      append: (kind, facts) =>
        kind === 'released' ? Promise.reject(new Error('killed')) : desk.ports.journal.append(kind, facts),
    }
    await expect(open({ ports: { ...desk.ports, journal } })).rejects.toThrow('killed')
    expect(await entries('released')).toEqual([])
    await open()
    await open()
    expect(await entries('released')).toHaveLength(1)
    expect((await entries('journal-signed')).map(({ moment }) => moment)).toEqual(['released'])
    expect(desk.releases).toHaveLength(1)
  })

  test('between the envelopes of a later release and itself, the earlier one is whole', async () => {
    const { deliveries } = desk.ports
    const { sealId } = desk.bid.header
    await open()
    const before = await keptRelease(deliveries, sealId)
    if (before === null) throw new Error('no release')
    const later = {
      bytes: new TextEncoder().encode('later'),
      signature: before.signature,
      envelopes: new Map([...before.envelopes].map(([part]) => [part, new Uint8Array(8)])),
    }
    const killed = { ...deliveries, keepDocument: () => Promise.reject(new Error('killed')) }
    await expect(keepRelease(killed, sealId, later)).rejects.toThrow('killed')
    expect(await keptRelease(deliveries, sealId)).toEqual(before)
    // And a document with the signature of another counts as none.
    const { bytes } = (await deliveries.document(sealId, 'record')) ?? before
    await deliveries.keepFile(sealId, 'release.json', bytes)
    expect(await keptRelease(deliveries, sealId)).toBeNull()
  })
})

describe('a fault that passes ends nothing:', () => {
  test.each(['platform.unreachable', 'platform.proxy', 'platform.storage'] as const)('%s', async code => {
    let asked = 0
    const { opening } = desk.platform
    const shaky: Partial<Platform> = {
      opening: id => ((asked += 1) % 2 === 1 ? Promise.reject(refused(code)) : opening(id)),
    }
    const patient = patientPlatform({ ...desk.platform, ...shaky }, undefined, undefined, {
      ...{ tries: 2, firstWait: 1, longestWait: 1 },
    })
    expect((await patient.opening('')).state).toBe('open')
    asked = 0
    expect((await open({ ports: with_(shaky), wait: true })).record?.own.state).toBe('opened')
  })

  test('and a question that hangs does not hold up the release', async () => {
    desk.streams = false
    desk.time.pass(-2 * 60_000)
    let asked = 0
    const { opening } = desk.platform
    // The second is the one that follows the opening beside the countdown.
    const ports = with_({ opening: id => ((asked += 1) === 2 ? new Promise(() => undefined) : opening(id)) })
    const opened = attendOpening(
      ports,
      desk.locks(),
      {
        ...{ ...desk.request, bid: desk.bid.header.sealId, follow: false, confirm: false, questions: agree },
        ...{ wait: true, onNews: ({ kind }) => kind === 'countdown' && desk.time.pass(3 * 60_000) },
      },
      {},
    )
    expect((await opened).releaseReceipt).not.toBeNull()
  })
})
