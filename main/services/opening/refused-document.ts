import { sha256Hex } from '../../../crypto/index.ts'
import type { SignedDocument } from '../../../crypto/index.ts'
import type { Ports } from '../ports.ts'

/**
 * Runs the check of a document the platform has signed; one that does not pass is kept beside the bid, under the first
 * digits of the digest the journal names. What cannot be kept hides no failure.
 */
export async function keepingRefused<T>(
  { deliveries }: Pick<Ports, 'deliveries'>,
  sealId: string,
  kind: 'challenge' | 'release-receipt',
  document: SignedDocument,
  check: () => T | Promise<T>,
): Promise<T> {
  try {
    return await check()
  } catch (error) {
    const name = `${kind}-refused-${sha256Hex(document.bytes).slice(0, 16)}`
    try {
      await deliveries.keepFile(sealId, `${name}.json`, document.bytes)
      await deliveries.keepFile(sealId, `${name}.p7s`, document.signature)
    } catch {
      // The check has failed: that is what counts.
    }
    throw error
  }
}
