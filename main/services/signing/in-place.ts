import { chmod, stat } from 'node:fs/promises'
import { CryptoFailure } from '../../../crypto/index.ts'
import type { ByteSource, FileSystem } from '../../../crypto/index.ts'
import { filesAfter } from '../files-after.ts'

/** A document as it was when it was opened. */
export interface SeenFile {
  readonly path: string
  readonly mode: number
  readonly size: number
  readonly modified: number
  readonly inode: number
}

/** Looks at a document before it is signed. Null where nothing is there. */
export async function seenFile(path: string): Promise<SeenFile | null> {
  const status = await stat(path).catch(() => null)
  if (status === null) return null
  const { mode, size, mtimeMs: modified, ino: inode } = status
  return { path, mode, size, modified, inode }
}

/**
 * A file system whose new file takes the place of the document it is made from: with the document's permissions, only when
 * the document is still what was read, and after it is closed (Windows replaces no open file).
 */
export function replacing(files: FileSystem, source: ByteSource, seen: SeenFile): FileSystem {
  return filesAfter(files, async draftPath => {
    await source.close()
    const now = await seenFile(seen.path)
    if (now?.size !== seen.size || now.modified !== seen.modified || now.inode !== seen.inode) {
      throw new CryptoFailure('input.changed', 'the document was changed while it was being signed')
    }
    await chmod(draftPath, seen.mode & 0o777).catch(() => undefined)
  })
}
