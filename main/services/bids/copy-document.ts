import { constants } from 'node:fs'
import { copyFile, lstat, mkdir, open, rename, rm, rmdir, stat } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { AppFailure } from '../../contract/failure.ts'
import { syncFolder, writeFailure } from '../../store/index.ts'

/**
 * What to do when the name is taken: refuse, or stand beside the file that has it, but not under the name of a document
 * that stays, since the names in a bid are distinct.
 */
export type TakenName = 'refuse' | { readonly staying: readonly string[] }

/** How many files of one name a bid may have. */
const mostOfOneName = 1000

/**
 * Copies a file into the bid folder's `documents/`, keeping its name; answers the path inside the folder. The copy appears
 * whole or not at all, and never over another file: beside one of its name it goes to `documents/2/<name>` and so on, so
 * that what stands there stays until the draft names the new one; beside a document that stays it is called `<name> (2)`.
 * Throws `output.exists` when the name is taken, `input.unreadable`, `output.*`.
 */
export async function copyDocument(folder: string, file: string, taken: TakenName): Promise<string> {
  const own = documentName(file)
  const source = await stat(file).catch((error: unknown) => {
    throw new AppFailure('input.unreadable', 'the document cannot be read', { cause: error })
  })
  if (!source.isFile()) throw new AppFailure('input.unreadable', 'the document is no plain file')
  const path = await freePath(folder, taken === 'refuse' ? own : distinctName(own, taken.staying), taken)
  const target = join(folder, path)
  const draft = `${target}.part`
  try {
    await mkdir(dirname(target), { recursive: true })
    await copyFile(file, draft, constants.COPYFILE_FICLONE)
    const handle = await open(draft, 'r+')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(draft, target)
    await syncFolder(dirname(target))
    await syncFolder(join(folder, 'documents'))
  } catch (error) {
    await removeCopy(folder, `${path}.part`).catch(() => undefined)
    throw writeFailure(error)
  }
  return path
}

/** Removes a copy that the draft does not name, and its numbered folder when that is empty then. Harmless when it has gone. */
export async function removeCopy(folder: string, path: string): Promise<void> {
  await rm(join(folder, path), { force: true })
  const parent = path.slice(0, path.lastIndexOf('/'))
  // A folder with another file in it is not removed by this.
  if (/^documents\/\d+$/.test(parent)) await rmdir(join(folder, parent)).catch(() => undefined)
}

function distinctName(name: string, staying: readonly string[]): string {
  const spelling = (each: string): string => each.normalize('NFC').toLowerCase()
  const held = new Set(staying.map(spelling))
  const ending = extname(name)
  const numbered = (number: number): string =>
    number === 1 ? name : `${name.slice(0, name.length - ending.length)} (${number})${ending}`
  let number = 1
  while (held.has(spelling(numbered(number)))) number += 1
  return numbered(number)
}

async function freePath(folder: string, name: string, taken: TakenName): Promise<string> {
  const paths = ['documents', ...Array.from({ length: mostOfOneName - 1 }, (_, index) => `documents/${index + 2}`)]
  for (const parent of taken === 'refuse' ? paths.slice(0, 1) : paths) {
    const path = `${parent}/${name}`
    if (!(await isThere(join(folder, path)))) return path
  }
  throw new AppFailure('output.exists', 'the bid has a document of this name already')
}

/** The file's own name, as it will stand in the bid. Throws `input.unreadable` for one no other system could store. */
function documentName(file: string): string {
  const name = basename(file)

  if (/[\u0000-\u001f\u007f<>:"/\\|?*]/.test(name) || /[ .]$/.test(name) || Buffer.byteLength(name) > 250) {
    throw new AppFailure('input.unreadable', "the document's name holds characters that not every system can store")
  }
  return name
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
