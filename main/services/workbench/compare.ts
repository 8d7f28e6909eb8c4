import { open } from 'node:fs/promises'
import { AppFailure } from '../../contract/failure.ts'
import { scenarios, type Level, type Scenario, type Status } from './case.ts'
import type { VerdictName } from './verdicts.ts'

/** What of a report is compared. */
export interface ComparedReport {
  readonly module: { readonly path: string; readonly sha256: string | null }
  readonly cases: readonly ComparedCase[]
  readonly verdicts: Readonly<Partial<Record<Scenario, VerdictName>>>
}

export interface ComparedCase {
  readonly id: string
  readonly title: string
  readonly level: Level
  readonly status: Status
  readonly code: string | null
}

/** One case that came out differently. `null`: the other report does not have it. */
export interface CaseChange {
  readonly id: string
  readonly title: string
  readonly level: Level
  readonly from: Pick<ComparedCase, 'status' | 'code'> | null
  readonly to: Pick<ComparedCase, 'status' | 'code'> | null
  /** `worse`: it passed, and fails. `other`: neither better nor worse (skipped, another deviation). */
  readonly change: 'better' | 'worse' | 'other' | 'added' | 'gone'
}

export interface VerdictChange {
  readonly scenario: Scenario
  readonly from: VerdictName | null
  readonly to: VerdictName | null
}

/** How two reports differ, the second against the first. */
export interface Comparison {
  readonly same: boolean
  /** Whether a must case fails in the second report that did not fail in the first. */
  readonly requiredWorse: boolean
  readonly changes: readonly CaseChange[]
  readonly verdicts: readonly VerdictChange[]
  /** Cases that came out alike. */
  readonly alike: number
}

/** Compares two reports case by case, by status and code; times and evidence differ in every run. */
export function compareReports(first: ComparedReport, second: ComparedReport): Comparison {
  const [before, after] = [byId(first), byId(second)]
  const ids = [...new Set([...before.keys(), ...after.keys()])]
  const changes = ids.flatMap(id => changeOf(id, before.get(id), after.get(id)) ?? [])
  const verdicts = scenarios.flatMap(scenario => {
    const [from, to] = [first.verdicts[scenario] ?? null, second.verdicts[scenario] ?? null]
    return from === to ? [] : [{ scenario, from, to }]
  })
  return {
    same: changes.length === 0 && verdicts.length === 0,
    requiredWorse: changes.some(
      ({ level, from, to }) => level === 'must' && to?.status === 'fail' && from?.status !== 'fail',
    ),
    changes,
    verdicts,
    alike: ids.length - changes.length,
  }
}

function byId({ cases }: ComparedReport): ReadonlyMap<string, ComparedCase> {
  return new Map(cases.map(each => [each.id, each]))
}

function changeOf(id: string, from: ComparedCase | undefined, to: ComparedCase | undefined): CaseChange | null {
  const known = to ?? from
  if (known === undefined || (from?.status === to?.status && from?.code === to?.code)) return null
  const { title, level } = known
  return { id, title, level, from: seen(from), to: seen(to), change: kindOf(from, to) }
}

function seen(each: ComparedCase | undefined): CaseChange['from'] {
  return each === undefined ? null : { status: each.status, code: each.code }
}

function kindOf(from: ComparedCase | undefined, to: ComparedCase | undefined): CaseChange['change'] {
  if (from === undefined) return 'added'
  if (to === undefined) return 'gone'
  if (from.status !== 'fail' && to.status === 'fail') return 'worse'
  return from.status === 'fail' && to.status === 'pass' ? 'better' : 'other'
}

/** Longest report that is read, in bytes. */
const reportLimit = 8 * 1024 * 1024

/** Reads a JSON report for a comparison. Throws `input.unreadable`. */
export async function readReport(path: string): Promise<ComparedReport> {
  const text = await readBounded(path)
  try {
    return comparedReport(JSON.parse(text))
  } catch (error) {
    if (error instanceof AppFailure) throw error
    throw new AppFailure('input.unreadable', 'the file is no JSON', { cause: error })
  }
}

async function readBounded(path: string): Promise<string> {
  try {
    const handle = await open(path, 'r')
    try {
      if ((await handle.stat()).size > reportLimit) throw new AppFailure('input.unreadable', 'too long for a report')
      return await handle.readFile('utf8')
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (error instanceof AppFailure) throw error
    throw new AppFailure('input.unreadable', 'the report cannot be read', { cause: error })
  }
}

function comparedReport(value: unknown): ComparedReport {
  const report = record(value)
  const module = record(report['module'])
  const cases = report['cases']
  if (!Array.isArray(cases) || cases.length > 10_000) throw noReport()
  const verdicts = record(report['verdicts'])
  const sha256 = module['sha256']
  return {
    module: { path: textOf(module['path']), sha256: typeof sha256 === 'string' ? sha256 : null },
    cases: cases.map(comparedCase),
    verdicts: Object.fromEntries(
      scenarios.flatMap(scenario => {
        const verdict = verdicts[scenario]
        return verdict === undefined ? [] : [[scenario, oneOf(record(verdict)['verdict'], verdictNames)]]
      }),
    ),
  }
}

function comparedCase(value: unknown): ComparedCase {
  const each = record(value)
  return {
    id: textOf(each['id']),
    title: textOf(each['title']),
    level: oneOf(each['level'], ['must', 'should', 'info']),
    status: oneOf(each['status'], ['pass', 'fail', 'skip', 'na']),
    code: each['code'] === undefined ? null : textOf(each['code']),
  }
}

const verdictNames: readonly VerdictName[] = ['works', 'works-with-profile', 'does-not-work', 'not-tested']

function record(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw noReport()
  return value as Readonly<Record<string, unknown>>
}

function textOf(value: unknown): string {
  if (typeof value !== 'string' || value.length > 4096) throw noReport()
  return value
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[]): T {
  const found = allowed.find(each => each === value)
  if (found === undefined) throw noReport()
  return found
}

function noReport(): AppFailure {
  return new AppFailure('input.unreadable', 'the file is no report of the workbench')
}
