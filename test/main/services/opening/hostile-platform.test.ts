import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { decodeDocument, listDigest, sha256Hex } from '../../../../crypto/index.ts'
import { attendOpening } from '../../../../main/services/index.ts'
import { agree, makeNotice, type OpeningDesk, openingDesk } from '../../../fixtures/fake-opening.ts'
import { makeChallenge, makeReceipt } from '../../../fixtures/opening.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'
import { codeOf } from '../../../fixtures/practice-platform.ts'

let desk: OpeningDesk

beforeEach(async () => {
  desk = await openingDesk()
})

afterEach(() => {
  desk.close()
})

const day = 24 * 3_600_000
const other = '42'.repeat(32)
const open = (questions = agree, ports = desk.ports) =>
  attendOpening(
    ports,
    desk.locks(),
    { ...desk.request, bid: desk.bid.header.sealId, follow: true, confirm: true, questions },
    {},
  )
const change =
  (fields: Parameters<typeof makeChallenge>[2], signer = practiceCa().opening.signer()) =>
  async () => {
    const receipt = await desk.ports.deliveries.document(desk.bid.header.sealId, 'receipt')
    if (receipt === null) throw new Error('no receipt')
    return makeChallenge(desk.bid, receipt, fields, signer)
  }
const unasked = () => {
  throw new Error('nobody was to be asked')
}

/** What a platform does, and the code it must end in; the keys stay in the lock each time. */
const hostilities: Readonly<Record<string, { readonly code: string; readonly does: () => void | Promise<void> }>> = {
  'has its challenge signed by a certificate that is not for the opening': {
    code: 'opening.challenge',
    does: () => void (desk.hostile.challenge = change({}, practiceCa().receipt.signer())),
  },
  'has its challenge signed by a certificate the tender does not list': {
    code: 'opening.challenge',
    does: () => void (desk.hostile.challenge = change({}, practiceCa().rival.sign.signer())),
  },
  'opened before the opening time': {
    code: 'opening.early',
    does: () => void (desk.hostile.challenge = change({ openedAt: '2026-03-02T08:29:59Z' })),
  },
  'opened a day before the opening time': {
    code: 'opening.early',
    does: () => void (desk.hostile.challenge = change({ openedAt: '2026-03-01T08:30:30Z' })),
  },
  'answers the challenge of another opening': {
    code: 'opening.challenge',
    does: () => void (desk.hostile.challenge = change({ openingId: 'opening-2' })),
  },
  'names a recipient the tender does not list': {
    code: 'opening.challenge',
    does: () =>
      void (desk.hostile.challenge = change({ recipient: sha256Hex(practiceCa().rival.decrypt.certificate) })),
  },
  'names a recipient that is for receipts only': {
    code: 'opening.challenge',
    does: () => void (desk.hostile.challenge = change({ recipient: sha256Hex(practiceCa().receipt.certificate) })),
  },
  'replays the challenge of another bid': {
    code: 'opening.challenge',
    does: () => void (desk.hostile.challenge = change({ sealDigest: other })),
  },
  'has the receipt of another bid in its challenge': {
    code: 'opening.challenge',
    async does() {
      const receipt = await makeReceipt(desk.bid, { sealDigest: other, size: desk.bid.source.size })
      desk.hostile.challenge = () => makeChallenge(desk.bid, receipt)
    },
  },
  'names another tender': {
    code: 'opening.challenge',
    does: () =>
      void (desk.hostile.challenge = change({ tender: { platform: 'practice.bidseal', tenderId: 'X', lotId: '01' } })),
  },
  'closes before it opens': {
    code: 'opening.challenge',
    does: () => void (desk.hostile.challenge = change({ closesAt: '2026-03-02T08:30:30Z' })),
  },
  'changes a byte after the signature': {
    code: 'opening.challenge',
    does() {
      desk.hostile.challenge = honest => {
        const bytes = Uint8Array.from(honest.bytes)
        const at = Buffer.from(bytes).indexOf('2026-03-02T09:30')
        bytes.set(Buffer.from('2026-03-02T19:30'), at)
        return Promise.resolve({ ...honest, bytes })
      }
    },
  },
  'stores another bid under our digest': {
    code: 'opening.challenge',
    async does() {
      const rival = await openingDesk()
      const header = await rival.platform.header('')
      rival.close()
      desk.hostile.header = () => Promise.resolve(header)
    },
  },
  'stores what is no bid under our digest': {
    code: 'opening.challenge',
    does: () => void (desk.hostile.header = () => Promise.resolve(new Uint8Array(1024))),
  },
  'says that it has begun before its own signed clock does': {
    code: 'opening.early',
    does() {
      desk.time.platform -= 3_600_000
      desk.hostile.state = 'open'
      desk.hostile.challenge = change({})
    },
  },
  'opens at the old time after its own notice has moved it': {
    code: 'opening.early',
    async does() {
      desk.notices.push(await makeNotice(desk.tender, { openingTime: '2026-03-02T10:00:00Z' }))
      desk.hostile.state = 'open'
      desk.hostile.challenge = change({})
    },
  },
  'keeps the challenge of the old time after its own notice has moved it': {
    code: 'opening.early',
    async does() {
      desk.notices.push(await makeNotice(desk.tender, { openingTime: '2026-03-02T10:00:00Z' }))
      desk.time.pass(2 * 3_600_000)
      desk.hostile.challenge = change({})
    },
  },
  'names a certificate that an unsigned notice adds': {
    code: 'opening.challenge',
    does: () => bringOwnKey(practiceCa().rival.sign.signer()),
  },
}

