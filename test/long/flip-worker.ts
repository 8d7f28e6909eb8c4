import { parentPort, workerData } from 'node:worker_threads'
import { bytesSource } from '../../crypto/io/source.ts'
import { attempt, countOutcome, isClean, readerOf, type ReaderKit } from '../fixtures/corruption.ts'

/** What a thread is given: every bit from `from`, `step` apart, up to `to`. The file is copied, then flipped in place. */
export interface FlipTask {
  readonly kit: ReaderKit
  readonly file: Uint8Array
  readonly from: number
  readonly to: number
  readonly step: number
}

/** What it found. */
export interface FlipResult {
  readonly flips: number
  /** How often each outcome came. */
  readonly counts: Record<string, number>
  /** Bits whose flip was not refused by name; the first hundred. */
  readonly survivors: readonly { readonly bit: number; readonly outcome: string }[]
}

async function run({ kit, file, from, to, step }: FlipTask): Promise<FlipResult> {
  const reader = readerOf(kit)
  const bytes = Uint8Array.from(file)
  const counts: Record<string, number> = {}
  const survivors: { bit: number; outcome: string }[] = []
  let flips = 0
  for (let bit = from; bit < to; bit += step) {
    const place = bit >> 3
    const mask = 0x80 >> (bit & 7)
    bytes[place] = (bytes[place] ?? 0) ^ mask
    const made = await attempt(bytesSource(bytes), reader)
    bytes[place] = (bytes[place] ?? 0) ^ mask
    countOutcome(counts, made.outcome)
    if (!isClean(made) && survivors.length < 100) survivors.push({ bit, outcome: made.outcome })
    flips += 1
    if (flips % 5000 === 0) parentPort?.postMessage({ flips })
  }
  return { flips, counts, survivors }
}

void run(workerData as FlipTask).then(result => parentPort?.postMessage({ result }))
