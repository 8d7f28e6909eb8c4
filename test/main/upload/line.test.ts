import { randomFillSync } from 'node:crypto'
import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { bytesSource, nodeFiles } from '../../../crypto/index.ts'
import { nodeHttp } from '../../../main/http/index.ts'
import { uploadChunkBytes, uploadPart, watchSource } from '../../../main/upload/index.ts'
import type { UploadPartOptions } from '../../../main/upload/index.ts'
import { codeOf } from '../../fixtures/practice-platform.ts'
import { startTus, type TusServer } from '../../fixtures/network/tus-server.ts'

const mebibyte = 2 ** 20
const bytes = randomFillSync(new Uint8Array(20 * mebibyte))
let server: TusServer
const folders: string[] = []

afterEach(async () => {
  await server.close()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

async function serve(size = bytes.length): Promise<Pick<UploadPartOptions, 'url' | 'source' | 'http'>> {
  server = await startTus(size)
  return { url: server.url, source: bytesSource(bytes.subarray(0, size)), http: nodeHttp() }
}

const arrived = (): boolean => Buffer.compare(server.bytes(), bytes.subarray(0, server.bytes().length)) === 0

describe('a line that is dead without a word', () => {
  it('is left after some seconds without a byte, and at most one request is sent again', async () => {
    const upload = await serve()
    server.stopAfter = 300_000
    const began = performance.now()
    await uploadPart({ ...upload, patience: 250, retry: { tries: 3, firstWait: 1, longestWait: 1 } })
    expect(performance.now() - began).toBeLessThan(15_000)
    expect(server.bytes().length === bytes.length && arrived()).toBe(true)
    expect(server.taken() - bytes.length).toBeLessThanOrEqual(uploadChunkBytes)
    expect(server.asked.filter(each => each === 'HEAD')).toHaveLength(2)
  })

  it('is left at once when the computer wakes up, and the offset asked again', async () => {
    const upload = await serve()
    server.stopAfter = 300_000
    let slept = 0
    const watching = setInterval(() => {
      // Once the line is dead, and not before.
      if (server.stopAfter === Number.POSITIVE_INFINITY) slept = 3_600_000
    }, 50)
    const began = performance.now()
    // Patience of half a minute: only the sleep can be the reason to go on before.
    await uploadPart({ ...upload, senses: { wall: () => Date.now() + slept, every: 20, addresses: () => '' } })
    clearInterval(watching)
    expect(performance.now() - began).toBeLessThan(15_000)
    expect(arrived() && server.bytes().length === bytes.length).toBe(true)
    expect(server.asked.filter(each => each === 'HEAD')).toHaveLength(2)
  })

  it('is not waited for when the computer has got another network', async () => {
    const upload = await serve(mebibyte)
    let times = 0
    server.manner = (_, response) => {
      if (++times > 1) return false
      response.writeHead(503).end()
      setTimeout(() => (network = 'b'), 300)
      return true
    }
    let network = 'a'
    const began = performance.now()
    await uploadPart({
      ...upload,
      retry: { tries: 3, firstWait: 60_000, longestWait: 60_000, random: () => 0.9 },
      senses: { addresses: () => network, every: 20 },
    })
    expect(performance.now() - began).toBeLessThan(15_000)
    expect(server.bytes()).toHaveLength(mebibyte)
  })
})

describe('an upload under way', () => {
  it('is paused by a signal, whose reason it tells, and goes on where the platform stands', async () => {
    const upload = await serve()
    const stop = new AbortController()
    const reason = new Error('the user pauses')
    const paused = await uploadPart({
      ...upload,
      signal: stop.signal,
      onProgress: ({ done }) => {
        if (done > 4 * mebibyte) stop.abort(reason)
      },
    }).catch((error: unknown) => error)
    expect(paused).toMatchObject({ code: 'cancelled', cause: reason })
    const before = server.bytes().length
    expect(before).toBeGreaterThan(4 * mebibyte)
    await uploadPart(upload)
    expect(arrived() && server.bytes().length === bytes.length).toBe(true)
    expect(server.taken() - bytes.length).toBeLessThanOrEqual(uploadChunkBytes)
  })

  it('is paused in the midst of a wait', async () => {
    const upload = await serve()
    server.manner = (_, response) => {
      response.writeHead(503).end()
      return true
    }
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 50)
    const retry = { tries: 3, firstWait: 60_000, longestWait: 60_000, random: () => 0.9 }
    expect(await codeOf(uploadPart({ ...upload, signal: stop.signal, retry }))).toBe('cancelled')
  })

  it('takes no more of the line than it may', async () => {
    const upload = await serve(mebibyte)
    const began = performance.now()
    await uploadPart({ ...upload, limit: 2 * mebibyte })
    expect(performance.now() - began).toBeGreaterThan(350)
    expect(arrived()).toBe(true)
  })

  it('waits as long as the platform asks for', async () => {
    const upload = await serve(1000)
    let first = true
    server.manner = (request, response) => {
      if (request.method !== 'PATCH' || !first) return false
      first = false
      request.resume()
      response.writeHead(429, { 'retry-after': '1' }).end()
      return true
    }
    const began = performance.now()
    await uploadPart({ ...upload, retry: { tries: 3, firstWait: 1, longestWait: 1 } })
    expect(performance.now() - began).toBeGreaterThan(950)
  })

  it('sends no request longer than eight mebibytes, and few of them on a fast line', async () => {
    await uploadPart(await serve())
    const lengths = server.asked.flatMap(each => (each.startsWith('PATCH') ? [Number(each.split(' ')[2])] : []))
    expect(Math.max(...lengths)).toBe(uploadChunkBytes)
    expect(lengths.length).toBeLessThan(8)
  })
})

describe('the file behind an upload', () => {
  function fileOf(): string {
    const folder = mkdtempSync(join(tmpdir(), 'bidseal-source-'))
    folders.push(folder)
    const path = join(folder, 'bid.sbid')
    writeFileSync(path, bytes)
    return path
  }

  it('ends it when it is written to, though its length stays, and nothing of that is sent', async () => {
    const upload = await serve()
    const path = fileOf()
    const source = await nodeFiles.open(path)
    const run = uploadPart({
      ...upload,
      source,
      onProgress: ({ done }) => {
        if (done > 0 && done < bytes.length / 2) writeFileSync(path, new Uint8Array(bytes.length))
      },
    })
    expect(await codeOf(run)).toBe('input.changed')
    expect(arrived()).toBe(true)
    await source.close()
  })

  it('ends it before the first byte when it was written to after it was verified', async () => {
    const upload = await serve()
    const path = fileOf()
    const source = await nodeFiles.open(path)
    const unchanged = await watchSource(source)
    utimesSync(path, new Date(), new Date(1_700_000_000_000))
    expect(await codeOf(uploadPart({ ...upload, source, unchanged }))).toBe('input.changed')
    expect(server.taken()).toBe(0)
    await source.close()
  })

  it('may be moved meanwhile', async () => {
    const upload = await serve()
    const path = fileOf()
    const source = await nodeFiles.open(path)
    let moved = false
    await uploadPart({
      ...upload,
      source,
      onProgress: ({ done }) => {
        if (done > 0 && !moved) renameSync(path, `${path}.moved`)
        moved ||= done > 0
      },
    })
    expect(server.bytes()).toHaveLength(bytes.length)
    await source.close()
  })

  it('is not asked for once it is closed', async () => {
    const upload = await serve()
    const source = await nodeFiles.open(fileOf())
    const unchanged = await watchSource(source)
    await source.close()
    const failed = await uploadPart({ ...upload, source, unchanged }).catch((error: unknown) => error)
    expect(failed instanceof Error && 'code' in failed ? failed.code : null).toBe('input.unreadable')
  })
})
