import type {
  CaseResult,
  Distribution,
  ProfileSource,
  RunEnvironment,
  RunSummary,
  WorkbenchRun,
} from './workbench-run.ts'
import { summaryOf } from './workbench-run.ts'
import type { Evidence, Group, Learned, Level, Status } from './case.ts'
import type { Verdicts } from './verdicts.ts'

/** The form of the report; a change that other programs could stumble over gets another number. */
export const reportFormat = 1

/** One case of a report. */
export interface ReportedCase {
  readonly id: string
  readonly group: Group
  readonly title: string
  readonly level: Level
  readonly clause: string
  readonly status: Status
  readonly code?: string
  readonly evidence: readonly Evidence[]
  readonly ms: number
}

/** The report as JSON: what `compat --json` prints and `--report F.json` writes. Its schema is `report.schema.json`. */
export interface JsonReport {
  readonly format: typeof reportFormat
  readonly tool: string
  readonly version: string
  /** Of the texts; everything else is the same in both. */
  readonly language: 'zh' | 'en'
  readonly startedAt: string
  readonly finishedAt: string
  readonly environment: RunEnvironment
  readonly module: {
    readonly path: string
    readonly kind: 'pkcs11' | 'skf'
    readonly sha256: string | null
    readonly profile: ProfileSource
    readonly info: { readonly description: string; readonly manufacturer: string; readonly version: string } | null
  }
  readonly token: {
    readonly label: string
    readonly manufacturer: string
    readonly model: string
    readonly serial: string
  } | null
  /** What was allowed, and how often things were repeated. */
  readonly settings: {
    readonly groups: readonly Group[]
    readonly rounds: number
    readonly login: boolean
    readonly pinTests: boolean
    readonly writes: boolean
    readonly person: boolean
  }
  readonly cases: readonly ReportedCase[]
  readonly summary: RunSummary
  readonly verdicts: Verdicts
  readonly timings: readonly Distribution[]
  readonly learned: Learned
}

/** A run as JSON, its titles in one language. */
export function jsonReport(run: WorkbenchRun, language: 'zh' | 'en'): JsonReport {
  const { tool, version, environment, module, sha256, info, token, consent, groups, rounds, results } = run
  return {
    format: reportFormat,
    ...{ tool, version, language },
    startedAt: run.startedAt.toISOString(),
    finishedAt: run.finishedAt.toISOString(),
    environment,
    module: {
      ...{ path: module.path, kind: module.kind, sha256, profile: run.profileSource },
      info:
        info === null
          ? null
          : { description: info.description, manufacturer: info.manufacturer, version: info.version },
    },
    token:
      token === null
        ? null
        : { label: token.label, manufacturer: token.manufacturer, model: token.model, serial: token.serial },
    settings: {
      ...{ groups, rounds, login: consent.pin, pinTests: consent.pinTests },
      ...{ writes: consent.writes, person: consent.person },
    },
    cases: results.map(result => reportedCase(result, language)),
    summary: summaryOf(results),
    verdicts: run.verdicts,
    timings: run.timings,
    learned: run.learned,
  }
}

function reportedCase({ case: each, outcome, ms }: CaseResult, language: 'zh' | 'en'): ReportedCase {
  const { id, group, level, clause, text } = each
  const { status, code, evidence } = outcome
  return {
    ...{ id, group, title: text.title[language], level, clause, status },
    ...(code === undefined ? {} : { code }),
    ...{ evidence, ms },
  }
}
