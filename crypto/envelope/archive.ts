import { CryptoFailure, type CryptoFailureCode } from '../errors.ts'
import type { Segment } from '../io/source.ts'

// The canonical archive (seal-format, "Container"): what `tar --format=ustar -b1 --owner=0 --group=0 --numeric-owner
// --mode=0644 --mtime=@0` writes, a function of names, sizes and contents alone.

/** Bytes of a tar block. */
export const blockSize = 512

/** Bytes at the end of every archive: two zero blocks. */
export const endSize = 2 * blockSize

/** Largest entry: eleven octal digits. */
export const maxEntrySize = 2 ** 33 - 1

/** An entry of an archive to be written. */
export interface ArchiveEntry {
  readonly name: string
  readonly content: Segment
}

/** The 512 bytes before an entry's content. Throws `seal.too-large` for more than 8 GiB − 1. */
export function entryHeader(name: string, size: number): Uint8Array {
  if (size > maxEntrySize) throw new CryptoFailure('seal.too-large', 'an entry is larger than 8 GiB - 1')
  if (!/^[\x21-\x7e]{1,100}$/.test(name)) throw new CryptoFailure('internal', 'an entry name that ustar cannot hold')
  const block = new Uint8Array(blockSize)
  put(block, 0, name)
  put(block, 100, '0000644\0')
  put(block, 108, '0000000\0')
  put(block, 116, '0000000\0')
  put(block, 124, `${octal(size, 11)}\0`)
  put(block, 136, '00000000000\0')
  put(block, 148, '        ')
  put(block, 156, '0')
  put(block, 257, 'ustar\x0000')
  put(block, 329, '0000000\0')
  put(block, 337, '0000000\0')
  const sum = block.reduce((total, byte) => total + byte, 0)
  put(block, 148, `${octal(sum, 6)}\0 `)
  return block
}

/**
 * Name and size of an entry from its header block, which must be exactly the one {@link entryHeader} makes of them.
 * Throws `code`.
 */
export function parseEntryHeader(
  block: Uint8Array,
  code: CryptoFailureCode,
): { readonly name: string; readonly size: number } {
  const text = Buffer.from(block.buffer, block.byteOffset, blockSize).toString('latin1')
  const name = text.slice(0, 100).split('\0', 1)[0] ?? ''
  const digits = text.slice(124, 135)
  if (!/^[\x21-\x7e]{1,100}$/.test(name) || !/^[0-7]{11}$/.test(digits)) {
    throw new CryptoFailure(code, 'an entry header is not canonical')
  }
  const size = Number.parseInt(digits, 8)
  if (Buffer.compare(entryHeader(name, size), block) !== 0) {
    throw new CryptoFailure(code, 'an entry header is not canonical')
  }
  return { name, size }
}

/** Bytes of zero padding after a content of `size` bytes. */
export function paddingAfter(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize
}

/** Bytes an entry takes in the archive: header, content, padding. */
export function entrySize(size: number): number {
  return blockSize + size + paddingAfter(size)
}

/** The archive of these entries, end included, as segments to be read one after the other. */
export function archiveSegments(entries: readonly ArchiveEntry[]): readonly Segment[] {
  const segments: Segment[] = []
  for (const { name, content } of entries) {
    const size = content.kind === 'bytes' ? content.bytes.length : content.length
    segments.push(bytesSegment(entryHeader(name, size)), content)
    if (paddingAfter(size) > 0) segments.push(bytesSegment(new Uint8Array(paddingAfter(size))))
  }
  segments.push(bytesSegment(new Uint8Array(endSize)))
  return segments
}

/** An entry whose content is at hand. */
export function bytesEntry(name: string, bytes: Uint8Array): ArchiveEntry {
  return { name, content: bytesSegment(bytes) }
}

/** Whether every byte is zero. */
export function isZero(bytes: Uint8Array): boolean {
  return bytes.every(byte => byte === 0)
}

function bytesSegment(bytes: Uint8Array): Segment {
  return { kind: 'bytes', bytes }
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0')
}

function put(block: Uint8Array, offset: number, text: string): void {
  block.set(Buffer.from(text, 'latin1'), offset)
}
