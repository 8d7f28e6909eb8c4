import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sealBid } from '../../../crypto/index.ts'
import type { JobControl, Suite } from '../../../crypto/index.ts'
import { prepareRehearsal, removeRehearsal } from '../rehearsal/folders.ts'
import type { BenchBid, BenchPorts } from './bench-bid.ts'
import { makeBenchBid } from './bench-bid.ts'
import type { BenchResult, Contestant } from './measure.ts'
import { benchResult, interleaved } from './measure.ts'
import { opensslEncrypt, plainCopy } from './peers.ts'
import { chunkCipher, leafDigests, rawAes, rawSha256 } from './raw.ts'

export interface BenchOptions {
  readonly suite: Suite
  /** Of the document that is sealed, or what is digested. */
  readonly sizeMiB: number
  /** Counted rounds. */
  readonly runs: number
  /** Further contestants of the front end. */
  readonly others?: readonly Contestant[]
}

/**
 * Times a sealing, with everything that makes the file, beside raw cryptography, OpenSSL and a plain copy. Its trial
 * opening is no part of the figure and is told beside it; nothing is flushed to the disk. Works in a folder of its own.
 */
export async function benchSeal(ports: BenchPorts, options: BenchOptions, control: JobControl): Promise<BenchResult> {
  const { suite, sizeMiB, runs, others = [] } = options
  const folders = await prepareRehearsal(await mkdtemp(join(tmpdir(), 'bidseal-bench-')))
  try {
    const bid = await makeBenchBid(ports, folders, options, control)
    const sealing = sealingOf(bid, control)
    const references = [
      sealing.trial,
      rawAes(sizeMiB),
      chunkCipher(suite, sizeMiB),
      ...others,
      opensslEncrypt(bid.files, bid.certificate),
      plainCopy(bid.files),
    ]
    const measured = await interleaved(sealing.seal, references, runs, control)
    return benchResult({ what: 'seal', suite: suite.id, sizeMiB, runs }, measured)
  } finally {
    await removeRehearsal(folders, false)
  }
}

/** Times the digests of the suite's tree, in memory. */
export async function benchHash(options: BenchOptions, control: JobControl): Promise<BenchResult> {
  const { suite, sizeMiB, runs, others = [] } = options
  const measured = await interleaved(leafDigests(suite, sizeMiB), [rawSha256(sizeMiB), ...others], runs, control)
  return benchResult({ what: 'hash', suite: suite.id, sizeMiB, runs }, measured)
}

/** One call of the function that `seal` calls; its time ends where the trial opening begins. */
function sealingOf(
  { options }: BenchBid,
  control: JobControl,
): { readonly seal: Contestant; readonly trial: Contestant } {
  let trialSeconds: number | null = null
  return {
    seal: {
      name: 'seal',
      async run() {
        const started = performance.now()
        let sealed = Number.NaN
        await sealBid({
          ...options,
          signal: control.signal,
          onProgress({ stage }) {
            if (stage === 'trial' && Number.isNaN(sealed)) sealed = performance.now()
          },
        })
        trialSeconds = (performance.now() - sealed) / 1000
        return (sealed - started) / 1000
      },
    },
    // It has been measured with the sealing before it.
    trial: { name: 'trial opening (self-test)', run: () => Promise.resolve(trialSeconds) },
  }
}
