import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PartName } from '../../../crypto/envelope/header.ts'
import type { BidSink } from '../../../crypto/envelope/open.ts'
import { nowhere, openBid } from '../../../crypto/envelope/open-bid.ts'
import { unwrapPartKeys } from '../../../crypto/envelope/part-keys.ts'
import { readSealedBid } from '../../../crypto/envelope/read.ts'
import { type VerifiedBid, verifySealedBid } from '../../../crypto/envelope/verify.ts'
import { CryptoFailure } from '../../../crypto/errors.ts'
import { nodeFiles } from '../../../crypto/io/node-files.ts'
import type { JobControl, Progress } from '../../../crypto/io/ports.ts'
import type { Pipeline } from '../../../crypto/worker/pipeline.ts'
import {
  forgeBid,
  forgeBidJson,
  forgeOpening,
  innerArchive,
  archiveOf,
  listDocument,
  type Entries,
} from '../../fixtures/forged-bid.ts'
import { openFiles, testPipeline } from '../../fixtures/pipeline.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'
import { codeOf } from '../../fixtures/refusals.ts'
import { makeSealedBid, makeTender, type SealedFixture, sealingTime } from '../../fixtures/sealed-bid.ts'

const mebibyte = 2 ** 20
const ca = practiceCa()
const pipeline = testPipeline()
afterAll(() => pipeline.close())
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-threads-'))
})
afterEach(() => {
  expect(openFiles(folder)).toEqual([])
  rmSync(folder, { recursive: true, force: true })
})

/** A sink of files, that remembers which have been closed. */
function fileSink(): BidSink & { readonly closed: string[]; readonly contents: () => Map<string, Buffer> } {
  const closed: string[] = []
  const opened = join(folder, 'opened')
  const names: string[] = []
  return {
    closed,
    contents: () => new Map(names.map(name => [name, readFileSync(join(opened, name))])),
    document: () => Promise.reject(new Error('threads write files')),
    file({ name }) {
      names.push(name)
      writeFileSync(join(opened, name), '', { flag: 'wx' })
      return Promise.resolve({ path: join(opened, name), close: () => Promise.resolve(void closed.push(name)) })
    },
  }
}

interface Opening extends JobControl {
  readonly sink?: BidSink
  readonly threads?: Pipeline | undefined
  readonly keysOf?: (verified: VerifiedBid) => Promise<ReadonlyMap<PartName, Uint8Array>>
}

async function open(fixture: Pick<SealedFixture, 'path' | 'tender'>, given: Opening = {}) {
  const { sink = nowhere, threads = pipeline, keysOf = mainKeys, ...control } = given
  const { tender, path } = fixture
  const source = await nodeFiles.open(path)
  try {
    const options = { ...control, anchors: tender.anchors, tender, at: sealingTime, pipeline: threads }
    return await openBid(await readSealedBid(source), options, keysOf, sink)
  } finally {
    await source.close()
  }
}

async function mainKeys(verified: VerifiedBid) {
  return (await unwrapPartKeys(verified, ca.bidder.decrypt.opener())).keys
}

function seal(sizes: readonly number[], options: Parameters<typeof makeSealedBid>[0] = {}) {
  const documents = sizes.map((size, place) => ({ name: `${place} 字节.bin`, bytes: Buffer.alloc(size, place + 65) }))
  return makeSealedBid({ documents, folder, ...options })
}

