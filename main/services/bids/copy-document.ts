import { constants } from 'node:fs'
import { copyFile, lstat, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { AppFailure } from '../../contract/failure.ts'
import { syncFolder, writeFailure } from '../../store/index.ts'

/**
 * Copies a file into the bid folder's `documents/`, keeping its name; answers the path inside the folder. The copy appears
 * whole or not at all. Throws `output.exists` when the name is taken, `input.unreadable`, `output.*`.
 */
export async function copyDocument(folder: string, file: string): Promise<string> {
  const name = documentName(file)
  const source = await stat(file).catch((error: unknown) => {
    throw new AppFailure('input.unreadable', 'the document cannot be read', { cause: error })
  })
  if (!source.isFile()) throw new AppFailure('input.unreadable', 'the document is no plain file')
  const target = join(folder, 'documents', name)
  if (await isThere(target)) throw new AppFailure('output.exists', 'the bid has a document of this name already')
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
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined)
    throw writeFailure(error)
  }
  return `documents/${name}`
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
