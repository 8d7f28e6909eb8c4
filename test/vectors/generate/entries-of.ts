import { blockSize, entrySize, isZero, parseEntryHeader } from '../../../crypto/envelope/archive.ts'
import type { Entries } from '../../fixtures/forged-bid.ts'

/** All entries of a canonical archive, in order. */
export function listEntries(archive: Uint8Array): Entries {
  const entries: [string, Uint8Array][] = []
  for (let offset = 0; ;) {
    const block = archive.subarray(offset, offset + blockSize)
    if (isZero(block)) return entries
    const { name, size } = parseEntryHeader(block, 'seal.container')
    entries.push([name, archive.slice(offset + blockSize, offset + blockSize + size)])
    offset += entrySize(size)
  }
}
