import { NoRuntime, resolveRuntime } from '../runtime/resolve.mjs'
import { electronLibraries, explain, provide, windowRequirements } from './requirements.mjs'

/**
 * The Electron runtime for tests that need one, with everything it needs to show a window. Null after the tally has been
 * told why they can't run.
 * @param {import('./tally.mjs').Tally} tally
 * @param {string} name what can't run without it
 */
export async function windowRuntime(tally, name) {
  const runtime = await resolveRuntime({ say: line => console.log(line) }).catch(error => {
    if (error instanceof NoRuntime) return error
    throw error
  })
  if (runtime instanceof NoRuntime) {
    tally.skip(name, runtime.message)
    return null
  }
  const [missing] = await provide([electronLibraries(runtime.path), ...windowRequirements])
  if (missing !== undefined) {
    tally.skip(name, explain(missing))
    return null
  }
  return runtime
}
