import { open, rm, stat, statfs } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { FileStore } from '@tus/file-store'
import { nodeFiles } from '../../../crypto/index.ts'
import { isMissing, syncFolder } from '../../store/index.ts'
import { uploadFailures } from './upload-store.ts'
import type { OpenUploadStore } from './upload-store.ts'

/** Bytes that are gathered before they are written: one call to the system instead of one for every packet. */
const writeBytes = 1024 * 1024
/** And pieces: a connection that trickles must not make lists without end. */
const writePieces = 512

/** Uploads as files of a folder, each under its id and with nothing beside it. */
export function folderStore(folder: string): OpenUploadStore {
  return taken => {
    const pathOf = (id: string): string => join(folder, id)
    return {
      datastore: new GatheringFileStore({
        directory: folder,
        configstore: {
          get: id => Promise.resolve(taken(id)),
          set: () => Promise.resolve(),
          delete: () => Promise.resolve(),
        },
      }),
      async prepare(uploads) {
        for (const { id } of uploads) await (await open(pathOf(id), 'a')).close()
        await syncFolder(folder)
      },
      async offsetOf({ id }) {
        try {
          return (await stat(pathOf(id))).size
        } catch (error) {
          if (isMissing(error)) return 0
          throw error
        }
      },
      async flush(uploads) {
        for (const { id } of uploads) await withFile(pathOf(id), handle => handle.sync())
        await syncFolder(folder)
      },
      open: ({ id }) => nodeFiles.open(pathOf(id)),
      async reset({ id }) {
        await withFile(pathOf(id), async handle => {
          await handle.truncate(0)
          await handle.sync()
        })
      },
      async remove({ id }) {
        await rm(pathOf(id), { force: true })
      },
      async space() {
        const status = await statfs(folder)
        return status.blocks > 0 ? status.bavail * status.bsize : null
      },
    }
  }
}

/** The official file store, but for how bytes go to the disk: gathered, and one write under way while others come in. */
class GatheringFileStore extends FileStore {
  override async write(readable: Readable, id: string, offset: number): Promise<number> {
    const handle = await open(join(this.directory, id), 'r+').catch((error: unknown) => {
      throw isMissing(error) ? uploadFailures.unknown : uploadFailures.storage
    })
    const writer = gatheringWriter(handle, offset)
    try {
      for await (const piece of readable as AsyncIterable<Uint8Array>) await writer.take(piece)
      return await writer.end()
    } catch {
      // What has come is kept, whatever broke off: the client goes on behind it.
      await writer.end().catch(() => undefined)
      throw uploadFailures.storage
    } finally {
      await handle.close()
    }
  }
}

interface GatheringWriter {
  /** Takes bytes over; waits only while the disk is behind. */
  take(piece: Uint8Array): Promise<void>
  /** Writes the rest; answers the offset behind the last byte. */
  end(): Promise<number>
}

/** Memory is bounded: at most two gatherings, one being filled and one being written. */
function gatheringWriter(handle: FileHandle, start: number): GatheringWriter {
  let offset = start
  let pieces: Uint8Array[] = []
  let length = 0
  let writing: Promise<void> = Promise.resolve()
  const flush = async (): Promise<void> => {
    await writing
    const gathered = pieces
    const position = offset
    offset += length
    pieces = []
    length = 0
    writing = writeAll(handle, gathered, position)
    // Seen by whoever waits next; not unhandled until then.
    writing.catch(() => undefined)
  }
  return {
    async take(piece) {
      pieces.push(piece)
      length += piece.length
      if (length >= writeBytes || pieces.length >= writePieces) await flush()
    },
    async end() {
      if (length > 0) await flush()
      await writing
      return offset
    },
  }
}

async function writeAll(handle: FileHandle, pieces: readonly Uint8Array[], position: number): Promise<void> {
  const total = pieces.reduce((sum, piece) => sum + piece.length, 0)
  let { bytesWritten: written } = await handle.writev([...pieces], position)
  // A disk that fills up may take a part and say so only at the next write.
  while (written < total) {
    const rest = Buffer.concat(pieces, total).subarray(written)
    written += (await handle.write(rest, 0, rest.length, position + written)).bytesWritten
  }
}

async function withFile(path: string, work: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(path, 'r+')
  try {
    await work(handle)
  } finally {
    await handle.close()
  }
}
