import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Case } from '../../../../main/services/workbench/case.ts'
import { commonCases } from '../../../../main/services/workbench/cases/common/index.ts'
import { bundleTokenHost, type TokenHostBundle } from '../../../fixtures/token-host-bundle.ts'
import { caseFor, findings, makeRig, outcomes, type Rig, softPkcs11Subject, type SoftPkcs11Subject } from './rig.ts'

let bundle: TokenHostBundle
let rig: Rig
let subject: SoftPkcs11Subject

beforeAll(async () => {
  bundle = await bundleTokenHost('with-binding')
  rig = makeRig(bundle.program, { use: 1_500, probe: 1_500, login: 1_500 })
  subject = softPkcs11Subject('rsa')
})

afterAll(() => {
  subject.remove()
  rig.remove()
  bundle.remove()
})

const only = (...ids: readonly string[]): readonly Case[] => commonCases.filter(({ id }) => ids.includes(id))

it('makes a finding of a crash and goes on in a new process', async () => {
  subject.p11.setFaults('sign:crash')
  const cases = only('C-DIS-003', 'C-SIG-001', 'C-SIG-005', 'C-DEC-001')
  const run = await rig.run(subject, { cases })
  expect(outcomes(run)).toEqual({
    'C-DIS-003': 'pass',
    'C-SIG-001': 'fail driver-crashed',
    'C-SIG-005': 'fail driver-crashed',
    'C-DEC-001': 'pass',
  })
  expect(run.verdicts.seal).toEqual({ verdict: 'does-not-work', cases: ['C-SIG-001', 'C-SIG-005'] })
})

it('makes a finding of a hang and goes on in a new process', async () => {
  subject.p11.setFaults('decrypt:hang')
  const run = await rig.run(subject, { cases: only('C-DEC-001', 'C-SIG-001') })
  expect(outcomes(run)).toEqual({ 'C-SIG-001': 'pass', 'C-DEC-001': 'fail driver-hung' })
})

it('runs to its end on a library that crashes at every call, without asking for a PIN', async () => {
  subject.p11.setFaults('any:crash')
  let asked = 0
  const run = await rig.run(subject, {
    cases: only('C-DIS-001', 'C-DIS-003', 'C-PIN-002'),
    askPin: () => {
      asked += 1
      return Promise.resolve(subject.pin)
    },
  })
  expect(findings(run)).toEqual({
    'C-DIS-001': 'fail driver-crashed',
    'C-DIS-003': 'fail driver-crashed',
    'C-PIN-002': 'skip no-token',
  })
  expect(asked).toBe(0)
})

it('asks a library that crashes in each login no more than twice', async () => {
  subject.p11.setFaults('login:crash')
  const run = await rig.run(subject, { cases: only('C-PIN-002', 'C-PIN-003', 'C-SIG-001') })
  expect(outcomes(run)).toEqual({
    'C-PIN-002': 'fail driver-crashed',
    'C-PIN-003': 'skip login-fails',
    'C-SIG-001': 'skip login-fails',
  })
})

it('names the case of a fault of the program’s own, and goes on', async () => {
  subject.p11.setFaults()
  const cases = [
    caseFor('C-TRY-001', () => Promise.reject(new Error('a bug'))),
    caseFor('C-TRY-002', async ({ raw }) => {
      const library = await raw()
      return { status: (await library.has('C_Sign')) ? 'pass' : 'fail', evidence: [] }
    }),
  ]
  expect(outcomes(await rig.run(subject, { cases }))).toEqual({ 'C-TRY-001': 'fail internal', 'C-TRY-002': 'pass' })
})
