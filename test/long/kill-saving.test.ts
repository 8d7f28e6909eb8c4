import { expect, it } from 'vitest'
import { seed } from '../setup/scale.ts'
import { killWhileSaving } from './bodies/kill-saving.ts'

// A slice of kill-saving.long.ts.
it('a kill at any moment while a bid is saved loses nothing that was reported as saved', async () => {
  expect(await killWhileSaving(10, seed)).toBeGreaterThan(20)
}, 120_000)
