import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepareRuntime } from '../app/prepare-runtime.mjs'
import { inProject } from '../project.mjs'
import { launchArguments } from '../runtime/resolve.mjs'
import { testDisplay } from './display.mjs'
import { runTests } from './vitest-run.mjs'
import { windowRuntime } from './window-runtime.mjs'

/**
 * The kinds of process of the app that do cryptography: sealing in the one, the locks in the other. What a kind never does
 * in the product is left to the whole run.
 */
const places = [
  { kind: 'main', title: 'main process', elsewhere: ['test/crypto/token/**'] },
  {
    kind: 'utility',
    title: 'utility process',
    elsewhere: ['test/crypto/envelope/**', 'test/crypto/worker/**', 'test/crypto/sign/pdf/**'],
  },
]

/**
 * Runs the tests of crypto/ inside a main process and a utility process of Electron, both at a time, and adds them to the
 * tally.
 * @param {import('./tally.mjs').Tally} tally
 * @param {readonly string[]} [filters]
 * @param {{ whole?: boolean }} [options] Whole: every test in both kinds.
 */
export async function testInElectron(tally, filters = [], { whole = false } = {}) {
  const runtime = await windowRuntime(tally, 'crypto tests inside Electron')
  if (runtime === null) return
  const start = await prepareRuntime(runtime, inProject('test/in-app'))
  const display = process.platform === 'linux' ? { DISPLAY: await testDisplay() } : {}
  const results = await Promise.all(
    places.map(({ kind, elsewhere }) => runInside(start, { kind, filters, exclude: whole ? [] : elsewhere }, display)),
  )
  for (const [index, { title }] of places.entries()) {
    const result = results[index]
    if (result === undefined) continue
    console.log(`\nElectron ${runtime.version}, ${title}:\n${result.output.trimEnd()}`)
    tally.add(`Electron ${runtime.version}, ${title}`, result)
  }
}

/**
 * @param {import('../app/prepare-runtime.mjs').Start} start
 * @param {{ kind: string, filters: readonly string[], exclude: readonly string[] }} asked
 * @param {Readonly<Record<string, string>>} display
 */
async function runInside(start, { kind, filters, exclude }, display) {
  const profile = await mkdtemp(join(tmpdir(), 'bidseal-in-app-'))
  const { ELECTRON_RUN_AS_NODE: _, ...environment } = process.env
  try {
    return await runTests({
      name: `electron-${kind}`,
      program: start.executable,
      args: [...launchArguments(), ...start.args, '--disable-gpu'],
      output: 'capture',
      limitMs: 15 * 60_000,
      env: {
        ...environment,
        ...display,
        BIDSEAL_TEST_PROCESS: kind,
        BIDSEAL_TEST_PROFILE: profile,
        BIDSEAL_TEST_FILTERS: JSON.stringify(filters),
        BIDSEAL_TEST_EXCLUDE: JSON.stringify(exclude),
      },
    })
  } finally {
    await rm(profile, { recursive: true, force: true })
  }
}
