import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { bytesSource, encodeDocument, sha256Hex } from '../../../../crypto/index.ts'
import { AppFailure } from '../../../../main/contract/failure.ts'
import type { OpeningEvent, Platform, ReleaseAnswer } from '../../../../main/platform/index.ts'
import { recordedPlatform, recordedWork, sentDocument } from '../../../../main/services/evidence/recorded-platform.ts'
import type { Ports } from '../../../../main/services/index.ts'
import { deliveriesAt, homeAt, journalAt } from '../../../../main/store/index.ts'

let folder: string
let ports: Ports
let time: number
/** How much longer the wall clock ran than the monotonic one. */
let slept: number

const bid = { sealId: '00000000-0000-4000-8000-000000000001', sealDigest: 'ab'.repeat(32) }
const signed = { bytes: new TextEncoder().encode('{}'), signature: Uint8Array.of(1) }

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-recorded-'))
  const home = homeAt(folder)
  time = 0
  slept = 0
  const clock = { now: () => new Date(Date.parse('2026-11-24T09:00:00Z') + time + slept) }
  ports = {
    ...{ clock, home, monotonic: () => time },
    journal: journalAt(home.journal, clock.now),
    deliveries: deliveriesAt(home.deliveries),
  } as unknown as Ports
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

function recorded(parts: Partial<Platform>): Platform {
  return recordedPlatform(ports, parts as Platform, bid)
}

async function written(): Promise<readonly Record<string, unknown>[]> {
  return (await ports.journal.entries()).map(({ kind, facts }) => ({ kind, ...facts }))
}

it('writes the attempt before the request and the answer before the caller has it', async () => {
  const receipt = { bytes: new TextEncoder().encode('not a receipt'), signature: Uint8Array.of(2) }
  const platform = recorded({
    completeSubmission: async () => {
      expect(await written()).toMatchObject([{ kind: 'attempt', act: 'complete', ...bid }])
      time += 250
      return receipt
    },
  })
  expect(await platform.completeSubmission('s')).toBe(receipt)
  expect(await written()).toMatchObject([
    { kind: 'attempt', act: 'complete', ownTime: '2026-11-24T09:00:00.000Z' },
    { kind: 'answer', act: 'complete', code: 'ok', ms: 250, answerDigest: sha256Hex(receipt.bytes) },
  ])
})

it('writes a refusal with its code, its side and the platform’s words, and passes it on', async () => {
  const refusal = new AppFailure('platform.refused', 'HTTP 403', { platformSays: '系统维护' })
  const platform = recorded({ signIn: () => Promise.reject(refusal) })
  await expect(platform.signIn('o', signed)).rejects.toBe(refusal)
  expect((await written())[1]).toMatchObject({
    ...{ kind: 'answer', act: 'sign-in', code: 'platform.refused', side: 'platform', platformSays: '系统维护' },
    documentDigest: sha256Hex(signed.bytes),
  })
})

it('keeps what the bidder sent once it was answered, and not what was refused', async () => {
  const digest = sha256Hex(signed.bytes)
  let refuses = true
  const platform = recorded({
    object: () => (refuses ? Promise.reject(new AppFailure('platform.refused', '')) : Promise.resolve()),
  })
  await expect(platform.object('o', signed)).rejects.toMatchObject({ code: 'platform.refused' })
  expect(await sentDocument(ports, bid.sealId, 'object', digest)).toBeNull()
  refuses = false
  await platform.object('o', signed)
  expect(await sentDocument(ports, bid.sealId, 'object', digest)).toMatchObject({ bytes: Buffer.from(signed.bytes) })
})

it('writes readings when they fail and when they change, not each time', async () => {
  let state: 'waiting' | 'open' = 'waiting'
  let away = false
  const status = () => ({ state, openingTime: new Date(0), closesAt: null, released: 0, bids: 0 })
  const platform = recorded({
    opening: () => (away ? Promise.reject(new AppFailure('platform.unreachable', '')) : Promise.resolve(status())),
    nonce: () => Promise.resolve('00'),
  })
  const ask = () => platform.opening('o').catch(() => null)
  for (let i = 0; i < 3; i += 1) await ask()
  await platform.nonce()
  away = true
  for (let i = 0; i < 3; i += 1) await ask()
  time += 61_000
  await ask()
  away = false
  state = 'open'
  await ask()
  expect((await written()).map(({ act, code, state }) => [act, code, state])).toEqual([
    ['opening', 'ok', 'waiting'],
    ['opening', 'platform.unreachable', undefined],
    ['opening', 'platform.unreachable', undefined],
    ['opening', 'ok', 'open'],
  ])
})

it('writes a release that waits as one attempt, and a line when its place changes', async () => {
  const answers: ReleaseAnswer[] = [2, 2, 1].map(ahead => ({ state: 'queued', ahead, retryAfter: 5 }))
  const platform = recorded({
    release: () => Promise.resolve(answers.shift() ?? { state: 'receipt', receipt: signed }),
  })
  const release = { ...signed, envelopes: new Map() }
  for (let i = 0; i < 4; i += 1) await platform.release('o', release)
  expect((await written()).map(({ kind, code, ahead }) => [kind, code, ahead])).toEqual([
    ['attempt', undefined, undefined],
    ['answer', 'platform.queued', 2],
    ['answer', 'platform.queued', 1],
    ['answer', 'ok', undefined],
  ])
})

