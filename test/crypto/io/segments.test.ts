import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nodeFiles } from '../../../crypto/io/node-files.ts'
import { readSegments } from '../../../crypto/io/segments.ts'
import {
  bytesSource,
  joinedSource,
  rangeSource,
  readAll,
  type Segment,
  segmentsLength,
} from '../../../crypto/io/source.ts'
import { codeOf } from '../../fixtures/refusals.ts'

let folder = ''
let segments: readonly Segment[] = []
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-segments-'))
  writeFileSync(join(folder, 'digits'), '0123456789')
  writeFileSync(join(folder, 'empty'), '')
  segments = [
    { kind: 'bytes', bytes: Buffer.from('ab') },
    { kind: 'file', path: join(folder, 'digits'), offset: 3, length: 4 },
    { kind: 'file', path: join(folder, 'empty'), offset: 0, length: 0 },
    { kind: 'bytes', bytes: new Uint8Array() },
    { kind: 'file', path: join(folder, 'digits'), offset: 0, length: 10 },
    { kind: 'bytes', bytes: Buffer.from('z') },
  ]
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('readSegments', () => {
  it('gives the same bytes whole, in pieces and one by one', async () => {
    const expected = 'ab34560123456789z'
    expect(segmentsLength(segments)).toBe(expected.length)
    for (const step of [1, 2, 3, 5, expected.length]) {
      const reader = readSegments(segments, nodeFiles)
      let text = ''
      for (let at = 0; at < expected.length; at += step) {
        const piece = new Uint8Array(Math.min(step, expected.length - at))
        await reader.read(piece)
        text += Buffer.from(piece).toString()
      }
      expect(text).toBe(expected)
      expect(await codeOf(() => reader.read(new Uint8Array(1)))).toBe('input.unreadable')
      await reader.close()
    }
  })

  it('shows file segments, empty ones too, to an observer', async () => {
    const seen: string[] = []
    const reader = readSegments(segments, nodeFiles, {
      begin: (segment, size) => seen.push(`begin ${segment} ${size}`),
      bytes: (segment, bytes) => bytes.length > 0 && seen.push(`${segment} ${Buffer.from(bytes).toString()}`),
      end: segment => seen.push(`end ${segment}`),
    })
    await reader.read(new Uint8Array(17))
    expect(seen).toEqual(['begin 1 10', '1 3456', 'end 1', 'begin 2 0', 'end 2', 'begin 4 10', '4 0123456789', 'end 4'])
  })

  it('says that a file has changed when it is shorter than the range', async () => {
    const reader = readSegments([{ kind: 'file', path: join(folder, 'digits'), offset: 8, length: 5 }], nodeFiles)
    expect(await codeOf(() => reader.read(new Uint8Array(5)))).toBe('input.changed')
    await reader.close()
  })
})

describe('sources', () => {
  it('join and cut other sources', async () => {
    const joined = joinedSource([
      bytesSource(Buffer.from('abc')),
      bytesSource(new Uint8Array()),
      bytesSource(Buffer.from('def')),
    ])
    expect(Buffer.from(await readAll(rangeSource(joined, 1, 4), 10)).toString()).toBe('bcde')
    expect(await codeOf(() => readAll(joined, 5))).toBe('input.unreadable')
    expect(await codeOf(() => joined.read(5, new Uint8Array(2)))).toBe('input.unreadable')
    expect(await codeOf(() => rangeSource(joined, 1, 4).read(3, new Uint8Array(2)))).toBe('input.unreadable')
  })
})
