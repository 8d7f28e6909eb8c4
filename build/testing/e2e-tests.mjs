import { runVitest } from './vitest-run.mjs'
import { windowRuntime } from './window-runtime.mjs'

/**
 * Drives the real app through its window and adds what came of it to the tally.
 * @param {import('./tally.mjs').Tally} tally
 * @param {readonly string[]} [filters]
 */
export async function testWindow(tally, filters = []) {
  if ((await windowRuntime(tally, 'the window')) === null) return
  tally.add('Window', await runVitest({ name: 'e2e', config: 'build/vitest.e2e.config.ts', filters }))
}
