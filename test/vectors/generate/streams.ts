import { createHash } from 'node:crypto'
import {
  deriveKeyCommitment,
  deriveShareCommitment,
  deriveStreamKey,
  partContext,
  type PartDerivation,
} from '../../../crypto/envelope/key-schedule.ts'
import {
  chunkAt,
  chunkCount,
  chunkNonce,
  chunkSize,
  sealedSizeOf,
  tagSize,
} from '../../../crypto/envelope/part-layout.ts'
import { treeLeaf, treeRoot } from '../../../crypto/envelope/tree.ts'
import { toHex } from '../../../crypto/json/hex.ts'
import type { Suite, SuiteId } from '../../../crypto/suite.ts'
import { suiteById } from '../../../crypto/suites/index.ts'
import type { BrokenStream, StreamFile, StreamVector } from '../stream-file.ts'
import { plaintextOfSize } from '../stream-file.ts'

const header = {
  sealId: '0b9f6c1e-7a4d-4e0a-9b1c-2d3e4f506172',
  keyPolicy: 'split',
  tender: {
    platform: 'practice.bidseal',
    tenderId: 'YN-2026-0302',
    lotId: '01',
    projectCode: 'E5301000076000001',
    packageDigest: 'aa'.repeat(32),
    deadline: '2026-03-02T08:00:00Z',
    openingTime: '2026-03-02T08:30:00Z',
  },
  bidder: { name: '云岭建设集团有限公司', creditCode: '91530100MA6K0B7Q2X' },
  signer: { certificateDigest: 'bb'.repeat(32) },
} as const

const sizes = [0, 1, chunkSize - 1, chunkSize, chunkSize + 1, 3 * chunkSize]

/** The part streams of a suite with fixed keys. */
export function streamFile(id: SuiteId): StreamFile {
  const suite = suiteById(id)
  if (suite === null) throw new Error(`no suite ${id}`)
  const contextValues = { suite: id, ...header }
  const context = partContext(contextValues, suite)
  const streams = sizes.flatMap((size, index) =>
    (['opening', 'body'] as const).map(part => streamVector(suite, size, part, context, index)),
  )
  return { suite: id, contextValues, context: toHex(context), streams, broken: brokenStreams() }
}

function streamVector(
  suite: Suite,
  size: number,
  part: 'opening' | 'body',
  context: Uint8Array,
  index: number,
): StreamVector {
  const partKey = Uint8Array.from({ length: 32 }, (_, at) => (at + 32 * index) & 0xff)
  const salt = Uint8Array.from({ length: 16 }, (_, at) => (0xf0 - 16 * index + at) & 0xff)
  const shareA = new Uint8Array(32).fill(0x55)
  const shareB = partKey.map((byte, at) => byte ^ (shareA[at] ?? 0))
  const derivation: PartDerivation = { suite, part, salt, context }
  const streamKey = deriveStreamKey(derivation, partKey)
  const plaintext = plaintextOfSize(size)
  const pieces = Array.from({ length: chunkCount(size) }, (_, at) =>
    plaintext.subarray(at * chunkSize, (at + 1) * chunkSize),
  )
  const chunks = pieces.map((piece, at) => suite.sealChunk(streamKey, chunkNonce(at, chunkAt(at, size).last), piece))
  const sealed = Buffer.concat(chunks)
  return {
    name: `${part}-${size}`,
    part,
    partKey: toHex(partKey),
    salt: toHex(salt),
    size,
    sealedSize: sealedSizeOf(size),
    streamKey: toHex(streamKey),
    keyCommitment: toHex(deriveKeyCommitment(derivation, partKey)),
    shareA: toHex(shareA),
    shareB: toHex(shareB),
    shareCommitment: {
      a: toHex(deriveShareCommitment(derivation, shareA, 'a')),
      b: toHex(deriveShareCommitment(derivation, shareB, 'b')),
    },
    plaintextDigest: sha256(plaintext),
    sealedDigest: sha256(sealed),
    tags: chunks.map(chunk => toHex(Uint8Array.from(chunk.subarray(-tagSize)))),
    leaves: chunks.map(chunk => toHex(treeLeaf(suite, 'sealed', chunk))),
    root: toHex(
      treeRoot(
        suite,
        'sealed',
        chunks.map(chunk => treeLeaf(suite, 'sealed', chunk)),
      ),
    ),
    twinRoot: toHex(
      treeRoot(
        suite,
        'plain',
        pieces.map(piece => treeLeaf(suite, 'plain', piece)),
      ),
    ),
    first: toHex(Uint8Array.from(sealed.subarray(0, 32))),
    last: toHex(Uint8Array.from(sealed.subarray(-32))),
    ...(size <= 1 ? { sealed: toHex(Uint8Array.from(sealed)) } : {}),
  }
}

