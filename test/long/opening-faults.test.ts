import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeFaultRig, type FaultRig } from '../fixtures/faults/fault-rig.ts'
import { needsEveryFault } from '../setup/faults.ts'
import { seed } from '../setup/scale.ts'
import { lieAboutOpenings } from './bodies/false-openings.ts'
import { openUnderFaults } from './bodies/opening-faults.ts'

// A slice of opening-faults.long.ts.
let rig: FaultRig
beforeAll(async () => {
  rig = await makeFaultRig()
}, 120_000)
afterAll(() => rig.close())

it('faults while openings are attended: each ends with one release and a record that says opened', async context => {
  needsEveryFault(context)
  const report = await openUnderFaults(rig, { faults: 2, most: 2, patient: false, seed })
  expect(report.wrong).toEqual([])
  expect(report.recorded).toBe(report.openings)
}, 240_000)

it('a lie about an opening gets no key', async context => {
  needsEveryFault(context)
  const names = ['keys for the certificate for receipts', 'a platform a day ahead, before the opening']
  const report = await lieAboutOpenings(rig, 1, seed + 1, names)
  expect(report.wrong).toEqual([])
}, 240_000)