it('carries the platform’s time on by the monotonic clock while the wall clock agrees, and drops it after a sleep', async () => {
  const platform = recorded({
    serverTime: () => Promise.resolve(new Date('2026-11-24T10:00:00Z')),
    signIn: () => Promise.resolve(),
  })
  await platform.serverTime()
  time += 90_000
  await platform.signIn('o', signed)
  expect((await written()).at(-1)).toMatchObject({ serverTime: '2026-11-24T10:01:30.000Z' })
  slept = 3_600_000
  await platform.signIn('o', signed)
  expect((await written()).at(-1)).not.toHaveProperty('serverTime')
  await platform.serverTime()
  await platform.signIn('o', signed)
  expect((await written()).at(-1)).toMatchObject({ serverTime: '2026-11-24T10:00:00.000Z' })
})

it('takes the time of a receipt that can be read for the platform’s', async () => {
  const receipt = encodeDocument('receipt', {
    ...{ kind: 'received', ...bid, tender: { platform: 'p', tenderId: 't', lotId: '' }, parts: [], size: 1 },
    receivedAt: '2026-11-24T08:59:59Z',
  })
  const platform = recorded({ withdraw: () => Promise.resolve({ bytes: receipt, signature: Uint8Array.of(1) }) })
  await platform.withdraw(signed)
  expect((await written()).at(-1)).toMatchObject({ act: 'withdraw', serverTime: '2026-11-24T08:59:59Z' })
})

it('says how far a part came that was cut off', async () => {
  const platform = recorded({
    sendPart: (_part, _source, control) => {
      control.onProgress?.({ stage: 'upload', done: 7, total: 9 })
      return Promise.reject(new AppFailure('platform.unreachable', ''))
    },
  })
  const part = { name: 'body', size: 9, uploadUrl: 'http://x', offset: 2 } as const
  await expect(platform.sendPart(part, bytesSource(new Uint8Array(9)), {})).rejects.toThrow()
  expect(await written()).toMatchObject([
    { kind: 'attempt', act: 'part', part: 'body', size: 9, offset: 2 },
    { kind: 'answer', act: 'part', part: 'body', confirmed: 7, code: 'platform.unreachable', side: 'network' },
  ])
})

it('writes events that change something, and a stream that breaks off', async () => {
  const event = (state: 'open' | 'closed', recorded: boolean): OpeningEvent => ({
    ...{ id: '1', ahead: null, recorded },
    status: { state, openingTime: new Date(0), closesAt: null, released: 0, bids: 0 },
  })
  const platform = recorded({
    async *events() {
      yield event('open', false)
      yield event('open', false)
      yield event('closed', false)
      await Promise.resolve()
      throw new AppFailure('platform.unreachable', 'broke off')
    },
  })
  let seen = 0
  const follow = async (): Promise<void> => {
    for await (const _event of platform.events('o', {})) seen += 1
  }
  await expect(follow()).rejects.toMatchObject({ code: 'platform.unreachable' })
  expect(seen).toBe(3)
  expect((await written()).map(({ act, state, code }) => [act, state, code])).toEqual([
    ['events', 'open', 'ok'],
    ['events', 'closed', 'ok'],
    ['events', undefined, 'platform.unreachable'],
  ])
})

it('writes a few lines a minute of states that flip', async () => {
  let state: 'waiting' | 'open' = 'waiting'
  const platform = recorded({
    opening: () => Promise.resolve({ state, openingTime: new Date(0), closesAt: null, released: 0, bids: 0 }),
  })
  const flip = async (): Promise<void> => {
    state = state === 'open' ? 'waiting' : 'open'
    await platform.opening('o')
  }
  for (let i = 0; i < 100; i += 1) await flip()
  expect(await written()).toHaveLength(6)
  time += 61_000
  await flip()
  expect(await written()).toHaveLength(7)
})

it('writes what failed without a platform on the bidder’s side, and not what the user stopped', async () => {
  const wrong = () => recordedWork(ports, bid, 'lock', () => Promise.reject(new AppFailure('token.pin-incorrect', '')))
  await expect(wrong()).rejects.toMatchObject({ code: 'token.pin-incorrect' })
  await expect(
    recordedWork(ports, bid, 'lock', () => Promise.reject(new AppFailure('cancelled', ''))),
  ).rejects.toMatchObject({ code: 'cancelled' })
  expect(await recordedWork(ports, bid, 'lock', () => Promise.resolve(3))).toBe(3)
  expect(await written()).toMatchObject([
    { kind: 'failed', act: 'lock', code: 'token.pin-incorrect', side: 'bidder', ...bid },
  ])
})

it('holds nothing of a nonce, and nothing of the sealed bytes', async () => {
  const platform = recorded({
    nonce: () => Promise.resolve('cd'.repeat(32)),
    beginSubmission: () => Promise.resolve({ submissionId: 's', state: 'uploading', parts: [] }),
  })
  await platform.nonce()
  await platform.beginSubmission({ headerArchive: new Uint8Array(20), authorisation: signed })
  expect(JSON.stringify(await written())).not.toContain('cdcd')
})
