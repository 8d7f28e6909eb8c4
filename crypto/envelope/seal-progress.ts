import type { JobControl } from '../io/ports.ts'
import { type Meter, startMeter } from '../io/progress.ts'

/**
 * Digesting and sealing go on at once, and are told one after the other: what has been sealed while documents were still
 * being digested is told when their digests are there.
 */
export interface SealProgress {
  /** `bytes` more are digested. */
  readonly digested: (bytes: number) => void
  /** All digests are there. */
  endDigests(): void
  /** How long the parts are together; known before `endDigests`. */
  expect(partBytes: number): void
  /** `bytes` more are sealed. */
  readonly sealed: (bytes: number) => void
}

/** Begins with nothing digested of `documentBytes`. */
export function sealProgress(control: JobControl, documentBytes: number): SealProgress {
  const digest = startMeter(control, 'digest', documentBytes)
  let seal: Meter | null = null
  let total = 0
  let early = 0
  return {
    digested: bytes => digest.count(bytes),
    endDigests() {
      seal ??= startMeter(control, 'seal', total)
      if (early > 0) seal.count(early)
      early = 0
    },
    expect(partBytes) {
      total = partBytes
    },
    sealed(bytes) {
      if (seal === null) early += bytes
      else seal.count(bytes)
    },
  }
}
