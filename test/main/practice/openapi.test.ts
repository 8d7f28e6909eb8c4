import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nodeFiles, openPlainTwin, sha256Hex, signDocument } from '../../../crypto/index.ts'
import { nodeHttp } from '../../../main/http/index.ts'
import type { HttpPort } from '../../../main/http/index.ts'
import { platformRoutes } from '../../../main/platform/index.ts'
import type { SubmissionPart } from '../../../main/platform/index.ts'
import { practiceRoutes, practiceTokenHeader } from '../../../main/practice/server/admin-routes.ts'
import { uploadPart } from '../../../main/upload/index.ts'
import { apiDescription } from '../../fixtures/openapi.ts'
import type { Spoken } from '../../fixtures/openapi.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'
import {
  attend,
  awaitRecord,
  begin,
  type Bench,
  codeOf,
  pastWindow,
  prepareRelease,
  publishTender,
  sealFor,
  startBench,
  submit,
  type TestBid,
  tenderSpec,
  untilOpening,
  withdrawal,
} from '../../fixtures/practice-platform.ts'

const api = apiDescription(readFileSync(new URL('../../../main/practice/openapi.yaml', import.meta.url), 'utf8'))
const routes = { ...platformRoutes, ...practiceRoutes }

/** Operations that have answered, and those that have refused, each as it is described. */
const answered = new Set<string>()
const refused = new Set<string>()

function hold(spoken: Spoken): void {
  const name = api.requireDescribed(spoken)
  ;(spoken.status < 300 ? answered : refused).add(name)
}

/** Holds everything that is said against the description. */
function listening(http: HttpPort): HttpPort {
  return {
    async request(asked) {
      const response = await http.request(asked)
      const body = await response.bytes(64 * 1024 * 1024)
      const { pathname, search } = new URL(asked.url)
      const { status, headers } = response
      hold({ method: asked.method, path: `${pathname}${search}`, status, headers, body })
      return {
        status,
        headers,
        body: (async function* () {
          yield await Promise.resolve(body)
        })(),
        bytes: () => Promise.resolve(body),
        discard: () => undefined,
      }
    },
  }
}

let bench: Bench

beforeAll(async () => {
  bench = await startBench(undefined, { http: listening(nodeHttp()) })
})

afterAll(async () => {
  await bench.close()
})

