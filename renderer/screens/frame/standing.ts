import type { BidView, LockModuleView, SealedBidView, TenderView } from '../../../main/contract/views.ts'
import type { RailItem } from '../../components/rail.tsx'
import type { Text } from '../../messages/index.ts'
import { allLocks } from '../../stores/locks.ts'
import type { Step } from '../../stores/place.ts'
import { isOutdated } from '../shared/outdated.ts'

/** What the rail tells about. */
export interface Standing {
  readonly tender: TenderView | null
  readonly bid: BidView | null
  readonly sealedBid: SealedBidView | null
  readonly delivered: SealedBidView | null
  readonly modules: readonly LockModuleView[] | null
}

type Status = Pick<RailItem<Step>, 'mark' | 'status'>

const nothing: Status = { mark: 'none', status: '' }

/** The steps of a bid's life, and where this bid stands in each. */
export function railItems(standing: Standing, text: Text): readonly RailItem<Step>[] {
  const status: Readonly<Record<Exclude<Step, 'locks'>, Status>> = {
    tender: standing.tender === null ? nothing : { mark: 'proved', status: text('common.status.tenderVerified') },
    documents: documentsStatus(standing, text),
    seal: sealStatus(standing, text),
    submit: submitStatus(standing, text),
    opening: openingStatus(standing, text),
    record: recordStatus(standing, text),
  }
  return (['tender', 'documents', 'seal', 'submit', 'opening', 'record'] as const).map(step => ({
    step,
    label: text(`common.rail.${step}`),
    ...status[step],
  }))
}

/** What stands apart from a bid's life: the locks. */
export function railTools({ modules }: Standing, text: Text): readonly RailItem<Step>[] {
  const number = allLocks(modules).length
  const status = number === 0 ? text('common.status.noLock') : text('common.status.locks', { number })
  return [{ step: 'locks', label: text('common.rail.locks'), mark: 'none', status: modules === null ? '' : status }]
}

function documentsStatus({ bid }: Standing, text: Text): Status {
  if (bid === null) return nothing
  const number = bid.findings.filter(({ level }) => level === 'fatal').length
  if (number === 0) return { mark: 'done', status: text('common.status.complete') }
  return { mark: 'todo', status: text('common.status.toDo', { number }) }
}

function sealStatus({ bid, sealedBid }: Standing, text: Text): Status {
  if (sealedBid === null) return nothing
  if (isOutdated(bid, sealedBid)) return { mark: 'todo', status: text('common.status.outdated') }
  return { mark: 'proved', status: text('common.status.sealed') }
}

function submitStatus({ sealedBid, delivered }: Standing, text: Text): Status {
  // One that was sealed to take the place of the delivered one has not done so yet.
  const newer = sealedBid?.state === 'sealed' || sealedBid?.state === 'submitting'
  if (newer && delivered?.state === 'submitted')
    return { mark: 'todo', status: text('common.status.newerNotSubmitted') }
  if (delivered !== null) return { mark: 'proved', status: text('common.status.submitted') }
  const state = sealedBid?.state
  if (state !== 'withdrawn' && state !== 'replaced') return nothing
  return { mark: 'done', status: text(`common.status.${state}`) }
}

function openingStatus({ delivered }: Standing, text: Text): Status {
  if (delivered === null) return nothing
  if (delivered.releasedAt !== null) return { mark: 'done', status: text('common.status.released') }
  return delivered.state === 'submitted' ? { mark: 'todo', status: text('common.status.waiting') } : nothing
}

function recordStatus({ delivered }: Standing, text: Text): Status {
  const record = delivered?.record ?? null
  if (record === null) return nothing
  const opened = record.state === 'opened'
  return opened
    ? { mark: 'proved', status: text('common.status.opened') }
    : { mark: 'done', status: text('common.status.notOpened') }
}
