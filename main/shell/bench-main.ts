import { join } from 'node:path'
import { app } from 'electron'
import { createPipeline, CryptoFailure, suiteById, systemClock, systemRandomness } from '../../crypto/index.ts'
import { benchInside } from '../services/index.ts'
import type { BenchSubject, InsideResult } from '../services/index.ts'
import { switchOnHardwareCrypto } from './crypto-speed.ts'

/** What `bench … --app` asks of this app, as JSON in the variable `BIDSEAL_BENCH`. */
interface BenchOrder {
  readonly what: BenchSubject
  readonly suite: string
  readonly sizeMiB: number
  readonly runs: number
  /** Plain Node's executable, for the comparison. */
  readonly node: string
}

// A small app of its own, of a checkout only: the benchmarks of the command line inside Electron's main process. Prints the
// result as one line of JSON. The shipped app has nothing of it.

const stopping = new AbortController()
app.disableHardwareAcceleration()
app.on('before-quit', event => {
  event.preventDefault()
  stopping.abort()
})
void app.whenReady().then(async () => {
  switchOnHardwareCrypto()
  try {
    const result = await bench(JSON.parse(process.env['BIDSEAL_BENCH'] ?? '') as BenchOrder)
    process.stdout.write(`${JSON.stringify({ ...result, electron: process.versions.electron })}\n`, () => app.exit(0))
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : 'the benchmark failed'}\n`, () => app.exit(1))
  }
})

async function bench({ what, suite: id, sizeMiB, runs, node }: BenchOrder): Promise<InsideResult> {
  const suite = suiteById(id)
  if (suite === null) throw new CryptoFailure('arguments.bad', 'unknown suite')
  const pipeline = createPipeline({ program: join(__dirname, '..', 'pipeline-worker.cjs') })
  const programs = { node, step: join(__dirname, 'step.cjs'), cli: null, smCrypto: null }
  try {
    return await benchInside(
      { clock: systemClock, randomness: systemRandomness },
      { what, suite, sizeMiB, runs, alone: true },
      programs,
      pipeline,
      { signal: stopping.signal },
    )
  } finally {
    await pipeline.close()
  }
}
