import { join } from 'node:path'
import { app } from 'electron'
import { CryptoFailure, suiteById, systemClock, systemRandomness } from '../../crypto/index.ts'
import { benchHash, benchSeal, measuredElsewhere } from '../services/index.ts'
import type { BenchResult } from '../services/index.ts'
import { switchOnHardwareCrypto } from './crypto-speed.ts'

/** What `bench … --app` asks of this app, as JSON in the variable `BIDSEAL_BENCH`. */
interface BenchJob {
  readonly what: 'seal' | 'hash'
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
    const result = await bench(JSON.parse(process.env['BIDSEAL_BENCH'] ?? '') as BenchJob)
    process.stdout.write(`${JSON.stringify({ ...result, electron: process.versions.electron })}\n`, () => app.exit(0))
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : 'the benchmark failed'}\n`, () => app.exit(1))
  }
})

async function bench({ what, suite: id, sizeMiB, runs, node }: BenchJob): Promise<BenchResult> {
  const suite = suiteById(id)
  if (suite === null) throw new CryptoFailure('arguments.bad', 'unknown suite')
  const control = { signal: stopping.signal }
  if (what === 'hash') return benchHash({ suite, sizeMiB, runs }, control)
  const inNode = (name: string, which: string) =>
    measuredElsewhere(`${name}, plain Node`, node, [join(__dirname, 'raw-aes.cjs'), which, String(sizeMiB)])
  const others = [inNode('aes-256-gcm raw', 'raw'), inNode('chunk cipher', 'chunk')]
  return benchSeal({ clock: systemClock, randomness: systemRandomness }, { suite, sizeMiB, runs, others }, control)
}