/** The platform's opening key is another one than the tender lists; a notice by `signer` says that it may be. */
async function bringOwnKey(signer = practiceCa().notice.signer()): Promise<void> {
  const key = practiceCa().issue('another-opening', { profile: 'platform' })
  desk.hostile.openingKey = key
  const certificate = Buffer.from(key.certificate).toString('base64')
  desk.notices.push(await makeNotice(desk.tender, { certificates: [{ purpose: 'opening', certificate }] }, signer))
}

describe('no key leaves the lock, and nothing is signed, when the platform', () => {
  test.each(Object.keys(hostilities))('%s', async name => {
    const { code, does } = hostilities[name] ?? { code: '', does: unasked }
    await does()
    expect(await codeOf(open())).toBe(code)
    expect(desk.opened()).toBe(0)
    expect(desk.seen).toEqual([])
    expect(await desk.ports.deliveries.document(desk.bid.header.sealId, 'release')).toBeNull()
  })
})

test('an honest platform gets one release, whose record is confirmed', async () => {
  const { record, confirmed, releaseReceipt } = await open()
  expect(record?.own.state).toBe('opened')
  expect(confirmed).toBe(true)
  expect(releaseReceipt?.parts.every(({ result }) => result === 'matched')).toBe(true)
  expect(desk.seen).toEqual(['sign-in', 'release', 'confirm'])
  expect(desk.opened()).toBe(2)
})

test('a certificate that a signed notice adds may receive the keys', async () => {
  await bringOwnKey()
  expect((await open()).record?.own.state).toBe('opened')
})

test('after a signed notice the opening counts from the later time', async () => {
  desk.notices.push(await makeNotice(desk.tender, { openingTime: '2026-03-02T10:00:00Z' }))
  expect(await codeOf(open())).toBe('opening.early')
  desk.time.pass(2 * 3_600_000)
  expect((await open()).record?.own.state).toBe('opened')
})

