import { open } from 'node:fs/promises'
import { nodeFiles } from '../../../crypto/index.ts'
import type { DraftFile, FileSystem } from '../../../crypto/index.ts'

/**
 * The computer's file system, but that what is written overwrites `output` in place and is not flushed: new pages and a
 * slow disk would be measured instead of the sealing.
 */
export function inPlaceFiles(output: string): FileSystem {
  return {
    open: path => nodeFiles.open(path),
    async create(): Promise<DraftFile> {
      const handle = await open(output, 'r+')
      let closed = false
      const close = async (): Promise<void> => {
        if (!closed) await handle.close()
        closed = true
      }
      return {
        draftPath: output,
        async write(offset, bytes) {
          for (let done = 0; done < bytes.length;) {
            done += (await handle.write(bytes, done, bytes.length - done, offset + done)).bytesWritten
          }
        },
        flush: () => Promise.resolve(),
        commit: close,
        discard: close,
      }
    },
  }
}
