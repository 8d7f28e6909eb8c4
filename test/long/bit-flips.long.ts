import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSealedBid } from '../../crypto/envelope/read.ts'
import { bytesSource } from '../../crypto/io/source.ts'
import { nodeFiles } from '../../crypto/io/node-files.ts'
import { writePrivateKey } from '../../crypto/sign/private-key.ts'
import { attempt, countOutcome, isClean, readerOf, type ReaderKit } from '../fixtures/corruption.ts'
import { makeSealedBid, type SealedFixture, sealingTime } from '../fixtures/sealed-bid.ts'
import { randomFrom, scale, seed } from '../setup/scale.ts'
import {
  type BidVector,
  type BrokenFile,
  vectorBytes,
  vectorCertificate,
  vectorJson,
  vectorKey,
} from '../vectors/library.ts'
import { assemble } from '../vectors/pieces.ts'
import type { FlipResult, FlipTask } from './flip-worker.ts'

// Whatever single bit of a sealed bid is flipped, it is refused with a code, and nothing of it comes out.

const threads = 2
/** Bytes of the document in the large file. */
const largeDocument = 64 * 2 ** 20

let folder: string
let program: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-flips-'))
  program = join(folder, 'flip-worker.cjs')
  await build({
    entryPoints: [fileURLToPath(new URL('./flip-worker.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node18',
    logLevel: 'error',
  })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function kitOf({ tenderDocument, ca }: SealedFixture): ReaderKit {
  const { certificate, privateKey } = ca.bidder.decrypt
  return {
    tender: tenderDocument,
    at: sealingTime.getTime(),
    certificate,
    privateKey: writePrivateKey(privateKey),
  }
}

function runThread(task: FlipTask, onProgress: (flips: number) => void): Promise<FlipResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(program, { workerData: task })
    worker.on('message', (message: { readonly flips?: number; readonly result?: FlipResult }) => {
      if (message.flips !== undefined) onProgress(message.flips)
      if (message.result !== undefined) resolve(message.result)
    })
    worker.on('error', reject)
    worker.on('exit', code => {
      reject(new Error(`the thread ended with ${code} before it answered`))
    })
  })
}

/** Flips every `step`th bit from `from` to the end, by turns on both threads; tells what came of it. */
async function flipAll(
  name: string,
  kit: ReaderKit,
  file: Uint8Array,
  from: number,
  step: number,
): Promise<FlipResult> {
  const to = file.length * 8
  const all = Math.ceil((to - from) / step)
  const started = performance.now()
  const done = Array.from({ length: threads }, () => 0)
  const results = await Promise.all(
    done.map((_, turn) =>
      runThread({ kit, file, from: from + turn * step, to, step: threads * step }, flips => {
        done[turn] = flips
        if (flips % 50_000 === 0)
          report(
            done.reduce((sum, each) => sum + each, 0),
            all,
            started,
          )
      }),
    ),
  )
  const counts: Record<string, number> = {}
  for (const result of results) {
    for (const [outcome, count] of Object.entries(result.counts)) counts[outcome] = (counts[outcome] ?? 0) + count
  }
  const flips = results.reduce((sum, result) => sum + result.flips, 0)
  const seconds = (performance.now() - started) / 1000
  const rate = (flips / seconds).toFixed(0)
  console.log(
    `${name}: ${flips} single-bit flips in ${seconds.toFixed(0)} s (${rate} a second): ${JSON.stringify(counts)}`,
  )
  expect(flips).toBe(all)
  return { flips, counts, survivors: results.flatMap(result => result.survivors) }
}

/** How many bits apart, so that about `slice` are flipped, or all in a long run. */
function spread(bits: number, slice: number): number {
  return Math.max(1, Math.floor(bits / scale({ slice, full: bits })))
}

