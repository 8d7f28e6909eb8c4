import { type Scenario, scenarios } from './case.ts'
import type { CaseResult } from './workbench-run.ts'

/** What the product can do with the key. `works-with-profile`: only because its driver was told the vendor's ways. */
export type VerdictName = 'works' | 'works-with-profile' | 'does-not-work' | 'not-tested'

/** A verdict and the cases that say so: those that failed, else those that showed it. */
export interface Verdict {
  readonly verdict: VerdictName
  readonly cases: readonly string[]
}

export type Verdicts = Readonly<Record<Scenario, Verdict>>

/** Judges each scenario by the cases that name it. `withProfile`: the drivers were told a profile. */
export function verdictsOf(results: readonly CaseResult[], withProfile: boolean): Verdicts {
  const single = new Map(scenarios.map(scenario => [scenario, verdictOf(scenario, results, withProfile)]))
  const of = (scenario: Scenario): Verdict => single.get(scenario) ?? { verdict: 'not-tested', cases: [] }
  const rehearsal = of('rehearsal')
  return {
    seal: of('seal'),
    'trial-decryption': of('trial-decryption'),
    release: of('release'),
    'sign-pdf': of('sign-pdf'),
    // Where the whole was not tried, it is as good as its parts.
    rehearsal:
      rehearsal.verdict === 'not-tested'
        ? worst(scenarios.filter(each => each !== 'rehearsal').map(each => of(each)))
        : rehearsal,
  }
}

function verdictOf(scenario: Scenario, results: readonly CaseResult[], withProfile: boolean): Verdict {
  const named = results.filter(each => each.case.scenarios?.includes(scenario) === true)
  const failed = idsOf(named.filter(each => each.case.level === 'must' && each.outcome.status === 'fail'))
  if (failed.length > 0) return { verdict: 'does-not-work', cases: failed }
  const shown = idsOf(named.filter(each => each.case.group === 'product' && each.outcome.status === 'pass'))
  if (shown.length > 0) return { verdict: withProfile ? 'works-with-profile' : 'works', cases: shown }
  return { verdict: 'not-tested', cases: idsOf(named.filter(each => each.case.group === 'product')) }
}

const order: readonly VerdictName[] = ['does-not-work', 'not-tested', 'works-with-profile', 'works']

function worst(verdicts: readonly Verdict[]): Verdict {
  const verdict = order.find(name => verdicts.some(each => each.verdict === name)) ?? 'not-tested'
  const cases = verdicts.filter(each => each.verdict === verdict).flatMap(each => each.cases)
  return { verdict, cases: [...new Set(cases)] }
}

function idsOf(results: readonly CaseResult[]): readonly string[] {
  return results.map(each => each.case.id)
}
