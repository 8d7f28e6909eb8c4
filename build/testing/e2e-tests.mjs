import { NoRuntime, resolveRuntime } from '../runtime/resolve.mjs'
import { electronLibraries, explain, provide, windowRequirements } from './requirements.mjs'
import { runVitest } from './vitest-run.mjs'

/**
 * Drives the real app through its window and adds what came of it to the tally.
 * @param {import('./tally.mjs').Tally} tally
 * @param {readonly string[]} [filters]
 */
export async function testWindow(tally, filters = []) {
  const name = 'the window'
  const runtime = await resolveRuntime({ say: line => console.log(line) }).catch(error => {
    if (error instanceof NoRuntime) return error
    throw error
  })
  if (runtime instanceof NoRuntime) {
    tally.skip(name, runtime.message)
    return
  }
  const [missing] = await provide([electronLibraries(runtime.path), ...windowRequirements])
  if (missing !== undefined) {
    tally.skip(name, explain(missing))
    return
  }
  tally.add('Window', await runVitest({ name: 'e2e', config: 'build/vitest.e2e.config.ts', filters }))
}
