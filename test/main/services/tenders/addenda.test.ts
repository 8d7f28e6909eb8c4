import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Tender } from '../../../../crypto/index.ts'
import { writeTenderPackage } from '../../../../main/platform/index.ts'
import { importTender, newestAddendum, sealedForEarlier } from '../../../../main/services/index.ts'
import type { Ports } from '../../../../main/services/index.ts'
import { deliveriesAt, homeAt, journalAt } from '../../../../main/store/index.ts'
import type { Delivery } from '../../../../main/store/index.ts'
import { clockAt, makeTender, sealingTime } from '../../../fixtures/sealed-bid.ts'

let root: string
let ports: Ports

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bidseal-addenda-'))
  const home = homeAt(root)
  const clock = clockAt(sealingTime)
  ports = {
    ...{ home, clock, deliveries: deliveriesAt(home.deliveries) },
    journal: journalAt(home.journal, () => clock.now()),
  } as Ports
})

afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

async function imported(fields: Partial<Tender['fields']> = {}): Promise<Tender> {
  const { tender, document } = await makeTender({ fields })
  await importTender(ports, { tender, packageBytes: await writeTenderPackage(document, []) })
  return tender
}

it('finds the newest addendum over several steps, with all that changed', async () => {
  const first = await imported()
  expect(await newestAddendum(ports, first)).toBeNull()
  const second = await imported({ supersedes: first.packageDigest, title: '补遗一' })
  const third = await imported({ supersedes: second.packageDigest, title: '补遗一', deadline: '2026-03-03T08:00:00Z' })
  const found = await newestAddendum(ports, first)
  expect([found?.newest.packageDigest, found?.steps]).toEqual([third.packageDigest, 2])
  expect(found?.changes.map(({ property }) => property)).toEqual(['deadline', 'title'])
  expect((await newestAddendum(ports, second))?.steps).toBe(1)
  expect(await newestAddendum(ports, third)).toBeNull()
})

it('takes the later published of two that amend the same, and none of another lot', async () => {
  const first = await imported()
  const amends = { supersedes: first.packageDigest }
  await imported({ ...amends, title: 'early', publishedAt: '2026-02-02T00:00:00Z' })
  const late = await imported({ ...amends, title: 'late', publishedAt: '2026-02-03T00:00:00Z' })
  await imported({ ...amends, lotId: '02', publishedAt: '2026-02-04T00:00:00Z' })
  expect((await newestAddendum(ports, first))?.newest.packageDigest).toBe(late.packageDigest)
})

it('is not misled by a package that is damaged, a note that is, and files of other names', async () => {
  const first = await imported()
  const second = await imported({ supersedes: first.packageDigest })
  mkdirSync(join(root, 'tenders'), { recursive: true })
  writeFileSync(join(root, 'tenders', `${'ab'.repeat(32)}.tender`), 'no package')
  writeFileSync(join(root, 'tenders', `${second.packageDigest}.note.json`), '{"packageDigest": 1}')
  writeFileSync(join(root, 'tenders', 'notes.txt'), '')
  expect((await newestAddendum(ports, first))?.newest.packageDigest).toBe(second.packageDigest)
  // The package is read once; afterwards its note is enough to look.
  expect(readdirSync(join(root, 'tenders')).filter(name => name.endsWith('.note.json'))).toHaveLength(2)
  expect((await newestAddendum(ports, first))?.newest.packageDigest).toBe(second.packageDigest)
})

it('names the bids that were sealed for an earlier package and still stand', async () => {
  const first = await imported()
  const second = await imported({ supersedes: first.packageDigest, title: '补遗一' })
  const third = await imported({ supersedes: second.packageDigest, title: '补遗二' })
  const delivery = (id: string, packageDigest: string, state: Delivery['state']): Delivery => ({
    ...{
      sealId: `00000000-0000-4000-8000-00000000000${id}`,
      sealDigest: 'ab'.repeat(32),
      shortCode: id,
      packageDigest,
    },
    ...{ tenderId: first.fields.tenderId, lotId: '01', creditCode: 'c', openingTime: first.fields.openingTime, state },
  })
  await ports.deliveries.save(delivery('1', first.packageDigest, 'received'))
  await ports.deliveries.save(delivery('2', second.packageDigest, 'sealed'))
  await ports.deliveries.save(delivery('3', third.packageDigest, 'sealed'))
  await ports.deliveries.save(delivery('4', first.packageDigest, 'withdrawn'))
  const touched = await sealedForEarlier(ports, third)
  expect(touched.map(({ shortCode }) => shortCode).sort()).toEqual(['1', '2'])
  expect(await sealedForEarlier(ports, first)).toEqual([])
})
