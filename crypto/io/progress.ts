import { throwIfCancelled } from '../errors.ts'
import type { JobControl, Progress } from './ports.ts'

/** Counts one stage of a long job. */
export interface Meter {
  /** Looks whether the job is to stop (throws `cancelled`), then adds `bytes` and reports. Called once per chunk. */
  advance(bytes: number): void
  /** Reports that `bytes` more are done, and leaves stopping to whoever does them. */
  count(bytes: number): void
}

/** Begins a stage of `total` bytes and reports it at nothing done. */
export function startMeter(control: JobControl, stage: Progress['stage'], total: number): Meter {
  let done = 0
  const report = () => control.onProgress?.({ stage, done, total })
  report()
  const count = (bytes: number): void => {
    done += bytes
    report()
  }
  return {
    advance(bytes) {
      throwIfCancelled(control.signal)
      count(bytes)
    },
    count,
  }
}
