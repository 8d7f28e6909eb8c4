import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import { AppFailure } from '../contract/failure.ts'
import { isRunning } from './is-running.ts'

/**
 * Writes a small file so that a power cut leaves the old content or the new, never a mixture: temporary name, flush,
 * rename, flush of the folder. Makes missing folders. Throws `output.disk-full` or `output.unwritable`.
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array, mode = 0o644): Promise<void> {
  const temporary = `${path}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await mkdir(dirname(path), { recursive: true })
    const handle = await open(temporary, 'wx', mode)
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, path)
    await syncFolder(dirname(path))
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw writeFailure(error)
  }
}

/** Removes what killed processes have left half written in a folder; what a living one is writing stays. */
export async function sweepTemporaries(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const writer = /\.(\d{1,10})\.[0-9a-f]{12}\.tmp$/.exec(name)?.[1]
    if (writer !== undefined && !isRunning(Number(writer))) await rm(join(folder, name), { force: true })
  }
}

/** {@link writeFileAtomic} of a value as readable JSON. */
export function writeJsonAtomic(path: string, value: unknown, mode?: number): Promise<void> {
  return writeFileAtomic(path, new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`), mode)
}

/** The bytes of a file, null when there is none. Throws `input.unreadable`. */
export async function readFileIfThere(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path)
  } catch (error) {
    if (isMissing(error)) return null
    throw new AppFailure('input.unreadable', 'a state file cannot be read', { cause: error })
  }
}

/** A JSON file as an unknown value, null when there is none. Throws `input.unreadable` when it is no JSON. */
export async function readJsonIfThere(path: string): Promise<unknown> {
  const bytes = await readFileIfThere(path)
  if (bytes === null) return null
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new AppFailure('input.unreadable', 'a state file is damaged', { cause: error })
  }
}

/** Makes the names in a folder durable. Systems that can't flush a folder (Windows) are left as they are. */
export async function syncFolder(path: string): Promise<void> {
  try {
    const handle = await open(path, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (process.platform !== 'win32') throw error
  }
}

/** A write error of the system as one of our failures. */
export function writeFailure(error: unknown): AppFailure {
  if (error instanceof AppFailure) return error
  const code = systemCode(error)
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? new AppFailure('output.disk-full', 'no space left', { cause: error })
    : new AppFailure('output.unwritable', `the system refused to write (${code ?? 'unknown'})`, { cause: error })
}

/** Whether a system error says that the file is not there. */
export function isMissing(error: unknown): boolean {
  const code = systemCode(error)
  return code === 'ENOENT' || code === 'ENOTDIR'
}

function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
