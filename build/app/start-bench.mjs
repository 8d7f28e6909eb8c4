// Starts the benchmark app (`bidseal bench … --app`) on the Electron runtime that is found, on a display of its own where
// there is none. Its result goes to stdout, everything else to stderr.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inProject } from '../project.mjs'
import { launchArguments, NoRuntime, resolveRuntime } from '../runtime/resolve.mjs'
import { testDisplay } from '../testing/display.mjs'
import { prepareRuntime } from './prepare-runtime.mjs'

try {
  const runtime = await resolveRuntime({ say: line => console.error(line) })
  const { executable, args } = await prepareRuntime(runtime, inProject('out/bench-app'))
  const display = process.platform === 'linux' && !process.env['DISPLAY'] ? { DISPLAY: await testDisplay() } : {}
  const profile = await mkdtemp(join(tmpdir(), 'bidseal-bench-profile-'))
  try {
    const options = ['--disable-gpu', `--user-data-dir=${profile}`, '--log-level=3']
    process.exitCode = await ended(executable, [...launchArguments(), ...args, ...options], display)
  } finally {
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }
} catch (error) {
  for (const line of error instanceof NoRuntime ? error.reasons : [error]) console.error(line)
  process.exitCode = 3
}
// The display is this process's own.
process.exit()

/**
 * Runs the app to its end. Who stops us stops it, and waits while it takes its files away.
 * @param {string} executable
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string>>} display
 * @returns {Promise<number>}
 */
function ended(executable, args, display) {
  const env = { ...process.env, ...display, ELECTRON_RUN_AS_NODE: undefined }
  const app = spawn(executable, args, { stdio: ['ignore', 'inherit', 'inherit'], env })
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => app.kill(signal))
  return new Promise((resolve, reject) => {
    app.once('error', reject)
    app.once('close', code => resolve(code ?? 1))
  })
}