/** A request as it is, for what the client never sends. */
function send(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): Promise<Spoken> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${bench.url}${path}`, { method, headers }, incoming => {
      const pieces: Uint8Array[] = []
      incoming.on('data', (piece: Uint8Array) => pieces.push(piece))
      incoming.on('end', () => {
        const told = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)] as const)
        const spoken = {
          method,
          path,
          status: incoming.statusCode ?? 0,
          headers: Object.fromEntries(told),
          body: Buffer.concat(pieces),
        }
        resolve(spoken)
      })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

const remedy = { remedy: { kind: 'plain-twin' } } as const

async function sendTwin(openingId: string, { bid, path }: TestBid): Promise<void> {
  const source = await nodeFiles.open(`${path}.twin`)
  const plain = await openPlainTwin(bid, source)
  const parts: readonly SubmissionPart[] = await bench.platform.beginTwin(openingId, bid.sealDigest)
  for (const part of parts) {
    const bytes = plain.get(part.name)
    if (bytes === undefined) throw new Error('unreachable')
    await uploadPart({ url: part.uploadUrl, source: bytes, http: bench.http })
  }
  await source.close()
  await bench.platform.completeTwin(openingId, bid.sealDigest)
}

describe('openapi.yaml', () => {
  it('describes every request the platform serves, and no other', () => {
    const served = Object.entries(routes).map(([name, route]) => `${name} ${route.method} ${route.path}`)
    const described = api.operations.map(({ name, method, path }) => `${name} ${method} ${path}`)
    expect(described.sort()).toEqual(served.sort())
  })

  it('describes the answers of a submission, a tender and what the practice alone has, as they are', async () => {
    const { admin, platform } = bench
    const { tender } = await publishTender(bench, { tenderId: 'YN-1', acceptedCas: await acceptedCas() })
    const { packageDigest } = tender
    await platform.serverTime()
    await platform.signedTime(packageDigest, randomBytes(32).toString('hex'))
    await platform.tenders()
    const again = await admin.publishPackage(await platform.tenderPackage(packageDigest))
    const bid = await sealFor(bench, tender)
    await submit(bench, bid)
    await begin(bench, bid)
    await admin.archive(bid.bid.sealDigest)
    await platform.header(bid.bid.sealDigest)
    await platform.withdraw(await withdrawal(bench, bid))
    await admin.bidders(again.openingId, 1)
    await admin.bids()
    const { deadline, openingTime } = tender.fields
    const later = (time: string): Date => new Date(new Date(time).getTime() + 60_000)
    await admin.extend({ packageDigest, deadline: later(deadline), openingTime: later(openingTime) })
    await platform.notices(packageDigest)
    await admin.script({ latency: 1 })
    await admin.script({})
    await admin.advanceClock(1)
    const { url, headers } = admin.scratch('plain.bin')
    hold(await send('PUT', new URL(url).pathname, headers, 'bytes'))
  })

  it('describes the answers of an opening as they are, a twin and a place in the queue among them', async () => {
    const { admin, platform } = bench
    const { tender, openingId } = await publishTender(bench, { tenderId: 'YN-2', ...remedy })
    const first = await sealFor(bench, tender, { plainTwin: true, plainTwinTo: join(bench.folder, 'first.twin') })
    const second = await sealFor(bench, tender, { bidder: practiceCa().rival })
    const receipts = [await submit(bench, first), await submit(bench, second)] as const
    await platform.opening(openingId)
    await bench.advance(untilOpening)
    await attend(bench, openingId, first)
    await sendTwin(openingId, { ...first, path: join(bench.folder, 'first') })
    const release = await prepareRelease(bench, openingId, second, receipts[1])
    await admin.script({ perRelease: 300 })
    const queued = await platform.release(openingId, release)
    expect(queued.state).toBe('queued')
    await admin.script({})
    await platform.record(openingId)
    await bench.advance(pastWindow)
    const record = await awaitRecord(bench, openingId)
    expect((await platform.release(openingId, release)).state).toBe('receipt')
    const fields = async (): Promise<{ readonly recordDigest: string; readonly nonce: string }> => ({
      recordDigest: sha256Hex(record.bytes),
      nonce: await platform.nonce(),
    })
    const common = { openingId, creditCode: first.bidder.creditCode, at: bench.clock.now().toISOString() }
    const signer = first.bidder.sign.signer()
    const confirmation = { ...common, ...(await fields()) }
    await platform.confirm(openingId, await signDocument('confirm', confirmation, signer, bench.suite, bench.clock))
    const objection = { ...common, ...(await fields()), text: '开标记录有误' }
    await platform.object(openingId, await signDocument('objection', objection, signer, bench.suite, bench.clock))
    await platform.sealedDigests(openingId)

    const events = await send('GET', `/api/openings/${openingId}/events?bid=${second.bid.sealDigest}`)
    hold(events)
    const data = /^data: (.*)$/m.exec(Buffer.from(events.body).toString())?.[1] ?? ''
    api.requireSchema('OpeningEvent', JSON.parse(data))
    await codeOf(platform.release(openingId, release))
  })

  it('describes how every request is refused', async () => {
    const unknown = { packageDigest: '0'.repeat(64), sealDigest: '0'.repeat(64), nonce: '0'.repeat(64) }
    const segments: Readonly<Record<string, string>> = { ...unknown, openingId: 'x', submissionId: 'x', uploadId: 'x' }
    for (const { method, path } of Object.values(routes)) {
      const address = path.replace(/\{(\w+)\}/g, (_, name: string) => segments[name] ?? 'x')
      // A page of a browser, somebody who asks for nothing there is, and somebody without the token.
      hold(await send(method, address, { origin: 'https://example.org' }))
      const plain = await send(method, address, { 'tus-resumable': '1.0.0', 'upload-offset': '0' }, bodyFor(method))
      if (plain.status >= 300) hold(plain)
    }
    for (const { method, path } of Object.values(practiceRoutes)) {
      const address = path.replace(/\{(\w+)\}/g, (_, name: string) => segments[name] ?? 'x')
      const spoken = await send(method, address, { [practiceTokenHeader]: 'wrong' }, bodyFor(method))
      expect(spoken.status).toBeGreaterThanOrEqual(400)
      hold(spoken)
    }
  })

  it('has been held against an answer and a refusal of every request', () => {
    const all = api.operations.map(({ name }) => name).sort()
    expect([...answered].sort()).toEqual(all)
    expect([...refused].sort()).toEqual(all)
  })

  it('is told apart from answers that are otherwise', () => {
    const spoken = (body: object, status = 200): Spoken => ({
      status,
      method: 'GET',
      path: '/api/time',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: Buffer.from(JSON.stringify(body)),
    })
    const time = '2026-03-02T08:00:00.000Z'
    expect(api.requireDescribed(spoken({ serverTime: time }))).toBe('time')
    for (const body of [{}, { serverTime: 5 }, { serverTime: 'today' }, { serverTime: time, more: 1 }]) {
      expect(() => api.requireDescribed(spoken(body))).toThrow()
    }
    expect(() => api.requireDescribed(spoken({ code: 'internal' }, 500))).toThrow()
    expect(() => api.requireDescribed({ ...spoken({ serverTime: time }), path: '/api/clock' })).toThrow()
    expect(() => api.requireDescribed({ ...spoken({ serverTime: time }), headers: {} })).toThrow()
  })
})

function bodyFor(method: string): string {
  return method === 'POST' ? '{}' : ''
}

async function acceptedCas(): Promise<readonly string[]> {
  const played = Buffer.from(await bench.admin.bidderAuthority()).toString('base64')
  return [...tenderSpec(bench.clock.now()).acceptedCas, played]
}
