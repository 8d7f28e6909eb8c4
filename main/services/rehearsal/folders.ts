import { lstat, mkdir, readdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { AppFailure } from '../../contract/failure.ts'
import { isMissing, writeFailure } from '../../store/index.ts'

/** Where a rehearsal keeps what; the names are fixed, other programs rely on them. */
export interface RehearsalFolders {
  readonly root: string
  readonly ca: string
  readonly locks: string
  readonly tender: string
  readonly bid: string
  readonly sealed: string
  readonly platform: string
  readonly opened: string
  /** The bidder's own state: journal, receipts, releases. */
  readonly home: string
}

/** The names of a rehearsal's folders in `dir`; makes nothing. */
export function rehearsalFolders(dir: string): RehearsalFolders {
  const root = resolve(dir)
  return {
    root,
    ca: join(root, 'ca'),
    locks: join(root, 'locks'),
    tender: join(root, 'tender'),
    bid: join(root, 'bid'),
    sealed: join(root, 'sealed'),
    platform: join(root, 'platform'),
    opened: join(root, 'opened'),
    home: join(root, 'home'),
  }
}

/** Makes a new or empty folder ready. Throws `output.exists` when anything is in it. */
export async function prepareRehearsal(dir: string): Promise<RehearsalFolders> {
  const folders = rehearsalFolders(dir)
  const names = await readdir(folders.root).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw new AppFailure('output.exists', 'what stands under this name is no folder', { cause: error })
  })
  if (names.length > 0) throw new AppFailure('output.exists', 'the folder is not empty')
  try {
    for (const folder of [
      folders.ca,
      folders.locks,
      folders.tender,
      folders.sealed,
      folders.platform,
      folders.opened,
    ]) {
      await mkdir(folder, { recursive: true })
    }
  } catch (error) {
    throw writeFailure(error)
  }
  return folders
}

/** Takes a stopped rehearsal away again; the folder itself stays when it had been there before. Never throws. */
export async function removeRehearsal({ root }: RehearsalFolders, keepFolder: boolean): Promise<void> {
  const names = keepFolder ? await readdir(root).catch(() => []) : []
  const paths = keepFolder ? names.map(name => join(root, name)) : [root]
  for (const path of paths) await rm(path, { recursive: true, force: true }).catch(() => undefined)
}

/** Whether a path is there. */
export function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
