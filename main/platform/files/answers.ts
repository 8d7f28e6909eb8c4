import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SignedDocument } from '../../../crypto/index.ts'
import { isMissing } from '../../store/index.ts'

/** The largest signed document that is read, in bytes; a record of hundreds of bids is the longest. */
export const documentBytes = 16 * 1024 * 1024
/** The largest signature that is read, in bytes. */
export const signatureBytes = 64 * 1024
/** Most files that are looked at; more are no answers of a platform to one bidder. */
const mostFiles = 10_000
/** Most bytes of documents that are read in one look, together. */
const allBytes = 128 * 1024 * 1024

/** Reads a file that is one, and not longer than `limit` bytes; null for anything else. */
export async function readSmallFile(path: string, limit: number): Promise<Uint8Array | null> {
  try {
    const status = await lstat(path)
    // No links: a stick from somebody else must not name files of this computer.
    if (!status.isFile() || status.size > limit) return null
    return new Uint8Array((await readFile(path)).subarray(0, limit + 1))
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/** Plain names in a folder, sorted; none where there is no folder. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })
  return entries
    .filter(entry => entry.isFile())
    .map(({ name }) => name)
    .sort()
    .slice(0, mostFiles)
}

/**
 * The signed documents a person has put into a folder: every `X.json` with `X.p7s` beside it, whatever X is. They are only
 * read here; what they are and whose is found out by whoever asks.
 */
export async function documentsIn(folder: string): Promise<readonly SignedDocument[]> {
  const names = await namesIn(folder)
  const found: SignedDocument[] = []
  let left = allBytes
  for (const name of names.filter(each => each.endsWith('.json'))) {
    const stem = name.slice(0, -'.json'.length)
    if (!names.includes(`${stem}.p7s`)) continue
    const bytes = await readSmallFile(join(folder, name), Math.min(documentBytes, left))
    left -= bytes?.length ?? 0
    const signature = await readSmallFile(join(folder, `${stem}.p7s`), signatureBytes)
    if (bytes !== null && signature !== null) found.push({ bytes, signature })
  }
  return found
}
