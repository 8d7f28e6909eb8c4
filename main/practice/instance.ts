import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { AppFailure } from '../contract/failure.ts'
import { nodeHttp } from '../http/index.ts'
import { fieldsOf, patterns } from '../platform/index.ts'
import { readJsonIfThere, writeJsonAtomic } from '../store/index.ts'

/** A folder that is served by this process and no other. */
export interface FolderClaim {
  /** Notes where this process can be asked whether it is still there. */
  listening(port: number): Promise<void>
  release(): Promise<void>
}

/**
 * Keeps two platforms from writing into one folder. Process ids are used again after a crash, so the one noted last is
 * asked itself: whoever answers with the noted identity is alive. Throws `arguments.bad` then.
 */
export async function claimFolder(root: string, instanceId: string): Promise<FolderClaim> {
  const path = join(root, 'instance.json')
  const noted = await readJsonIfThere(path)
  if (noted !== null && (await answers(noted))) {
    throw new AppFailure('arguments.bad', 'another practice platform serves this folder')
  }
  return {
    listening: port => writeJsonAtomic(path, { instanceId, port }),
    release: () => rm(path, { force: true }),
  }
}

async function answers(noted: unknown): Promise<boolean> {
  const fields = fieldsOf(noted, 'input.unreadable')
  const url = `http://127.0.0.1:${fields.count('port')}/api/time`
  const response = await nodeHttp({ idleTimeout: 2_000 })
    .request({ method: 'GET', url })
    .catch(() => null)
  response?.discard()
  return response?.headers['x-practice-instance'] === fields.text('instanceId', patterns.uuid)
}
