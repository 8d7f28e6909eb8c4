import { expect, it } from 'vitest'
import { needsPowerCuts } from '../setup/power-cuts.ts'
import { seed } from '../setup/scale.ts'
import { powerCutsWhileSaving } from './bodies/power-cuts.ts'

it('30 power cuts while a bid is saved lose nothing that was reported as saved', async context => {
  await needsPowerCuts(context)
  expect(await powerCutsWhileSaving(30, seed)).toBeGreaterThan(300)
})
