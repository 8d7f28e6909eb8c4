import { stat } from 'node:fs/promises'
import { fileDigest } from '../file-digest.ts'

/** Longest library that is digested, in bytes; vendors' have a few MiB. */
const lengthLimit = 256 * 1024 * 1024

const known = new Map<string, { readonly state: string; readonly sha256: string }>()

/**
 * SHA-256 of a library, lower-case hex; null where it cannot be read or is absurdly long. Read once for each state of the file
 * (size and time of change).
 */
export async function libraryDigest(path: string): Promise<string | null> {
  try {
    const { size, mtimeMs, ino } = await stat(path)
    if (size > lengthLimit) return null
    const state = `${size} ${mtimeMs} ${ino}`
    const before = known.get(path)
    if (before?.state === state) return before.sha256
    const sha256 = await fileDigest(path)
    known.set(path, { state, sha256 })
    return sha256
  } catch {
    return null
  }
}
