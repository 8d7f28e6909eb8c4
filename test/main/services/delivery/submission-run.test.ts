import { createPrivateKey } from 'node:crypto'
import { open, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { certificatesFromPem, decodeDocument, readAll, signDocument, softSigner } from '../../../../crypto/index.ts'
import type { DocumentFields, SignedDocument } from '../../../../crypto/index.ts'
import type { SubmissionStatus } from '../../../../main/services/index.ts'
import { effectiveDates, exportReceipt, submitBid, withdrawBid } from '../../../../main/services/index.ts'
import { oneAtATime } from '../../../../main/services/delivery/one-at-a-time.ts'
import { submissionMemory } from '../../../../main/services/delivery/submit.ts'
import type { SubmitControl } from '../../../../main/services/delivery/submit.ts'
import { AppFailure } from '../../../../main/contract/failure.ts'
import { type BidderHome, bidderHome } from '../../../fixtures/bidder-home.ts'
import {
  type Bench,
  codeOf,
  type PublishedTender,
  sealFor,
  startBenchWithBid,
  tenderSpec,
  type TestBid,
} from '../../../fixtures/practice-platform.ts'
import { through } from '../../../fixtures/through-platform.ts'

const minute = 60_000

let bench: Bench
let published: PublishedTender
let bid: TestBid
let own: BidderHome
let told: SubmissionStatus[]

beforeEach(async () => {
  ;({ bench, published, bid } = await startBenchWithBid())
  own = bidderHome(bench, 'home')
  told = []
})

afterEach(async () => {
  await bench.close()
})

const submit = (home = own, control: SubmitControl = {}, { path } = bid) =>
  submitBid(home.ports, home.locks, { ...home.request, file: path }, { onState: each => told.push(each), ...control })
const states = () => told.map(({ state }) => state).filter((state, index, all) => state !== all[index - 1])
const last = () => told.at(-1)
const delivery = async (of = bid) => own.ports.deliveries.get(of.bid.header.sealId)

test('goes through its states, by the platform’s time and against the deadline in force', async () => {
  await submit()
  expect(states()).toEqual(['ready', 'verifying', 'beginning', 'uploading', 'completing', 'received'])
  const total = bid.bid.header.parts.reduce((sum, { sealedSize }) => sum + sealedSize, 0)
  expect(last()).toMatchObject({ confirmed: total, total, deadline: published.tender.fields.deadline, fits: null })
  const sent = told.find(({ state, confirmed }) => state === 'uploading' && confirmed === total)
  expect(sent).toMatchObject({ fits: true, projectedFinish: expect.stringMatching(/Z$/) })
  expect(Math.abs(sent?.serverOffsetMs ?? NaN)).toBeLessThan(2_000)
  await submit()
  expect(states().slice(-2)).toEqual(['ready', 'received'])
})

test('the red line goes by the platform’s clock, whatever this computer’s says', async () => {
  await bench.advance(60 * minute - 4_000)
  const slow = bidderHome(bench, 'home', { clock: { now: () => new Date(bench.clock.now().getTime() - 30 * minute) } })
  await submit(slow)
  expect(told.some(({ fits }) => fits === false)).toBe(true)
  expect(told.some(({ fits }) => fits === true)).toBe(false)
  expect(last()?.serverOffsetMs).toBeGreaterThan(29 * minute)
})

test('paused it keeps what the platform has, and goes on from there', async () => {
  const pause = new AbortController()
  const pausing = through(own, real => ({
    async sendPart(part, source, control) {
      await real.sendPart(part, source, control)
      pause.abort()
    },
  }))
  await expect(submit(pausing, { pause: pause.signal })).rejects.toMatchObject({ code: 'cancelled' })
  expect(last()).toMatchObject({ state: 'paused', confirmed: bid.bid.header.parts[0]?.sealedSize })
  expect(await delivery()).toMatchObject({ state: 'submitting' })
  const sent: string[] = []
  const going = through(own, real => ({
    sendPart(part, source, control) {
      if (part.offset < part.size) sent.push(part.name)
      return real.sendPart(part, source, control)
    },
  }))
  expect((await submit(going)).already).toBe(false)
  expect(sent).toEqual(['body'])
  expect(states().at(-1)).toBe('received')
})

test('a file that changes on its way never gets a receipt, and one that was only touched does', async () => {
  let asked = 0
  const meanwhile = (work: () => Promise<unknown>) =>
    through(own, real => ({
      async sendPart(part, source, control) {
        if (part.name === 'opening') await work()
        await real.sendPart(part, source, control)
      },
      completeSubmission(id) {
        asked += 1
        return real.completeSubmission(id)
      },
    }))
  const sealed = await readFile(bid.path)
  const body = await readAll(bid.bid.partSource('body'), 2 ** 30)
  const write = async (bit: number): Promise<void> => {
    const handle = await open(bid.path, 'r+')
    await handle.write(Buffer.from([(body[0] ?? 0) ^ bit]), 0, 1, sealed.indexOf(body))
    await handle.close()
  }
  expect(await codeOf(submit(meanwhile(() => write(1))))).toBe('input.changed')
  expect({ asked, state: last()?.state }).toEqual({ asked: 0, state: 'failed' })
  await write(0)
  expect((await submit(meanwhile(() => utimes(bid.path, 1, 1)))).already).toBe(false)
  // The platform had the broken bytes of the first run: it finds them and takes the part again.
  expect(asked).toBe(2)
})

test('reads the whole file before the first attempt, and again only when it is not the one it was', async () => {
  const memory = submissionMemory()
  const down = through(own, () => ({
    sendPart: () => Promise.reject(new AppFailure('platform.unreachable', 'no network')),
  }))
  const attempt = async () => {
    told = []
    expect(await codeOf(submit(down, { memory, retried: true }))).toBe('platform.unreachable')
    expect(last()).toMatchObject({ state: 'waiting-for-network', code: 'platform.unreachable' })
    return states().includes('verifying')
  }
  expect(await attempt()).toBe(true)
  expect(await attempt()).toBe(false)
  await writeFile(bid.path, await readFile(bid.path))
  expect(await attempt()).toBe(true)
})

// A HEAD has no body, and so no words.
test.each([
  ['tenders', 'platform.refused'],
  ['nonce', 'platform.refused'],
  ['beginSubmission', 'cert.expired'],
  ['uploadChunk', 'platform.late'],
  ['completeSubmission', 'seal.too-large'],
] as const)('what the platform refuses at %s is told in its words, with our code', async (route, code) => {
  const says = '本项目已暂停交易，请联系交易中心'
  await bench.admin.script({ refuse: [{ route, times: 100, code, says }] })
  await expect(submit()).rejects.toMatchObject({ failure: { code, platformSays: says } })
  expect(last()).toMatchObject({ state: 'refused', code, platformSays: says })
})

test('a withdrawal that is refused is told in the platform’s words too', async () => {
  await submit()
  const says = '开标程序已启动'
  await bench.admin.script({ refuse: [{ route: 'withdraw', times: 9, code: 'platform.late', says }] })
  const { sealId } = bid.bid.header
  const withdrawal = withdrawBid(own.ports, own.locks, { ...own.request, sealId }, {})
  await expect(withdrawal).rejects.toMatchObject({ failure: { code: 'platform.late', platformSays: says } })
  expect(await delivery()).toMatchObject({ state: 'received' })
})

test('platforms that tell no news and no signed time stop nobody', async () => {
  const refuse = (['notices', 'signedTime', 'time'] as const).map(route => ({
    ...{ route, times: 100, says: '' },
    code: 'platform.refused' as const,
  }))
  await bench.admin.script({ refuse })
  await submit()
  expect(last()).toMatchObject({ state: 'received' })
})

test('an extension counts once its notice is verified, and a forged one never does', async () => {
  const { tender } = published
  const later = (minutes: number) => new Date(Date.parse(tender.fields.deadline) + minutes * minute)
  const [deadline, openingTime] = [later(120), later(150)]
  const notice = await bench.admin.extend({ packageDigest: tender.packageDigest, deadline, openingTime })
  const fields = decodeDocument('notice', notice.bytes)
  const forged = await sign('receipt', 'notice', { ...fields, deadline: later(600).toISOString() })
  const foreign = await sign('notice', 'notice', { ...fields, packageDigest: 'a'.repeat(64) })
  const lying = through(own, real => ({
    notices: async digest => [...(await real.notices(digest)), forged, foreign],
  }))
  await submit(lying)
  expect(last()).toMatchObject({ state: 'received', deadline: deadline.toISOString() })
  expect(await effectiveDates(own.ports, tender)).toMatchObject({ deadline, openingTime })
  // An earlier deadline than the package's is nobody's to set.
  const earlier = await sign('notice', 'notice', {
    ...fields,
    publishedAt: new Date(Date.parse(fields.publishedAt) + 1).toISOString(),
    deadline: later(-30).toISOString(),
  })
  const hurrying = through(bidderHome(bench, 'other'), () => ({ notices: () => Promise.resolve([earlier]) }))
  await submit(hurrying)
  expect((await effectiveDates(hurrying.ports, tender)).deadline).toEqual(new Date(tender.fields.deadline))
})

test('a bid sealed before a later package sends nothing, and is told every difference to the newest', async () => {
  const spec = tenderSpec(bench.clock.now())
  const next = await bench.admin.makeTender({ ...spec, title: '更名', supersedes: published.tender.packageDigest })
  const limits = { fileBytes: 1000, bidBytes: 2000 }
  const newest = await bench.admin.makeTender({ ...spec, title: '更名', limits, supersedes: next.packageDigest })
  const begun: unknown[] = []
  const watched = through(own, real => ({
    beginSubmission(request) {
      begun.push(request)
      return real.beginSubmission(request)
    },
  }))
  await expect(submit(watched)).rejects.toMatchObject({
    failure: {
      code: 'tender.addendum-newer',
      addendum: {
        packageDigest: newest.packageDigest,
        steps: 2,
        changes: expect.arrayContaining([
          expect.objectContaining({ area: 'fact', property: 'title', to: '更名' }),
          expect.objectContaining({ area: 'limit', property: 'bidBytes', to: '2000' }),
        ]),
      },
    },
  })
  expect(begun).toEqual([])
  expect(last()).toMatchObject({ state: 'refused', code: 'tender.addendum-newer' })
})

test('neither a receipt of another kind nor one that forgets the replaced bid makes anything delivered', async () => {
  await submit()
  const { sealId } = bid.bid.header
  const receipt = await own.ports.deliveries.document(sealId, 'receipt')
  if (receipt === null) throw new Error('no receipt')
  const wrongWithdrawal = through(own, () => ({ withdraw: () => Promise.resolve(receipt) }))
  const { ports, locks, request } = wrongWithdrawal
  expect(await codeOf(withdrawBid(ports, locks, { ...request, sealId }, {}))).toBe('platform.receipt')
  expect(await delivery()).toMatchObject({ state: 'received' })

  const next = await sealFor(bench, published.tender, { replaces: bid.bid.sealDigest })
  const forgetful = through(own, real => ({
    async completeSubmission(id) {
      const { replaces: _, ...rest } = decodeDocument('receipt', (await real.completeSubmission(id)).bytes)
      return sign('receipt', 'receipt', rest)
    },
  }))
  expect(await codeOf(submit(forgetful, {}, next))).toBe('platform.receipt')
  expect([(await delivery())?.state, (await delivery(next))?.state]).toEqual(['received', 'submitting'])
  // The right one, asked again, settles both.
  await submit(own, {}, next)
  expect([(await delivery())?.state, (await delivery(next))?.state]).toEqual(['replaced', 'received'])
})

test('a withdrawal without an answer makes the kept receipt prove nothing until the platform is asked', async () => {
  await submit()
  const { sealId, tender } = bid.bid.header
  const withdraw = ({ ports, locks, request }: BidderHome) => withdrawBid(ports, locks, { ...request, sealId }, {})
  const lost = (arrives: boolean) =>
    through(own, real => ({
      async withdraw(withdrawal) {
        if (arrives) await real.withdraw(withdrawal)
        throw new AppFailure('platform.unreachable', 'the answer is lost')
      },
    }))
  expect(await codeOf(withdraw(lost(false)))).toBe('platform.unreachable')
  expect(await delivery()).toMatchObject({ state: 'received', withdrawing: true })
  // It still stands, says the platform, and so the receipt is good again.
  expect(await submit()).toMatchObject({ already: false })
  expect(await delivery()).not.toHaveProperty('withdrawing')
  expect(await submit()).toMatchObject({ already: true })

  expect(await codeOf(withdraw(lost(true)))).toBe('platform.unreachable')
  expect(await codeOf(submit())).toBe('platform.seal-known')
  expect(await codeOf(exportReceipt(own.ports, sealId, join(bench.folder, 'r')))).toBe('platform.seal-known')
  await withdraw(own)
  expect(await delivery()).toMatchObject({ state: 'withdrawn', lotId: tender.lotId })
  expect(await delivery()).not.toHaveProperty('withdrawing')
})

test('what the platform has received is kept first, and a file damaged since is a remark', async () => {
  const losing = through(own, real => ({
    async completeSubmission(id) {
      await real.completeSubmission(id)
      throw new AppFailure('platform.unreachable', 'the answer is lost')
    },
  }))
  expect(await codeOf(submit(losing))).toBe('platform.unreachable')
  const sealed = await readFile(bid.path)
  const body = await readAll(bid.bid.partSource('body'), 2 ** 30)
  sealed[sealed.indexOf(body)] = (body[0] ?? 0) ^ 1
  await writeFile(bid.path, sealed)
  expect(await submit()).toMatchObject({ already: false, fileFailure: { code: expect.stringMatching(/^seal\./) } })
  expect(await delivery()).toMatchObject({ state: 'received' })
  expect(last()).toMatchObject({ state: 'received' })
})

test('another program on the same bid is busy, not a folder that cannot be written', async () => {
  const now = Date.now
  const start = now()
  const hurried = vi.spyOn(Date, 'now').mockImplementation(() => start + (now() - start) * 20)
  const both = oneAtATime(own.ports, bid.bid.header.sealId, () => submit(own, { retried: true }))
  await expect(both).rejects.toMatchObject({ code: 'bid.busy' })
  hurried.mockRestore()
  expect(last()).toMatchObject({ state: 'waiting-for-turn', code: 'bid.busy' })
})

/** A document as the platform's own key for a purpose signs it. */
async function sign<K extends 'notice' | 'receipt'>(
  purpose: 'notice' | 'receipt',
  kind: K,
  fields: DocumentFields<K>,
): Promise<SignedDocument> {
  const key = (ending: string): Promise<string> => readFile(join(bench.dir, 'keys', `${purpose}.${ending}`), 'utf8')
  const [certificate = new Uint8Array(0), ...intermediates] = certificatesFromPem(await key('pem'))
  const signer = softSigner({ certificate, intermediates, privateKey: createPrivateKey(await key('key')) })
  return signDocument(kind, fields, signer, bid.bid.suite, bench.clock)
}
