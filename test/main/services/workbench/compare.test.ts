import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import {
  type Case,
  failed,
  type Outcome,
  passed,
  type Scenario,
  skipped,
} from '../../../../main/services/workbench/case.ts'
import { type ComparedReport, compareReports, readReport } from '../../../../main/services/workbench/compare.ts'
import { verdictsOf } from '../../../../main/services/workbench/verdicts.ts'
import { distributionOf, mergeLearned, summaryOf } from '../../../../main/services/workbench/workbench-run.ts'
import { caseFor } from './rig.ts'

const folder = mkdtempSync(join(tmpdir(), 'bidseal-compare-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function report(...cases: readonly (readonly [string, 'pass' | 'fail' | 'skip' | 'na', string?])[]): ComparedReport {
  return {
    module: { path: '/lib/a.so', sha256: null },
    cases: cases.map(([id, status, code = null]) => ({ id, title: id, level: 'must', status, code })),
    verdicts: { seal: cases.some(([, status]) => status === 'fail') ? 'does-not-work' : 'works' },
  }
}

describe('the comparison of two reports', () => {
  it('says exactly what differs, and whether something required got worse', () => {
    const first = report(['C-1', 'pass'], ['C-2', 'pass'], ['C-3', 'fail', 'a'], ['C-4', 'fail', 'a'], ['C-5', 'pass'])
    const second = report(['C-1', 'pass'], ['C-2', 'fail', 'b'], ['C-3', 'pass'], ['C-4', 'fail', 'c'], ['C-6', 'pass'])
    const { changes, ...rest } = compareReports(first, second)
    expect(changes.map(({ id, change }) => [id, change])).toEqual([
      ...[
        ['C-2', 'worse'],
        ['C-3', 'better'],
        ['C-4', 'other'],
        ['C-5', 'gone'],
        ['C-6', 'added'],
      ],
    ])
    expect(rest).toEqual({ same: false, requiredWorse: true, verdicts: [], alike: 1 })
    expect(compareReports(first, first)).toMatchObject({ same: true, requiredWorse: false, alike: 5 })
    const verdicts = compareReports(report(['C-1', 'pass']), report(['C-1', 'fail', 'x'])).verdicts
    expect(verdicts).toEqual([{ scenario: 'seal', from: 'works', to: 'does-not-work' }])
  })

  it.each(['', '[]', '{}', '{"module":{"path":"x"},"cases":[{}],"verdicts":{}}', 'null'])(
    'refuses %j as no report',
    async text => {
      const path = join(folder, 'report.json')
      writeFileSync(path, text)
      await expect(readReport(path)).rejects.toMatchObject({ failure: { code: 'input.unreadable' } })
    },
  )
})

describe('the verdict of a scenario', () => {
  const seal: readonly Scenario[] = ['seal']
  const one = (id: string, outcome: Outcome, changes: Partial<Case> = {}) => ({
    ...{ case: caseFor(id, () => Promise.resolve(outcome), { scenarios: seal, ...changes }), outcome },
    ...{ ms: 1, kept: false },
  })
  const shows = one('C-PRD-001', passed(), { group: 'product' })

  it('works where the product has shown it, by itself or with a profile', () => {
    expect(verdictsOf([shows], false).seal).toEqual({ verdict: 'works', cases: ['C-PRD-001'] })
    expect(verdictsOf([shows], true).seal).toEqual({ verdict: 'works-with-profile', cases: ['C-PRD-001'] })
  })

  it('does not work where a must case of it fails, whatever else has passed; a should case does not count', () => {
    const broken = one('C-SIG-005', failed('leading-zeros-stripped'))
    expect(verdictsOf([shows, broken], false).seal).toEqual({ verdict: 'does-not-work', cases: ['C-SIG-005'] })
    const weak = one('C-SIG-002', failed('refused'), { level: 'should' })
    expect(verdictsOf([shows, weak], false).seal.verdict).toBe('works')
    expect(summaryOf([shows, broken, weak])).toMatchObject({ fail: 2, requiredFailed: ['C-SIG-005'], ok: false })
  })

  it('is open where nothing was tried, and the whole is as good as its worst part', () => {
    const untried = one('C-PRD-001', skipped('pin-not-given'), { group: 'product' })
    expect(verdictsOf([untried], false).seal).toEqual({ verdict: 'not-tested', cases: ['C-PRD-001'] })
    expect(verdictsOf([shows], false).rehearsal.verdict).toBe('not-tested')
    const broken = one('C-PRD-001', failed('seal-signature'), { group: 'product' })
    expect(verdictsOf([broken], false).rehearsal).toEqual({ verdict: 'does-not-work', cases: ['C-PRD-001'] })
  })
})

describe('what a run gathers', () => {
  it('puts what was learned later on top, field by field', () => {
    const first = { pkcs11: { ecPoint: 'bare', parameters: 'x' }, creditCodeOids: ['1.2'] } as const
    expect(mergeLearned(first, { pkcs11: { parameters: 'y' }, creditCodeOids: ['1.3', '1.2'] })).toEqual({
      pkcs11: { ecPoint: 'bare', parameters: 'y' },
      creditCodeOids: ['1.2', '1.3'],
    })
  })

  it('tells times by minimum, median, 95 % and maximum', () => {
    const times = Array.from({ length: 100 }, (_, index) => 100 - index)
    expect(distributionOf('sign', times)).toEqual({ name: 'sign', count: 100, min: 1, median: 51, p95: 96, max: 100 })
    expect(distributionOf('sign', [])).toBeNull()
  })
})
