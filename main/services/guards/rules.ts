import type { GuardedBid, GuardFacts } from './facts.ts'
import { type GuardFinding, inOrder } from './finding.ts'
import { lockRules } from './lock-rules.ts'
import { timeRules } from './time-rules.ts'

/** What the facts mean for every bid that is not opened yet; the most urgent first. */
export function guardFindings(facts: GuardFacts): readonly GuardFinding[] {
  const damaged = facts.damaged.map(sealId => ({
    ...{ id: `record-damaged:${sealId}`, code: 'record-damaged' as const, level: 'warning' as const },
    ...{ sealId, shortCode: '', about: sealId },
  }))
  return inOrder([...damaged, ...facts.bids.flatMap(bid => bidRules(bid, facts))])
}

function bidRules(bid: GuardedBid, facts: GuardFacts): readonly GuardFinding[] {
  return [...timeRules(bid, facts.now), ...lockRules(bid, facts)]
}
