import { afterAll, beforeAll, expect, it } from 'vitest'
import { compareReports } from '../../main/services/workbench/compare.ts'
import { jsonReport } from '../../main/services/workbench/json-report.ts'
import { bundleTokenHost, type TokenHostBundle } from '../fixtures/token-host-bundle.ts'
import {
  type BenchSubject,
  findings,
  makeRig,
  nssSubject,
  type Rig,
  softHsmSubject,
  softPkcs11Subject,
  softSkfSubject,
} from '../main/services/workbench/rig.ts'

// The whole battery on each library, twice: it comes to its end in good time and says the same again.

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

const minutes = 60_000

it.each([
  { name: 'SoftHSM2', make: softHsmSubject, most: 3 * minutes },
  { name: 'NSS softoken', make: nssSubject, most: 5 * minutes },
  { name: 'the soft PKCS#11 module with SM2', make: () => softPkcs11Subject('sm2'), most: 5 * minutes },
  { name: 'the soft SKF library', make: softSkfSubject, most: 5 * minutes },
])(
  'two runs on $name say the same',
  async ({ make, most }) => {
    const subject: BenchSubject = make()
    try {
      const started = performance.now()
      const first = await rig.run(subject, { rounds: 20, allowPinTests: true })
      expect(performance.now() - started).toBeLessThan(most)
      const second = await rig.run(subject, { rounds: 20, allowPinTests: true })
      expect(Object.values(findings(first)).filter(text => text.includes('internal'))).toEqual([])
      expect(compared(first, second)).toMatchObject({ same: true, changes: [], verdicts: [] })
    } finally {
      subject.remove()
    }
  },
  15 * minutes,
)

type Run = Awaited<ReturnType<Rig['run']>>

function compared(first: Run, second: Run) {
  const [one, other] = [first, second].map(run => {
    const report = jsonReport(run, 'en')
    return {
      module: report.module,
      cases: report.cases.map(({ id, title, level, status, code = null }) => ({ id, title, level, status, code })),
      verdicts: Object.fromEntries(Object.entries(report.verdicts).map(([name, { verdict }]) => [name, verdict])),
    }
  })
  if (one === undefined || other === undefined) throw new Error('two runs are compared')
  return compareReports(one, other)
}