/** Streams of one of the bodies above put together otherwise. */
function brokenStreams(): readonly BrokenStream[] {
  const chunk = chunkSize + tagSize
  const three = `body-${3 * chunkSize}`
  const two = `body-${chunkSize + 1}`
  const full = `body-${chunkSize}`
  const of = (
    name: string,
    base: string,
    size: number,
    pieces: BrokenStream['pieces'],
    comment: string,
  ): BrokenStream => ({ name, base, size, pieces, comment, code: 'seal.chunk' })
  const [zero, first, second, end] = [0, chunk, 2 * chunk, 3 * chunk]
  return [
    of(
      'cut-at-last-boundary',
      three,
      2 * chunkSize,
      [[zero, second]],
      'the last chunk cut off, the size made to fit: the new last chunk is not marked as such',
    ),
    of('cut-at-first-boundary', three, chunkSize, [[zero, first]], 'the last two chunks cut off, the size made to fit'),
    of('first-chunk-dropped', three, 2 * chunkSize, [[first, end]], 'the first chunk dropped, the size made to fit'),
    of(
      'chunks-swapped',
      three,
      3 * chunkSize,
      [
        [first, second],
        [zero, first],
        [second, end],
      ],
      'the first two chunks exchanged',
    ),
    of(
      'chunk-twice',
      three,
      3 * chunkSize,
      [
        [zero, first],
        [zero, first],
        [second, end],
      ],
      'the first chunk in the place of the second',
    ),
    of(
      'last-chunk-first',
      three,
      3 * chunkSize,
      [
        [second, end],
        [first, second],
        [zero, first],
      ],
      'the chunks backwards',
    ),
    of(
      'last-chunk-repeated',
      three,
      4 * chunkSize,
      [
        [zero, end],
        [second, end],
      ],
      'the last chunk twice, the size made to fit',
    ),
    of(
      'another-stream',
      three,
      3 * chunkSize,
      [[zero, second], { of: full, from: 0, to: chunk }],
      'the last chunk of another stream',
    ),
    of(
      'boundary-moved',
      two,
      chunkSize + 1,
      [[zero, 100], [101, chunk + 17], '00'],
      'a byte taken out of the first chunk: every boundary moves',
    ),
    of(
      'tag-exchanged',
      two,
      chunkSize + 1,
      [
        [zero, chunkSize],
        [chunk + 1, chunk + 17],
        [chunk, chunk + 1],
        [chunkSize, chunk],
      ],
      'the tags of two chunks exchanged',
    ),
    {
      name: 'empty-last-chunk',
      base: full,
      size: chunkSize,
      pieces: [[zero, chunk], '00'.repeat(16)],
      comment: 'an extra empty last chunk: longer than the formula says',
      code: 'seal.entries',
    },
    {
      name: 'cut-mid-chunk',
      base: three,
      size: 3 * chunkSize,
      pieces: [[zero, second + 5]],
      comment: 'cut inside the last chunk: shorter than the formula says',
      code: 'seal.entries',
    },
    {
      name: 'cut-at-boundary-size-kept',
      base: three,
      size: 3 * chunkSize,
      pieces: [[zero, second]],
      comment: 'the last chunk cut off, the size kept: shorter than the formula says',
      code: 'seal.entries',
    },
    {
      name: 'trailing-byte',
      base: 'body-1',
      size: 1,
      pieces: [[zero, 17], '00'],
      comment: 'a byte after the last tag',
      code: 'seal.entries',
    },
  ]
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
