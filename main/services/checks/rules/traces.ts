import type { BidFacts } from '../facts.ts'
import { finding } from '../finding.ts'
import type { Finding } from '../finding.ts'

/** What the tender's rule records of this computer, with the values, before any of it goes into a sealed bid. */
export function traceRules({ traces }: BidFacts): readonly Finding[] {
  return traces.map(({ name, value }) => finding('trace-recorded', `${name} = ${value ?? '—'}`, { kind: 'computer' }))
}
