import type { Contestant } from './measure.ts'

/** What is measured against what. */
export interface Plan {
  readonly ours: Contestant
  /** In the same rounds. */
  readonly references: readonly Contestant[]
  /** After all rounds: what would disturb the others. */
  readonly afterwards?: readonly Contestant[]
}
