import { Argument } from 'commander'
import type { Command } from 'commander'
import { AppFailure } from '../contract/failure.ts'
import { benchSubjects, runBench } from '../services/index.ts'
import type { BenchSubject } from '../services/index.ts'
import { benchInApp, benchPrograms } from './bench-app.ts'
import { appFigures, sayApp, sayResult } from './bench-words.ts'
import type { Context, Shell } from './shell.ts'
import { type SuiteName, suiteNamed, suiteOption } from './suite-option.ts'

interface BenchCommandOptions {
  readonly size: string
  readonly runs: string
  readonly suite?: SuiteName
  readonly app?: boolean
  readonly alone?: boolean
}

/** What is of one suite alone. */
const onlyGm: readonly BenchSubject[] = ['sm4', 'sm3', 'sm2']

/** `bench`. */
export function addBench(program: Command, shell: Shell): void {
  program
    .command('bench')
    .description('throughput beside raw primitives and other programs in the same run, and peak memory')
    .addArgument(new Argument('<what>', 'what to time').choices([...benchSubjects]))
    .option('--size <MiB>', 'how much', '64')
    .option('--runs <N>', 'counted rounds, of which the median is told', '5')
    .addOption(suiteOption('algorithms (default: intl; of sm4, sm3 and sm2: gm)'))
    .option('--app', "inside Electron's main process")
    .option('--alone', 'without the other programs')
    .action((what: BenchSubject, options: BenchCommandOptions, command: Command) =>
      shell.run(command, context => run(context, what, options)),
    )
}

async function run(context: Context, what: BenchSubject, options: BenchCommandOptions): Promise<void> {
  const { ports, control, terminal } = context
  const suite = suiteNamed(options.suite ?? (onlyGm.includes(what) ? 'gm' : 'intl'))
  if (onlyGm.includes(what) && suite.id !== 'gm-1') throw new AppFailure('arguments.bad', `${what} is of suite gm`)
  const sizeMiB = wholeNumber(options.size, 8000, '--size')
  const runs = wholeNumber(options.runs, 1000, '--runs')
  if (options.app === true) {
    const result = await benchInApp(context, { what, suite: suite.id, sizeMiB, runs })
    const { electron: _, cipher, ...shape } = result
    const figures = appFigures(result)
    terminal.result({ ...shape, references: [...shape.references, ...cipher.references], app: figures })
    sayResult(terminal, shape)
    sayApp(terminal, figures)
    return
  }
  const job = { what, suite, sizeMiB, runs, alone: options.alone === true }
  const result = await runBench(ports, job, await benchPrograms(context), { signal: control.signal })
  terminal.result({ ...result })
  sayResult(terminal, result)
}

function wholeNumber(text: string, most: number, option: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw new AppFailure('arguments.bad', `${option} is a whole number from 1 to ${most}`)
  }
  return value
}
