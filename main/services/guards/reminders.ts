import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { CryptoFailure, lotOf } from '../../../crypto/index.ts'
import type { Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { isMissing } from '../../store/index.ts'
import type { Delivery, DeliveryState } from '../../store/index.ts'
import type { Ports } from '../ports.ts'
import { effectiveDates } from '../tenders/notices.ts'
import { importedTender } from '../tenders/tender-file.ts'

/** What is to be remembered: handing in, the test half an hour before the opening, the opening itself. */
export type ReminderKind = 'deadline' | 'readiness' | 'opening'

/** Something to be remembered at a time. */
export interface Reminder {
  /** The same for the same act of the same lot, whatever package or notice moves it. */
  readonly uid: string
  readonly kind: ReminderKind
  readonly at: Date
  /** When it is over; null for a moment. */
  readonly until: Date | null
  readonly title: string
  readonly tenderId: string
  readonly lotId: string
  /** Short codes of the bids it is about. */
  readonly bids: readonly string[]
  /** When the platform last changed it. */
  readonly changed: Date
  /** The bid was withdrawn: nothing is to be done any more. */
  readonly cancelled: boolean
}

/** What a reminder is made of: the package in force for a lot, its dates, and this home's bids for the lot. */
export interface TenderDates {
  readonly platformId: string
  readonly tenderId: string
  readonly lotId: string
  readonly title: string
  readonly deadline: Date
  readonly openingTime: Date
  readonly closesAt: Date
  readonly changed: Date
  readonly bids: readonly { readonly shortCode: string; readonly state: DeliveryState }[]
}

/** The test of lock, network and clock is due this long before the opening, in milliseconds. */
const readinessBefore = 30 * 60_000

const over: readonly DeliveryState[] = ['withdrawn', 'replaced']
const opened: readonly DeliveryState[] = ['released', 'closed']

/** What this home's tenders and bids ask to be remembered, in order of time. Openings that are over are left out. */
export async function listReminders(ports: Ports): Promise<readonly Reminder[]> {
  const now = ports.clock.now()
  const dates = (await tenderDates(ports)).filter(({ closesAt }) => closesAt > now)
  return dates.flatMap(remindersOf).sort((a, b) => a.at.getTime() - b.at.getTime() || (a.uid < b.uid ? -1 : 1))
}

/** The reminders of one lot. A tender nobody bids for has its deadline alone. */
export function remindersOf(tender: TenderDates): readonly Reminder[] {
  const { bids, title, tenderId, lotId, changed, deadline, openingTime, closesAt } = tender
  const standing = bids.filter(({ state }) => !over.includes(state))
  const common = { title, tenderId, lotId, changed, bids: standing.map(({ shortCode }) => shortCode) }
  const remind = (kind: ReminderKind, at: Date, until: Date | null, cancelled = false): Reminder => ({
    ...common,
    ...{ uid: uidOf(tender, kind), kind, at, until: until !== null && until > at ? until : null, cancelled },
  })
  if (bids.length === 0) return [remind('deadline', deadline, null)]
  const idle = standing.every(({ state }) => opened.includes(state))
  return [
    remind('deadline', deadline, null),
    remind('readiness', new Date(openingTime.getTime() - readinessBefore), openingTime, idle),
    remind('opening', openingTime, closesAt, idle),
  ]
}

/** SECURITY: a digest, so that a calendar on a server does not tell by its ids who bids for what. */
function uidOf({ platformId, tenderId, lotId }: TenderDates, kind: ReminderKind): string {
  const digest = createHash('sha256').update([kind, platformId, tenderId, lotId].join('\n')).digest('hex')
  return `${digest.slice(0, 32)}@bidseal`
}

async function tenderDates(ports: Ports): Promise<readonly TenderDates[]> {
  const deliveries = await ports.deliveries.list()
  const newest = new Map<string, Tender>()
  for (const digest of await importedDigests(ports)) {
    const tender = await readable(ports, digest)
    if (tender === null) continue
    const lot = keyOf(tender)
    const before = newest.get(lot)
    if (before === undefined || before.fields.publishedAt < tender.fields.publishedAt) newest.set(lot, tender)
  }
  return Promise.all([...newest.values()].map(tender => datesOf(ports, tender, deliveries)))
}

async function datesOf(ports: Ports, tender: Tender, deliveries: readonly Delivery[]): Promise<TenderDates> {
  const { platformId, tenderId, title, publishedAt, releaseMinutes } = tender.fields
  const { deadline, openingTime, extendedBy } = await effectiveDates(ports, tender)
  const lotId = lotOf(tender)
  return {
    ...{ platformId, tenderId, lotId, title, deadline, openingTime },
    closesAt: new Date(openingTime.getTime() + releaseMinutes * 60_000),
    changed: new Date(extendedBy === null ? publishedAt : extendedBy.fields.publishedAt),
    bids: deliveries
      .filter(delivery => delivery.tenderId === tenderId && delivery.lotId === lotId)
      .map(({ shortCode, state }) => ({ shortCode, state })),
  }
}

function keyOf({ fields: { platformId, tenderId, lotId = '' } }: Tender): string {
  return [platformId, tenderId, lotId].join('\n')
}

async function importedDigests(ports: Ports): Promise<readonly string[]> {
  const names = await readdir(ports.home.tenders).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })
  return names.flatMap(name => /^([0-9a-f]{64})\.tender$/.exec(name)?.[1] ?? [])
}

/** A package that is damaged hides no other. */
async function readable(ports: Ports, digest: string): Promise<Tender | null> {
  try {
    return await importedTender(ports, digest)
  } catch (error) {
    if (error instanceof AppFailure || error instanceof CryptoFailure) return null
    throw error
  }
}
