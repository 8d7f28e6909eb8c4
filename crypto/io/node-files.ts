import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, lstat, open, rename, rm, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CryptoFailure } from '../errors.ts'
import { errorName, readFailure, writeFailure } from './file-failures.ts'
import { flushFolder } from './flush-folder.ts'
import type { DraftFile, FileSystem } from './files.ts'
import type { ByteSource, FilePlace } from './source.ts'

/** The computer's own file system. */
export const nodeFiles: FileSystem = {
  plain: true,
  async open(path) {
    return openSource(path)
  },
  async create(path, size) {
    return createDraft(path, size)
  },
}

async function openSource(path: string): Promise<ByteSource> {
  const handle = await reading(() => open(path, 'r'))
  try {
    const status = await reading(() => handle.stat())
    if (!status.isFile()) throw new CryptoFailure('input.unreadable', 'not a regular file')
    return new FileSource(handle, status.size)
  } catch (error) {
    await handle.close()
    throw error
  }
}

class FileSource implements ByteSource {
  readonly size: number
  readonly #handle: FileHandle
  #closed = false

  constructor(handle: FileHandle, size: number) {
    this.#handle = handle
    this.size = size
  }

  get place(): FilePlace {
    return { descriptor: this.#handle.fd, offset: 0 }
  }

  async read(offset: number, into: Uint8Array): Promise<void> {
    if (this.#closed) throw new CryptoFailure('input.unreadable', 'the file is closed')
    if (offset < 0 || offset + into.length > this.size) throw new CryptoFailure('input.unreadable', 'outside the file')
    for (let done = 0; done < into.length;) {
      const { bytesRead } = await reading(() => this.#handle.read(into, done, into.length - done, offset + done))
      if (bytesRead === 0) throw new CryptoFailure('input.changed', 'the file has become shorter')
      done += bytesRead
    }
    if (offset + into.length < this.size) return
    const { size } = await reading(() => this.#handle.stat())
    if (size !== this.size) throw new CryptoFailure('input.changed', 'the file has another length now')
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#handle.close()
  }
}

async function createDraft(path: string, size: number): Promise<DraftFile> {
  const folder = dirname(path)
  const draftPath = `${path}.part`
  // Never opened through: a leftover, or a link somebody put there, is removed instead.
  await writing(() => rm(draftPath, { force: true }))
  await requireSpace(folder, size)
  const flags = constants.O_CREAT | constants.O_EXCL | constants.O_RDWR
  const handle = await writing(() => open(draftPath, flags, 0o600))
  return new NodeDraft(handle, draftPath, path)
}

/**
 * A draft under a name another run for the same output takes as well. A run never puts bytes of another one under the
 * final name: it takes its draft to a name of its own first, and looks whether that is the file it has open.
 */
class NodeDraft implements DraftFile {
  readonly draftPath: string
  readonly #handle: FileHandle
  readonly #path: string
  /** Where the file stands; from the claim on, a name nobody else knows. */
  #standing: string
  #state: 'open' | 'closed' | 'committed' | 'discarded' = 'open'

  constructor(handle: FileHandle, draftPath: string, path: string) {
    this.#handle = handle
    this.draftPath = draftPath
    this.#path = path
    this.#standing = draftPath
  }

  get descriptor(): number {
    return this.#handle.fd
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await writing(() => this.#handle.write(bytes, done, bytes.length - done, offset + done))
      done += bytesWritten
    }
  }

  async flush(): Promise<void> {
    await writing(() => this.#handle.sync())
  }

  async commit(): Promise<void> {
    await this.flush()
    await this.#claim()
    this.#state = 'closed'
    await writing(() => this.#handle.close())
    await writing(() => rename(this.#standing, this.#path))
    this.#state = 'committed'
    await writing(() => flushFolder(dirname(this.#path)))
  }

  async discard(): Promise<void> {
    if (this.#state === 'committed' || this.#state === 'discarded') return
    let ours = true
    try {
      if (this.#state === 'open') {
        ours = await this.#isOurs(this.#standing)
        await this.#handle.close()
      }
    } catch {
      // The descriptor is gone either way; what counts is that the draft goes too.
    }
    this.#state = 'discarded'
    if (ours) await rm(this.#standing, { force: true }).catch(() => undefined)
  }

  async #claim(): Promise<void> {
    if (!(await writing(() => this.#isOurs(this.draftPath)))) throw replaced()
    const own = `${this.#path}.${randomUUID().slice(0, 8)}.part`
    await writing(() => rename(this.draftPath, own))
    if (await writing(() => this.#isOurs(own))) {
      this.#standing = own
      return
    }
    // Taken between the look and the rename: the other run gets its draft back.
    await writing(() => rename(own, this.draftPath))
    throw replaced()
  }

  /** Asked while the file is open, so that nobody else's can have its number. */
  async #isOurs(path: string): Promise<boolean> {
    const ours = await this.#handle.stat({ bigint: true })
    const there = await lstat(path, { bigint: true }).catch((error: unknown) => {
      if (errorName(error) === 'ENOENT') return null
      throw error
    })
    return there !== null && there.ino === ours.ino && there.dev === ours.dev
  }
}

function replaced(): CryptoFailure {
  return new CryptoFailure('output.unwritable', 'another run has taken the place of this draft')
}

async function requireSpace(folder: string, size: number): Promise<void> {
  const status = await statfs(folder).catch(() => null)
  if (status === null || status.blocks === 0) return
  const missing = size - status.bavail * status.bsize
  if (missing > 0) throw new CryptoFailure('output.disk-full', `${missing} bytes more are needed`)
}

async function reading<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw readFailure(error)
  }
}

async function writing<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw writeFailure(error)
  }
}
