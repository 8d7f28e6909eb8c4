import { blockSize, entryHeader } from '../../../../crypto/envelope/archive.ts'
import { archiveOf, type Entries } from '../../../fixtures/forged-bid.ts'
import type { BrokenVector } from '../../library.ts'
import { baseNamed } from '../bids.ts'
import { type Base, entryNamed, forge } from '../forge.ts'
import { bytesFor } from '../world.ts'
import { collect } from '../vector.ts'

// Check 1, the container: the archive is a function of its entries, and its entries are those of the format.

const code = 'seal.container'

/** Vectors of the container. */
export async function containerVectors(): Promise<readonly BrokenVector[]> {
  const { vectors, from } = collect()
  const base = await baseNamed('bidder')
  const add = from(base)
  const refuse = (name: string, comment: string, file: Uint8Array) => add(`container-${name}`, code, comment, file)
  await headerFields(base, refuse)
  await endings(base, refuse)
  await entryOrder(base, refuse)
  await limits(base, refuse)
  return vectors
}

type Refuse = (name: string, comment: string, file: Uint8Array) => Promise<void>

/** The file with bytes at a place of the header block of `mimetype` (or another entry) changed and its sum right again. */
function withField(base: Base, offset: number, bytes: Uint8Array | string, entry = 'mimetype', sum = true): Uint8Array {
  const file = Uint8Array.from(base.file)
  const start = startOf(base, entry)
  const block = file.subarray(start, start + blockSize)
  block.set(Buffer.from(bytes as string, 'latin1'), offset)
  if (sum) sumAnew(block)
  return file
}

function sumAnew(block: Uint8Array): void {
  block.set(Buffer.from('        '), 148)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.set(Buffer.from(`${sum.toString(8).padStart(6, '0')}\0 `, 'latin1'), 148)
}

function startOf(base: Base, entry: string): number {
  return Buffer.from(base.file).indexOf(Buffer.from(entry))
}

async function headerFields(base: Base, refuse: Refuse): Promise<void> {
  const field = (name: string, comment: string, offset: number, bytes: string, entry?: string) =>
    refuse(name, comment, withField(base, offset, bytes, entry))
  await field('mode', 'mode 0600', 100, '0000600\0')
  await field('uid', 'an owner: uid 1000', 108, '0001750\0')
  await field('gid', 'a group: gid 100', 116, '0000144\0')
  await field('mtime', 'another mtime: one second', 136, '00000000001\0')
  await field('mtime-of-seal-json', 'another mtime, of META-INF/seal.json', 136, '14000000000\0', 'META-INF/seal.json')
  await field('size-spelling', 'the size spelled with a space at its end', 124, '0000000042 \0')
  await field('size-without-nul', 'the size followed by a space, not NUL', 135, ' ')
  await field('typeflag-nul', 'typeflag NUL, an older spelling of a plain file', 156, '\0')
  await field('typeflag-contiguous', 'typeflag 7, a contiguous file', 156, '7')
  await field('symlink', 'typeflag 2, a symbolic link', 156, '2')
  await field('link-name', 'a link name', 157, 'mimetype')
  await field('gnu-magic', 'the magic of GNU tar instead of ustar', 257, 'ustar  \0')
  await field('user-name', 'a user name', 265, 'root')
  await field('group-name', 'a group name', 297, 'root')
  await field('devmajor', 'devmajor spelled with spaces', 329, '     0 \0')
  await field('devminor', 'devminor NUL', 337, '\0\0\0\0\0\0\0\0')
  await field('prefix', 'a name prefix', 345, 'x')
  await field('after-prefix', 'a byte in the unused end of a header block', 511, 'x')
  await field('name-tail', 'bytes behind the NUL of a name', 60, 'hidden')
  await refuse('checksum', 'a wrong checksum', withField(base, 148, '000001\0 ', 'mimetype', false))
  await refuse(
    'checksum-spelling',
    'the checksum followed by space and NUL, not NUL and space',
    withField(base, 154, ' \0', 'mimetype', false),
  )
}

