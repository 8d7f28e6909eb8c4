import { fstat } from 'node:fs'
import { promisify } from 'node:util'
import type { ByteSource } from '../../crypto/index.ts'
import { AppFailure } from '../contract/failure.ts'

const statusOf = promisify(fstat)

/** Throws `input.changed` when the file has been written to since the watch began, `input.unreadable` when it is gone. */
export type RequireUnchanged = () => Promise<void>

/**
 * Notes what the file behind a source is now: the same file, of the same length, last written at the same time. To be begun
 * before the bytes are verified, and asked before each of them leaves. A source that is no file never changes.
 */
export async function watchSource(source: ByteSource): Promise<RequireUnchanged> {
  const { place } = source
  if (place === undefined) return () => Promise.resolve()
  const before = await markOf(place.descriptor)
  return async () => {
    if ((await markOf(place.descriptor)) !== before) {
      throw new AppFailure('input.changed', 'the sealed file has been written to since it was verified')
    }
  }
}

/** Not the time of its last change of name or rights: a file may be moved while it is sent. */
async function markOf(descriptor: number): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs } = await statusOf(descriptor, { bigint: true })
    return [dev, ino, size, mtimeNs].join(' ')
  } catch (error) {
    throw new AppFailure('input.unreadable', 'the sealed file can no longer be looked at', { cause: error })
  }
}
