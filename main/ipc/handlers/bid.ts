import { readdir } from 'node:fs/promises'
import { lotOf } from '../../../crypto/index.ts'
import type { Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { SealChoice } from '../../contract/guards.ts'
import { isBidId, isTenderId } from '../../contract/ids.ts'
import type { BidId, SealId } from '../../contract/ids.ts'
import type { Handlers } from '../../contract/requests.ts'
import type { BidView } from '../../contract/views.ts'
import { addDocument, fillForm, importedTender, loadDraft, newBid, sealFolder } from '../../services/index.ts'
import { removeDocument } from '../../services/bids/remove-document.ts'
import type { IpcContext } from '../context.ts'
import type { Desk } from '../desks.ts'
import { bidFolder, bidsFolder, sealedFile } from '../desks.ts'
import { newId } from '../ids.ts'
import type { RunningJob } from '../jobs.ts'
import { keepSealNote, readSealNote } from '../seal-note.ts'
import { makeTurns } from '../turns.ts'
import { bidView, changedAt } from '../views/bid-view.ts'
import type { KnownSeals } from '../views/bid-view.ts'
import { withLocks } from '../with-locks.ts'

type BidChannels = 'bid.create' | 'bid.list' | 'bid.addDocument' | 'bid.removeDocument' | 'bid.fillForm' | 'bid.seal'

/** Bids being made, and their sealing. */
export function bidHandlers(context: IpcContext): Pick<Handlers, BidChannels> {
  const { desks, dialogs, jobs, language } = context
  // Two changes of one bid at once would be made from the same revision, and one of them would be refused.
  const inTurn = makeTurns<BidId>()
  return {
    'bid.create': async (id, name) => {
      const { desk, tender } = await desks.ofTender(id)
      const bid = newId<BidId>()
      await newBid({ folder: bidFolder(desk, bid), tender, bidder: { name } })
      return viewOf(desk, bid)
    },
    'bid.list': async () => (await Promise.all(desks.all().map(bidsOf))).flat(),
    'bid.addDocument': async (bid, documentId) => {
      const { desk, folder } = desks.ofBid(bid)
      const file = await dialogs.pick('document', language(), desk.documents)
      if (file === null) return null
      return inTurn(bid, async () => {
        await addDocument(await tenderOf(desk, folder), { folder, file, documentId, replace: true })
        return viewOf(desk, bid)
      })
    },
    'bid.removeDocument': async (bid, id) => {
      const { desk, folder } = desks.ofBid(bid)
      return inTurn(bid, async () => {
        await removeDocument({ folder, id })
        return viewOf(desk, bid)
      })
    },
    'bid.fillForm': async (bid, formId, values) => {
      const { desk, folder } = desks.ofBid(bid)
      const named = new Map(values.map(({ name, value }) => [name, value]))
      return inTurn(bid, async () => {
        await fillForm(await tenderOf(desk, folder), { folder, formId, values: named })
        return viewOf(desk, bid)
      })
    },
    'bid.seal': async (bid, choice) => {
      const { desk } = desks.ofBid(bid)
      // A lock that is not there is refused at once, not by the job.
      for (const lock of [choice.sign, choice.main, ...choice.backups]) context.locks.uriOf(lock)
      return jobs.start({ kind: 'seal', about: bid }, job => seal(context, desk, bid, choice, job))
    },
  }
}

async function seal(context: IpcContext, desk: Desk, bid: BidId, choice: SealChoice, job: RunningJob): Promise<SealId> {
  const folder = bidFolder(desk, bid)
  const tender = await tenderOf(desk, folder)
  // Only where nothing else is left; everywhere else a second sealing is refused as usual.
  const again = choice.again && (await viewOf(desk, bid)).lostOnItsWay
  const output = await sealedFile(desk, bid)
  const asked = { purpose: 'seal', locks: [choice.sign, choice.main, ...choice.backups] } as const
  const report = await withLocks(context, desk, job, asked, ({ ports, locks }) =>
    sealFolder(
      ports,
      locks,
      {
        folder,
        tender,
        suite: null,
        sign: context.locks.uriOf(choice.sign),
        ...(choice.main === choice.sign ? {} : { encrypt: context.locks.uriOf(choice.main) }),
        backups: choice.backups.map(lock => context.locks.uriOf(lock)),
        output,
        selfTest: true,
        again,
      },
      job.control,
    ),
  )
  await keepSealNote(desk.ports.deliveries, bid, report, desk.ports.clock.now())
  context.emit({ kind: 'sealed-changed' })
  return report.sealId as SealId
}

async function tenderOf({ ports }: Desk, folder: string): Promise<Tender> {
  const { draft } = await loadDraft(folder)
  const tender = isTenderId(draft.tender.packageDigest) ? await importedTender(ports, draft.tender.packageDigest) : null
  if (tender === null) throw new AppFailure('seal.foreign-tender', 'the tender of this bid is not here')
  return tender
}

async function viewOf(desk: Desk, bid: BidId): Promise<BidView> {
  const folder = bidFolder(desk, bid)
  const tender = await tenderOf(desk, folder)
  return bidView(bid, folder, tender, await sealsOf(desk, bid, tender))
}

async function bidsOf(desk: Desk): Promise<readonly BidView[]> {
  const ids = (await namesIn(bidsFolder(desk))).filter(isBidId)
  const dated = await Promise.all(ids.map(async id => ({ id, at: await changedAt(bidFolder(desk, id)) })))
  const ordered = dated.sort((a, b) => b.at - a.at)
  // A folder that was damaged must not hide the others.
  const views = await Promise.all(ordered.map(({ id }) => viewOf(desk, id).catch(() => null)))
  return views.filter((view): view is BidView => view !== null)
}

function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => [])
}

/** The last sealed bid made of a draft, and those for its lot. A note that is damaged says nothing, and hides no other. */
async function sealsOf({ ports }: Desk, bid: BidId, tender: Tender): Promise<KnownSeals> {
  const all = await ports.deliveries.list()
  const notes = await Promise.all(
    all.map(async delivery => ({
      delivery,
      note: await readSealNote(ports.deliveries, delivery.sealId).catch(() => null),
    })),
  )
  const own = notes.flatMap(({ delivery, note }) => (note?.bid === bid ? [{ delivery, at: note.sealedAt }] : []))
  const { tenderId } = tender.fields
  const forLot = all.filter(each => each.tenderId === tenderId && each.lotId === lotOf(tender))
  return { last: own.sort((a, b) => b.at.localeCompare(a.at))[0]?.delivery ?? null, forLot }
}
