import { createHash } from 'node:crypto'
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CryptoFailure } from '../../../crypto/errors.ts'
import type { DigestTask, SealTask } from '../../../crypto/worker/protocol.ts'
import { groupRuns } from '../../../crypto/worker/run-group.ts'
import { openFiles, testPipeline } from '../../fixtures/pipeline.ts'
import { codeOf, detailOf } from '../../fixtures/refusals.ts'

const mebibyte = 2 ** 20
const pipeline = testPipeline()
afterAll(() => pipeline.close())
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-pool-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function digestTask(sizes: readonly number[], groups?: DigestTask['groups']): DigestTask {
  const documents = sizes.map((size, place) => {
    const path = join(folder, `${place}.bin`)
    writeFileSync(path, Buffer.alloc(size, place + 1))
    return { path, size }
  })
  return {
    kind: 'digest',
    suite: 'intl-1',
    documents,
    groups: groups ?? documents.map((_, place) => [place]),
    digests: new SharedArrayBuffer(32 * sizes.length),
  }
}

function sealTask(megabytes: number): SealTask {
  const path = join(folder, 'input.bin')
  writeFileSync(path, Buffer.alloc(megabytes * mebibyte, 5))
  writeFileSync(join(folder, 'output.bin'), '')
  return {
    kind: 'seal',
    suite: 'intl-1',
    key: new SharedArrayBuffer(32),
    size: megabytes * mebibyte,
    segments: [{ kind: 'file', path, offset: 0, length: megabytes * mebibyte }],
    first: 0,
    end: megabytes,
    output: { descriptor: openSync(join(folder, 'output.bin'), 'r+'), offset: 0 },
    leaves: new SharedArrayBuffer(32 * megabytes),
    plainLeaves: null,
  }
}

/** A pipeline whose threads run this instead. */
function pipelineOf(source: string) {
  const program = join(folder, 'thread.cjs')
  writeFileSync(program, `const { parentPort } = require('node:worker_threads')\n${source}`)
  return testPipeline({ program })
}

describe('a run', () => {
  it('digests every document, alone or in groups, empty ones too', async () => {
    const sizes = [0, 1, mebibyte, mebibyte + 1, 3 * mebibyte - 1]
    for (const groups of [
      undefined,
      [
        [0, 2, 3],
        [4, 1],
      ],
    ]) {
      const task = digestTask(sizes, groups)
      const seen: number[] = []
      await pipeline.run(task, { onProgress: done => seen.push(done) })
      for (const [place, { path }] of task.documents.entries()) {
        const digest = Buffer.from(task.digests.slice(place * 32, place * 32 + 32)).toString('hex')
        expect(digest).toBe(createHash('sha256').update(readFileSync(path)).digest('hex'))
      }
      expect(seen.at(-1)).toBe(sizes.reduce((sum, size) => sum + size, 0))
      expect(seen).toEqual([...seen].sort((one, other) => one - other))
    }
  })

  it('fails with the code of what happened in the thread, and leaves no file open', async () => {
    const task = digestTask([10, 20])
    const wrong = (size: number, path = task.documents[1]?.path ?? '') => ({
      ...task,
      documents: [...task.documents.slice(0, 1), { path, size }],
    })
    expect(await codeOf(() => pipeline.run(wrong(21)))).toBe('input.changed')
    expect(await codeOf(() => pipeline.run(wrong(20, join(folder, 'absent'))))).toBe('input.unreadable')
    expect(await codeOf(() => pipeline.run(wrong(20, folder)))).toBe('input.unreadable')
    expect(await codeOf(() => pipeline.run({ ...task, suite: 'none' as 'gm-1' }))).toBe('internal')
    expect(openFiles(folder)).toEqual([])
    await pipeline.run(task)
  })

  it('that writes to a full disk says so', async () => {
    const task = sealTask(8)
    const output = { descriptor: openSync('/dev/full', 'r+'), offset: 0 }
    expect(await codeOf(() => pipeline.run({ ...task, output }))).toBe('output.disk-full')
  })

  it('never starts when it is cancelled before, and stops when it is cancelled in its midst', async () => {
    const task = sealTask(64)
    expect(await codeOf(() => pipeline.run(task, { signal: AbortSignal.abort() }))).toBe('cancelled')
    const stop = new AbortController()
    const run = pipeline.run(task, { signal: stop.signal })
    setTimeout(() => stop.abort(), 5)
    expect(await codeOf(() => run)).toBe('cancelled')
    const sealed = readFileSync(join(folder, 'output.bin')).length
    expect(sealed).toBeLessThan(64 * mebibyte)
    expect(openFiles(join(folder, 'input.bin'))).toEqual([])
  })

  it('ends with what its listener throws', async () => {
    const stumble = () => {
      throw new CryptoFailure('arguments.bad', 'the listener stumbled')
    }
    expect(await codeOf(() => pipeline.run(sealTask(8), { onProgress: stumble }))).toBe('arguments.bad')
  })

  it('waits its turn behind others and ends like them', async () => {
    const task = digestTask([mebibyte, 5, 0])
    const tasks = [0, 1, 2, 3].map(() => ({ ...task, digests: new SharedArrayBuffer(96) }))
    await Promise.all(tasks.map(each => pipeline.run(each)))
    expect(new Set(tasks.map(({ digests }) => Buffer.from(digests).toString('hex'))).size).toBe(1)
  })
})

