import { decodeDocument, sha256Hex } from '../../../crypto/index.ts'
import type { PartName, Release } from '../../../crypto/index.ts'
import type { Deliveries } from '../../store/index.ts'

const partNames: readonly PartName[] = ['opening', 'body']

/** Writes a release down before it is sent, so that after a crash the very same one is sent again: one attempt, not two. */
export async function keepRelease(deliveries: Deliveries, sealId: string, release: Release): Promise<void> {
  for (const [part, envelope] of release.envelopes) await deliveries.keepFile(sealId, `release.${part}.p7m`, envelope)
  // Its envelopes are there when the release itself is.
  await deliveries.keepDocument(sealId, 'release', release)
}

/**
 * The release that was written down; null when none was, when the platform has refused it, or when a later one has begun
 * to take its place.
 */
export async function keptRelease(deliveries: Deliveries, sealId: string): Promise<Release | null> {
  const document = await deliveries.document(sealId, 'release')
  if (document === null) return null
  const refused = await deliveries.file(sealId, refusedName)
  if (refused !== null && new TextDecoder().decode(refused) === sha256Hex(document.bytes)) return null
  const digests = new Map(
    decodeDocument('release', document.bytes).parts.map(({ name, envelopeDigest }) => [name, envelopeDigest]),
  )
  const envelopes = new Map<PartName, Uint8Array>()
  for (const part of partNames) {
    const envelope = digests.has(part) ? await deliveries.file(sealId, `release.${part}.p7m`) : null
    if (envelope !== null && sha256Hex(envelope) === digests.get(part)) envelopes.set(part, envelope)
  }
  return envelopes.size === digests.size ? { ...document, envelopes } : null
}

/** Remembers that the platform could not use a release: the next run makes another one. */
export function dropRelease(deliveries: Deliveries, sealId: string, release: Release): Promise<void> {
  return deliveries.keepFile(sealId, refusedName, new TextEncoder().encode(sha256Hex(release.bytes)))
}

/** Holds the digest of the release that was refused last. */
const refusedName = 'release.refused'
