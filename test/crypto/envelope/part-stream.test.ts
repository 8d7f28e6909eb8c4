import { createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { deriveStreamKey, type PartDerivation } from '../../../crypto/envelope/key-schedule.ts'
import { openPart, readLeaves } from '../../../crypto/envelope/open-part.ts'
import { chunkCount, chunkSize, sealedSizeOf } from '../../../crypto/envelope/part-layout.ts'
import { sealPart } from '../../../crypto/envelope/seal-part.ts'
import { treeRoot } from '../../../crypto/envelope/tree.ts'
import { nodeFiles } from '../../../crypto/io/node-files.ts'
import { startMeter } from '../../../crypto/io/progress.ts'
import { readSegments } from '../../../crypto/io/segments.ts'
import { bytesSource, type Segment } from '../../../crypto/io/source.ts'
import { intl1 } from '../../../crypto/suites/intl-1.ts'
import { codeOf } from '../../fixtures/refusals.ts'

const derivation: PartDerivation = {
  suite: intl1,
  part: 'body',
  salt: Buffer.alloc(16, 3),
  context: Buffer.alloc(32, 4),
}
const partKey = Buffer.alloc(32, 7)
const sizes = [0, 1, chunkSize - 1, chunkSize, chunkSize + 1, 3 * chunkSize]

function pieces(plaintext: Uint8Array, step: number): readonly Segment[] {
  const segments: Segment[] = []
  for (let at = 0; at < plaintext.length; at += step)
    segments.push({ kind: 'bytes', bytes: plaintext.subarray(at, at + step) })
  return segments
}

async function seal(plaintext: Uint8Array, step = Math.max(1, plaintext.length), signal?: AbortSignal) {
  const sealed = new Uint8Array(sealedSizeOf(plaintext.length))
  const result = await sealPart({
    derivation,
    partKey,
    size: plaintext.length,
    plaintext: readSegments(pieces(plaintext, step), nodeFiles),
    write(offset, bytes) {
      sealed.set(bytes, offset)
      return Promise.resolve()
    },
    meter: startMeter({ signal }, 'seal', plaintext.length),
    plainTwin: true,
  })
  return { sealed, ...result }
}

async function open(sealed: Uint8Array, size: number, key: Uint8Array = partKey, leaves?: readonly Uint8Array[]) {
  const source = bytesSource(sealed)
  const meter = startMeter({}, 'open', size)
  const known = leaves ?? (await readLeaves(intl1, source, size, meter))
  const chunks: Uint8Array[] = []
  for await (const chunk of openPart({ derivation, partKey: key, size, source, leaves: known, meter }))
    chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** The format's own words once more, without our code. */
function openIndependently(sealed: Uint8Array, size: number): { plaintext: Buffer; root: Buffer } {
  const key = deriveStreamKey(derivation, partKey)
  const sha = (...parts: Uint8Array[]) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
  const leaves: Buffer[] = []
  const plain: Buffer[] = []
  const count = Math.max(1, Math.ceil(size / 2 ** 20))
  for (let index = 0; index < count; index += 1) {
    const chunk = sealed.subarray(index * (2 ** 20 + 16), Math.min((index + 1) * (2 ** 20 + 16), sealed.length))
    const nonce = Buffer.from(`${index.toString(16).padStart(22, '0')}${index === count - 1 ? '01' : '00'}`, 'hex')
    const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAuthTag(chunk.subarray(-16))
    plain.push(decipher.update(chunk.subarray(0, -16)), decipher.final())
    leaves.push(sha(Buffer.of(0), chunk))
  }
  return { plaintext: Buffer.concat(plain), root: sha(Buffer.of(1), ...leaves) }
}

describe('a part stream', () => {
  it.each(sizes)('of %i bytes opens again, and independently, with the same root', async size => {
    const plaintext = randomBytes(size)
    const { sealed, root, plainRoot } = await seal(plaintext)
    expect(sealed.length).toBe(size + 16 * chunkCount(size))
    expect((await open(sealed, size)).equals(plaintext)).toBe(true)
    const independent = openIndependently(sealed, size)
    expect(independent.plaintext.equals(plaintext)).toBe(true)
    expect(independent.root.equals(root)).toBe(true)
    const leaves = await readLeaves(intl1, bytesSource(sealed), size, startMeter({}, 'verify', size))
    expect(Buffer.from(treeRoot(intl1, 'sealed', leaves)).equals(root)).toBe(true)
    expect(plainRoot).not.toBeNull()
  })

  it.each(sizes)('of %i bytes is the same whole and in pieces', async size => {
    const plaintext = randomBytes(size)
    const whole = await seal(plaintext)
    for (const step of [4093, 65_536, 2 ** 20 + 7]) {
      expect(Buffer.from((await seal(plaintext, step)).sealed).equals(whole.sealed)).toBe(true)
    }
  })

  it('is the same byte by byte', async () => {
    const plaintext = randomBytes(5000)
    expect(Buffer.from((await seal(plaintext, 1)).sealed).equals((await seal(plaintext)).sealed)).toBe(true)
  })

  it.each([1, chunkSize, chunkSize + 1])(
    'of %i bytes refuses every wrong key, and truncation with and without its leaves',
    async size => {
      const { sealed } = await seal(randomBytes(size))
      expect(await codeOf(() => open(sealed, size, Buffer.alloc(32, 8)))).toBe('seal.chunk')
      const short = Uint8Array.from(sealed)
      short[sealed.length - 1] = (short.at(-1) ?? 0) ^ 1
      expect(await codeOf(() => open(short, size))).toBe('seal.chunk')
      const leaves = await readLeaves(intl1, bytesSource(sealed), size, startMeter({}, 'verify', size))
      expect(await codeOf(() => open(short, size, partKey, leaves))).toBe('seal.root')
      expect(await codeOf(() => open(sealed.subarray(0, -1), size))).toBe('input.unreadable')
    },
  )

  it('cut at a chunk boundary and called shorter does not open: the last chunk is marked', async () => {
    const { sealed } = await seal(randomBytes(2 * chunkSize))
    expect(await codeOf(() => open(sealed.subarray(0, chunkSize + 16), chunkSize))).toBe('seal.chunk')
  })

  it('with two chunks swapped does not open', async () => {
    const { sealed } = await seal(randomBytes(3 * chunkSize))
    const unit = chunkSize + 16
    const swapped = Buffer.concat([
      sealed.subarray(unit, 2 * unit),
      sealed.subarray(0, unit),
      sealed.subarray(2 * unit),
    ])
    expect(await codeOf(() => open(swapped, 3 * chunkSize))).toBe('seal.chunk')
  })

  it('stops between two chunks when asked to', async () => {
    const stop = new AbortController()
    const plaintext = randomBytes(3 * chunkSize)
    let written = 0
    const run = sealPart({
      derivation,
      partKey,
      size: plaintext.length,
      plaintext: readSegments(pieces(plaintext, plaintext.length), nodeFiles),
      write() {
        written += 1
        if (written === 2) stop.abort()
        return Promise.resolve()
      },
      meter: startMeter({ signal: stop.signal }, 'seal', plaintext.length),
      plainTwin: false,
    })
    expect(await codeOf(() => run)).toBe('cancelled')
    expect(written).toBe(2)
  })
})