async function endings(base: Base, refuse: Refuse): Promise<void> {
  const { file } = base
  const changed = (at: number, byte: number) => {
    const copy = Uint8Array.from(file)
    copy[at] = byte
    return copy
  }
  await refuse('padding', 'a byte in the padding after mimetype', changed(blockSize + 40, 0x41))
  await refuse('end-not-zero', 'a byte in the last zero block', changed(file.length - 1, 1))
  await refuse('one-end-block', 'one zero block at the end', file.subarray(0, file.length - blockSize))
  await refuse('no-end-blocks', 'no zero blocks at the end', file.subarray(0, file.length - 2 * blockSize))
  await refuse('three-end-blocks', 'three zero blocks at the end', Buffer.concat([file, new Uint8Array(blockSize)]))
  const record = new Uint8Array(10_240 - (file.length % 10_240))
  await refuse(
    'record-of-twenty',
    'zero blocks up to 10,240 bytes, as tar writes without -b1',
    Buffer.concat([file, record]),
  )
  await refuse('trailing-byte', 'one byte after the end', Buffer.concat([file, Uint8Array.of(0)]))
  const hidden = archiveOf([['documents/hidden', Buffer.from('behind the end')]])
  await refuse('trailing-archive', 'a second archive after the end', Buffer.concat([file, hidden]))
  await refuse('empty', 'no byte at all', new Uint8Array())
  await refuse('zeros-only', 'an archive without entries', new Uint8Array(2 * blockSize))
  await refuse('cut-in-header-block', 'cut short in a header block', file.subarray(0, 700))
  await refuse('cut-in-content', 'cut short in a part', file.subarray(0, 4000))
  const claimed = Buffer.concat([
    file.subarray(0, 2 * blockSize),
    entryHeader('parts/opening.enc', 2 ** 33 - 1),
    file.subarray(3 * blockSize),
  ])
  await refuse('size-beyond-end', 'an entry that claims 8 GiB - 1 and does not have them', claimed)
}

