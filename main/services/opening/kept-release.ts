import { CryptoFailure, decodeDocument, sha256Hex, verifyDocument } from '../../../crypto/index.ts'
import type { DocumentFields, PartName, Release, SignedDocument } from '../../../crypto/index.ts'
import type { Deliveries } from '../../store/index.ts'

const partNames: readonly PartName[] = ['opening', 'body']

/** Writes a release down before it is sent, so that after a crash the very same one is sent again: one attempt, not two. */
export async function keepRelease(deliveries: Deliveries, sealId: string, release: Release): Promise<void> {
  for (const [part, envelope] of release.envelopes) {
    await deliveries.keepFile(sealId, envelopeName(release, part), envelope)
  }
  // Its envelopes are there when the release itself is; those of an earlier one keep their own names.
  await deliveries.keepDocument(sealId, 'release', release)
}

/** An envelope of a release that was written down; null where there is none that the release names. */
export async function keptEnvelope(
  deliveries: Pick<Deliveries, 'file'>,
  sealId: string,
  release: Pick<SignedDocument, 'bytes'>,
  part: PartName,
): Promise<Uint8Array | null> {
  const named = partsOf(release).find(({ name }) => name === part)
  // Homes of before kept them under a name that every release shares.
  for (const name of [envelopeName(release, part), `release.${part}.p7m`]) {
    const envelope = named === undefined ? null : await deliveries.file(sealId, name)
    if (envelope !== null && sha256Hex(envelope) === named?.envelopeDigest) return envelope
  }
  return null
}

/** The release that was written down; null when none was, when it was not written whole, or when the platform refused it. */
export async function keptRelease(deliveries: Deliveries, sealId: string): Promise<Release | null> {
  const document = await deliveries.document(sealId, 'release')
  if (document === null || !isWhole(document)) return null
  const refused = await deliveries.file(sealId, refusedName)
  if (refused !== null && new TextDecoder().decode(refused) === sha256Hex(document.bytes)) return null
  const envelopes = new Map<PartName, Uint8Array>()
  for (const part of partNames) {
    const envelope = await keptEnvelope(deliveries, sealId, document, part)
    if (envelope !== null) envelopes.set(part, envelope)
  }
  return envelopes.size === partsOf(document).length ? { ...document, envelopes } : null
}

/** Remembers that the platform could not use a release: the next run makes another one. */
export function dropRelease(deliveries: Deliveries, sealId: string, release: Release): Promise<void> {
  return deliveries.keepFile(sealId, refusedName, new TextEncoder().encode(sha256Hex(release.bytes)))
}

/** Holds the digest of the release that was refused last. */
const refusedName = 'release.refused'

function envelopeName(release: Pick<SignedDocument, 'bytes'>, part: PartName): string {
  return `release-${sha256Hex(release.bytes).slice(0, 16)}.${part}.p7m`
}

function partsOf({ bytes }: Pick<SignedDocument, 'bytes'>): DocumentFields<'release'>['parts'] {
  try {
    return decodeDocument('release', bytes).parts
  } catch (error) {
    if (error instanceof CryptoFailure) return []
    throw error
  }
}

/** A run that was killed between the document and its signature has left the signature of the one before. */
function isWhole(document: SignedDocument): boolean {
  try {
    verifyDocument('release', document)
    return true
  } catch (error) {
    if (error instanceof CryptoFailure) return false
    throw error
  }
}
