import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { nodeFiles } from '../../../crypto/index.ts'
import type { BidSink, DraftFile, FileSystem } from '../../../crypto/index.ts'

/**
 * The computer's file system, but that what is written overwrites `output` in place and is not flushed: new pages and a
 * slow disk would be measured instead of the sealing.
 */
export function inPlaceFiles(output: string): FileSystem {
  return {
    plain: true,
    open: path => nodeFiles.open(path),
    async create(): Promise<DraftFile> {
      const file = await openInPlace(output)
      return {
        draftPath: output,
        descriptor: file.descriptor,
        write: file.write,
        flush: () => Promise.resolve(),
        commit: file.close,
        discard: file.close,
      }
    },
  }
}

/** Takes the documents of an opened bid into existing files of their names. */
export function inPlaceSink(folder: string): BidSink {
  return {
    async document({ name }) {
      const file = await openInPlace(join(folder, name))
      let at = 0
      return {
        async write(bytes) {
          await file.write(at, bytes)
          at += bytes.length
        },
        close: file.close,
      }
    },
    file: ({ name }) => Promise.resolve({ path: join(folder, name), close: () => Promise.resolve() }),
  }
}

interface InPlaceFile {
  readonly descriptor: number
  readonly write: (offset: number, bytes: Uint8Array) => Promise<void>
  readonly close: () => Promise<void>
}

async function openInPlace(path: string): Promise<InPlaceFile> {
  const handle = await open(path, 'r+')
  let closed = false
  return {
    descriptor: handle.fd,
    async write(offset, bytes) {
      for (let done = 0; done < bytes.length;) {
        done += (await handle.write(bytes, done, bytes.length - done, offset + done)).bytesWritten
      }
    },
    async close() {
      if (!closed) await handle.close()
      closed = true
    },
  }
}
