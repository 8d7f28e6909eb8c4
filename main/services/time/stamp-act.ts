import { CryptoFailure, suiteOfSignature, verifyDocument, verifyTimestamp } from '../../../crypto/index.ts'
import type { SignedDocument } from '../../../crypto/index.ts'
import { toFailure } from '../failure.ts'
import type { Ports } from '../ports.ts'
import type { TimeStampLimits } from '../signing/time-stamps.ts'
import { timeStampServer } from './stamp-server.ts'
import { stampsForSuite } from './stamps-for-suite.ts'

/** Short: an act must not wait long for a server whose stamp it can do without. */
const limitsOfActs: TimeStampLimits = { oneAnswer: 5_000, retry: { tries: 1, firstWait: 0, longestWait: 0 } }

/**
 * Has a time-stamp server, where one is set, stamp the signature of an act, and keeps the stamp beside the bid as
 * `<act>.tsr`. One that is kept for this very signature stays. Never fails: whatever goes wrong is written into the journal,
 * and the act goes on without.
 */
export async function stampAct(
  ports: Ports,
  sealId: string,
  act: 'submit' | 'release',
  document: SignedDocument,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    const server = await timeStampServer(ports)
    if (server === null) return
    const { signatureOctets } = verifyDocument(act, document).signature
    const suite = suiteOfSignature(document.signature)?.id ?? 'intl-1'
    const name = `${act}.tsr`
    const kept = await ports.deliveries.file(sealId, name)
    if (kept !== null && isOver(kept, signatureOctets, suite)) return
    const { response, time } = await stampsForSuite(ports, suite, server, signal, limitsOfActs)(signatureOctets)
    await ports.deliveries.keepFile(sealId, name, response)
    await ports.journal.append('time-stamped', { sealId, act, time: time.toISOString() })
  } catch (error) {
    const { code } = toFailure(error)
    // A journal that cannot be written stops the act where the act itself writes to it.
    if (code !== 'cancelled')
      await ports.journal.append('time-stamp-failed', { sealId, act, code }).catch(() => undefined)
  }
}

function isOver(stamp: Uint8Array, signature: Uint8Array, suite: 'intl-1' | 'gm-1'): boolean {
  try {
    verifyTimestamp(stamp, signature, suite)
    return true
  } catch (error) {
    if (error instanceof CryptoFailure) return false
    throw error
  }
}
