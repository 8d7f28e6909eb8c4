import { AppFailure } from '../../contract/failure.ts'
import type { LockId, SealId } from '../../contract/ids.ts'
import type { Handlers } from '../../contract/requests.ts'
import type { SealedBidView } from '../../contract/views.ts'
import { submitBid, withdrawBid } from '../../services/index.ts'
import type { Delivery } from '../../store/index.ts'
import type { IpcContext } from '../context.ts'
import type { Desk } from '../desks.ts'
import { trustOf } from '../desks.ts'
import { platformOf } from '../platform-address.ts'
import { sealedBidView } from '../views/sealed-view.ts'
import { withLocks } from '../with-locks.ts'

/** Sealed bids: what there is, their submission and withdrawal. */
export function sealedHandlers(
  context: IpcContext,
): Pick<Handlers, 'sealed.list' | 'sealed.damaged' | 'sealed.submit' | 'sealed.withdraw'> {
  const { desks, jobs, locks } = context
  return {
    'sealed.list': async () =>
      (await Promise.all(desks.all().map(viewsOf))).flatMap(views => sorted(views.filter(isReadable))),
    'sealed.damaged': async () => {
      const perDesk = await Promise.all(
        desks.all().map(async desk => {
          const unreadable = (await viewsOf(desk)).filter(view => !isReadable(view)).length
          return unreadable + (await desk.ports.deliveries.damaged()).length
        }),
      )
      return perDesk.reduce((sum, number) => sum + number, 0)
    },
    'sealed.submit': async (seal, lock) => {
      const { desk, delivery } = await desks.ofSeal(seal)
      const platformUrl = platformOf(desk, delivery)
      const token = locks.uriOf(lock)
      return jobs.start({ kind: 'submit', about: seal, seal }, async job => {
        const file = fileOf(delivery)
        await withLocks(context, desk, job, { purpose: 'submit', locks: [lock] }, async parts => {
          const request = { file, platformUrl, token, trust: await trustOf(desk) }
          await submitBid(parts.ports, parts.locks, request, job.control)
        })
        return changed(context, seal)
      })
    },
    'sealed.withdraw': async (seal, lock) => {
      const { desk, delivery } = await desks.ofSeal(seal)
      const platformUrl = platformOf(desk, delivery)
      const token = locks.uriOf(lock)
      return jobs.start({ kind: 'withdraw', about: seal, seal }, async job => {
        await withdraw(context, desk, { seal, lock, platformUrl, token }, job)
        return changed(context, seal)
      })
    },
  }
}

interface Withdrawal {
  readonly seal: SealId
  readonly lock: LockId
  readonly platformUrl: string
  readonly token: string
}

function withdraw(
  context: IpcContext,
  desk: Desk,
  { seal, lock, platformUrl, token }: Withdrawal,
  job: Parameters<typeof withLocks>[2],
): Promise<void> {
  return withLocks(context, desk, job, { purpose: 'withdraw', locks: [lock] }, async parts => {
    const request = { sealId: seal, platformUrl, token, trust: await trustOf(desk) }
    await withdrawBid(parts.ports, parts.locks, request, job.control)
  })
}

function changed(context: IpcContext, seal: SealId): SealId {
  context.emit({ kind: 'sealed-changed' })
  return seal
}

/** Null stands for a sealed bid one of whose documents is damaged: it hides no other. */
async function viewsOf(desk: Desk): Promise<readonly (SealedBidView | null)[]> {
  const deliveries = await desk.ports.deliveries.list()
  return Promise.all(deliveries.map(delivery => sealedBidView(desk, delivery).catch(() => null)))
}

function isReadable(view: SealedBidView | null): view is SealedBidView {
  return view !== null
}

function sorted(views: readonly SealedBidView[]): readonly SealedBidView[] {
  return [...views].sort((a, b) => b.sealedAt.localeCompare(a.sealedAt))
}

function fileOf({ sealedPath }: Delivery): string {
  if (sealedPath === undefined) throw new AppFailure('input.unreadable', 'the sealed file is not on this computer')
  return sealedPath
}
