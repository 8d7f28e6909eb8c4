import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { SealedBid, Tender } from '../../../../crypto/index.ts'
import { AppFailure } from '../../../../main/contract/failure.ts'
import { writeTenderPackage } from '../../../../main/platform/index.ts'
import type { Platform } from '../../../../main/platform/index.ts'
import { requireNoAddendum } from '../../../../main/services/delivery/addendum.ts'
import { tenderOf } from '../../../../main/services/delivery/tender-of.ts'
import { importTender } from '../../../../main/services/index.ts'
import type { Ports } from '../../../../main/services/index.ts'
import { homeAt, journalAt } from '../../../../main/store/index.ts'
import { codeOf } from '../../../fixtures/practice-platform.ts'
import { clockAt, makeTender, sealingTime } from '../../../fixtures/sealed-bid.ts'

let root: string
let ports: Ports
/** What the platform has, by digest; null is one that nobody can read. */
let shelf: Map<string, Uint8Array | null>
let fetched: string[]
let away: AppFailure | null

const platform = {
  tenders: () => {
    const { tenderId, lotId = '' } = first.fields
    const listed = [...shelf.keys()].map(packageDigest => ({ packageDigest, tenderId, lotId }))
    return Promise.resolve(listed)
  },
  tenderPackage: (packageDigest: string) => {
    fetched.push(packageDigest)
    if (away !== null) return Promise.reject(away)
    return Promise.resolve(shelf.get(packageDigest) ?? new TextEncoder().encode('no package'))
  },
} as unknown as Platform

let first: Tender

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'bidseal-addendum-'))
  const home = homeAt(root)
  const clock = clockAt(sealingTime)
  ports = { home, clock, journal: journalAt(home.journal, () => clock.now()) } as Ports
  ;[shelf, fetched, away] = [new Map(), [], null]
  first = await published()
})

afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

async function published(fields: Partial<Tender['fields']> = {}): Promise<Tender> {
  const { tender, document } = await makeTender({ fields })
  shelf.set(tender.packageDigest, await writeTenderPackage(document, []))
  return tender
}

async function brought(tender: Tender): Promise<void> {
  const packageBytes = shelf.get(tender.packageDigest)
  if (!packageBytes) throw new Error('unreachable')
  await importTender(ports, { tender, packageBytes })
}

const look = (tender: Tender): Promise<string> => codeOf(requireNoAddendum(ports, platform, tender))

it('fetches every other package once, and not for every attempt', async () => {
  const other = await published({ title: 'another of the lot' })
  const more = await published({ title: 'one more' })
  expect(await look(first)).toBe('')
  expect(fetched.sort()).toEqual([other.packageDigest, more.packageDigest].sort())
  expect(await look(first)).toBe('')
  expect(fetched).toHaveLength(2)
})

it('fetches nothing that this home has, nor what the bid’s package amends', async () => {
  const second = await published({ supersedes: first.packageDigest })
  const third = await published({ supersedes: second.packageDigest, title: '补遗二' })
  await brought(second)
  expect(await look(third)).toBe('')
  expect(fetched).toEqual([])
  expect(await look(second)).toBe('tender.addendum-newer')
  await brought(third)
  fetched.length = 0
  expect(await look(second)).toBe('tender.addendum-newer')
  expect(fetched).toEqual([])
})

it('tells over how many steps, and what changes', async () => {
  const second = await published({ supersedes: first.packageDigest })
  const third = await published({ supersedes: second.packageDigest, title: '补遗二' })
  const failure: unknown = await requireNoAddendum(ports, platform, first).catch((error: unknown) => error)
  expect(failure).toMatchObject({
    failure: { addendum: { packageDigest: third.packageDigest, steps: 2, changes: [{ property: 'title' }] } },
  })
})

it('is stopped by no package that nobody can read, nor blinded by it', async () => {
  shelf.set('ab'.repeat(32), null)
  shelf.set('../../x', null)
  expect(await look(first)).toBe('')
  await published({ supersedes: first.packageDigest })
  expect(await look(first)).toBe('tender.addendum-newer')
})

it('says nothing while the platform is away', async () => {
  await published({ supersedes: first.packageDigest })
  away = new AppFailure('platform.unreachable', 'test')
  expect(await look(first)).toBe('platform.unreachable')
})

it('judges the imported package by the anchors a user names, and does not fetch it again', async () => {
  await brought(first)
  const bid = { header: { tender: { packageDigest: first.packageDigest } } } as SealedBid
  const found = await codeOf(tenderOf(ports, platform, bid, { anchors: [], named: true }))
  expect(found).toBe('cert.untrusted')
  expect((await tenderOf(ports, platform, bid, { anchors: [], named: false })).packageDigest).toBe(first.packageDigest)
  expect(fetched).toEqual([])
})
