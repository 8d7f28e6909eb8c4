import type { PartName, Release } from '../../../crypto/index.ts'
import type { Deliveries } from '../../store/index.ts'

const partNames: readonly PartName[] = ['opening', 'body']

/** Writes a release down before it is sent, so that after a crash the very same one is sent again: one attempt, not two. */
export async function keepRelease(deliveries: Deliveries, sealId: string, release: Release): Promise<void> {
  for (const [part, envelope] of release.envelopes) await deliveries.keepFile(sealId, `release.${part}.p7m`, envelope)
  // Its envelopes are there when the release itself is.
  await deliveries.keepDocument(sealId, 'release', release)
}

/** The release that was written down, null when none was. */
export async function keptRelease(deliveries: Deliveries, sealId: string): Promise<Release | null> {
  const document = await deliveries.document(sealId, 'release')
  if (document === null) return null
  const envelopes = new Map<PartName, Uint8Array>()
  for (const part of partNames) {
    const envelope = await deliveries.file(sealId, `release.${part}.p7m`)
    if (envelope !== null) envelopes.set(part, envelope)
  }
  return { ...document, envelopes }
}
