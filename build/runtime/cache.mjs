import { randomBytes } from 'node:crypto'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * The folder where fetched runtimes are kept, outside the project.
 * @param {NodeJS.ProcessEnv} env
 */
export function cacheFolder(env) {
  const base = env['XDG_CACHE_HOME']
  return join(base !== undefined && base !== '' ? base : join(homedir(), '.cache'), 'bidseal')
}

/**
 * Makes a folder of the cache in one step: `fill` works in a draft beside it, which then gets the final name.
 * When another process was faster, its folder stays and the draft is dropped.
 * @param {string} folder the final path
 * @param {(draft: string) => Promise<void>} fill what it leaves in the draft is what the folder will hold
 */
export async function makeOnce(folder, fill) {
  const draft = `${folder}.${process.pid}-${randomBytes(4).toString('hex')}.part`
  await mkdir(draft, { recursive: true })
  try {
    await fill(draft)
    await rename(draft, folder).catch(async error => {
      if (!(await isFolder(folder))) throw error
    })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** @param {string} path */
export async function isFolder(path) {
  return (await stat(path).catch(() => null))?.isDirectory() === true
}