describe('a bid opened with threads', () => {
  it.each([
    ['no document', []],
    ['an empty one', [0]],
    ['one at each chunk boundary', [1, mebibyte - 1, mebibyte, mebibyte + 1, 0, 3 * mebibyte]],
    ['many small ones', Array.from({ length: 50 }, (_, place) => place * 997)],
  ])('with %s gives them whole to their files', async (_, sizes) => {
    for (const parts of ['separate', 'whole'] as const) {
      const fixture = await seal(sizes, { parts, plainTwin: true })
      rmSync(join(folder, 'opened'), { recursive: true, force: true })
      const { mkdirSync } = await import('node:fs')
      mkdirSync(join(folder, 'opened'))
      const sink = fileSink()
      const opened = await open(fixture, { sink })
      expect(opened).toEqual(await open(fixture, { threads: undefined }))
      const contents = sink.contents()
      expect([...contents.keys()]).toEqual([...fixture.contents.keys()])
      for (const [name, bytes] of fixture.contents) expect(contents.get(name)?.equals(bytes)).toBe(true)
      expect(sink.closed).toEqual([...contents.keys()])
    }
  })

  it('tells how far it is from nothing to all, never backwards', async () => {
    const fixture = await seal([20 * mebibyte])
    const seen: Progress[] = []
    await open(fixture, { onProgress: progress => seen.push(progress) })
    expect(new Set(seen.map(({ stage }) => stage))).toEqual(new Set(['open']))
    const done = seen.map(each => each.done)
    expect([done.at(0), done.at(-1)]).toEqual([0, seen[0]?.total])
    expect(done).toEqual([...done].sort((one, other) => one - other))
  })

  it('stops when it is asked to, whenever that is', async () => {
    const fixture = await seal([30 * mebibyte])
    for (const delay of [0, 2, 5, 10]) {
      const stop = new AbortController()
      setTimeout(() => stop.abort(), delay)
      const keysOf = async (verified: VerifiedBid) => {
        await new Promise(resolve => setTimeout(resolve, delay))
        return mainKeys(verified)
      }
      expect(await codeOf(() => open(fixture, { signal: stop.signal, keysOf }))).toBe('cancelled')
    }
  })

  it('says that the disk is full', async () => {
    const fixture = await seal([4 * mebibyte])
    const full: BidSink = {
      ...nowhere,
      file: () => Promise.resolve({ path: '/dev/full', close: () => Promise.resolve() }),
    }
    expect(await codeOf(() => open(fixture, { sink: full }))).toBe('output.disk-full')
  })

  it('never writes through a link', async () => {
    const fixture = await seal([4 * mebibyte])
    const { symlinkSync } = await import('node:fs')
    writeFileSync(join(folder, 'elsewhere'), '')
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'link'))
    const path = join(folder, 'link')
    const sink: BidSink = { ...nowhere, file: () => Promise.resolve({ path, close: () => Promise.resolve() }) }
    expect(await codeOf(() => open(fixture, { sink }))).toBe('output.unwritable')
    expect(readFileSync(join(folder, 'elsewhere')).length).toBe(0)
  })
})

describe('whichever check fails first is told', () => {
  it('where a root and the lock are wrong, the root', async () => {
    const fixture = await seal([3 * mebibyte])
    const strange = (verified: VerifiedBid) =>
      unwrapPartKeys(verified, ca.rival.decrypt.opener()).then(({ keys }) => keys)
    expect(await codeOf(() => open(fixture, { keysOf: strange }))).toBe('token.wrong-lock')
    flip(fixture.path, 2 * mebibyte)
    expect(await codeOf(() => open(fixture, { keysOf: strange }))).toBe('seal.root')
    const gone = () => Promise.reject(new CryptoFailure('token.removed', 'pulled out'))
    expect(await codeOf(() => open(fixture, { keysOf: gone }))).toBe('token.removed')
  })

  it('where a root and a key are wrong, the root', async () => {
    const fixture = await seal([3 * mebibyte])
    const wrong = async (verified: VerifiedBid) => {
      const keys = await mainKeys(verified)
      return new Map([...keys].map(([name]) => [name, new Uint8Array(32)]))
    }
    expect(await codeOf(() => open(fixture, { keysOf: wrong }))).toBe('seal.key-mismatch')
    flip(fixture.path, 2 * mebibyte)
    expect(await codeOf(() => open(fixture, { keysOf: wrong }))).toBe('seal.root')
  })

  it('with threads as without, wherever a bit is flipped', async () => {
    const fixture = await seal([2 * mebibyte + 17, 5, mebibyte])
    const { length } = readFileSync(fixture.path)
    for (let at = 700; at < length; at += Math.floor(length / 23)) {
      flip(fixture.path, at)
      const threaded = await open(fixture).then(
        () => 'opened',
        (error: unknown) => (error as CryptoFailure).code,
      )
      const plain = await open(fixture, { threads: undefined }).then(
        () => 'opened',
        (error: unknown) => (error as CryptoFailure).code,
      )
      expect(threaded).toBe(plain)
      expect(threaded).not.toBe('opened')
      flip(fixture.path, at)
    }
  })

  it('by threads that compute the roots alone', async () => {
    const fixture = await seal([5 * mebibyte])
    const verify = async () => {
      const source = await nodeFiles.open(fixture.path)
      try {
        const { anchors } = fixture.tender
        return await verifySealedBid(await readSealedBid(source), { anchors, at: sealingTime, pipeline })
      } finally {
        await source.close()
      }
    }
    expect((await verify()).leaves.get('body')?.length).toBe(6)
    flip(fixture.path, 3 * mebibyte)
    expect(await codeOf(verify)).toBe('seal.root')
  })
})