describe('a record is not confirmed when', () => {
  const records: Readonly<Record<string, () => void>> = {
    'it is over another list than the release signed': () =>
      void (desk.hostile.record = fields => ({ ...fields, list: listDigest([other]) })),
    'the published digests make another list': () =>
      void (desk.hostile.sealedDigests = [desk.bid.sealDigest, other].sort()),
    'our bid is not among the published digests': () => void (desk.hostile.sealedDigests = [other]),
    'it does not name our bid': () => void (desk.hostile.record = fields => ({ ...fields, bids: [] })),
    'it is of another opening': () => void (desk.hostile.record = fields => ({ ...fields, openingId: 'opening-2' })),
    'it has our bid twice': () =>
      void (desk.hostile.record = fields => ({
        ...fields,
        bids: [...fields.bids, ...fields.bids.slice(0, 1).map(bid => ({ ...bid, state: 'not-released' as const }))],
      })),
    'it opened a bid that was not published': () =>
      void (desk.hostile.record = fields => ({
        ...fields,
        bids: fields.bids.map(bid => ({ ...bid, state: 'opened' as const })),
      })),
    'it says that our standing bid was withdrawn': () =>
      void (desk.hostile.record = fields => ({
        ...fields,
        bids: fields.bids.map(bid => ({ ...bid, state: 'withdrawn' as const })),
      })),
    'the keys it shows for our bid are others': () =>
      void (desk.hostile.record = fields => ({
        ...fields,
        bids: fields.bids.map(bid => ({ ...bid, partKeys: [{ name: 'body' as const, key: other }] })),
      })),
    'somebody else signed it': () => void (desk.hostile.recordSigner = practiceCa().rival.sign.signer()),
  }
  test.each(Object.keys(records))('%s', async name => {
    records[name]?.()
    expect(await codeOf(open())).toBe('opening.record')
    expect(desk.seen).toEqual(['sign-in', 'release'])
  })
})

test('the receipt of another release counts for nothing, and the next run sends the same one', async () => {
  desk.hostile.receiptOfRelease = fields => ({ ...fields, releaseDigest: other })
  expect(await codeOf(open())).toBe('platform.receipt')
  expect((await desk.ports.deliveries.get(desk.bid.header.sealId))?.state).toBe('received')
  expect(await codeOf(open())).toBe('platform.receipt')
  expect(new Set(desk.releases).size).toBe(1)
})

describe('this computer’s clock alone never decides:', () => {
  const asked = (): { questions: typeof agree; times: () => number } => {
    let times = 0
    const hasItBegun = (): Promise<boolean> => {
      times += 1
      return Promise.resolve(false)
    }
    return { questions: { ...agree, hasItBegun }, times: () => times }
  }

  test('a day ahead, it opens nothing before the platform does', async () => {
    desk.time.platform -= 3_600_000
    desk.time.wall += day
    expect(await codeOf(open())).toBe('opening.early')
    expect(desk.opened()).toBe(0)
  })

  test('a day ahead, with an honest platform that has begun, all goes well', async () => {
    desk.time.wall += day
    expect((await open({ ...agree, hasItBegun: unasked })).confirmed).toBe(true)
  })

  test('a day behind, the person is asked, and a no keeps the keys in', async () => {
    desk.time.wall -= day
    const { questions, times } = asked()
    expect(await codeOf(open(questions))).toBe('opening.not-confirmed')
    expect([times(), desk.opened()]).toEqual([1, 0])
    expect((await open()).confirmed).toBe(true)
  })

  test('right, with a platform a day ahead, the person is asked, and a no keeps the keys in', async () => {
    desk.time.wall -= day
    desk.hostile.challenge = change({})
    const { questions, times } = asked()
    expect(await codeOf(open(questions))).toBe('opening.not-confirmed')
    expect([times(), desk.opened()]).toEqual([1, 0])
  })

  test('right, with a platform a day behind, it opens nothing before the platform does', async () => {
    desk.time.platform -= day
    expect(await codeOf(open())).toBe('opening.early')
    expect(desk.opened()).toBe(0)
  })
})

test('a released key stands in no file of the home', async () => {
  await open()
  const release = await desk.ports.deliveries.document(desk.bid.header.sealId, 'release')
  expect(release === null ? null : decodeDocument('release', release.bytes).holds).toBe('partKey')
})
