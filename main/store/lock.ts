import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { AppFailure } from '../contract/failure.ts'
import { writeFailure } from './atomic-file.ts'

/** How long to wait for another program of ours that holds the lock, in milliseconds. */
const patience = 10_000

/**
 * Runs `work` while no other program of ours (window and command line share a home) runs work under the same lock
 * file. A lock left by a dead process is taken over. Throws `output.unwritable` after ten seconds.
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true }).catch((error: unknown) => {
    throw writeFailure(error)
  })
  const until = Date.now() + patience
  while (!(await take(path))) {
    if (await abandoned(path)) await rm(path, { force: true })
    else if (Date.now() > until) throw new AppFailure('output.unwritable', 'another program holds the state folder')
    else await wait(20)
  }
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}

async function take(path: string): Promise<boolean> {
  try {
    const handle = await open(path, 'wx')
    try {
      await handle.writeFile(`${process.pid}\n`)
    } finally {
      await handle.close()
    }
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw writeFailure(error)
  }
}

async function abandoned(path: string): Promise<boolean> {
  const holder = Number.parseInt(await readFile(path, 'utf8').catch(() => ''), 10)
  // An empty file is a holder between making and writing it, or one killed there: the wait above decides.
  if (!Number.isSafeInteger(holder)) return staleEmpty(path)
  if (holder === process.pid) return false
  try {
    process.kill(holder, 0)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}

async function staleEmpty(path: string): Promise<boolean> {
  await wait(200)
  const text = await readFile(path, 'utf8').catch(() => null)
  return text === ''
}
