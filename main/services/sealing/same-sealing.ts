import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import type { RecipientRequest } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { DeliveryState } from '../../store/index.ts'
import type { LoadedDraft } from '../bids/draft.ts'
import type { PresentDocument } from '../checks/facts.ts'
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
  const files = await filesOf(documents)
  const locks = recipients.map(({ role, certificate }) => [
    role,
    createHash('sha256').update(certificate).digest('hex'),
  ])
  return createHash('sha256')
    .update(JSON.stringify([loaded.digest, files, locks, withCode]))
    .digest('hex')
}

/**
 * What a draft holds: this revision of it with these files, by size and time of change like `sealingDigest`. Hex; two that
 * differ mean that something was changed in between.
 */
export async function draftState(loaded: LoadedDraft, documents: readonly PresentDocument[]): Promise<string> {
  const files = await filesOf(documents)
  return createHash('sha256')
    .update(JSON.stringify([loaded.digest, files]))
    .digest('hex')
}

/**
 * Refuses to seal the same again while the first sealed file is still there: two files of one bid on a disk are how the
 * stale one gets submitted. One that was withdrawn or replaced can't be submitted again and stands in nobody's way.
 * Throws `seal.already-sealed`.
 */
export async function requireNotSealedBefore(ports: Ports, digest: string): Promise<void> {
  for (const delivery of await ports.deliveries.list()) {
    if (delivery.sealingDigest !== digest || delivery.sealedPath === undefined) continue
    if (over.includes(delivery.state)) continue
    const there = await stat(delivery.sealedPath).then(
      status => status.isFile(),
      () => false,
    )
    if (there) throw new AppFailure('seal.already-sealed', `this draft was sealed as ${delivery.shortCode}`)
  }
}

/** States from which a sealed bid is not submitted again. */
const over: readonly DeliveryState[] = ['withdrawn', 'replaced']

function filesOf(documents: readonly PresentDocument[]): Promise<readonly (readonly [string, number, number])[]> {
  const files = documents.flatMap(({ path, file, signatures }) => [{ path, file }, ...signatures])
  return Promise.all(files.map(async ({ path, file }) => [path, file.size, (await stat(file.path)).mtimeMs] as const))
}