async function entryOrder(base: Base, refuse: Refuse): Promise<void> {
  const list = base.entries
  const with2 = (name: string, comment: string, entries: Entries) => refuse(name, comment, archiveOf(entries))
  const without = (gone: string) => list.filter(([name]) => name !== gone)
  const insertAfter = (before: string, ...more: Entries) =>
    list.flatMap((each): Entries => (each[0] === before ? [each, ...more] : [each]))
  const renamed = (from: string, to: string) => list.map(([name, bytes]) => [name === from ? to : name, bytes] as const)
  const swapped = (one: string, other: string) =>
    list.map(([name, bytes]) => {
      if (name === one) return [other, entryNamed(list, other)] as const
      return name === other ? ([one, entryNamed(list, one)] as const) : ([name, bytes] as const)
    })
  const keys = list.map(([name]) => name).filter(name => name.startsWith('keys/'))
  const [firstKey = '', secondKey = ''] = keys
  await with2(
    'hidden-entry',
    'a hidden entry: META-INF/note.txt',
    insertAfter('META-INF/seal.p7s', ['META-INF/note.txt', Buffer.from('hidden')]),
  )
  await with2(
    'hidden-document',
    'a document outside the parts',
    insertAfter('mimetype', ['documents/0001', Buffer.from('hidden')]),
  )
  await with2(
    'entry-twice',
    'META-INF/seal.json twice',
    insertAfter('META-INF/seal.json', ['META-INF/seal.json', entryNamed(list, 'META-INF/seal.json')]),
  )
  await with2(
    'part-twice',
    'parts/opening.enc twice',
    insertAfter('parts/opening.enc', ['parts/opening.enc', new Uint8Array()]),
  )
  await with2(
    'signature-before-header',
    'META-INF/seal.p7s before META-INF/seal.json',
    swapped('META-INF/seal.json', 'META-INF/seal.p7s'),
  )
  await with2('parts-order', 'parts/body.enc before parts/opening.enc', swapped('parts/opening.enc', 'parts/body.enc'))
  await with2('keys-order', 'two envelopes out of their order', swapped(firstKey, secondKey))
  await with2('keys-before-parts', 'an envelope before the parts', [
    list[0] ?? ['', new Uint8Array()],
    [firstKey, entryNamed(list, firstKey)],
    ...without(firstKey).slice(1),
  ])
  await with2('mimetype-not-first', 'mimetype as the second entry', [
    ...list.slice(1, 2),
    ...list.slice(0, 1),
    ...list.slice(2),
  ])
  await with2('mimetype-missing', 'no mimetype', without('mimetype'))
  await with2(
    'mimetype-line-end',
    'mimetype with a line end',
    list.map(([name, bytes]) => [name, name === 'mimetype' ? Buffer.concat([bytes, Buffer.from('\n')]) : bytes]),
  )
  await with2(
    'mimetype-other',
    'another media type of the same length',
    list.map(([name, bytes]) => [
      name,
      name === 'mimetype' ? Buffer.from('application/vnd.bidseal.sealed-bix') : bytes,
    ]),
  )
  await with2('header-missing', 'no META-INF/seal.json', without('META-INF/seal.json'))
  await with2('signature-missing', 'no META-INF/seal.p7s', without('META-INF/seal.p7s'))
  await with2('part-of-another-name', 'a part called prices', renamed('parts/body.enc', 'parts/prices.enc'))
  await with2(
    'envelope-upper-case',
    'a recipient id in capitals',
    renamed(
      firstKey,
      firstKey.replace(/\.([0-9a-f]{16})\./, (_, id: string) => `.${id.toUpperCase()}.`),
    ),
  )
  await with2(
    'envelope-short-id',
    'a recipient id of 15 digits',
    renamed(firstKey, firstKey.replace(/[0-9a-f]\.p7m$/, '.p7m')),
  )
  await with2(
    'envelope-of-another-part',
    'an envelope of a part that no bid has',
    insertAfter(keys.at(-1) ?? '', ['keys/prices.recovery.p7m', new Uint8Array()]),
  )
  await with2('name-with-dot', 'a name spelled ./mimetype', renamed('mimetype', './mimetype'))
  const directory = Uint8Array.from(entryHeader('parts/', 0))
  directory[156] = 0x35
  sumAnew(directory)
  const start = 2 * blockSize
  await refuse(
    'directory',
    'an entry for the directory parts/',
    Buffer.concat([base.file.subarray(0, start), directory, base.file.subarray(start)]),
  )
  const pax = Uint8Array.from(entryHeader('PaxHeaders/mimetype', 0))
  pax[156] = 0x78
  sumAnew(pax)
  await refuse('pax-header', 'an extended header', Buffer.concat([pax, base.file]))
}

async function limits(base: Base, refuse: Refuse): Promise<void> {
  const blanks = (length: number) => new Uint8Array(length).fill(0x20)
  const [key = ''] = base.entries.map(([name]) => name).filter(name => name.startsWith('keys/'))
  await refuse(
    'envelope-too-long',
    'an envelope of 16,385 bytes',
    await forge(base, { envelopes: { [key]: blanks(16_385) } }),
  )
  await refuse(
    'header-too-long',
    'a sound seal.json of 1 MiB and one byte: blanks before its last bracket',
    await forge(base, {
      headerText: text => `${text.slice(0, -1)}${' '.repeat(2 ** 20 + 1 - Buffer.byteLength(text))}}`,
    }),
  )
  await refuse(
    'signature-too-long',
    'a signature of 65,537 bytes',
    await forge(base, { entries: { 'META-INF/seal.p7s': blanks(65_537) } }),
  )
  await refuse(
    'timestamp-too-long',
    'a time stamp of 65,537 bytes',
    await forge(base, { entries: { 'META-INF/seal.tsr': blanks(65_537) } }),
  )
  const many = Object.fromEntries(
    Array.from({ length: 29 }, (_, index) => {
      const id = Buffer.from(bytesFor(`envelope ${index}`, 8)).toString('hex')
      return [`keys/body.${id}.p7m`, new Uint8Array()]
    }),
  )
  await refuse('too-many-envelopes', 'thirty-three envelopes', await forge(base, { entries: many }))
}
