import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppFailure } from '../contract/failure.ts'
import type { BenchPrograms, BenchResult, InsideResult } from '../services/index.ts'
import type { Context } from './shell.ts'

/** A result out of Electron's main process. */
export interface AppBenchResult extends InsideResult {
  readonly electron: string
}

/** What is asked of the benchmark app. */
export interface AppBenchJob {
  readonly what: BenchResult['what']
  readonly suite: string
  readonly sizeMiB: number
  readonly runs: number
}

/** What the build has left word of beside this program: it belongs to a checkout. Paths. */
interface Checkout {
  /** Starts the benchmark app. */
  readonly program: string
  readonly smCrypto?: string
}

/** The programs of ours that a benchmark starts, as far as they are here. */
export async function benchPrograms({ siblings }: Context): Promise<BenchPrograms> {
  const checkout = await checkoutAt(siblings.benchApp).catch(() => null)
  return {
    node: process.execPath,
    step: join(dirname(siblings.benchApp), 'step.cjs'),
    cli: process.argv[1] ?? null,
    practice: siblings.practice,
    smCrypto: checkout?.smCrypto ?? null,
  }
}

/**
 * Runs a benchmark inside Electron. The app and what starts it belong to a checkout: the build has left word beside this
 * program, or `BIDSEAL_BENCH_APP` names such a file. Throws `arguments.bad` where there is none or no runtime is found.
 */
export async function benchInApp({ siblings, control }: Context, job: AppBenchJob): Promise<AppBenchResult> {
  const { program } = await checkoutAt(process.env['BIDSEAL_BENCH_APP'] ?? siblings.benchApp)
  const child = spawn(process.execPath, [program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, BIDSEAL_BENCH: JSON.stringify({ ...job, node: process.execPath }) },
  })
  // The app has files to take away: it is asked to end, and waited for.
  const stop = (): void => void child.kill('SIGTERM')
  control.signal.addEventListener('abort', stop)
  let printed = ''
  child.stdout.on('data', (bytes: Buffer) => {
    printed += bytes.toString()
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  }).finally(() => {
    control.signal.removeEventListener('abort', stop)
  })
  if (control.signal.aborted) throw new AppFailure('cancelled', 'stopped at the request of the caller')
  if (code !== 0) throw new AppFailure('arguments.bad', 'the benchmark app did not run; `npm run runtime` says why')
  return JSON.parse(printed.trim().split('\n').at(-1) ?? '') as AppBenchResult
}

async function checkoutAt(path: string): Promise<Checkout> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Checkout
  } catch (error) {
    throw new AppFailure('arguments.bad', '--app works in a checkout: npm run -s bidseal -- bench seal --app', {
      cause: error,
    })
  }
}
