import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import type { RecipientRequest } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { PresentDocument } from '../bids/check-bid.ts'
import type { LoadedDraft } from '../bids/draft.ts'
import type { Ports } from '../ports.ts'

/**
 * What makes two sealings the same: this revision of the draft with these files (by size and time of change, so that
 * nothing has to be read), for these recipients. Hex.
 */
export async function sealingDigest(
  loaded: LoadedDraft,
  documents: readonly PresentDocument[],
  recipients: readonly Pick<RecipientRequest, 'role' | 'certificate'>[],
  withCode: boolean,
): Promise<string> {
  const files = await Promise.all(
    documents.map(async ({ path, file }) => [path, file.size, (await stat(file.path)).mtimeMs]),
  )
  const locks = recipients.map(({ role, certificate }) => [
    role,
    createHash('sha256').update(certificate).digest('hex'),
  ])
  return createHash('sha256')
    .update(JSON.stringify([loaded.digest, files, locks, withCode]))
    .digest('hex')
}

/**
 * Refuses to seal the same again while the first sealed file is still there: two files of one bid on a disk are how the
 * stale one gets submitted. Throws `seal.already-sealed`.
 */
export async function requireNotSealedBefore(ports: Ports, digest: string): Promise<void> {
  for (const delivery of await ports.deliveries.list()) {
    if (delivery.sealingDigest !== digest || delivery.sealedPath === undefined) continue
    const there = await stat(delivery.sealedPath).then(
      status => status.isFile(),
      () => false,
    )
    if (there) throw new AppFailure('seal.already-sealed', `this draft was sealed as ${delivery.shortCode}`)
  }
}
