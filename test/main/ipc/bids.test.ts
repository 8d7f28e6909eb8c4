import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { BidId, TenderId, TenderName } from '../../../main/contract/ids.ts'
import type { BidView } from '../../../main/contract/views.ts'
import type { IpcContext } from '../../../main/ipc/context.ts'
import { openDesks } from '../../../main/ipc/desks.ts'
import type { Desk as HomeDesk } from '../../../main/ipc/desks.ts'
import { bidHandlers } from '../../../main/ipc/handlers/bid.ts'
import { sealedHandlers } from '../../../main/ipc/handlers/sealed.ts'
import { keepSealNote } from '../../../main/ipc/seal-note.ts'
import type { SealReport } from '../../../main/services/index.ts'
import { deliveriesAt, homeAt } from '../../../main/store/index.ts'
import { makeDesk, type Desk } from '../../fixtures/cli-desk.ts'

let desk: Desk
let tenderFile: string
let tender: TenderId
let handlers: ReturnType<typeof bidHandlers> & ReturnType<typeof sealedHandlers>
let picked: string
let bid: BidId

const name = (text: string): TenderName => text as TenderName
const home = () => homeAt(desk.path('home'))
const folderOf = (id: BidId): string => join(home().root, 'bids', id)
const present = async (): Promise<BidView | undefined> => (await handlers['bid.list']()).find(each => each.bid === bid)
const fill = (field: string, value: string) =>
  handlers['bid.fillForm'](bid, name('opening'), [{ name: name(field), value }])

beforeAll(async () => {
  desk = await makeDesk()
  tenderFile = await desk.tender('tender')
  await desk.bid('bid', tenderFile)
  const [file = ''] = readdirSync(home().tenders)
  tender = file.replace('.tender', '') as TenderId
  // As much of the app as these handlers touch.
  const ports = { home: home(), deliveries: deliveriesAt(home().deliveries) }
  const own = { practice: false, ports, settings: {}, modules: [] } as unknown as HomeDesk
  const dialogs = { pick: () => Promise.resolve(picked) }
  const context = { desks: openDesks(own), dialogs, language: () => 'en' } as unknown as IpcContext
  handlers = { ...bidHandlers(context), ...sealedHandlers(context) }
})

afterAll(() => {
  desk.remove()
})

beforeEach(async () => {
  bid = (await handlers['bid.create'](tender, '云岭')).bid
  picked = desk.path('投标函.pdf')
  writeFileSync(picked, 'letter')
})

test('of many changes of one bid at once none is lost', async () => {
  const prices = Array.from({ length: 15 }, (_, index) => fill('price', String(index)))
  const others = [fill('工期', '365'), handlers['bid.addDocument'](bid, name('letter')), fill('工期', '366')]
  const answers = await Promise.all([...prices, ...others])
  const view = await present()
  expect(view?.revision).toBe(answers.length + 1)
  expect(view?.documents).toHaveLength(1)
  expect(view?.forms[0]?.fields).toEqual([
    { name: 'price', value: '14' },
    { name: '工期', value: '366' },
  ])
})

test('a change that was refused holds up none after it', async () => {
  const answers = await Promise.allSettled([fill('nosuch', '1'), fill('price', '2')])
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
})

/** Seals the bid as the window would, by the command line. */
async function seal(more: readonly string[] = []): Promise<{ readonly sealId: string; readonly code: unknown }> {
  const output = desk.path(`${Math.random()}.sbid`)
  const args = ['seal', folderOf(bid), '--tender', tenderFile, '--sign', desk.bidder.uri, '-o', output, ...more]
  const { said } = await desk.run(args, { env: { BIDSEAL_PIN: desk.bidder.pin } })
  const report = said as unknown as SealReport
  const ok = said['ok'] === true
  if (ok) await keepSealNote(deliveriesAt(home().deliveries), bid, report, new Date())
  return { sealId: report.sealId, code: said['code'] }
}

async function complete(): Promise<void> {
  await handlers['bid.addDocument'](bid, name('letter'))
  await fill('price', '1,000.00')
  await fill('工期', '365')
}

test('a sealed bid is current until the bid is changed, and one that was withdrawn may be sealed again', async () => {
  await complete()
  expect(await present()).toMatchObject({ sealed: null, sealedIsCurrent: false })
  const { sealId } = await seal()
  expect(await present()).toMatchObject({ sealed: sealId, sealedIsCurrent: true })
  expect((await seal()).code).toBe('seal.already-sealed')

  const record = join(home().deliveries, sealId, 'delivery.json')
  const before = readFileSync(record, 'utf8')
  writeFileSync(record, before.replace('"sealed"', '"withdrawn"'))
  const second = await seal()
  expect(second.code).toBeUndefined()
  expect(await present()).toMatchObject({ sealed: second.sealId, sealedIsCurrent: true })

  await fill('price', '2,000.00')
  expect(await present()).toMatchObject({ sealed: second.sealId, sealedIsCurrent: false })
})

test('a bid that was on its way when its file was lost is told of; one whose file is here is not', async () => {
  await complete()
  const { sealId } = await seal()
  const record = join(home().deliveries, sealId, 'delivery.json')
  const before = JSON.parse(readFileSync(record, 'utf8')) as { readonly sealedPath: string }
  const become = (change: object): void => writeFileSync(record, JSON.stringify({ ...before, ...change }))
  expect(await present()).toMatchObject({ lostOnItsWay: false })
  become({ state: 'submitting' })
  expect(await present()).toMatchObject({ lostOnItsWay: false })
  renameSync(before.sealedPath, `${before.sealedPath}.away`)
  expect(await present()).toMatchObject({ lostOnItsWay: true })
  expect((await seal()).code).toBe('seal.already-sealed')
  // Sealed once more, there is one to submit again.
  expect((await seal(['--again'])).code).toBeUndefined()
  expect(await present()).toMatchObject({ lostOnItsWay: false, sealedIsCurrent: true })
  become({ state: 'withdrawn' })
})

test('a file that was changed in the folder makes the sealed bid outdated too', async () => {
  await complete()
  const { sealId } = await seal()
  writeFileSync(join(folderOf(bid), 'documents', '投标函.pdf'), 'another letter')
  expect(await present()).toMatchObject({ sealed: sealId, sealedIsCurrent: false })
})

test('a record, note or receipt that is damaged hides no other sealed bid, and is counted', async () => {
  await complete()
  const { sealId } = await seal()
  const all = (await handlers['sealed.list']()).length
  expect(await handlers['sealed.damaged']()).toBe(0)
  const folder = join(home().deliveries, sealId)
  writeFileSync(join(folder, 'receipt.json'), '{')
  writeFileSync(join(folder, 'receipt.p7s'), '')
  expect((await handlers['sealed.list']()).length).toBe(all - 1)
  expect(await handlers['sealed.damaged']()).toBe(1)

  const torn = '0f8fad5b-d9cb-469f-a165-70867728950e'
  await deliveriesAt(home().deliveries).keepFile(torn, 'delivery.json', new TextEncoder().encode('{"sealId":'))
  writeFileSync(join(folder, 'seal-note.json'), '{')
  expect((await handlers['sealed.list']()).length).toBe(all - 1)
  expect(await handlers['sealed.damaged']()).toBe(2)
  expect((await present())?.sealed).toBeNull()
})
