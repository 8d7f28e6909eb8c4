import type { FindingCode, RuleSource } from '../../services/index.ts'

/** What a finding means, and what to do about it. */
export interface FindingText {
  readonly what: string
  readonly next: string
}

/** The words of one language for what the check before sealing finds. */
export interface FindingTexts {
  readonly findings: Readonly<Record<FindingCode, FindingText>>
  readonly rules: Readonly<Record<RuleSource, string>>
}
