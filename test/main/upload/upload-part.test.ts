import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer as createTcp, type Server as TcpServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Upload } from 'tus-js-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bytesSource, nodeFiles } from '../../../crypto/index.ts'
import { nodeHttp } from '../../../main/http/index.ts'
import { uploadChunkBytes, uploadPart } from '../../../main/upload/index.ts'
import {
  begin,
  type Bench,
  codeOf,
  publishTender,
  quickRetry,
  sealFor,
  startBench,
  type TestBid,
  untilDeadline,
} from '../../fixtures/practice-platform.ts'
import { seededRandom } from '../../fixtures/seeded-random.ts'

const http = nodeHttp()
const servers: (Server | TcpServer)[] = []
const sockets = new Set<Socket>()

afterEach(() => {
  for (const socket of sockets) socket.destroy()
  for (const server of servers.splice(0)) server.close()
})

/** A tus server by script: `answers` are given in turn, the last one for good. */
async function scripted(size: number, answers: readonly Answer[]): Promise<{ url: string; requests: string[] }> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      requests.push(`${request.method ?? ''} ${String(request.headers['upload-offset'] ?? '')}`.trim())
      const answer = answers[Math.min(requests.length, answers.length) - 1]
      if (answer === undefined) throw new Error('unreachable')
      const offset = answer.offset === undefined ? {} : { 'upload-offset': answer.offset }
      const body = answer.body === undefined ? '' : JSON.stringify(answer.body)
      response.writeHead(answer.status, { ...offset, 'upload-length': answer.length ?? size }).end(body)
    })
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/upload`, requests }
}

interface Answer {
  readonly status: number
  readonly offset?: number
  readonly length?: number
  readonly body?: object
}

describe('uploading a part to a server that misbehaves', () => {
  const source = bytesSource(new Uint8Array(100))
  const upload = (url: string): Promise<void> => uploadPart({ url, source, http, retry: quickRetry })

  it('goes on where the server stands, and reports only what it confirmed', async () => {
    const { url, requests } = await scripted(100, [
      { status: 200, offset: 30 },
      { status: 204, offset: 60 },
      { status: 204, offset: 100 },
    ])
    const done: number[] = []
    await uploadPart({ url, source, http, onProgress: progress => done.push(progress.done) })
    expect(done).toEqual([30, 60, 100])
    expect(requests).toEqual(['HEAD', 'PATCH 30', 'PATCH 60'])
  })

  it('waits while the upload is locked or the offset differs, and asks again', async () => {
    const { url, requests } = await scripted(100, [
      { status: 423 },
      { status: 200, offset: 0 },
      { status: 409 },
      { status: 200, offset: 50 },
      { status: 204, offset: 100 },
    ])
    await upload(url)
    expect(requests).toEqual(['HEAD', 'HEAD', 'PATCH 0', 'HEAD', 'PATCH 50'])
  })

  it('goes back when the server has lost bytes', async () => {
    const { url, requests } = await scripted(100, [
      { status: 200, offset: 80 },
      { status: 500 },
      { status: 200, offset: 0 },
      { status: 204, offset: 100 },
    ])
    await upload(url)
    expect(requests).toEqual(['HEAD', 'PATCH 80', 'HEAD', 'PATCH 0'])
  })

  it('gives up after so many tries without progress', async () => {
    const { url, requests } = await scripted(100, [{ status: 503 }])
    expect(await codeOf(upload(url))).toBe('platform.unreachable')
    expect(requests).toHaveLength(quickRetry.tries)
  })

  it('counts its tries anew after every step forward', async () => {
    const steps = [0, 10, 20, 30, 40, 50].flatMap(offset => [
      { status: 503 },
      { status: 503 },
      { status: 200, offset },
      { status: 204, offset: offset + 5 },
    ])
    const { url } = await scripted(100, [...steps, { status: 204, offset: 100 }])
    await upload(url)
  })

  it('says that the disk is full when that does not end', async () => {
    const { url } = await scripted(100, [{ status: 507 }])
    expect(await codeOf(upload(url))).toBe('platform.storage')
  })

  it.each([
    ['an offset that does not move', { status: 204, offset: 0 }, 'platform.unreachable'],
    ['an offset beyond what was sent', { status: 204, offset: 101 }, 'platform.unreachable'],
    ['no offset', { status: 204 }, 'platform.unreachable'],
    ['that something on the way forbids it', { status: 403 }, 'platform.unreachable'],
    ['that it forbids it', { status: 403, body: { code: 'platform.refused' } }, 'platform.refused'],
    ['that the upload is gone', { status: 404 }, 'platform.unknown'],
  ])('is not fooled by a server that answers %s', async (_, answer, code) => {
    const { url } = await scripted(100, [
      { status: 200, offset: 0 },
      answer,
      { status: 200, offset: 0 },
      answer,
      { status: 200, offset: 0 },
      answer,
    ])
    expect(await codeOf(upload(url))).toBe(code)
  })

  it.each([
    [409, 'platform.refused', 'platform.refused'],
    [409, 'tender.addendum-newer', 'tender.addendum-newer'],
    [423, 'platform.closed', 'platform.closed'],
    [429, 'platform.late', 'platform.late'],
    [507, 'platform.refused', 'platform.storage'],
    [404, 'platform.refused', 'platform.unknown'],
    [410, 'unheard.of', 'platform.unknown'],
  ])('keeps the words of a platform that answers %i %s: %s', async (status, named, code) => {
    const answer = { status, body: { code: named, says: '请先缴纳保证金' } }
    const round = [{ status: 200, offset: 0 }, answer]
    const { url, requests } = await scripted(100, [...round, ...round, ...round, ...round, ...round, ...round])
    const failure: unknown = await upload(url).catch((error: unknown) => error)
    expect(failure).toMatchObject({ failure: { code, platformSays: '请先缴纳保证金' } })
    if (code !== 'platform.storage') expect(requests).toEqual(['HEAD', 'PATCH 0'])
  })

  it('refuses a server that expects another length or has more bytes than there are', async () => {
    const longer = await scripted(100, [{ status: 200, offset: 0, length: 200 }])
    expect(await codeOf(upload(longer.url))).toBe('platform.refused')
    const done = await scripted(100, [{ status: 200, offset: 50, length: 50 }])
    expect(await codeOf(upload(done.url))).toBe('platform.refused')
    const beyond = await scripted(100, [{ status: 200, offset: 150 }])
    expect(await codeOf(upload(beyond.url))).toBe('platform.refused')
  })
})

describe('uploading a part to the practice platform', () => {
  let bench: Bench
  let bid: TestBid

  beforeEach(async () => {
    bench = await startBench()
    const { tender } = await publishTender(bench)
    bid = await sealFor(bench, tender, { documents: [{ name: 'a.pdf', bytes: new Uint8Array(9 * 2 ** 20) }] })
  })

  afterEach(async () => {
    await bench.close()
  })

  async function bodyUpload(): Promise<{ url: string; path: string; size: number }> {
    const submission = await begin(bench, bid)
    const part = submission.parts.find(each => each.name === 'body')
    if (part === undefined) throw new Error('unreachable')
    const path = join(bench.dir, 'uploads', `${submission.submissionId}.body`)
    return { url: part.uploadUrl, path, size: part.size }
  }

  async function partBytes(): Promise<Uint8Array> {
    const source = bid.bid.partSource('body')
    const bytes = new Uint8Array(source.size)
    await source.read(0, bytes)
    return bytes
  }

  it('survives resets, stalls and refused connections, and resends at most a chunk for each', async () => {
    const { url, path, size } = await bodyUpload()
    const proxy = await faultyProxy(Number(new URL(url).port), seededRandom(7))
    const through = new URL(url)
    through.port = String(proxy.port)
    await uploadPart({
      url: through.href,
      source: bid.bid.partSource('body'),
      http: nodeHttp({ idleTimeout: 300 }),
      retry: { tries: 30, firstWait: 5, longestWait: 20 },
    })
    expect(Buffer.compare(readFileSync(path), await partBytes())).toBe(0)
    expect(proxy.faults()).toBeGreaterThan(3)
    expect(proxy.bytes()).toBeLessThan(size + (proxy.faults() + 1) * uploadChunkBytes)
  })

  it('is cancelled between and inside chunks, and goes on later', async () => {
    const { url, path } = await bodyUpload()
    const controller = new AbortController()
    const run = uploadPart({
      url,
      source: bid.bid.partSource('body'),
      http,
      signal: controller.signal,
      onProgress: progress => {
        if (progress.done > 0) controller.abort()
      },
    })
    expect(await codeOf(run)).toBe('cancelled')
    await uploadPart({ url, source: bid.bid.partSource('body'), http })
    expect(Buffer.compare(readFileSync(path), await partBytes())).toBe(0)
  })

  it('refuses to go on when the file has changed its length', async () => {
    const { url } = await bodyUpload()
    const folder = mkdtempSync(join(tmpdir(), 'bidseal-upload-'))
    const file = join(folder, 'part')
    writeFileSync(file, await partBytes())
    const source = await nodeFiles.open(file)
    const run = uploadPart({
      url,
      source,
      http,
      onProgress: progress => {
        if (progress.done > 0) truncateSync(file, 5_000_000)
      },
    })
    expect(await codeOf(run)).toBe('input.changed')
    await source.close()
    rmSync(folder, { recursive: true })
  })

  it('hears that the deadline has passed in the middle', async () => {
    const { url } = await bodyUpload()
    await bench.advance(untilDeadline)
    const run = uploadPart({ url, source: bid.bid.partSource('body'), http: bench.http, retry: quickRetry })
    expect(await codeOf(run)).toBe('platform.late')
  })

  it('speaks the same protocol as tus-js-client', async () => {
    const { url, path, size } = await bodyUpload()
    const bytes = await partBytes()
    await new Promise<void>((resolve, reject) => {
      const upload = new Upload(Buffer.from(bytes), {
        uploadUrl: url,
        uploadSize: size,
        chunkSize: 2 ** 21,
        retryDelays: null,
        onSuccess: () => {
          resolve()
        },
        onError: reject,
      })
      upload.start()
    })
    expect(Buffer.compare(readFileSync(path), bytes)).toBe(0)
  })
})

/** Cuts, stalls or refuses connections at random, as a bad line would. */
async function faultyProxy(
  port: number,
  random: () => number,
): Promise<{ port: number; faults(): number; bytes(): number }> {
  let faults = 0
  let bytes = 0
  const server = createTcp(client => {
    sockets.add(client)
    client.on('error', () => undefined)
    if (random() < 0.2) {
      faults++
      client.resetAndDestroy()
      return
    }
    const upstream = connect(port, '127.0.0.1')
    sockets.add(upstream)
    upstream.on('error', () => undefined)
    let left = 100_000 + random() * 6_000_000
    const stalls = random() < 0.2
    client.on('data', piece => {
      bytes += piece.length
      left -= piece.length
      if (left > 0) {
        if (!upstream.write(piece)) client.pause()
        return
      }
      if (faults > 12) {
        left = Number.MAX_SAFE_INTEGER
        upstream.write(piece)
        return
      }
      faults++
      if (stalls) {
        client.pause()
        return
      }
      client.resetAndDestroy()
      upstream.resetAndDestroy()
    })
    upstream.on('drain', () => client.resume())
    upstream.on('data', piece => client.write(piece))
    upstream.on('close', () => client.destroy())
    client.on('close', () => upstream.destroy())
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, faults: () => faults, bytes: () => bytes }
}
