import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { AppFailure } from '../../contract/failure.ts'
import { isMissing } from '../../store/index.ts'

/** A file inside a bid folder. */
export interface InsideFile {
  /** For the system. */
  readonly path: string
  readonly size: number
}

/**
 * The file a draft names, if it really is a plain file inside the folder. `bid.json` may come from elsewhere: a path that
 * leads out, or a link, could seal any file of this computer into a bid. Throws `bid.invalid`; null when it isn't there.
 */
export async function fileInside(folder: string, relative: string): Promise<InsideFile | null> {
  const pieces = relative.split('/')
  const strange = pieces.some(piece => piece === '' || piece === '.' || piece === '..' || /[\\\0]/.test(piece))
  if (strange || /^[A-Za-z]:/.test(relative))
    throw new AppFailure('bid.invalid', 'a path that leads out of the bid folder')
  let path = folder
  let size = 0
  try {
    for (const [index, piece] of pieces.entries()) {
      path = join(path, piece)
      const status = await lstat(path)
      const plain = index === pieces.length - 1 ? status.isFile() : status.isDirectory()
      if (!plain) throw new AppFailure('bid.invalid', 'a document is a link or no plain file')
      size = status.size
    }
    return { path, size }
  } catch (error) {
    if (isMissing(error)) return null
    if (error instanceof AppFailure) throw error
    throw new AppFailure('input.unreadable', 'a document of the bid cannot be read', { cause: error })
  }
}