describe('a small sealed bid', () => {
  it('with any one bit flipped is refused with a code and gives nothing out', async () => {
    const fixture = await makeSealedBid({ backup: true })
    try {
      const kit = kitOf(fixture)
      const file = readFileSync(fixture.path)
      expect((await attempt(bytesSource(file), readerOf(kit))).outcome).toBe('opened')
      const { survivors } = await flipAll('small bid', kit, file, 0, spread(file.length * 8, 10_000))
      expect(survivors).toEqual([])
    } finally {
      fixture.remove()
    }
  })
})

describe('everything outside the parts of the sealed bids of test/vectors', () => {
  const { bids } = vectorJson<{ readonly bids: readonly BidVector[] }>('bids.json')
  const stamped = vectorJson<BrokenFile>('broken/accepted.json').vectors.filter(
    each => each.name === 'accepted-timestamp',
  )
  const cases = [
    ...bids.map(({ name, tender, open }) => ({ name, base: name, tender, open, file: null })),
    ...stamped.map(({ name, base, file }) => {
      const { tender, open } = bids.find(each => each.name === base) ?? expect.fail(`no bid ${base}`)
      return { name, base, tender, open, file }
    }),
  ]
  // With one share of two the reader of this suite cannot open a bid to its end.
  it.each(cases.filter(each => each.open.length === 1))('$name', async ({ name, base, tender, open, file: pieces }) => {
    const sound = vectorBytes(`bids/${base}.sbid`)
    const file = pieces === null ? sound : assemble(sound, pieces)
    const [lock = ''] = open
    const kit: ReaderKit = {
      tender: { bytes: vectorBytes(`tenders/${tender}.json`), signature: vectorBytes(`tenders/${tender}.p7s`) },
      at: Date.parse('2026-03-02T02:00:00Z'),
      certificate: vectorCertificate(lock),
      privateKey: writePrivateKey(vectorKey(lock)),
    }
    expect((await attempt(bytesSource(file), readerOf(kit))).outcome).toBe('opened')
    const { container } = await readSealedBid(bytesSource(file))
    const from = 8 * Math.max(...[...container.parts.values()].map(part => part.contentOffset + part.size))
    const { survivors } = await flipAll(name, kit, file, from, spread(file.length * 8 - from, 1000))
    expect(survivors).toEqual([])
  })
})

describe('a large sealed bid', () => {
  it('with one random bit flipped is refused with a code and gives nothing out', async () => {
    const fixture = await makeSealedBid({ documents: [{ name: '图纸.pdf', bytes: new Uint8Array(largeDocument) }] })
    const handle = await open(fixture.path, 'r+')
    try {
      const { size } = await handle.stat()
      expect(size).toBeGreaterThan(largeDocument)
      const reader = readerOf(kitOf(fixture))
      const random = randomFrom()
      const counts: Record<string, number> = {}
      const survivors: unknown[] = []
      const flips = scale({ slice: 10, full: 2000 })
      const started = performance.now()
      const byte = new Uint8Array(1)
      for (let turn = 0; turn < flips; turn += 1) {
        const [place, mask] = [random(size), 0x80 >> random(8)]
        const flip = async () => {
          await handle.read(byte, 0, 1, place)
          byte[0] = (byte[0] ?? 0) ^ mask
          await handle.write(byte, 0, 1, place)
        }
        await flip()
        const source = await nodeFiles.open(fixture.path)
        const made = await attempt(source, reader)
        await source.close()
        await flip()
        countOutcome(counts, made.outcome)
        if (!isClean(made)) survivors.push({ place, mask, ...made })
      }
      const seconds = (performance.now() - started) / 1000
      console.log(
        `${flips} random flips of ${size} bytes in ${seconds.toFixed(0)} s, seed ${seed}: ${JSON.stringify(counts)}`,
      )
      expect(survivors).toEqual([])
      const source = await nodeFiles.open(fixture.path)
      expect((await attempt(source, reader)).outcome).toBe('opened')
      await source.close()
    } finally {
      await handle.close()
      fixture.remove()
    }
  })
})

function report(done: number, all: number, started: number): void {
  const seconds = (performance.now() - started) / 1000
  console.log(`${((100 * done) / all).toFixed(1)} % after ${seconds.toFixed(0)} s`)
}
