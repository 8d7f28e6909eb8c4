import { constants } from 'node:fs'
import { copyFile, open, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { AppFailure } from '../../contract/failure.ts'
import { syncFolder, writeFailure } from '../../store/index.ts'

/**
 * Copies a file into a folder under its own name, whole or not at all; one of the name that is there is replaced. Answers
 * the name. Throws `input.unreadable` and `output.*`.
 */
export async function bringFile(file: string, folder: string): Promise<string> {
  const name = basename(file)
  const status = await stat(file).catch((error: unknown) => {
    throw new AppFailure('input.unreadable', 'the file cannot be read', { cause: error })
  })
  const strange = /[\u0000-\u001f\u007f<>:"/\\|?*]/.test(name) || /[ .]$/.test(name) || Buffer.byteLength(name) > 240
  if (!status.isFile() || strange || /^entry\.json$/i.test(name)) {
    throw new AppFailure('input.unreadable', 'this is no file that the library can keep under its name')
  }
  const draft = join(folder, `${name}.part`)
  try {
    await copyFile(file, draft, constants.COPYFILE_FICLONE)
    const handle = await open(draft, 'r+')
    try {
      // SECURITY: papers of people; nobody else on this computer reads them.
      await handle.chmod(0o600)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(draft, join(folder, name))
    await syncFolder(folder)
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined)
    throw writeFailure(error)
  }
  return name
}
