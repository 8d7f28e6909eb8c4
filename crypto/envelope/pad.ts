import { type ArchiveEntry, blockSize, bytesEntry, endSize, entrySize } from './archive.ts'

/** Inner archives are multiples of this many bytes, so that their length does not tell the price. */
export const padUnit = 65_536

/**
 * Length of the content of `pad`: the least number of bytes that makes an archive a multiple of 64 KiB. `before` is the
 * length of everything before pad's header. Content is itself padded to 512, so the last block takes a single byte.
 */
export function padLength(before: number): number {
  const missing = (padUnit - ((before + blockSize + endSize) % padUnit)) % padUnit
  return missing === 0 ? 0 : missing - blockSize + 1
}

/** The `pad` entry that completes these entries. */
export function padEntry(entries: readonly ArchiveEntry[]): ArchiveEntry {
  const before = entries.reduce((sum, { content }) => {
    return sum + entrySize(content.kind === 'bytes' ? content.bytes.length : content.length)
  }, 0)
  return bytesEntry('pad', new Uint8Array(padLength(before)))
}
