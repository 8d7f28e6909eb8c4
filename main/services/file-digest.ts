import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { AppFailure } from '../contract/failure.ts'

/** SHA-256 of a file's bytes, hex. Throws `input.unreadable`. */
export async function fileDigest(path: string): Promise<string> {
  const digest = createHash('sha256')
  try {
    for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 })) digest.update(piece as Uint8Array)
  } catch (error) {
    throw new AppFailure('input.unreadable', 'a document cannot be read', { cause: error })
  }
  return digest.digest('hex')
}
