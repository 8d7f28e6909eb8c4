import { createPublicKey } from 'node:crypto'
import {
  appendFileSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../crypto/cert/certificate.ts'
import { issueCertificate } from '../../../crypto/cert/issue.ts'
import { openBid } from '../../../crypto/envelope/open-bid.ts'
import { unwrapPartKeys } from '../../../crypto/envelope/part-keys.ts'
import { readSealedBid } from '../../../crypto/envelope/read.ts'
import { sealBid } from '../../../crypto/envelope/seal.ts'
import type { SealOptions } from '../../../crypto/envelope/seal-options.ts'
import { verifySealedBid } from '../../../crypto/envelope/verify.ts'
import { CryptoFailure } from '../../../crypto/errors.ts'
import type { FileSystem } from '../../../crypto/io/files.ts'
import { nodeFiles } from '../../../crypto/io/node-files.ts'
import type { Progress } from '../../../crypto/io/ports.ts'
import { bytesSource } from '../../../crypto/io/source.ts'
import { softSigner } from '../../../crypto/sign/soft-key.ts'
import type { Signer } from '../../../crypto/sign/signer.ts'
import type { Suite } from '../../../crypto/suite.ts'
import { gm1 } from '../../../crypto/suites/gm-1.ts'
import { intl1 } from '../../../crypto/suites/intl-1.ts'
import { gmTenderFields, inGm1 } from '../../fixtures/gm-bid.ts'
import type { Pipeline } from '../../../crypto/worker/pipeline.ts'
import { openFiles, repeatable, repeatingSuite, testPipeline } from '../../fixtures/pipeline.ts'
import { practiceCa, practiceNotAfter, practiceNotBefore, testKey } from '../../fixtures/practice-ca.ts'
import { codeOf } from '../../fixtures/refusals.ts'
import { memorySink, type SealedFixtureOptions, sealingTime, sealOptions } from '../../fixtures/sealed-bid.ts'

const mebibyte = 2 ** 20
const ca = practiceCa()
const pipeline = testPipeline()
afterAll(() => pipeline.close())
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-threads-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function options(given: SealedFixtureOptions = {}, change: Partial<SealOptions> = {}): Promise<SealOptions> {
  return { ...(await sealOptions(folder, given)).options, pipeline, ...change }
}

/** The bidder's signer on a P-256 key. */
function ellipticSigner(): Signer {
  const privateKey = testKey('bidder-elliptic', 'P-256')
  const certificate = issueCertificate({
    subject: parseCertificate(ca.bidder.sign.certificate).subject,
    publicKey: Uint8Array.from(createPublicKey(privateKey).export({ format: 'der', type: 'spki' })),
    issuer: { certificate: ca.intermediate, privateKey: ca.intermediateKey },
    serial: Uint8Array.of(1, 2, 3),
    notBefore: practiceNotBefore,
    notAfter: practiceNotAfter,
    profile: 'sign',
    creditCode: ca.bidder.creditCode,
  })
  return softSigner({ certificate, intermediates: [ca.intermediate], privateKey })
}

/** Documents of these lengths, each with bytes of its own. */
function documentsOf(sizes: readonly number[]) {
  return sizes.map((size, place) => {
    const bytes = new Uint8Array(size)
    for (let at = 0; at < size; at += 1) bytes[at] = (at * 31 + (at >> 12) + place * 7) & 0xff
    return { name: `${place} 字节.bin`, bytes }
  })
}

/** The file, sealed with and without threads from the same random bytes. */
async function bothWays(
  given: SealedFixtureOptions,
  seed = 1,
  of: Suite = intl1,
  threaded: Pipeline = pipeline,
): Promise<readonly Buffer[]> {
  const suite = repeatingSuite(of)
  const files: Buffer[] = []
  for (const threads of [undefined, threaded]) {
    const made = repeatable(await options(given, { suite, pipeline: threads }), seed)
    await sealBid(made)
    files.push(readFileSync(made.output))
    rmSync(made.output)
  }
  return files
}

describe('a bid sealed with threads is byte for byte the one sealed without', () => {
  // The first document begins behind a head of some kilobytes; these reach to, over and past its first chunks.
  it.each([0, 1, mebibyte - 1, mebibyte, mebibyte + 1, 3 * mebibyte])('with a document of %i bytes', async size => {
    const [plain, threaded] = await bothWays({ documents: documentsOf([size]) })
    expect(threaded?.equals(plain ?? Buffer.alloc(0))).toBe(true)
  })

  it('with none, and with many that cross the chunks', async () => {
    const sizes = Array.from({ length: 60 }, (_, place) => (place * 7919 * 13) % 200_000)
    for (const documents of [[], documentsOf(sizes)]) {
      const [plain, threaded] = await bothWays({ documents })
      expect(threaded?.equals(plain ?? Buffer.alloc(0))).toBe(true)
    }
  })

  it('with one document much longer than the others, by however many threads', async () => {
    const documents = documentsOf([9 * mebibyte + 77, 300, 2 * mebibyte, 0])
    for (const threads of [1, 2, 4]) {
      const some = testPipeline({ threads })
      const [plain, threaded] = await bothWays({ documents }, 3, intl1, some)
      await some.close()
      expect(threaded?.equals(plain ?? Buffer.alloc(0))).toBe(true)
    }
  })

  it.each<readonly [string, SealedFixtureOptions]>([
    ['in one part', { parts: 'whole' }],
    ['in shares', { keyPolicy: 'split' }],
    ['in one part and shares, proved', { parts: 'whole', keyPolicy: 'split', selfTest: true }],
    ['with a plain twin', { plainTwin: true, selfTest: true }],
    ['without a lock that is here', { withoutOpeners: true }],
  ])('%s', async (_, given) => {
    const [plain, threaded] = await bothWays({ documents: documentsOf([5, 2 * mebibyte + 3, 0, mebibyte]), ...given })
    expect(threaded?.equals(plain ?? Buffer.alloc(0))).toBe(true)
  })

  it('where the list of documents is longer than a chunk', async () => {
    const documents = Array.from({ length: 1250 }, (_, place) => ({
      name: `${'很长的名字'.repeat(12)} ${place}.pdf`,
      role: '很长的位置'.repeat(39),
      bytes: place % 100 === 0 ? 'x'.repeat(place) : '',
    }))
    const [plain, threaded] = await bothWays({ documents })
    expect(threaded?.equals(plain ?? Buffer.alloc(0))).toBe(true)
  })

  it.each([
    ['none', []],
    ['one', [3 * mebibyte + 1]],
    ['three', [mebibyte, 5, 2 * mebibyte - 70]],
    ['six', [mebibyte + 64, 0, 700_000, 700_001, 699_999, 2 * mebibyte]],
  ])('in suite gm-1 with documents of different lengths: %s', async (_, sizes) => {
    const given = { documents: documentsOf(sizes), fields: gmTenderFields(), change: inGm1 }
    for (const parts of ['separate', 'whole'] as const) {
      const [plain, threaded] = await bothWays({ ...given, parts, selfTest: true }, 7, gm1)
      expect(threaded?.equals(plain ?? Buffer.alloc(0))).toBe(true)
    }
  })

  it('with a signature whose length varies', async () => {
    const signer = ellipticSigner()
    for (let seed = 0; seed < 5; seed += 1) {
      const [plain, threaded] = await bothWays(
        { documents: documentsOf([2 * mebibyte]), change: made => ({ ...made, signer }) },
        seed,
      )
      expect(threaded?.equals(plain ?? Buffer.alloc(0))).toBe(true)
    }
  })
})

/** The suite, but the first signature of `bid.json` is longer than that of `opening.json` was. */
function withLongerList(onSignature: () => void = () => undefined): typeof intl1 {
  let signatures = 0
  return {
    ...intl1,
    async signDetached(content, signer, time) {
      const signature = await intl1.signDetached(content, signer, time)
      signatures += 1
      onSignature()
      return signatures === 2 ? Uint8Array.from([...signature, ...Buffer.alloc(1000)]) : signature
    },
  }
}

describe('a bid sealed with threads', () => {
  it('is sealed anew, under new keys, when its list comes out longer than foreseen', async () => {
    let signatures = 0
    const drawn: string[] = []
    const made = await options({ documents: documentsOf([3 * mebibyte]) })
    const padded: SealOptions = {
      ...made,
      randomness: {
        bytes(length) {
          const bytes = made.randomness.bytes(length)
          drawn.push(Buffer.from(bytes).toString('hex'))
          return bytes
        },
      },
      suite: withLongerList(() => (signatures += 1)),
    }
    await sealBid(padded)
    expect(signatures).toBe(5)
    expect(new Set(drawn).size).toBe(drawn.length)
    const bid = await readSealedBid(bytesSource(readFileSync(made.output)))
    await verifySealedBid(bid, { anchors: made.tender.anchors, tender: made.tender, at: sealingTime })
  })

  it('tells digest, seal and trial from nothing to all, one after the other, never backwards', async () => {
    const seen: Progress[] = []
    const made = await options({ documents: documentsOf([9 * mebibyte, 5]), selfTest: true })
    await sealBid({ ...made, onProgress: progress => seen.push(progress) })
    expect([...new Set(seen.map(({ stage }) => stage))]).toEqual(['digest', 'seal', 'trial'])
    const order = seen.map(({ stage }) => ['digest', 'seal', 'trial'].indexOf(stage))
    expect(order).toEqual([...order].sort())
    for (const stage of ['digest', 'seal', 'trial'] as const) {
      const steps = seen.filter(each => each.stage === stage)
      const done = steps.map(each => each.done)
      expect(done.at(0)).toBe(0)
      expect(done.at(-1)).toBe(steps[0]?.total)
      expect(new Set(steps.map(({ total }) => total)).size).toBe(1)
      expect(done).toEqual([...done].sort((one, other) => one - other))
    }
  })

  it('needs no threads when it is small, or its files are not the computer’s own', async () => {
    const none: Pipeline = {
      smallest: mebibyte,
      threads: 2,
      warm: () => undefined,
      close: () => Promise.resolve(),
      run: () => Promise.reject(new Error('nobody was to be asked')),
    }
    await sealBid(await options({ documents: documentsOf([mebibyte / 2]), selfTest: true }, { pipeline: none }))
    const virtual: FileSystem = { open: path => nodeFiles.open(path), create: (...args) => nodeFiles.create(...args) }
    const given = { documents: documentsOf([mebibyte]), selfTest: false }
    await sealBid(await options(given, { pipeline: none, files: virtual }))
  })
})

describe('a sealing with threads that fails leaves nothing behind, and no file open', () => {
  const big = documentsOf([6 * mebibyte, 4 * mebibyte])
  afterEach(() => {
    expect(readdirSync(folder)).toEqual(['documents'])
    expect(openFiles(folder)).toEqual([])
  })
  const changing = (change: (path: string) => void, moment: 'before' | 'after' = 'before'): FileSystem => ({
    ...nodeFiles,
    async create(path, size) {
      const document = join(folder, 'documents', big[1]?.name ?? '')
      if (moment === 'before') change(document)
      return nodeFiles.create(path, size)
    },
  })

  it('when a document becomes shorter or longer', async () => {
    for (const selfTest of [true, false]) {
      for (const change of [
        (path: string) => truncateSync(path, 100),
        (path: string) => appendFileSync(path, 'x'),
        (path: string) => rmSync(path),
      ]) {
        const code = await codeOf(async () => {
          await sealBid(await options({ documents: big, selfTest }, { files: changing(change) }))
        })
        expect(['input.changed', 'input.unreadable']).toContain(code)
      }
    }
  })

  it('when a document is another one after its digest, with and without a self-test', async () => {
    for (const selfTest of [true, false]) {
      // Between the two readings of the one thread there is.
      const single = testPipeline({ threads: 1 })
      const path = join(folder, 'documents', big[1]?.name ?? '')
      const between: Pipeline = {
        smallest: 0,
        threads: 1,
        warm: () => single.warm(),
        close: () => single.close(),
        run: async (...[task, control]: Parameters<typeof single.run>) => {
          await single.run(task, control)
          if (task.kind === 'digest') writeFileSync(path, Buffer.alloc(4 * mebibyte, 9))
        },
      }
      // A list that comes out longer than foreseen: everything is made anew, and digests come first.
      const made = await options({ documents: big, selfTest }, { pipeline: between, suite: withLongerList() })
      expect(await codeOf(() => sealBid(made))).toBe('input.changed')
      await single.close()
    }
  })

  it('when the disk is full', async () => {
    const full: FileSystem = {
      ...nodeFiles,
      async create(path, size) {
        const draft = await nodeFiles.create(path, size)
        const descriptor = openSync('/dev/full', 'r+')
        return {
          draftPath: draft.draftPath,
          descriptor,
          write: (offset, bytes) => draft.write(offset, bytes),
          flush: () => draft.flush(),
          commit: () => draft.commit(),
          discard: () => draft.discard(),
        }
      },
    }
    expect(await codeOf(async () => sealBid(await options({ documents: big }, { files: full })))).toBe(
      'output.disk-full',
    )
  })

  it('whenever it is cancelled', async () => {
    const given = { documents: documentsOf([20 * mebibyte, 3, 15 * mebibyte]), selfTest: true }
    const stages = ['digest', 'seal', 'trial'] as const
    for (const stage of stages) {
      for (const share of [0, 0.01, 0.5]) {
        const stop = new AbortController()
        const onProgress = (progress: Progress) => {
          if (progress.stage === stage && progress.done >= share * progress.total) stop.abort()
        }
        const made = await options(given, { signal: stop.signal, onProgress })
        expect(await codeOf(() => sealBid(made))).toBe('cancelled')
        expect(readdirSync(folder)).toEqual(['documents'])
      }
    }
    for (const delay of [0, 3, 6, 12, 25]) {
      const stop = new AbortController()
      setTimeout(() => stop.abort(), delay)
      expect(await codeOf(async () => sealBid(await options(given, { signal: stop.signal })))).toBe('cancelled')
    }
  })

  it('when the lock goes away at any of its signatures or openings', async () => {
    const gone = () => Promise.reject(new CryptoFailure('token.removed', 'pulled out'))
    for (const left of [0, 1, 2]) {
      const signer = ca.bidder.sign.signer()
      let signatures = 0
      const leaving = {
        ...signer,
        sign: (...args: Parameters<typeof signer.sign>) => (signatures++ < left ? signer.sign(...args) : gone()),
      }
      const made = await options({ documents: big }, { signer: leaving })
      expect(await codeOf(() => sealBid(made))).toBe('token.removed')
      const opener = ca.bidder.decrypt.opener()
      let opened = 0
      const shy = {
        ...opener,
        open: (...args: Parameters<typeof opener.open>) => (opened++ < left ? opener.open(...args) : gone()),
      }
      const recipients = [{ role: 'main' as const, certificate: opener.certificate, opener: shy }]
      const proving = await options({ documents: big, selfTest: true }, { recipients })
      expect(await codeOf(() => sealBid(proving))).toBe('token.removed')
    }
  })

  it('when a thread dies', async () => {
    const program = join(folder, 'documents', 'thread.cjs')
    const made = await options({ documents: big })
    writeFileSync(program, `require('node:worker_threads').parentPort.on('message', () => process.exit(1))`)
    const dying = testPipeline({ program })
    expect(await codeOf(() => sealBid({ ...made, pipeline: dying }))).toBe('internal')
    await dying.close()
  })

  it('when a lock cannot open what was sealed for it', async () => {
    const stranger = ca.rival.decrypt.opener()
    const certificate = ca.bidder.decrypt.certificate
    const recipients = [{ role: 'main' as const, certificate, opener: { ...stranger, certificate } }]
    const made = await options({ documents: big, selfTest: true }, { recipients })
    const failure = await sealBid(made).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'seal.self-test', cause: { code: 'seal.key-mismatch' } })
  })
})

describe('a document that changed before its digest', () => {
  it('is sealed as it is now', async () => {
    const made = await options({ documents: documentsOf([4 * mebibyte]), selfTest: true })
    const now = Buffer.alloc(4 * mebibyte, 3)
    writeFileSync(made.documents[0]?.path ?? '', now)
    await sealBid(made)
    const source = await nodeFiles.open(made.output)
    const sink = memorySink()
    await openBid(
      await readSealedBid(source),
      { anchors: made.tender.anchors, at: sealingTime },
      async verified => (await unwrapPartKeys(verified, ca.bidder.decrypt.opener())).keys,
      sink,
    )
    await source.close()
    expect([...sink.received.values()].map(bytes => Buffer.compare(bytes, now))).toEqual([0])
  })
})
