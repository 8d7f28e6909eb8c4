import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { entryHeader } from '../../../crypto/envelope/archive.ts'
import { headerArchive, readSealedBid, rebuildArchive } from '../../../crypto/envelope/read.ts'
import { nodeFiles } from '../../../crypto/io/node-files.ts'
import { bytesSource, readAll } from '../../../crypto/io/source.ts'
import { archiveOf, type Entries, entriesOf, readEntries, withEntries } from '../../fixtures/forged-bid.ts'
import { codeOf } from '../../fixtures/refusals.ts'
import { makeSealedBid, type SealedFixture } from '../../fixtures/sealed-bid.ts'

let fixture: SealedFixture
let file: Buffer
let entries: Entries
beforeAll(async () => {
  fixture = await makeSealedBid({ backup: true })
  file = readFileSync(fixture.path)
  entries = await entriesOf(fixture.path)
})
afterAll(() => fixture.remove())

const read = (bytes: Uint8Array) => readSealedBid(bytesSource(bytes))
const patched = (offset: number, text: string) => {
  const copy = Buffer.from(file)
  copy.write(text, offset, 'latin1')
  return copy
}

describe('the container', () => {
  it('is listed by tar in the order of the format', () => {
    const names = String(execFileSync('tar', ['-tf', fixture.path]))
      .trim()
      .split('\n')
    expect(names.slice(0, 3)).toEqual(['mimetype', 'parts/opening.enc', 'parts/body.enc'])
    expect(names.slice(3, 7)).toEqual([...names.slice(3, 7)].sort())
    expect(names.slice(7)).toEqual(['META-INF/seal.json', 'META-INF/seal.p7s'])
  })

  it('is rebuilt byte for byte from the header archive and the parts', async () => {
    const bid = await read(file)
    const header = headerArchive(bid)
    const parts = new Map(bid.header.parts.map(part => [part.name, bid.partSource(part.name)]))
    const rebuilt = await readAll(rebuildArchive(header, parts), file.length)
    expect(Buffer.from(rebuilt).equals(file)).toBe(true)
    expect(Buffer.from(await readAll(rebuildArchive(bid, parts), file.length)).equals(file)).toBe(true)
    const alone = await read(header)
    expect([alone.kind, alone.sealDigest, bid.kind]).toEqual(['header', bid.sealDigest, 'whole'])
    expect(await codeOf(() => alone.partSource('body'))).toBe('seal.entries')
  })

  it('knows the identity and short code of its bid', async () => {
    const source = await nodeFiles.open(fixture.path)
    const bid = await readSealedBid(source)
    await source.close()
    expect(bid.sealDigest).toBe(fixture.outcome.sealDigest)
    expect(bid.shortCode).toBe(fixture.outcome.shortCode)
    expect(bid.shortCode).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/)
  })

  it('cut short anywhere, or followed by anything, is refused', async () => {
    const lengths = new Set([0, 1, 511, 512, 1023, 1024, 1536, file.length - 1, file.length - 512, file.length - 1024])
    for (let length = 512; length < file.length; length += 4096) lengths.add(length)
    for (const length of lengths) expect(await codeOf(() => read(file.subarray(0, length)))).toBe('seal.container')
    for (const extra of [1, 512, 1024]) {
      expect(await codeOf(() => read(Buffer.concat([file, Buffer.alloc(extra)])))).toBe('seal.container')
    }
    expect(await codeOf(() => read(Buffer.concat([file, file])))).toBe('seal.container')
  })

  it('with another mtime, mode, owner, type or checksum spelling is refused', async () => {
    for (const [offset, text] of [
      [136, '00000000001'],
      [100, '0000755'],
      [108, '0001750'],
      [156, '5'],
      [156, '\0'],
      [265, 'root'],
      [148, '010756'],
      [154, ' \0'],
      [257, 'ustar  \0'],
      [345, 'prefix'],
      [500, 'x'],
    ] as const) {
      expect(await codeOf(() => read(patched(offset, text)))).toBe('seal.container')
    }
  })

  it('with padding or an end that is not zero is refused', async () => {
    expect(await codeOf(() => read(patched(512 + 34, 'x')))).toBe('seal.container')
    expect(await codeOf(() => read(patched(1023, 'x')))).toBe('seal.container')
    expect(await codeOf(() => read(patched(file.length - 1, 'x')))).toBe('seal.container')
    expect(await codeOf(() => read(patched(file.length - 1024, 'x')))).toBe('seal.container')
  })

  it('with a hidden, doubled, renamed or misplaced entry is refused', async () => {
    const [first, ...rest] = entries
    if (first === undefined) throw new Error('no entries')
    const last = entries.at(-1) ?? first
    const broken: Entries[] = [
      [...entries, ['hidden', Buffer.from('x')]],
      [first, ['parts/other.enc', Buffer.alloc(16)], ...rest],
      [...entries, last],
      [...rest, first],
      [first, ...[...rest].reverse()],
      rest,
      withEntries(entries, { 'META-INF/seal.p7s': null }),
      withEntries(entries, { 'META-INF/seal.json': null }),
      withEntries(entries, { mimetype: Buffer.from('application/vnd.bidseal.sealed-bi\n') }),
      withEntries(entries, { mimetype: Buffer.from('application/vnd.bidseal.sealed-bid\n') }),
      [...entries, ['META-INF/seal.tsr', Buffer.alloc(65_537)]],
      entries.map(([name, bytes]) => [name.replace('.p7m', '.P7M'), bytes] as const),
      entries.map(([name, bytes]) => [name.replace('keys/body.', 'keys/budy.'), bytes] as const),
    ]
    for (const each of broken) expect(await codeOf(() => readEntries(each))).toBe('seal.container')
  })

  it('bounds every small entry and their number before reading on', async () => {
    const [envelope] = entries.filter(([name]) => name.startsWith('keys/'))
    const name = envelope?.[0] ?? ''
    expect(await codeOf(() => readEntries(withEntries(entries, { [name]: Buffer.alloc(16_385) })))).toBe(
      'seal.container',
    )
    expect(
      await codeOf(() => readEntries(withEntries(entries, { 'META-INF/seal.json': Buffer.alloc(2 ** 20 + 1) }))),
    ).toBe('seal.container')
    expect(await codeOf(() => readEntries(withEntries(entries, { 'META-INF/seal.p7s': Buffer.alloc(65_537) })))).toBe(
      'seal.container',
    )
    const many = Array.from(
      { length: 33 },
      (_, index) => [`keys/body.${index.toString(16).padStart(16, '0')}.p7m`, Buffer.alloc(1)] as const,
    )
    const others = entries.filter(([each]) => !each.startsWith('keys/'))
    expect(await codeOf(() => readEntries([...others.slice(0, 3), ...many, ...others.slice(3)]))).toBe('seal.container')
  })

  it('that claims gigabytes it does not have is refused at once', async () => {
    const claim = Buffer.concat([
      archiveOf([entries[0] ?? ['', Buffer.alloc(0)]]).subarray(0, 1024),
      entryHeader('parts/body.enc', 2 ** 33 - 1),
    ])
    expect(await codeOf(() => read(Buffer.concat([claim, Buffer.alloc(4096)])))).toBe('seal.container')
  })
})
