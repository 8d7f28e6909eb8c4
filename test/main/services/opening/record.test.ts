import { afterEach, beforeEach, expect, test } from 'vitest'
import { AppFailure } from '../../../../main/contract/failure.ts'
import type { Platform } from '../../../../main/platform/index.ts'
import { answerRecord, attendOpening, seeRecord } from '../../../../main/services/index.ts'
import type { RecordResponse, ResponseQuestions } from '../../../../main/services/index.ts'
import { agree, type OpeningDesk, openingDesk } from '../../../fixtures/fake-opening.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'
import { codeOf } from '../../../fixtures/practice-platform.ts'

let desk: OpeningDesk
let asked: string[]

beforeEach(async () => {
  desk = await openingDesk()
  asked = []
})

afterEach(() => {
  desk.close()
})

const minute = 60_000
const confirm: RecordResponse = { kind: 'confirm' }
const objection: RecordResponse = { kind: 'objection', text: '开标记录中的投标总价与我方不符' }
const questions = (answer: boolean): ResponseQuestions => ({
  afterUsualLimit() {
    asked.push('limit')
    return Promise.resolve(answer)
  },
  afterTheOpposite(before) {
    asked.push(before)
    return Promise.resolve(answer)
  },
})
const open = (change: { confirm?: boolean } = {}) =>
  attendOpening(
    desk.ports,
    desk.locks(),
    {
      ...{ ...desk.request, bid: desk.bid.header.sealId, follow: true, confirm: change.confirm ?? false },
      questions: agree,
    },
    {},
  )
const answer = (response: RecordResponse, agreed = false, ports = desk.ports) =>
  answerRecord(
    ports,
    desk.locks(),
    {
      ...{ ...desk.request, bid: ports === desk.ports ? desk.bid.header.sealId : desk.sealed.path },
      ...{ response, questions: questions(agreed) },
    },
    {},
  )

test('there is nothing to see or to answer before the record', async () => {
  expect(await codeOf(answer(objection))).toBe('platform.not-open')
})

test('shows every bid of the record and how long it can be answered, and signs nothing', async () => {
  await open()
  const request = { ...desk.request, bid: desk.bid.header.sealId }
  const seen = await seeRecord(desk.ports, desk.locks(), request, {})
  expect(seen.fields?.bids.map(({ state }) => state)).toEqual(['opened', 'withdrawn'])
  expect(seen).toMatchObject({ own: { state: 'opened' }, failure: null, confirmed: false, objected: false })
  // Nothing names a limit: as long after the record as the window for keys was open.
  expect(seen.limit).toEqual({ until: new Date(desk.time.platform + 60 * minute), by: 'usual' })
  expect(desk.seen).toEqual(['sign-in', 'release'])
})

test('objects once, signed and on record, however often it is said', async () => {
  await open()
  expect(await answer(objection)).toMatchObject({ sent: true, objected: true })
  expect(await answer(objection)).toMatchObject({ sent: false })
  expect(await answer({ kind: 'objection', text: '另一项异议' })).toMatchObject({ sent: true })
  expect(desk.seen.filter(each => each.startsWith('objection'))).toHaveLength(2)
  const kinds = (await desk.ports.journal.entries()).map(({ kind }) => kind)
  expect(kinds.filter(kind => kind === 'objected')).toHaveLength(2)
})

test('an objection whose answer was lost is sent again as it was', async () => {
  await open()
  const sent: string[] = []
  const losing: Platform = Object.assign(Object.create(desk.platform) as Platform, {
    object(id: string, document: { bytes: Uint8Array; signature: Uint8Array }) {
      sent.push(Buffer.from(document.bytes).toString('hex'))
      if (sent.length === 1) return Promise.reject(new AppFailure('platform.unreachable', 'cut'))
      return desk.platform.object(id, document)
    },
  })
  const ports = { ...desk.ports, platformAt: () => losing }
  const request = { ...desk.request, bid: desk.bid.header.sealId, response: objection, questions: questions(false) }
  expect(await codeOf(answerRecord(ports, desk.locks(), request, {}))).toBe('platform.unreachable')
  expect(await answerRecord(ports, desk.locks(), request, {})).toMatchObject({ sent: true })
  expect([sent.length, new Set(sent).size]).toEqual([2, 1])
})

test('a record is confirmed by hand, and not twice', async () => {
  await open()
  expect(await answer(confirm)).toMatchObject({ sent: true, confirmed: true })
  expect(await answer(confirm)).toMatchObject({ sent: false })
  expect(desk.seen.filter(each => each === 'confirm')).toHaveLength(1)
})

test('who has confirmed is asked before objecting, and the other way round', async () => {
  await open({ confirm: true })
  expect(await codeOf(answer(objection))).toBe('opening.not-confirmed')
  expect(asked).toEqual(['confirmed'])
  expect(await answer(objection, true)).toMatchObject({ sent: true })
  expect(await answer(confirm, true)).toMatchObject({ sent: false })
  expect(asked).toEqual(['confirmed', 'confirmed', 'objected'])
})

test('after the usual limit it asks; after one the record names it refuses', async () => {
  await open()
  desk.time.pass(61 * minute)
  expect(await codeOf(answer(objection))).toBe('opening.not-confirmed')
  expect(await answer(objection, true)).toMatchObject({ sent: true })
  expect(asked).toEqual(['limit', 'limit'])
  desk.close()
  desk = await openingDesk()
  desk.hostile.record = fields => ({ ...fields, respondBy: new Date(desk.time.platform + 10 * minute).toISOString() })
  await open()
  expect(await answer({ ...objection, text: '在期限内' })).toMatchObject({ sent: true })
  desk.time.pass(11 * minute)
  expect(await codeOf(answer(objection, true))).toBe('platform.closed')
})

test('a record that does not stand up to the check can be objected to, and never confirmed', async () => {
  desk.hostile.record = fields => ({ ...fields, bids: [] })
  expect(await codeOf(open())).toBe('opening.record')
  expect(await codeOf(answer(confirm, true))).toBe('opening.record')
  expect(await answer(objection)).toMatchObject({ sent: true, failure: { code: 'opening.record' }, own: null })
})

test('so can one that somebody else signed', async () => {
  desk.hostile.recordSigner = practiceCa().rival.sign.signer()
  expect(await codeOf(open())).toBe('opening.record')
  expect(await answer(objection)).toMatchObject({ sent: true, fields: null })
})

test('another computer can answer with the header alone', async () => {
  await open()
  expect(await answer(objection, false, desk.elsewhere())).toMatchObject({ sent: true })
})

test('an objection without a text, or with too long a one, is refused', async () => {
  await open()
  expect(await codeOf(answer({ kind: 'objection', text: '  \n' }))).toBe('arguments.bad')
  expect(await codeOf(answer({ kind: 'objection', text: 'x'.repeat(10_001) }))).toBe('arguments.bad')
})
