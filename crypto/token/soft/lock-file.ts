import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CryptoFailure } from '../../errors.ts'
import { flushFolder } from '../../io/flush-folder.ts'

/**
 * Writes a soft lock's file, its owner's alone. `create` refuses a file that is there with `token.not-blank`; `replace` puts
 * the new one in its place in one step. Flushed when it resolves. Throws `output.unwritable`; what was there is then as it
 * was.
 */
export async function writeLockFile(path: string, bytes: Uint8Array, mode: 'create' | 'replace'): Promise<void> {
  const draft = `${path}.part`
  try {
    if (mode === 'create') {
      await writeFlushed(path, bytes, 'wx')
    } else {
      await writeFlushed(draft, bytes, 'w')
      await rename(draft, path)
    }
    await flushFolder(dirname(path))
  } catch (error) {
    if (mode === 'replace') await rm(draft, { force: true }).catch(() => undefined)
    if (hasCode(error, 'EEXIST'))
      throw new CryptoFailure('token.not-blank', 'a soft lock of that name is there already')
    throw new CryptoFailure('output.unwritable', 'the soft lock cannot be written', error)
  }
}

async function writeFlushed(path: string, bytes: Uint8Array, flags: 'w' | 'wx'): Promise<void> {
  let handle: FileHandle | null = null
  try {
    handle = await open(path, flags, 0o600)
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle?.close()
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
