import type { Suite } from '../../../crypto/index.ts'
import type { Ports } from '../ports.ts'

/** What can be measured. */
export const benchSubjects = [
  'seal',
  'unseal',
  'verify',
  'hash',
  'sm4',
  'sm3',
  'sm2',
  'upload',
  'releases',
  'release-size',
] as const
export type BenchSubject = (typeof benchSubjects)[number]

/** One benchmark as it is asked for. */
export interface BenchJob {
  readonly what: BenchSubject
  readonly suite: Suite
  /** Of the documents together, or of what is worked on in memory. */
  readonly sizeMiB: number
  /** Counted rounds. */
  readonly runs: number
  /** Without the other programs. */
  readonly alone: boolean
}

/** Programs of ours that a benchmark starts; null where they are not there. */
export interface BenchPrograms {
  /** Plain Node's executable. */
  readonly node: string
  /** Does one step in a process of its own (`bench-step.ts`). */
  readonly step: string
  /** The command line. */
  readonly cli: string | null
  /** The practice platform. */
  readonly practice?: string
  /** Times sm-crypto-v2; a development dependency, there in a checkout only. */
  readonly smCrypto: string | null
}

/** What a benchmark needs of the machine. */
export type BenchPorts = Pick<Ports, 'clock' | 'randomness'>
