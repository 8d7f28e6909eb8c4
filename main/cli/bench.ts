import { Argument, Option } from 'commander'
import type { Command } from 'commander'
import { suiteById } from '../../crypto/index.ts'
import { AppFailure } from '../contract/failure.ts'
import { benchHash, benchSeal } from '../services/index.ts'
import type { BenchResult } from '../services/index.ts'
import type { AppBenchResult } from './bench-app.ts'
import { benchInApp } from './bench-app.ts'
import type { Context, Shell } from './shell.ts'
import { table } from './wording.ts'

interface BenchCommandOptions {
  readonly size: string
  readonly runs: string
  readonly suite: 'intl' | 'gm'
  readonly app?: boolean
}

/** `bench`. */
export function addBench(program: Command, shell: Shell): void {
  program
    .command('bench')
    .description('throughput beside raw primitives and other programs in the same run, and peak memory')
    .addArgument(new Argument('<what>', 'what to time').choices(['seal', 'hash']))
    .option('--size <MiB>', 'how much', '64')
    .option('--runs <N>', 'counted rounds, of which the median is told', '5')
    .addOption(new Option('--suite <suite>', 'algorithms').choices(['intl', 'gm']).default('intl'))
    .option('--app', "inside Electron's main process")
    .action((what: BenchResult['what'], options: BenchCommandOptions, command: Command) =>
      shell.run(command, context => run(context, what, options)),
    )
}

async function run(context: Context, what: BenchResult['what'], options: BenchCommandOptions): Promise<void> {
  const { ports, control, terminal } = context
  const suite = suiteById(`${options.suite}-1`)
  if (suite === null) throw new AppFailure('arguments.bad', 'this version has no gm suite')
  const sizeMiB = wholeNumber(options.size, 8000, '--size')
  const runs = wholeNumber(options.runs, 1000, '--runs')
  if (options.app === true) {
    const result = await benchInApp(context, { what, suite: suite.id, sizeMiB, runs })
    const { electron, ...shape } = result
    const aes = aesBesideNode(result)
    terminal.result({ ...shape, app: { electron, ...(aes === null ? {} : { aes }) } })
    sayResult(context, result)
    if (aes !== null) sayAes(context, result, aes)
    return
  }
  const job = { suite, sizeMiB, runs }
  const result =
    what === 'seal' ? await benchSeal(ports, job, { signal: control.signal }) : await benchHash(job, control)
  terminal.result({ ...result })
  sayResult(context, result)
}

/** AES in the app and in plain Node, from the same rounds. */
interface AesSpeeds {
  /** The cipher as a sealing calls it. */
  readonly appMibPerSecond: number
  /** node:crypto over chunks of 1 MiB in plain Node. */
  readonly nodeMibPerSecond: number
  /** App by Node. */
  readonly ratio: number
}

function aesBesideNode({ sizeMiB, references }: BenchResult): AesSpeeds | null {
  const secondsOf = (name: string): number | null => references.find(each => each.name === name)?.seconds ?? null
  const [app, node] = [secondsOf('chunk cipher'), secondsOf('aes-256-gcm raw, plain Node')]
  if (app === null || node === null) return null
  return {
    appMibPerSecond: Math.round(sizeMiB / app),
    nodeMibPerSecond: Math.round(sizeMiB / node),
    ratio: Number((node / app).toFixed(3)),
  }
}

function sayResult({ terminal }: Context, result: BenchResult): void {
  const { what, suite, sizeMiB, seconds, mibPerSecond, peakMiB, runs } = result
  terminal.say(
    terminal.words({
      zh: `${what} ${suite}，${sizeMiB} MiB：${seconds} 秒，${mibPerSecond} MiB/s，内存峰值 ${peakMiB} MiB（${runs} 次的中位数）`,
      en: `${what} ${suite}, ${sizeMiB} MiB: ${seconds} s, ${mibPerSecond} MiB/s, peak memory ${peakMiB} MiB (median of ${runs})`,
    }),
  )
  const absent = terminal.words({ zh: '没有', en: 'not here' })
  const rows = result.references.map(({ name, seconds: theirs, ratio }): readonly [string, string] => [
    name,
    theirs === null ? absent : `${theirs} s  × ${ratio ?? '–'}`,
  ])
  for (const line of table(rows)) terminal.say(line)
}

function sayAes({ terminal }: Context, { electron }: AppBenchResult, aes: AesSpeeds): void {
  const { appMibPerSecond, nodeMibPerSecond, ratio } = aes
  terminal.say(
    terminal.words({
      zh: `AES-256-GCM：Electron ${electron} 主进程 ${appMibPerSecond} MiB/s，普通 Node ${nodeMibPerSecond} MiB/s，比值 ${ratio}`,
      en: `AES-256-GCM: main process of Electron ${electron} ${appMibPerSecond} MiB/s, plain Node ${nodeMibPerSecond} MiB/s, ratio ${ratio}`,
    }),
  )
}

function wholeNumber(text: string, most: number, option: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw new AppFailure('arguments.bad', `${option} is a whole number from 1 to ${most}`)
  }
  return value
}
