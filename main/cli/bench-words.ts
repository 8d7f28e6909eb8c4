import { cipherInNode, plainNode } from '../services/index.ts'
import type { BenchResult, Measured } from '../services/index.ts'
import type { AppBenchResult } from './bench-app.ts'
import type { Terminal } from './terminal.ts'
import { table } from './wording.ts'

/** The app beside plain Node, from the same rounds. `ratio` is the app's speed by plain Node's: below 1 the app is slower. */
export interface AppFigures {
  readonly electron: string
  /** Of the whole job. */
  readonly ratio: number | null
  /** Of the suite's cipher alone, the same on both sides. */
  readonly aes?: CipherFigures
  readonly sm4?: CipherFigures
}

interface CipherFigures {
  readonly appMibPerSecond: number
  readonly nodeMibPerSecond: number | null
  readonly ratio: number | null
}

/** The figures of an app's result. */
export function appFigures(result: AppBenchResult): AppFigures {
  const { electron, cipher, suite, references, what } = result
  // Signatures have no bytes to be ciphered.
  const size = what === 'sm2' ? null : result.sizeMiB
  const alone = size === null ? {} : { [suite === 'gm-1' ? 'sm4' : 'aes']: cipherFigures(cipher, size) }
  return { electron, ratio: speedRatio(references, plainNode), ...alone }
}

function cipherFigures({ seconds, references }: Measured, sizeMiB: number): CipherFigures {
  const node = references.find(({ name }) => name === cipherInNode)?.seconds ?? null
  return {
    appMibPerSecond: Math.round(sizeMiB / seconds),
    nodeMibPerSecond: node === null ? null : Math.round(sizeMiB / node),
    ratio: speedRatio(references, cipherInNode),
  }
}

/** A ratio of times turned into one of speeds. */
function speedRatio(references: Measured['references'], beside: string): number | null {
  const ratio = references.find(({ name }) => name === beside)?.ratio ?? null
  return ratio === null ? null : Number((1 / ratio).toFixed(3))
}

/** What was measured, for people. */
export function sayResult(terminal: Terminal, result: BenchResult): void {
  const { what, suite, sizeMiB, seconds, mibPerSecond, peakMiB, runs } = result
  terminal.say(
    what === 'releases' || what === 'release-size'
      ? terminal.words(releaseWords(result))
      : what === 'sm2'
        ? terminal.words({
            zh: `sm2 签名：每次 ${milliseconds(seconds)}，内存峰值 ${peakMiB} MiB（${runs} 次的中位数）`,
            en: `sm2 sign: ${milliseconds(seconds)} each, peak memory ${peakMiB} MiB (median of ${runs})`,
          })
        : terminal.words({
            zh: `${what} ${suite}，${sizeMiB} MiB：${seconds} 秒，${mibPerSecond} MiB/s，内存峰值 ${peakMiB} MiB（${runs} 次的中位数）`,
            en: `${what} ${suite}, ${sizeMiB} MiB: ${seconds} s, ${mibPerSecond} MiB/s, peak memory ${peakMiB} MiB (median of ${runs})`,
          }),
  )
  const absent = terminal.words({ zh: '没有', en: 'not here' })
  const shown = what === 'sm2' ? milliseconds : (value: number): string => `${value} s`
  const rows = result.references.map(({ name, seconds: theirs, ratio }): readonly [string, string] => [
    name,
    theirs === null ? absent : `${shown(theirs)}  × ${ratio ?? '–'}`,
  ])
  for (const line of table(rows)) terminal.say(line)
  sayProcess(terminal, result)
}

function releaseWords({ what, suite, sizeMiB, seconds, runs }: BenchResult): {
  readonly zh: string
  readonly en: string
} {
  return what === 'releases'
    ? {
        zh: `一秒内提交 1,000 份密钥，${suite}：99% 在 ${seconds} 秒内收到签名回执（${runs} 次的中位数）`,
        en: `1,000 releases within one second, ${suite}: 99 % have their signed receipt after ${seconds} s (median of ${runs})`,
      }
    : {
        zh: `提交 ${sizeMiB} MiB 投标文件的密钥，${suite}：从口令到签名回执 ${milliseconds(seconds)}（${runs} 次的中位数）`,
        en: `release of a bid of ${sizeMiB} MiB, ${suite}: ${milliseconds(seconds)} from challenge to signed receipt (median of ${runs})`,
      }
}

function sayProcess(terminal: Terminal, { loopDelayP99Ms, cancelMs }: BenchResult): void {
  if (loopDelayP99Ms !== undefined) {
    terminal.say(
      terminal.words({
        zh: `事件循环延迟 p99：${loopDelayP99Ms} ms`,
        en: `event loop delay, p99: ${loopDelayP99Ms} ms`,
      }),
    )
  }
  if (cancelMs !== undefined) {
    terminal.say(
      terminal.words({ zh: `从停止到全部关闭：${cancelMs} ms`, en: `from stop to everything closed: ${cancelMs} ms` }),
    )
  }
}

/** The app beside plain Node, for people. */
export function sayApp(terminal: Terminal, { electron, ratio, aes, sm4 }: AppFigures): void {
  terminal.say(
    terminal.words({
      zh: `Electron ${electron} 主进程的速度是普通 Node 的 ${ratio ?? '–'} 倍`,
      en: `main process of Electron ${electron}: ${ratio ?? '–'} × the speed of plain Node`,
    }),
  )
  for (const [name, figures] of [['AES-256-GCM', aes] as const, ['SM4-GCM', sm4] as const]) {
    if (figures === undefined) continue
    const { appMibPerSecond, nodeMibPerSecond, ratio: speed } = figures
    terminal.say(
      terminal.words({
        zh: `${name}：Electron ${appMibPerSecond} MiB/s，普通 Node ${nodeMibPerSecond ?? '–'} MiB/s，比值 ${speed ?? '–'}`,
        en: `${name}: Electron ${appMibPerSecond} MiB/s, plain Node ${nodeMibPerSecond ?? '–'} MiB/s, ratio ${speed ?? '–'}`,
      }),
    )
  }
}

function milliseconds(seconds: number): string {
  return `${Number((seconds * 1000).toPrecision(3))} ms`
}
