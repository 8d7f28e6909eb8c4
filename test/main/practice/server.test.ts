import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { practiceAdmin } from '../../../main/practice/index.ts'
import { begin, type Bench, codeOf, publishTender, sealFor, startBench } from '../../fixtures/practice-platform.ts'

let bench: Bench

beforeEach(async () => {
  bench = await startBench()
})

afterEach(async () => {
  await bench.close()
})

interface Answer {
  readonly status: number
  readonly body: string
}

function send(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body?: string | Uint8Array,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${bench.url}${path}`, { method, headers }, incoming => {
      const pieces: Uint8Array[] = []
      incoming.on('data', (piece: Uint8Array) => pieces.push(piece))
      incoming.on('end', () => {
        resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(pieces).toString() })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

describe('the practice server', () => {
  it('refuses pages: a foreign origin, and a host that is not this machine', async () => {
    expect(await send('GET', '/api/time', { origin: 'https://example.org' })).toMatchObject({ status: 409 })
    expect(await send('GET', '/api/time', { host: 'evil.example:80' })).toMatchObject({ status: 409 })
    expect(await send('GET', '/api/time')).toMatchObject({ status: 200 })
  })

  it('answers requests it does not know, and bodies it cannot read, with a code', async () => {
    expect(await send('GET', '/api/nothing')).toMatchObject({ status: 404 })
    expect(await send('DELETE', '/api/time')).toMatchObject({ status: 404 })
    expect(await send('GET', '/api/tenders/..%2f..%2fplatform.json')).toMatchObject({ status: 404 })
    expect(await send('GET', '/api/tenders/%ff')).toMatchObject({ status: 404 })
    for (const body of ['', '{', '[]', 'null', '{"headerArchive":5}', '{"headerArchive":"!!!!","authorisation":{}}']) {
      const answer = await send('POST', '/api/submissions', {}, body)
      expect(answer.status).toBe(400)
      expect(answer.body).toContain('arguments.bad')
    }
    const long = await send('POST', '/api/withdrawals', {}, new Uint8Array(2_000_000))
    expect(long).toMatchObject({ status: 400 })
  })

  it('makes and removes no upload for anybody, and takes no more than a part holds', async () => {
    const tus = { 'tus-resumable': '1.0.0' }
    expect((await send('POST', '/api/uploads', { ...tus, 'upload-length': '10' })).status).toBe(404)
    const { tender } = await publishTender(bench)
    const submission = await begin(bench, await sealFor(bench, tender))
    const [part] = submission.parts
    if (part === undefined) throw new Error('unreachable')
    const path = new URL(part.uploadUrl).pathname
    expect((await send('DELETE', path, tus)).status).toBe(404)
    const patch = { ...tus, 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' }
    expect((await send('PATCH', path, patch, new Uint8Array(part.size + 1))).status).toBe(413)
    expect((await send('PATCH', path, { ...patch, 'upload-offset': '5' }, new Uint8Array(5))).status).toBe(409)
    expect((await send('PATCH', `${path}x`, patch, new Uint8Array(5))).status).toBe(404)
    expect((await send('HEAD', path, tus)).status).toBe(200)
  })

  it('serves practice requests only with the token of its start', async () => {
    const stranger = practiceAdmin({ url: bench.url, adminToken: 'x'.repeat(32) }, bench.http)
    expect(await codeOf(stranger.bids())).toBe('platform.refused')
    expect(await codeOf(stranger.advanceClock(1))).toBe('platform.refused')
    expect(await bench.admin.bids()).toEqual([])
  })

  it('tells its own time, which moves with the practice clock', async () => {
    const before = await bench.platform.serverTime()
    await bench.advance(86_400_000)
    expect((await bench.platform.serverTime()).getTime() - before.getTime()).toBeGreaterThanOrEqual(86_400_000)
  })
})
