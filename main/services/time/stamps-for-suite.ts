import { gm1, intl1 } from '../../../crypto/index.ts'
import type { Imprint, Suite, SuiteId, TimestampReply } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Ports } from '../ports.ts'
import { timeStampsOf, type TimeStampLimits, type TimeStampServer } from '../signing/time-stamps.ts'

/** Asks for a time stamp over these bytes (the content octets of a signature). */
export type StampBytes = (bytes: Uint8Array) => Promise<TimestampReply>

/**
 * Time stamps over signatures of a suite: with SM3 in gm-1 and SHA-256 otherwise, and in gm-1 too where the server does not
 * know SM3. Throws `arguments.bad` at once for an address, later what {@link timeStampsOf} tells.
 */
export function stampsForSuite(
  ports: Pick<Ports, 'http' | 'randomness'>,
  suite: SuiteId,
  server: TimeStampServer,
  signal: AbortSignal | undefined,
  limits?: TimeStampLimits,
): StampBytes {
  const ask = timeStampsOf(ports, server, { signal }, ...(limits === undefined ? [] : [limits]))
  let knowsSm3 = suite === 'gm-1'
  return async bytes => {
    if (knowsSm3) {
      try {
        return await ask(imprintOf(gm1, bytes))
      } catch (error) {
        // A server that is out of reach would not answer the other question either.
        if (!(error instanceof AppFailure) || error.code !== 'platform.refused') throw error
        knowsSm3 = false
      }
    }
    return ask(imprintOf(intl1, bytes))
  }
}

function imprintOf(suite: Suite, bytes: Uint8Array): Imprint {
  return { hash: suite.id === 'gm-1' ? 'sm3' : 'sha256', digest: suite.digest(bytes) }
}
