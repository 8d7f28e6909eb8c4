import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { AppFailure } from '../contract/failure.ts'
import type { BenchResult } from '../services/index.ts'
import type { Context } from './shell.ts'

/** A result out of Electron's main process. */
export interface AppBenchResult extends BenchResult {
  readonly electron: string
}

/** What is asked of the benchmark app. */
export interface AppBenchJob {
  readonly what: BenchResult['what']
  readonly suite: string
  readonly sizeMiB: number
  readonly runs: number
}

/**
 * Runs a benchmark inside Electron. The app and what starts it belong to a checkout: the build has left word beside this
 * program, or `BIDSEAL_BENCH_APP` names such a file. Throws `arguments.bad` where there is none or no runtime is found.
 */
export async function benchInApp({ siblings, control }: Context, job: AppBenchJob): Promise<AppBenchResult> {
  const starter = await starterAt(process.env['BIDSEAL_BENCH_APP'] ?? siblings.benchApp)
  const child = spawn(process.execPath, [starter], {
    stdio: ['ignore', 'pipe', 'inherit'],
    signal: control.signal,
    env: { ...process.env, BIDSEAL_BENCH: JSON.stringify({ ...job, node: process.execPath }) },
  })
  let printed = ''
  child.stdout.on('data', (bytes: Buffer) => {
    printed += bytes.toString()
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) throw new AppFailure('arguments.bad', 'the benchmark app did not run; `npm run runtime` says why')
  return JSON.parse(printed.trim().split('\n').at(-1) ?? '') as AppBenchResult
}

async function starterAt(path: string): Promise<string> {
  try {
    const { program } = JSON.parse(await readFile(path, 'utf8')) as { readonly program: string }
    return program
  } catch (error) {
    throw new AppFailure('arguments.bad', '--app works in a checkout: npm run -s bidseal -- bench seal --app', {
      cause: error,
    })
  }
}
