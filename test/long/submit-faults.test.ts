import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeFaultRig, type FaultRig } from '../fixtures/faults/fault-rig.ts'
import { needsEveryFault } from '../setup/faults.ts'
import { seed } from '../setup/scale.ts'
import { flipBitsOnTheWay } from './bodies/bits-on-the-way.ts'
import { submitUnderFaults } from './bodies/submit-faults.ts'

// A slice of submit-faults.long.ts.
let rig: FaultRig
beforeAll(async () => {
  rig = await makeFaultRig()
}, 120_000)
afterAll(() => rig.close())

it('faults while bids are submitted: each ends receipted, nothing is lost, nothing untrue is said', async context => {
  needsEveryFault(context)
  const report = await submitUnderFaults(rig, { faults: 5, sizes: [3], most: 3, patient: false, seed })
  expect(report.wrong).toEqual([])
  expect(report.refused).toEqual([])
  expect(report.faults).toBeGreaterThanOrEqual(5)
}, 240_000)

it('bits flipped on the way are found before there is a receipt', async () => {
  const report = await flipBitsOnTheWay(rig, { bodies: 2, heads: 0, answers: 1, seed: seed + 2 })
  expect(report.wrong).toEqual([])
  expect(report.bodies).toEqual({ flipped: 2, found: 2 })
}, 240_000)
