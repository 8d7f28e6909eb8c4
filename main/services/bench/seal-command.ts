import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openSoftDriver } from '../../../crypto/index.ts'
import type { Suite } from '../../../crypto/index.ts'
import { addDocument } from '../bids/add-document.ts'
import { fillForm } from '../bids/fill-form.ts'
import { newBid } from '../bids/new-bid.ts'
import type { TokenHosts } from '../ports.ts'
import type { RehearsalFolders } from '../rehearsal/folders.ts'
import { beginPracticeLock } from '../rehearsal/practice-lock.ts'
import { project } from '../rehearsal/project.ts'
import type { BenchFolder } from './bench-folder.ts'
import type { Contestant } from './measure.ts'
import { finished } from './programs.ts'
import { openingFields } from './stored-bid.ts'
import type { BenchPrograms } from './subject.ts'

/**
 * The command `seal` on a bid folder of the same documents, with a soft lock: a new file, its trial opening, its flush to the
 * disk, everything. Null where there is no command line beside this program.
 */
export async function sealCommand(
  folders: RehearsalFolders,
  { authority, tender, bid }: BenchFolder,
  suite: Suite,
  { node, cli }: BenchPrograms,
): Promise<Contestant | null> {
  if (cli === null) return null
  const lock = await (await beginPracticeLock(await softLocks(folders), folders, suite, null)).finish(authority)
  const folder = folders.bid
  await newBid({ folder, tender: tender.tender, bidder: { name: project.bidder } })
  for (const { path, role } of bid.documents) {
    await addDocument(tender.tender, { folder, file: path, documentId: role, replace: false })
  }
  const values = new Map(openingFields().map(({ name, value }) => [name, value]))
  await fillForm(tender.tender, { folder, formId: 'opening', values })
  const output = join(folders.sealed, 'command.sbid')
  const where = ['--home', folders.home, '--trust', join(folders.ca, 'root.pem'), '--tender', tender.path]
  const args = [cli, '--json', 'seal', folder, ...where, '--sign', lock.uri, '--again', '-o', output]
  return {
    name: 'the command `seal`, with trial opening and flush',
    async run({ signal }) {
      try {
        return (await finished({ command: node, args, env: { BIDSEAL_PIN: lock.pin }, signal }))?.seconds ?? null
      } finally {
        await rm(output, { force: true })
      }
    },
  }
}

/** Makes the lock without a process of its own. */
async function softLocks({ locks }: RehearsalFolders): Promise<TokenHosts> {
  const driver = await openSoftDriver(join(locks, 'bidder.p12'))
  return { driver: () => driver, close: () => Promise.resolve() }
}
