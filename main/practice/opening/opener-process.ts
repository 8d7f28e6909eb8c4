import { constants, setPriority } from 'node:os'
import { readFile } from 'node:fs/promises'
import { bytesSource, nodeFiles } from '../../../crypto/index.ts'
import type { ByteSource, Tender } from '../../../crypto/index.ts'
import { readTenderPackage } from '../../platform/index.ts'
import type { PartName } from '../../platform/index.ts'
import { factsOf } from './failure-facts.ts'
import { openBid } from './open-bid.ts'
import type { OpenerAnswer, OpenerJob, OpenerRequest } from './opener-jobs.ts'

/** The argument that makes the platform's program its opening process. */
export const openerArgument = '--open-bids'

/**
 * Opens bids at the lowest priority, one at a time, and stands still while the platform is busy. Ends with the pipe to the
 * platform, however that comes about; what was begun then is a draft.
 */
export function runOpener(): void {
  setPriority(constants.priority.PRIORITY_LOW)
  const pace = openPace()
  let before = Promise.resolve()
  process.on('message', (request: OpenerRequest) => {
    if (request.kind === 'pace') {
      pace.set(request.busy)
      return
    }
    before = before.then(() => perform(request, pace.pause)).then(answer)
  })
  process.on('disconnect', () => process.exit(0))
  // Of a group that is asked to end, the platform goes first and this process with it.
  process.on('SIGINT', () => undefined)
}

async function perform(job: OpenerJob, pause: () => Promise<void>): Promise<OpenerAnswer> {
  const { number } = job
  const parts = new Map<PartName, ByteSource>()
  try {
    for (const { name, path } of job.parts) parts.set(name, await nodeFiles.open(path))
    const partKeys = job.partKeys === null ? null : new Map(job.partKeys.map(({ name, key }) => [name, key]))
    const { sealId, headerArchive, folder } = job
    const tender = await tenderAt(job.tender)
    const receivedAt = new Date(job.receivedAt)
    const bid = { sealId, headerArchive, folder, tender, receivedAt, partKeys, parts }
    return { number, openingDigest: await openBid(bid, pause) }
  } catch (error) {
    return { number, ...factsOf(error) }
  } finally {
    for (const { key } of job.partKeys ?? []) key.fill(0)
    for (const source of parts.values()) await source.close()
  }
}

function answer(given: OpenerAnswer): void {
  process.send?.(given)
}

let lastTender: { readonly path: string; readonly tender: Tender } | null = null

/** The bids of an opening come one after the other, and most of them are for one package. */
async function tenderAt(path: string): Promise<Tender> {
  if (lastTender?.path !== path) {
    const { tender } = await readTenderPackage(bytesSource(await readFile(path)))
    lastTender = { path, tender }
  }
  return lastTender.tender
}

function openPace(): { readonly set: (busy: boolean) => void; readonly pause: () => Promise<void> } {
  let until: Promise<void> = Promise.resolve()
  let goOn: (() => void) | null = null
  return {
    set(busy) {
      if (busy === (goOn !== null)) return
      goOn?.()
      goOn = null
      if (!busy) return
      until = new Promise(resolve => {
        goOn = resolve
      })
    },
    pause: () => until,
  }
}
