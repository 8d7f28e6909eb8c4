import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { entryHeader, maxEntrySize, parseEntryHeader } from '../../../crypto/envelope/archive.ts'
import { padLength } from '../../../crypto/envelope/pad.ts'
import { archiveOf, type Entries, innerArchive } from '../../fixtures/forged-bid.ts'
import { codeOf } from '../../fixtures/refusals.ts'

const tarOptions = ['--format=ustar', '-b1', '--owner=0', '--group=0', '--numeric-owner', '--mode=0644', '--mtime=@0']

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-tar-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function tar(entries: Entries): Buffer {
  for (const [name, bytes] of entries) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), bytes)
  }
  const names = entries.map(([name]) => name)
  return execFileSync('tar', [...tarOptions, '-cf', '-', '-C', folder, ...names], { maxBuffer: 2 ** 26 })
}

describe('the canonical archive', () => {
  it('is byte for byte what GNU tar writes, for every size around a block', () => {
    const sizes = [0, 1, 511, 512, 513, 1023, 1024, 1025, 70_000]
    const entries: Entries = sizes.map(size => [`documents/${String(size).padStart(4, '0')}`, Buffer.alloc(size, 0xa5)])
    expect(tar(entries).equals(archiveOf(entries))).toBe(true)
    for (const entry of entries) expect(tar([entry]).equals(archiveOf([entry]))).toBe(true)
  })

  it('is what GNU tar writes for names of the format, up to a hundred bytes', () => {
    const long = `keys/${'x'.repeat(95)}`
    const names = ['mimetype', 'parts/body.enc', 'keys/body.0123456789abcdef.p7m', 'META-INF/seal.json', long]
    const entries: Entries = names.map(name => [name, Buffer.from(name)])
    expect(tar(entries).equals(archiveOf(entries))).toBe(true)
  })

  it('has the header of GNU tar for an entry of 8 GiB - 1 and refuses one byte more, as tar does', async () => {
    const path = join(folder, 'large')
    writeFileSync(path, '')
    truncateSync(path, maxEntrySize)
    const first = execFileSync('sh', [
      '-c',
      `tar ${tarOptions.join(' ')} -cf - -C "$0" large 2>/dev/null | head -c 512`,
      folder,
    ])
    expect(first.equals(entryHeader('large', maxEntrySize))).toBe(true)
    truncateSync(path, maxEntrySize + 1)
    expect(() =>
      execFileSync('tar', [...tarOptions, '-cf', '/dev/null', '-C', folder, 'large'], { stdio: 'pipe' }),
    ).toThrow()
    expect(await codeOf(() => entryHeader('large', maxEntrySize + 1))).toBe('seal.too-large')
    rmSync(path)
  })

  it('does not write a name that ustar could not hold', async () => {
    for (const name of ['', 'x'.repeat(101), 'a b', '投标'])
      expect(await codeOf(() => entryHeader(name, 0))).toBe('internal')
  })
})

describe('parseEntryHeader', () => {
  it('reads what entryHeader wrote and refuses every other bit of it', async () => {
    const block = entryHeader('documents/0001', 123_456)
    expect(parseEntryHeader(block, 'seal.container')).toEqual({ name: 'documents/0001', size: 123_456 })
    let refused = 0
    for (let bit = 0; bit < 512 * 8; bit += 1) {
      const flipped = Uint8Array.from(block)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      try {
        parseEntryHeader(flipped, 'seal.container')
      } catch {
        refused += 1
      }
    }
    expect(refused).toBe(512 * 8)
  })

  it('gives the code it was asked for', async () => {
    expect(await codeOf(() => parseEntryHeader(new Uint8Array(512), 'seal.inner'))).toBe('seal.inner')
  })
})

describe('pad', () => {
  it('is the least number of bytes that makes a multiple of 64 KiB, for every place of the end', () => {
    const totalWith = (before: number, pad: number) => before + 512 + Math.ceil(pad / 512) * 512 + 1024
    for (let before = 0; before <= 131_072; before += 512) {
      const pad = padLength(before)
      expect(totalWith(before, pad) % 65_536).toBe(0)
      expect(pad).toBeLessThan(65_536)
      if (pad > 0) expect(totalWith(before, pad - 1) % 65_536).not.toBe(0)
    }
  })

  it('makes inner archives of GNU tar’s own form', () => {
    const inner = innerArchive([['opening.json', Buffer.from('{}')]])
    expect(inner.length).toBe(65_536)
    expect(
      tar([
        ['opening.json', Buffer.from('{}')],
        ['pad', Buffer.alloc(padLength(1024))],
      ]).equals(inner),
    ).toBe(true)
  })
})
