import type { GuardedBid } from './facts.ts'
import type { GuardFinding } from './finding.ts'
import { day, findingOn, hour } from './make-finding.ts'

/** From here to the deadline a bid that is not delivered is told of, and urgently. */
const deadlineNear = day
const deadlineUrgent = 2 * hour
/** From here to the opening, a delivered bid is told of. */
const openingNear = day
/** Half an hour before it the readiness test is due. */
const readiness = hour / 2

/** What time does to a bid: deadline, opening, a package that came after sealing, a file that is gone. */
export function timeRules(bid: GuardedBid, now: Date): readonly GuardFinding[] {
  const delivered = bid.state === 'received'
  return [
    ...(delivered ? openingRules(bid, now) : deadlineRules(bid, now)),
    ...(bid.addendum === null || now > bid.deadline
      ? []
      : [findingOn(bid, 'addendum-newer', 'warning', { about: bid.addendum, when: bid.deadline })]),
    ...(bid.sealed === null ? [findingOn(bid, 'header-missing', 'warning')] : []),
  ]
}

function deadlineRules(bid: GuardedBid, now: Date): readonly GuardFinding[] {
  const left = bid.deadline.getTime() - now.getTime()
  if (left <= 0) return [findingOn(bid, 'deadline-passed', 'note', { when: bid.deadline })]
  const gone = bid.fileThere === false ? [findingOn(bid, 'file-missing', 'warning', { when: bid.deadline })] : []
  if (left > deadlineNear) return gone
  const level = left <= deadlineUrgent ? 'urgent' : 'warning'
  return [findingOn(bid, 'not-submitted', level, { when: bid.deadline }), ...gone]
}

function openingRules(bid: GuardedBid, now: Date): readonly GuardFinding[] {
  const { openingTime, closesAt } = bid
  if (now >= closesAt) return [findingOn(bid, 'opening-missed', 'warning', { when: closesAt })]
  if (now >= openingTime) return [findingOn(bid, 'opening-now', 'urgent', { when: closesAt })]
  const left = openingTime.getTime() - now.getTime()
  if (left > openingNear) return []
  return [findingOn(bid, 'opening-near', left <= readiness ? 'urgent' : 'note', { when: openingTime })]
}