describe('a run that waits behind another', () => {
  it('is cancelled at once, though the threads are busy, and they never begin it', async () => {
    const busy = pipeline.run(sealTask(64))
    const stop = new AbortController()
    let over = false
    void busy.then(() => (over = true))
    const task = digestTask([mebibyte])
    const waiting = pipeline.run(task, { signal: stop.signal })
    stop.abort()
    expect(await codeOf(() => waiting)).toBe('cancelled')
    expect(over).toBe(false)
    await busy
    await pipeline.run(digestTask([1]))
    expect(Buffer.from(task.digests).every(byte => byte === 0)).toBe(true)
  })
})

describe('a thread that dies', () => {
  it.each([
    ['throws', `parentPort.on('message', () => { throw new Error('secret path') })`],
    ['exits', `parentPort.on('message', () => process.exit(3))`],
    ['never starts', `throw new Error('at the very start')`],
  ])('because it %s, fails its runs and no later ones', async (_, source) => {
    const broken = pipelineOf(source)
    try {
      const failing = () => broken.run(digestTask([1]))
      expect(await codeOf(failing)).toBe('internal')
      expect(await detailOf(failing)).not.toContain('secret')
    } finally {
      await broken.close()
    }
  })

  it('does not keep the others working', async () => {
    const waiting = `
      const { threadId } = require('node:worker_threads')
      parentPort.on('message', ({ run, board, place }) => {
        if (place === 0) process.exit(1)
        const word = new Int32Array(board, 0, 4)
        while (Atomics.load(word, 0) === 0) Atomics.wait(word, 2, Atomics.load(word, 2), 50)
        parentPort.postMessage({ run, failure: { code: 'cancelled', detail: '' } })
      })`
    const broken = pipelineOf(waiting)
    try {
      expect(await codeOf(() => broken.run(digestTask([1])))).toBe('internal')
    } finally {
      await broken.close()
    }
  })

  it('when the pipeline is closed under it, fails the run; the next run starts new threads', async () => {
    const own = testPipeline()
    const run = own.run(sealTask(64))
    const closed = own.close()
    expect(await codeOf(() => run)).toBe('internal')
    await closed
    await own.run(digestTask([1]))
    await own.close()
  })
})

describe('a pipeline that has nothing to do', () => {
  it('ends its threads, and starts them again', async () => {
    const own = testPipeline({ idleAfter: 1 })
    for (let round = 0; round < 3; round += 1) {
      await own.run(digestTask([round]))
      await new Promise(resolve => setTimeout(resolve, 30))
    }
    await own.close()
  })
})

describe('a group of runs', () => {
  it('fails as a whole with its first failure, and ends when no thread is at work', async () => {
    const runs = groupRuns(pipeline, undefined)
    const missing = { ...digestTask([1]), documents: [{ path: join(folder, 'absent'), size: 1 }] }
    const first = runs.run(missing)
    const second = runs.run(sealTask(64))
    expect(await codeOf(() => second)).toBe('input.unreadable')
    expect(await codeOf(() => first)).toBe('input.unreadable')
    await runs.end()
    expect(await codeOf(() => runs.run(digestTask([1])))).toBe('input.unreadable')
  })

  it('is cancelled with its signal', async () => {
    const stop = new AbortController()
    const runs = groupRuns(pipeline, stop.signal)
    const run = runs.run(sealTask(64))
    stop.abort()
    expect(await codeOf(() => run)).toBe('cancelled')
    await runs.end()
  })
})
