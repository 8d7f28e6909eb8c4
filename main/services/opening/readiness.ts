import type { JobControl, Tender } from '../../../crypto/index.ts'
import type { Platform } from '../../platform/index.ts'
import { keptReceipt } from '../delivery/receipt.ts'
import { toFailure } from '../failure.ts'
import type { Ports } from '../ports.ts'
import { openServerClock } from '../time/server-clock.ts'
import type { LockSight } from '../tokens/locks.ts'
import type { Trust } from '../trust.ts'
import { attendedBid } from './attended-bid.ts'
import type { AttendedBid } from './attended-bid.ts'
import { line, readinessIds } from './readiness-lines.ts'
import type { ReadinessLine } from './readiness-lines.ts'
import { lockLines } from './readiness-lock.ts'
import { platformLines } from './readiness-platform.ts'
import { openingTerms, termsBy } from './terms.ts'

export interface ReadinessRequest {
  /** A sealId, a sealed file or a header file. */
  readonly bid: string
  readonly platformUrl: string
  /** The lock that opens. */
  readonly token: string
  /** The lock that signs, where that is another one. */
  readonly signToken?: string | undefined
  readonly trust: Trust
}

/** Whether everything an opening needs is there. Nothing was signed or opened to find out, and no PIN was tried. */
export interface Readiness {
  /** No line says `fail`. */
  readonly ready: boolean
  /** Of the bid; null when it could not be read. */
  readonly shortCode: string | null
  /** When it opens, by the package and the signed notices; null when the package could not be had. */
  readonly openingTime: Date | null
  readonly lines: readonly ReadinessLine[]
}

/**
 * Looks at everything an opening needs, in the order people can mend it, and never stops at the first thing that is
 * missing. SECURITY: only the sight of locks is asked for; no key is used. Throws `input.unreadable`, `arguments.bad`,
 * `cancelled`.
 */
export async function openingReadiness(
  ports: Ports,
  locks: LockSight,
  request: ReadinessRequest,
  { signal }: JobControl,
): Promise<Readiness> {
  const platform = ports.platformAt(request.platformUrl, signal)
  const asked = { fetched: false }
  const watched = Object.assign(Object.create(platform) as Platform, {
    tenderPackage(digest: string) {
      asked.fetched = true
      return platform.tenderPackage(digest)
    },
  })
  let attended: AttendedBid
  try {
    attended = await attendedBid(ports, watched, request.bid, request.trust)
  } catch (error) {
    return whatFailed(error)
  }
  const { bid, tender } = attended
  const from = (await openingTerms(ports, platform, tender).catch(() => termsBy(tender, []))).openingTime
  const until = new Date(from.getTime() + tender.fields.releaseMinutes * 60_000)
  const tokens = { open: request.token, sign: request.signToken ?? request.token }
  const clock = openServerClock(ports, platform, tender)
  const lines = [
    line('bid', attended.ours ? 'bid-stands' : 'bid-new-here', { shortCode: bid.shortCode }),
    line('tender', asked.fetched ? 'tender-fetched' : 'tender-kept', { packageDigest: tender.packageDigest }),
    await receiptLine(ports, attended),
    ...(await lockLines(locks, bid, tokens, { from, until })),
    ...(await platformLines({ ports, platform, clock, bid, tender })),
  ]
  return { ready: isReady(lines), shortCode: bid.shortCode, openingTime: from, lines }
}

async function receiptLine(
  ports: Ports,
  { bid, tender }: { bid: AttendedBid['bid']; tender: Tender },
): Promise<ReadinessLine> {
  const receipt = await keptReceipt(ports, bid, tender)
  return receipt === null
    ? line('receipt', 'receipt-missing')
    : line('receipt', 'receipt-kept', { receivedAt: receipt.fields.receivedAt })
}

/** The bid or its tender could not be had: that is the finding, and nothing after it can be looked at. */
function whatFailed(error: unknown): Readiness {
  const { code } = toFailure(error)
  if (!/^(seal|cert|tender|platform|bid)\./.test(code)) throw error
  const missing = /^(tender|platform)\./.test(code)
  const found = missing
    ? line('tender', 'tender-missing', {}, code)
    : line('bid', code === 'bid.not-delivered' ? 'bid-gone' : 'bid-damaged', {}, code)
  const lines = readinessIds.map(id => (id === found.id ? found : line(id, 'not-reached')))
  return { ready: false, shortCode: null, openingTime: null, lines }
}

function isReady(lines: readonly ReadinessLine[]): boolean {
  return lines.every(({ status }) => status !== 'fail')
}
