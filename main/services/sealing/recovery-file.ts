import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeRecoveryCode, printRecoveryCode } from '../../../crypto/index.ts'
import type { Randomness, Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { syncFolder, writeFailure } from '../../store/index.ts'
import { requireFree } from '../sealed/header-file.ts'

/** A recovery code that is on its way to a file only its owner can read. */
export interface RecoveryFile {
  readonly code: string
  /** Gives the file its name, just before the bid gets its own: a bid never stands there without its code. */
  commit(): Promise<void>
  /** Removes the file, committed or not: there is no bid for it. Never throws. */
  discard(): Promise<void>
}

/**
 * Makes a code and puts it on the disk before anything is sealed to it, so that no bid ever depends on a code that was
 * lost. Throws `seal.tender` where the tender allows none, `output.*`.
 */
export async function makeRecoveryFile(path: string, tender: Tender, randomness: Randomness): Promise<RecoveryFile> {
  if (tender.fields.remedy.kind !== 'recovery-code') {
    throw new AppFailure('seal.tender', 'this tender does not allow a recovery code')
  }
  await requireFree(path)
  const code = makeRecoveryCode(randomness)
  const draft = `${path}.part`
  try {
    await rm(draft, { force: true })
    const handle = await open(draft, 'wx', 0o600)
    try {
      await handle.writeFile(`${printRecoveryCode(code)}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw writeFailure(error)
  }
  let at = draft
  return {
    code,
    async commit() {
      await requireFree(path)
      try {
        await rename(draft, path)
        at = path
        await syncFolder(dirname(path))
      } catch (error) {
        throw writeFailure(error)
      }
    },
    discard: () => rm(at, { force: true }).catch(() => undefined),
  }
}
