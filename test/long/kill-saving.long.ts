import { expect, it } from 'vitest'
import { seed } from '../setup/scale.ts'
import { killWhileSaving } from './bodies/kill-saving.ts'

it('200 kills at random moments while a bid is saved lose nothing that was reported as saved', async () => {
  expect(await killWhileSaving(200, seed)).toBeGreaterThan(400)
})
