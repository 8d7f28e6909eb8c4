import { summaryOf, workbenchScenarios } from '../services/index.ts'
import type {
  CaseResult,
  RunProgress,
  VerdictName,
  WorkbenchGroup,
  WorkbenchLevel,
  WorkbenchRun,
  WorkbenchScenario,
  WorkbenchStatus,
} from '../services/index.ts'
import type { Words } from './language.ts'
import type { Terminal } from './terminal.ts'
import { cell, duration, plain } from './wording.ts'

/** Says how a run goes on, case by case. */
export interface RunNarrator {
  tell(progress: RunProgress): void
}

/** Each case is a line under its group; with `--json` a line on the way, on the other stream. */
export function runNarrator(terminal: Terminal): RunNarrator {
  let group: WorkbenchGroup | null = null
  return {
    tell({ case: each, number, total, result }) {
      const title = terminal.words(each.text.title)
      if (result === null) {
        terminal.progress.show(`[${number}/${total}] ${each.id} ${title}`)
        return
      }
      if (terminal.json) return
      if (each.group !== group) terminal.say(`\n${terminal.words(groupNames[each.group])}`)
      group = each.group
      terminal.say(`  ${caseLine(terminal, result)}`)
    },
  }
}

function caseLine(terminal: Terminal, { case: each, outcome }: CaseResult): string {
  const status = cell(terminal.words(statusNames[outcome.status]), 8)
  const level = outcome.status === 'fail' ? ` [${terminal.words(levelNames[each.level])}]` : ''
  const code = outcome.code === undefined ? '' : `  ${outcome.code}`
  return `${status}${each.id}  ${terminal.words(each.text.title)}${level}${code}`
}

/** What came of a run: numbers, what is required and fails with its remedy, the verdicts. */
export function sayOutcome(terminal: Terminal, run: WorkbenchRun): void {
  const { total, pass, fail, skip, na, requiredFailed } = summaryOf(run.results)
  const time = duration(run.finishedAt.getTime() - run.startedAt.getTime(), terminal.language)
  terminal.say()
  terminal.say(
    terminal.words({
      zh: `共 ${total} 项：通过 ${pass}，未通过 ${fail}，跳过 ${skip}，不适用 ${na}。用时 ${time}。`,
      en: `${total} cases: ${pass} passed, ${fail} failed, ${skip} skipped, ${na} not applicable, in ${time}.`,
    }),
  )
  for (const result of run.results.filter(({ outcome }) => outcome.status === 'fail')) sayFinding(terminal, result)
  terminal.say()
  for (const scenario of workbenchScenarios) {
    const { verdict, cases } = run.verdicts[scenario]
    const why = verdict === 'does-not-work' ? `  (${cases.join(', ')})` : ''
    terminal.say(`${cell(terminal.words(scenarioNames[scenario]), 22)}${terminal.words(verdictNames[verdict])}${why}`)
  }
  sayWithheldPin(terminal, run)
  if (requiredFailed.length === 0) return
  terminal.say()
  terminal.say(
    terminal.words({
      zh: `必须项未通过：${requiredFailed.join('、')}`,
      en: `Required and failed: ${requiredFailed.join(', ')}`,
    }),
  )
}

/** Why much was skipped, where nobody wanted it to be. */
function sayWithheldPin(terminal: Terminal, { results }: WorkbenchRun): void {
  if (!results.some(({ outcome }) => outcome.status === 'skip' && outcome.code === 'pin-tries-low')) return
  terminal.say()
  terminal.say(
    terminal.words({
      zh: '未发送 PIN：再错一次后剩余次数可能不足两次。请先用 token doctor --pin-check 正确登录一次，再运行测试。',
      en: 'No PIN was sent: after a wrong one fewer than two tries might be left. Log in once by “token doctor --pin-check”, then run again.',
    }),
  )
}

function sayFinding(terminal: Terminal, { case: each, outcome }: CaseResult): void {
  const { title, why, remedy } = each.text
  terminal.say()
  terminal.say(
    `${each.id}  ${terminal.words(title)}  [${terminal.words(levelNames[each.level])}]  ${outcome.code ?? ''}`,
  )
  const facts = outcome.evidence.map(({ name, value }) => `${name}=${plain(String(value))}`).join('  ')
  if (facts !== '') terminal.say(`    ${facts}`)
  terminal.say(`    ${terminal.words(why)}`)
  terminal.say(`    ${terminal.words({ zh: '建议：', en: 'Remedy: ' })}${terminal.words(remedy)}`)
  terminal.say(`    ${each.clause}`)
}

export const statusNames: Readonly<Record<WorkbenchStatus, Words>> = {
  pass: { zh: '通过', en: 'pass' },
  fail: { zh: '未通过', en: 'FAIL' },
  skip: { zh: '跳过', en: 'skip' },
  na: { zh: '不适用', en: 'n/a' },
}

const levelNames: Readonly<Record<WorkbenchLevel, Words>> = {
  must: { zh: '必须', en: 'must' },
  should: { zh: '建议', en: 'should' },
  info: { zh: '信息', en: 'info' },
}

const groupNames: Readonly<Record<WorkbenchGroup, Words>> = {
  discovery: { zh: '发现', en: 'Discovery' },
  certificates: { zh: '证书', en: 'Certificates' },
  pin: { zh: 'PIN 码', en: 'PIN' },
  signing: { zh: '签名', en: 'Signing' },
  decryption: { zh: '解密', en: 'Decryption' },
  concurrency: { zh: '并发', en: 'Concurrency' },
  robustness: { zh: '健壮性', en: 'Robustness' },
  product: { zh: '投标场景', en: 'Bidding' },
  timing: { zh: '耗时', en: 'Timing' },
}

export const scenarioNames: Readonly<Record<WorkbenchScenario, Words>> = {
  seal: { zh: '封标', en: 'Sealing a bid' },
  'trial-decryption': { zh: '试解密', en: 'Trial opening' },
  release: { zh: '开标解密', en: 'Releasing the keys' },
  'sign-pdf': { zh: '文件签名', en: 'Signing documents' },
  rehearsal: { zh: '全流程', en: 'The whole' },
}

export const verdictNames: Readonly<Record<VerdictName, Words>> = {
  works: { zh: '可用', en: 'works' },
  'works-with-profile': { zh: '配合厂商资料可用', en: 'works with its vendor profile' },
  'does-not-work': { zh: '不可用', en: 'DOES NOT WORK' },
  'not-tested': { zh: '未测试', en: 'not tested' },
}
