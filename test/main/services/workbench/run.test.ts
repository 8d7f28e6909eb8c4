import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readFileSync } from 'node:fs'
import { commonCases } from '../../../../main/services/workbench/cases/common/index.ts'
import { jsonReport } from '../../../../main/services/workbench/json-report.ts'
import { misfits, type Schema } from '../../../fixtures/json-schema.ts'
import { bundleTokenHost, type TokenHostBundle } from '../../../fixtures/token-host-bundle.ts'
import {
  type BenchSubject,
  findings,
  makeRig,
  nssSubject,
  outcomes,
  type Rig,
  softHsmSubject,
  softPkcs11Subject,
  softSkfSubject,
} from './rig.ts'

let bundle: TokenHostBundle
let rig: Rig

beforeAll(async () => {
  bundle = await bundleTokenHost('with-binding')
  rig = makeRig(bundle.program)
})

afterAll(() => {
  rig.remove()
  bundle.remove()
})

const schema = JSON.parse(
  readFileSync(new URL('../../../../main/services/workbench/report.schema.json', import.meta.url), 'utf8'),
) as Schema

const noEc = { 'C-SIG-003': 'na no-such-key', 'C-DEC-003': 'na no-such-key' }
const noSm2 = { 'C-SIG-004': 'na no-such-key', 'C-DEC-004': 'na no-such-key' }
const noRsa = {
  ...{ 'C-SIG-001': 'na no-such-key', 'C-SIG-002': 'na no-such-key' },
  ...{ 'C-DEC-001': 'na no-such-key', 'C-DEC-002': 'na no-such-key' },
}
const oneToken = { 'C-DIS-004': 'na one-token' }

describe('the battery of common cases', () => {
  it.each([
    {
      name: 'SoftHSM2',
      make: softHsmSubject,
      verdict: 'works',
      leaves: [] as readonly string[],
      found: { ...oneToken, ...noEc, ...noSm2 },
    },
    {
      name: 'NSS softoken',
      make: nssSubject,
      verdict: 'works-with-profile',
      // A tenth of a second for each decryption: `npm run test:long` has it.
      leaves: ['C-DEC-008'] as readonly string[],
      found: { ...noEc, ...noSm2 },
    },
    {
      name: 'the soft PKCS#11 module with SM2',
      make: () => softPkcs11Subject('sm2'),
      verdict: 'works-with-profile',
      leaves: [] as readonly string[],
      found: { ...oneToken, ...noEc, ...noRsa },
    },
    {
      name: 'the soft SKF library',
      make: softSkfSubject,
      verdict: 'works-with-profile',
      leaves: [] as readonly string[],
      found: { ...oneToken, ...noEc, ...noRsa },
    },
  ])(
    'runs through on $name, finds what is known of it, and reports by the schema',
    async example => {
      const subject: BenchSubject = example.make()
      try {
        const cases = commonCases.filter(({ id }) => !example.leaves.includes(id))
        const run = await rig.run(subject, { cases, allowPinTests: true })
        expect(findings(run)).toEqual(example.found)
        expect(Object.values(outcomes(run)).filter(text => text.includes('internal'))).toEqual([])
        expect(Object.values(run.verdicts).map(({ verdict }) => verdict)).toEqual(Array(5).fill(example.verdict))
        expect(run.learned.creditCodeOids).toEqual(['1.2.156.10260.4.1.4'])
        for (const language of ['zh', 'en'] as const) {
          const report: unknown = JSON.parse(JSON.stringify(jsonReport(run, language)))
          expect(misfits(schema, report)).toEqual([])
          expect(JSON.stringify(report)).not.toContain(subject.pin)
        }
      } finally {
        subject.remove()
      }
    },
    90_000,
  )
})
