import { mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeDocument, openSealedBid, readSealedBid, verifySealedBid } from '../../../crypto/index.ts'
import type { BidSink, OpenedBid } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { syncFolder, writeFailure, writeFileAtomic } from '../../store/index.ts'
import type { PartName } from '../../platform/index.ts'
import type { PracticeContext } from '../context.ts'
import type { BidRecord } from '../state/bid-record.ts'
import { openStored } from '../submission/stored.ts'
import { fileNames } from './file-names.ts'

/**
 * Decrypts one bid with its part keys: checks 1 to 11 on the stored bytes, certificates judged at the receipt's time. The
 * documents stand under `opened/<sealId>/documents` only when every check has held; until then, and after a failure,
 * there is at most a draft folder. Throws `seal.*`, `output.*`.
 */
export async function openBid(
  context: PracticeContext,
  bid: BidRecord,
  partKeys: ReadonlyMap<PartName, Uint8Array>,
  receivedAt: Date,
): Promise<OpenedBid> {
  const tender = context.tenders.byDigest(bid.packageDigest)?.tender
  if (tender === undefined) throw new AppFailure('platform.unknown', 'the tender package is gone')
  const final = join(context.folders.opened, bid.sealId)
  const draft = join(context.folders.opened, `.${bid.sealId}.part`)
  const archive = await openStored(context, bid)
  try {
    const sealed = await readSealedBid(archive)
    const verified = await verifySealedBid(sealed, { anchors: tender.anchors, tender, at: receivedAt })
    await rm(draft, { recursive: true, force: true })
    await mkdir(join(draft, 'documents'), { recursive: true })
    const opened = await openSealedBid(verified, partKeys, documentSink(join(draft, 'documents')))
    await writeFileAtomic(join(draft, 'opening.json'), encodeDocument('opening', opened.opening))
    await syncFolder(join(draft, 'documents'))
    // A folder that is there already is this bid's from a run whose record was lost; it holds the same bytes.
    await rm(final, { recursive: true, force: true })
    await rename(draft, final)
    await syncFolder(context.folders.opened)
    return opened
  } finally {
    await archive.close()
    await rm(draft, { recursive: true, force: true })
  }
}

function documentSink(folder: string): BidSink {
  const nameOf = fileNames()
  return {
    async document(entry) {
      const handle = await writing(() => open(join(folder, nameOf(entry.name)), 'wx'))
      return {
        write: bytes => writing(() => handle.writeFile(bytes)),
        async close() {
          await writing(() => handle.sync()).finally(() => handle.close())
        },
      }
    },
  }
}

async function writing<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw writeFailure(error)
  }
}