/** Inside a bid that is right outside, several chunks long. */
describe('what is wrong inside is told with threads as without', () => {
  const letter = Buffer.from('投标函')
  const plan = Buffer.alloc(2 * mebibyte + 5, 0x42)
  const files: Entries = [
    ['documents/0001', letter],
    ['documents/0002', plan],
  ]
  const listed = [listDocument('letter', letter), listDocument('plan', plan)]
  const last = (bytes: Uint8Array) => bytes.map((byte, index) => (index === bytes.length - 1 ? byte ^ 1 : byte))
  const cases: Readonly<Record<string, (bid: Entries) => Uint8Array | Entries>> = {
    nothing: bid => [...bid, ...files],
    'another document': bid => [...bid, ['documents/0001', letter], ['documents/0002', last(plan)]],
    'a document less': bid => [...bid, ['documents/0001', letter]],
    'a document more': bid => [...bid, ...files, ['documents/0003', letter]],
    'documents in another order': bid => [...bid, ['documents/0001', plan], ['documents/0002', letter]],
    'a document under another name': bid => [...bid, ['documents/0001', letter], ['documents/0003', plan]],
    'a longer document': bid => [...bid, ['documents/0001', letter], ['documents/0002', Buffer.concat([plan, letter])]],
    'no list': () => files,
    'a byte in the pad': bid => last(innerArchive([...bid, ...files])),
    'a chunk of zeros at the end': bid => Buffer.concat([innerArchive([...bid, ...files]), Buffer.alloc(65_536)]),
    'no pad': bid => {
      const bytes = archiveOf([...bid, ...files])
      return Buffer.concat([bytes, Buffer.alloc(65_536 - (bytes.length % 65_536))])
    },
  }

  it.each(Object.keys(cases))('%s', async name => {
    const { tender } = await makeTender()
    const opening = await forgeOpening(tender)
    const body = cases[name]?.(await forgeBidJson(tender, opening, listed)) ?? []
    const bytes = body instanceof Uint8Array ? body : innerArchive(body)
    const forged = await forgeBid({
      tender,
      plaintexts: [
        ['opening', innerArchive(opening)],
        ['body', bytes],
      ],
    })
    const path = join(folder, 'forged.sbid')
    writeFileSync(path, archiveOf(forged.entries))
    const outcome = (threads: Pipeline | undefined) =>
      open({ path, tender }, { threads, keysOf: () => Promise.resolve(forged.keys) }).then(
        () => 'opened',
        (error: unknown) => (error as CryptoFailure).code,
      )
    const plain = await outcome(undefined)
    expect(await outcome(pipeline)).toBe(plain)
    expect(plain === 'opened').toBe(name === 'nothing')
    expect(readdirSync(folder)).toEqual(['forged.sbid'])
  })
})

function flip(path: string, at: number): void {
  const bytes = readFileSync(path)
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(path, bytes)
}
