import type { SealedBid, Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Platform } from '../../platform/index.ts'
import { toFailure } from '../failure.ts'
import type { Ports } from '../ports.ts'
import type { Reading, ServerClock } from '../time/server-clock.ts'
import { line } from './readiness-lines.ts'
import type { ReadinessLine } from './readiness-lines.ts'
import { requireSame, storedHeader } from './stored-bid.ts'
import { openingTerms } from './terms.ts'
import type { OpeningTerms } from './terms.ts'

/** This computer's clock further from the platform's than this is worth a word, in milliseconds. */
const clocksApart = 60_000

/** What the platform's side of the test is made with. */
export interface PlatformQuestion {
  readonly ports: Ports
  readonly platform: Platform
  readonly clock: ServerClock
  readonly bid: SealedBid
  readonly tender: Tender
}

/** The platform as far as an opening needs it: reached, its clock, the opening, the dates in force, the bid it stores. */
export async function platformLines(question: PlatformQuestion): Promise<readonly ReadinessLine[]> {
  const { platform, bid, ports } = question
  const monotonic = ports.monotonic ?? (() => performance.now())
  const started = monotonic()
  const reached = await attempt(() => platform.serverTime())
  if ('code' in reached) {
    return [
      line('network', 'network-down', {}, reached.code),
      ...(['clock', 'platform', 'dates', 'stored'] as const).map(id => line(id, 'not-reached')),
    ]
  }
  const ms = Math.round(monotonic() - started)
  return [
    line('network', 'network-up', { ms }),
    clockLine(await attempt(() => question.clock.read())),
    await openingLine(platform, bid),
    datesLine(await attempt(() => openingTerms(ports, platform, question.tender))),
    await storedLine(platform, bid),
  ]
}

function clockLine(found: Attempt<Reading>): ReadinessLine {
  if ('code' in found) return line('clock', 'clock-untold', {}, found.code)
  const { offsetMs, uncertaintyMs, signed } = found.value
  const facts = { offsetMs, uncertaintyMs, signed: String(signed) }
  if (Math.abs(offsetMs) > clocksApart) return line('clock', 'clock-apart', facts)
  return line('clock', signed ? 'clock-close' : 'clock-unsigned', facts)
}

async function openingLine(platform: Platform, bid: SealedBid): Promise<ReadinessLine> {
  const { packageDigest } = bid.header.tender
  const found = await attempt(async () => {
    const listed = (await platform.tenders()).find(tender => tender.packageDigest === packageDigest)
    if (listed === undefined) throw new AppFailure('platform.unknown', 'the platform does not run this tender')
    return platform.opening(listed.openingId)
  })
  if ('code' in found) {
    return line('platform', found.code === 'platform.unknown' ? 'platform-unknown' : 'not-reached', {}, found.code)
  }
  const { state, openingTime } = found.value
  const facts = { state, openingTime: openingTime.toISOString() }
  return line('platform', state === 'closed' ? 'platform-closed' : 'platform-ready', facts)
}

function datesLine(found: Attempt<OpeningTerms>): ReadinessLine {
  if ('code' in found) return line('dates', 'not-reached', {}, found.code)
  const { openingTime, extendedBy } = found.value
  const facts = { openingTime: openingTime.toISOString() }
  return line('dates', extendedBy === null ? 'dates-stand' : 'dates-moved', facts)
}

async function storedLine(platform: Platform, bid: SealedBid): Promise<ReadinessLine> {
  const { sealDigest } = bid
  const found = await attempt(async () => {
    const stored = await storedHeader(platform, sealDigest)
    if (stored !== null) requireSame(stored, bid)
    return stored
  })
  if (!('code' in found)) {
    return line('stored', found.value === null ? 'stored-not-shown' : 'stored-same', { sealDigest })
  }
  return line('stored', found.code === 'opening.challenge' ? 'stored-other' : 'not-reached', {}, found.code)
}

type Attempt<T> = { readonly value: T } | { readonly code: ReturnType<typeof toFailure>['code'] }

/** What a fault on the way says about readiness is told; a fault of ours or a stop is thrown. */
async function attempt<T>(ask: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await ask() }
  } catch (error) {
    const { code } = toFailure(error)
    if (code === 'cancelled' || code === 'internal') throw error
    return { code }
  }
}
