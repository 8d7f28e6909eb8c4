import type { FailureFacts } from './failure-facts.ts'
import type { PartName } from '../../platform/index.ts'

// What the platform and its opening process tell each other, over the pipe between them. The keys travel here and nowhere
// else: no argument, no environment, no file.

/** A bid to be opened from files. */
export interface OpenerJob {
  readonly kind: 'open'
  readonly number: number
  readonly sealId: string
  readonly headerArchive: Uint8Array
  /** Path of the tender package. */
  readonly tender: string
  /** RFC 3339. */
  readonly receivedAt: string
  readonly partKeys: readonly { readonly name: PartName; readonly key: Uint8Array }[] | null
  /** Paths of the parts' files. */
  readonly parts: readonly { readonly name: PartName; readonly path: string }[]
  readonly folder: string
}

/** Whether others are waiting for the machine. */
export interface OpenerPace {
  readonly kind: 'pace'
  readonly busy: boolean
}

export type OpenerRequest = OpenerJob | OpenerPace

/** What came of a job. */
export type OpenerAnswer =
  { readonly number: number; readonly openingDigest: string } | ({ readonly number: number } & FailureFacts)
