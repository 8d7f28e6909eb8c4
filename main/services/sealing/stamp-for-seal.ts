import { CryptoFailure, validatePath } from '../../../crypto/index.ts'
import type { Suite, Tender, TimestampReply } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Ports } from '../ports.ts'
import { timeStampServer } from '../time/stamp-server.ts'
import { stampsForSuite } from '../time/stamps-for-suite.ts'

/** Stamps the content octets of the header's signature; answers the response as a sealed bid carries it. */
export type SealStamper = (signatureOctets: Uint8Array) => Promise<Uint8Array>

/** Bytes of the trial: as many as a digest has, and nobody can tell what bid they belong to. */
const trialLength = 32

/**
 * The time stamps of a sealing, where a server is set and they were not declined. The server is tried first, with random
 * bytes: before a PIN is asked for and anything is written it is known that it answers, and that its authority is under one
 * the tender accepts, without which no reader would take the bid. Null for a sealing without time stamp. Throws
 * `seal.timestamp`, `arguments.bad` for an address, `cancelled`.
 */
export async function stampForSeal(
  ports: Ports,
  {
    tender,
    suite,
    signal,
  }: { readonly tender: Tender; readonly suite: Suite; readonly signal: AbortSignal | undefined },
): Promise<SealStamper | null> {
  const server = await timeStampServer(ports)
  if (server === null) return null
  const ask = stampsForSuite(ports, suite.id, server, signal)
  const stamped = (bytes: Uint8Array): Promise<TimestampReply> =>
    ask(bytes).catch((error: unknown) => {
      throw asSealing(error)
    })
  requireAccepted(tender, await stamped(ports.randomness.bytes(trialLength)))
  return async octets => (await stamped(octets)).response
}

function requireAccepted({ anchors }: Tender, { time, signer, intermediates }: TimestampReply): void {
  try {
    validatePath({ leaf: signer, intermediates, anchors, at: time, leafUse: 'timestamp', requireAllUsed: true })
  } catch (error) {
    if (!(error instanceof CryptoFailure)) throw error
    const why = `the time-stamp authority is under none that the tender accepts: ${error.detail}`
    throw new AppFailure('seal.timestamp', why)
  }
}

/** The failure under the name that offers to seal without. What the server says is passed on. */
function asSealing(error: unknown): unknown {
  if (!(error instanceof AppFailure)) return error
  if (!error.code.startsWith('platform.')) return error
  const { detail = 'the time-stamp server gives no time stamp', platformSays } = error.failure
  return new AppFailure('seal.timestamp', detail, {
    cause: error,
    ...(platformSays === undefined ? {} : { platformSays }),
  })
}
