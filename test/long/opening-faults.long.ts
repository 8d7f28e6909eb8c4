import { expect, it } from 'vitest'
import { withFaultRig } from '../fixtures/faults/fault-rig.ts'
import { needsEveryFault } from '../setup/faults.ts'
import { seed } from '../setup/scale.ts'
import { lieAboutOpenings } from './bodies/false-openings.ts'
import { openUnderFaults } from './bodies/opening-faults.ts'
import { refuseOtherRuns } from './bodies/other-runs.ts'

it('100 faults while openings are attended: each ends with one release and a record that says opened', async context => {
  needsEveryFault(context)
  const report = await withFaultRig(rig => openUnderFaults(rig, { faults: 100, most: 3, patient: true, seed }))
  console.log(JSON.stringify(report, null, 2))
  expect(report.wrong).toEqual([])
  expect(report.recorded).toBe(report.openings)
})

it('no lie about an opening gets a key', async context => {
  needsEveryFault(context)
  const report = await withFaultRig(rig => lieAboutOpenings(rig, 3, seed + 1))
  console.log(JSON.stringify(report.refused, null, 2))
  expect(report.wrong).toEqual([])
})

it('the twin or the sealed file of another run is refused with its own code, and a changed twin', async () => {
  const report = await withFaultRig(rig => refuseOtherRuns(rig, 20, seed + 2))
  console.log(JSON.stringify(report.refused, null, 2))
  expect(report.wrong).toEqual([])
})
