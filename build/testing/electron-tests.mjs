import { NoRuntime, resolveRuntime } from '../runtime/resolve.mjs'
import { electronLibraries, explain, provide } from './requirements.mjs'
import { runVitest } from './vitest-run.mjs'

/**
 * Runs the tests of crypto/ in the Node inside Electron and adds them to the tally.
 * @param {import('./tally.mjs').Tally} tally
 * @param {readonly string[]} [filters]
 */
export async function testInElectron(tally, filters = []) {
  const name = 'crypto tests inside Electron'
  const runtime = await resolveRuntime({ say: line => console.log(line) }).catch(error => {
    if (error instanceof NoRuntime) return error
    throw error
  })
  if (runtime instanceof NoRuntime) {
    tally.skip(name, runtime.message)
    return
  }
  const [missing] = await provide([electronLibraries(runtime.path)])
  if (missing !== undefined) {
    tally.skip(name, explain(missing))
    return
  }
  const result = await runVitest({
    name: 'electron',
    config: 'build/vitest.electron.config.ts',
    filters,
    program: runtime.path,
    env: { ELECTRON_RUN_AS_NODE: '1' },
  })
  tally.add(`Electron ${runtime.version}`, result)
}
