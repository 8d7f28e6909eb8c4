import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import { uptime } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { AppFailure } from '../contract/failure.ts'
import { readFileIfThere, writeFailure } from './atomic-file.ts'
import { decodeOwner, encodeOwner, isGone, newOwner } from './lock-owner.ts'
import type { LockOwner } from './lock-owner.ts'

/** How long to wait for another program of ours that holds the lock, in milliseconds. */
const patience = 10_000

/** After this many milliseconds a lock file that names nobody is one whose holder was killed while it made it. */
const namelessFor = 2_000

/** How far this computer's clock may have been moved since its start, in milliseconds. */
const clockSlack = 600_000

/** Tokens of the locks this process holds or is about to take. */
const held = new Set<string>()

/**
 * Runs `work` while no other program of ours (window and command line share a home) runs work under the same lock
 * file. A lock left by a dead process is taken over. Throws `output.unwritable` after ten seconds, or what `busy` makes.
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  busy: () => AppFailure = stateFolderHeld,
): Promise<T> {
  await mkdir(dirname(path), { recursive: true }).catch((error: unknown) => {
    throw writeFailure(error)
  })
  const owner = newOwner()
  held.add(owner.token)
  try {
    await acquire(path, owner, Date.now() + patience, busy)
    try {
      return await work()
    } finally {
      await release(path, owner)
    }
  } finally {
    held.delete(owner.token)
  }
}

function stateFolderHeld(): AppFailure {
  return new AppFailure('output.unwritable', 'another program holds the state folder')
}

async function acquire(path: string, owner: LockOwner, until: number, busy: () => AppFailure): Promise<void> {
  while (!(await take(path, owner))) {
    const found = await readLock(path)
    if (found === null) continue
    if (await abandoned(path, found)) await removeStale(path, found)
    else if (Date.now() > until) throw busy()
    else await wait(20)
  }
}

/**
 * Removes a lock whose holder is gone. Two that find it so must not both remove: the second would remove the first's new
 * lock. So it is done under a lock of its own, after a second look; and only a gone holder's lock is ever removed there.
 * Should that lock be left behind too, it is taken over in the same way.
 */
async function removeStale(path: string, found: string): Promise<void> {
  await withLock(`${path}.takeover`, async () => {
    if ((await readLock(path)) === found) await rm(path, { force: true })
  })
}

/** The file appears under its name with its content, so that no lock is ever seen without its holder. */
async function take(path: string, owner: LockOwner): Promise<boolean> {
  const draft = `${path}.${owner.token}.new`
  try {
    await write(draft, owner)
    await link(draft, path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    if (noLinks.includes(codeOf(error))) return await takeWithoutLinks(path, owner)
    throw writeFailure(error)
  } finally {
    await rm(draft, { force: true }).catch(() => undefined)
  }
}

/** What file systems without hard links answer (FAT, some network shares). */
const noLinks: readonly string[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'EMLINK', 'UNKNOWN']

async function takeWithoutLinks(path: string, owner: LockOwner): Promise<boolean> {
  try {
    await write(path, owner)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw writeFailure(error)
  }
  // Whoever was stopped for so long between making and writing it that it was taken for abandoned has lost it.
  return (await readLock(path)) === encodeOwner(owner)
}

async function write(path: string, owner: LockOwner): Promise<void> {
  const handle = await open(path, 'wx', 0o600)
  try {
    await handle.writeFile(encodeOwner(owner))
  } finally {
    await handle.close()
  }
}

async function release(path: string, owner: LockOwner): Promise<void> {
  if ((await readLock(path).catch(() => null)) === encodeOwner(owner)) await rm(path, { force: true })
}

async function abandoned(path: string, found: string): Promise<boolean> {
  const owner = decodeOwner(found)
  if (owner !== null) return isGone(owner, held) || (owner.boot === '' && (await isFromBeforeStart(path)))
  await wait(namelessFor)
  return (await readFile(path, 'utf8').catch(() => null)) === found
}

/**
 * Where a lock does not tell the start of its machine, its age does: no holder outlives that. The clock may have been set
 * meanwhile, so that a moment before doesn't count.
 */
async function isFromBeforeStart(path: string): Promise<boolean> {
  const startedAt = Date.now() - uptime() * 1000
  const made = await stat(path).catch(() => null)
  return made !== null && made.mtimeMs < startedAt - clockSlack
}

async function readLock(path: string): Promise<string | null> {
  const bytes = await readFileIfThere(path)
  return bytes === null ? null : new TextDecoder().decode(bytes)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
