import { expect, it } from 'vitest'
import { withFaultRig } from '../fixtures/faults/fault-rig.ts'
import { needsEveryFault } from '../setup/faults.ts'
import { seed } from '../setup/scale.ts'
import { flipBitsOnTheWay } from './bodies/bits-on-the-way.ts'
import { submitPastDeadline, submitUnderFaults } from './bodies/submit-faults.ts'

it('200 faults while bids are submitted: each ends receipted, nothing is lost, nothing untrue is said', async context => {
  needsEveryFault(context)
  const options = { faults: 200, sizes: [3, 5, 12, 3, 64], most: 3, patient: true, seed }
  const report = await withFaultRig(rig => submitUnderFaults(rig, options))
  console.log(JSON.stringify(report, null, 2))
  expect(report.wrong).toEqual([])
  expect(report.refused).toEqual([])
  expect(Math.min(...Object.values(report.fired))).toBeGreaterThanOrEqual(8)
})

it('a bid that is still on its way when the deadline passes is refused as late, and nobody says it was received', async context => {
  needsEveryFault(context)
  const { late, inTime, wrong } = await withFaultRig(rig => submitPastDeadline(rig, 12, seed + 1))
  console.log(`${late} late, ${inTime} complete in time`)
  expect(wrong).toEqual([])
  expect(late).toBeGreaterThan(0)
})

it('100 of 100 bits flipped on the way are found before there is a receipt', async () => {
  const flips = { bodies: 100, heads: 20, answers: 30, seed: seed + 2 }
  const report = await withFaultRig(rig => flipBitsOnTheWay(rig, flips))
  console.log(JSON.stringify(report, null, 2))
  expect(report.wrong).toEqual([])
  expect(report.bodies).toEqual({ flipped: 100, found: 100 })
})
