import { fstat, stat } from 'node:fs'
import { promisify } from 'node:util'
import type { ByteSource } from '../../../crypto/index.ts'
import { CryptoFailure } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'

/** What tells, without reading it, that a file is still the one it was. */
interface FileIdentity {
  readonly size: bigint
  readonly mtimeNs: bigint
  readonly ctimeNs: bigint
  readonly ino: bigint
  readonly dev: bigint
}

/** The sealed files this program has verified: each is read through before the first attempt, and again when it changed. */
export interface FileChecks {
  /**
   * Runs `verify` unless the open file is the one that was verified, unchanged; answers whether it ran. Throws what
   * `verify` throws the first time, and `input.changed` when a file that was verified is no longer whole, or changes
   * meanwhile.
   */
  ensure(file: OpenFile, verify: () => Promise<unknown>): Promise<boolean>
}

/** A sealed file that is open. */
export interface OpenFile {
  readonly path: string
  readonly source: ByteSource
  readonly sealDigest: string
}

const fstatOf = promisify(fstat)
const statOf = promisify(stat)

/** Checks for one run of the program; nothing of them is kept, because no note on a disk proves what is in a file. */
export function openFileChecks(): FileChecks {
  const verified = new Map<string, { readonly identity: FileIdentity; readonly sealDigest: string }>()
  return {
    async ensure(file, verify) {
      const known = verified.get(file.path)
      const before = await identityOf(file)
      if (known !== undefined && isSame(known.identity, before) && known.sealDigest === file.sealDigest) return false
      verified.delete(file.path)
      try {
        await verify()
      } catch (error) {
        if (known?.sealDigest !== file.sealDigest || !isDamage(error)) throw error
        throw new AppFailure('input.changed', 'the sealed file is no longer the one that was verified', {
          cause: error,
        })
      }
      if (!isSame(before, await identityOf(file))) {
        throw new AppFailure('input.changed', 'the sealed file changed while it was verified')
      }
      verified.set(file.path, { identity: before, sealDigest: file.sealDigest })
      return true
    },
  }
}

/** Of the file that is open, whatever stands under its name by now; of the name where the descriptor is not known. */
async function identityOf({ path, source }: OpenFile): Promise<FileIdentity> {
  const { place } = source
  try {
    const found =
      place === undefined ? await statOf(path, { bigint: true }) : await fstatOf(place.descriptor, { bigint: true })
    const { size, mtimeNs, ctimeNs, ino, dev } = found
    return { size, mtimeNs, ctimeNs, ino, dev }
  } catch (error) {
    throw new AppFailure('input.unreadable', 'the sealed file cannot be read', { cause: error })
  }
}

function isSame(a: FileIdentity, b: FileIdentity): boolean {
  return (['size', 'mtimeNs', 'ctimeNs', 'ino', 'dev'] as const).every(name => a[name] === b[name])
}

function isDamage(error: unknown): boolean {
  return error instanceof CryptoFailure && (error.code.startsWith('seal.') || error.code === 'input.changed')
}
