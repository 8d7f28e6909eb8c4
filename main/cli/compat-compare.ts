import type { Command } from 'commander'
import { compareReports, readReport } from '../services/index.ts'
import type { CaseChange, Comparison } from '../services/index.ts'
import { scenarioNames, statusNames, verdictNames } from './compat-words.ts'
import type { Words } from './language.ts'
import type { Context, Shell } from './shell.ts'
import type { Terminal } from './terminal.ts'
import { plain } from './wording.ts'

/** `compat compare`. */
export function addCompare(compat: Command, shell: Shell): void {
  compat
    .command('compare')
    .description('how the second of two JSON reports differs from the first, by status and deviation of each case')
    .argument('<first>', 'a report written by compat --report F.json')
    .argument('<second>', 'the one that is held against it')
    .addHelpText('after', help)
    .action((first: string, second: string, _options: unknown, command: Command) =>
      shell.run(command, context => run(context, first, second)),
    )
}

const help = `
Exit code: 1 when a must case fails in the second that did not fail in the
first, else 0.

--json prints {same, requiredWorse, alike, verdicts: [{scenario, from, to}],
 changes: [{id, title, level, from: {status, code}, to: {status, code}, change}]}
change is one of better, worse, other, added, gone.`

async function run(context: Context, first: string, second: string): Promise<void> {
  const comparison = compareReports(await readReport(first), await readReport(second))
  context.terminal.result({ ...comparison })
  say(context.terminal, comparison)
  if (comparison.requiredWorse) context.setExitCode(1)
}

function say(terminal: Terminal, { same, changes, verdicts, alike }: Comparison): void {
  if (same) {
    terminal.say(
      terminal.words({ zh: `两份报告一致（${alike} 项）。`, en: `Both reports say the same (${alike} cases).` }),
    )
    return
  }
  for (const each of changes) {
    terminal.say(`${terminal.words(changeNames[each.change])}  ${each.id}  ${plain(each.title)}`)
    terminal.say(`      ${side(terminal, each.from)} → ${side(terminal, each.to)}`)
  }
  for (const { scenario, from, to } of verdicts) {
    const name = (verdict: typeof from): string => (verdict === null ? '—' : terminal.words(verdictNames[verdict]))
    terminal.say(`${terminal.words(scenarioNames[scenario])}: ${name(from)} → ${name(to)}`)
  }
  terminal.say(terminal.words({ zh: `其余 ${alike} 项一致。`, en: `The other ${alike} cases are alike.` }))
}

function side(terminal: Terminal, one: CaseChange['from']): string {
  if (one === null) return '—'
  const status = terminal.words(statusNames[one.status])
  return one.code === null ? status : `${status} (${plain(one.code)})`
}

const changeNames: Readonly<Record<CaseChange['change'], Words>> = {
  better: { zh: '改善', en: 'better' },
  worse: { zh: '变差', en: 'worse ' },
  other: { zh: '变化', en: 'other ' },
  added: { zh: '新增', en: 'added ' },
  gone: { zh: '消失', en: 'gone  ' },
}
