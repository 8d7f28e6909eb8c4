import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { BidSink } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { syncFolder, writeFailure, writeFileAtomic } from '../../store/index.ts'
import { requireFree } from './header-file.ts'

/** A folder that appears under its name only when everything in it is complete. */
export interface DraftFolder {
  /** Takes the documents of a bid into `documents/`, under their own names. */
  readonly sink: BidSink
  write(name: string, bytes: Uint8Array): Promise<void>
  /** Gives the folder its final name. */
  commit(): Promise<void>
  /** Removes the draft; never throws. */
  discard(): Promise<void>
}

/** Begins a folder as `<path>.part`; what a killed run left there is removed. Throws `output.exists`, `output.*`. */
export async function draftFolder(path: string): Promise<DraftFolder> {
  const final = resolve(path)
  await requireFree(final)
  const draft = `${final}.part`
  await asWriteFailure(async () => {
    await rm(draft, { recursive: true, force: true })
    await mkdir(join(draft, 'documents'), { recursive: true })
  })
  const taken = new Set<string>()
  return {
    sink: {
      async document({ name }) {
        const target = join(draft, 'documents', freeName(name, taken))
        const handle = await asWriteFailure(() => open(target, 'wx'))
        return {
          write: bytes => asWriteFailure(() => handle.writeFile(bytes)),
          close: async () => {
            try {
              await asWriteFailure(() => handle.sync())
            } finally {
              await handle.close()
            }
          },
        }
      },
      async file({ name }) {
        const path = join(draft, 'documents', freeName(name, taken))
        await asWriteFailure(async () => (await open(path, 'wx')).close())
        return { path, close: () => asWriteFailure(() => syncFile(path)) }
      },
    },
    write: (name, bytes) => writeFileAtomic(join(draft, name), bytes),
    commit: () =>
      asWriteFailure(async () => {
        await syncFolder(join(draft, 'documents'))
        await syncFolder(draft)
        await rename(draft, final)
        await syncFolder(dirname(final))
      }),
    async discard() {
      await rm(draft, { recursive: true, force: true }).catch(() => undefined)
    },
  }
}

/** Makes the bytes that others have written durable. */
async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * A name this system can store: `bid.json` was made elsewhere. Names that some system would read as something else are
 * changed, and a second file of a name gets a number; the true name stands in `bid.json`.
 */
function freeName(name: string, taken: Set<string>): string {
  const storable = name.replace(/[\u0000-\u001f\u007f<>:"/\\|?*]/g, '_').replace(/[ .]+$/, '_')
  const reserved = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i.test(storable)
  const base = reserved || storable === '' ? `_${storable}` : storable
  let free = base
  for (let number = 2; taken.has(spelling(free)); number += 1) free = `${number}-${base}`
  taken.add(spelling(free))
  return free
}

/** Names that differ only so are one file on some systems. */
function spelling(name: string): string {
  return name.normalize('NFC').toLowerCase()
}

async function asWriteFailure<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof AppFailure ? error : writeFailure(error)
  }
}
