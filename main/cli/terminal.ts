import { createInterface } from 'node:readline'
import type { Failure } from '../contract/failure.ts'
import { failures } from '../contract/failure.ts'
import { failureText } from './failure-text/index.ts'
import { hiddenLine } from './hidden-line.ts'
import type { Language, Words } from './language.ts'
import { addendumLines } from './tender-change-words.ts'
import { wrongLockLines } from './wrong-lock.ts'
import { progressLine } from './progress-line.ts'
import type { ProgressLine } from './progress-line.ts'

/** How a command speaks: results on stdout, everything else on stderr; with `--json` one object and nothing more. */
export interface Terminal {
  readonly language: Language
  readonly json: boolean
  /** The text of the user's language. */
  words(words: Words): string
  /** A line of the result; silent with `--json`, where {@link result} speaks. */
  say(line?: string): void
  /** A remark beside the result, on stderr. */
  note(line: string): void
  /** The one object of `--json`; silent without. */
  result(value: Readonly<Record<string, unknown>>): void
  failure(failure: Failure, debug?: string): void
  readonly progress: ProgressLine
  /** Whether a person can be asked. */
  readonly interactive: boolean
  /** A question answered by yes or no. Questions asked at once are put one after the other, this and the next two. */
  confirm(question: string): Promise<boolean>
  /** A line typed for all to see; null when the person ends the input. */
  line(prompt: string): Promise<string | null>
  /** A line typed unseen; null when the person ends the input. */
  secret(prompt: string): Promise<string | null>
  /** All of standard input as lines, read once. */
  inputLines(): Promise<readonly string[]>
}

export interface TerminalOptions {
  readonly language: Language
  readonly json: boolean
}

/** The terminal of this process. */
export function openTerminal({ language, json }: TerminalOptions): Terminal {
  const out = (line: string): void => void process.stdout.write(`${line}\n`)
  const progress = progressLine(process.stderr, language)
  const note = (line: string): void => {
    progress.clear()
    process.stderr.write(`${line}\n`)
  }
  const ask = (question: () => Promise<string | null>): Promise<string | null> =>
    inTurn(() => {
      progress.clear()
      return question()
    })
  let lines: Promise<readonly string[]> | undefined
  return {
    language,
    json,
    words: words => words[language],
    say: (line = '') => {
      progress.clear()
      if (!json) out(line)
    },
    note,
    result: value => {
      progress.clear()
      if (json) out(JSON.stringify(value))
    },
    failure(failure, debug) {
      const { message, next } = failureText(failure.because ?? failure.code, language)
      if (json) out(JSON.stringify({ ok: false, ...failureJson(failure, language) }))
      else {
        note(`${mark(language)} ${message}`)
        // The sentence about the locks says the same in the user's language.
        const detailed = failure.code !== 'cancelled' && failure.wrongLock === undefined
        if (failure.detail !== undefined && detailed) note(`  ${failure.detail}`)
        for (const line of wrongLockLines(failure, language)) note(`  ${line}`)
        if (failure.addendum !== undefined) {
          for (const line of addendumLines(failure.addendum, language)) note(`  ${line}`)
        }
        if (failure.platformSays !== undefined) note(`  ${platformWords[language]} ${failure.platformSays}`)
        note(`  ${next}`)
        note(`  ${failure.because === undefined ? '' : `${failure.because} · `}${failure.code}`)
      }
      if (debug !== undefined) note(debug)
    },
    progress,
    interactive: process.stdin.isTTY && process.stderr.isTTY,
    async confirm(question) {
      const answer = await ask(() => typedLine(`${question} ${language === 'zh' ? '（是 y / 否 n）' : '(y/n)'} `))
      return answer !== null && /^(y|yes|是|好)$/i.test(answer.trim())
    },
    line: prompt => ask(() => typedLine(prompt)),
    secret: prompt => ask(() => hiddenLine(prompt)),
    inputLines: () => (lines ??= readLines()),
  }
}

/** The JSON shape of a failure without `ok`, as cli.md fixes it. */
export function failureJson(failure: Failure, language: Language): Readonly<Record<string, unknown>> {
  const { message, next } = failureText(failure.because ?? failure.code, language)
  return {
    code: failure.code,
    message,
    next,
    retriable: failures[failure.code].retriable,
    ...(failure.detail === undefined ? {} : { detail: failure.detail }),
    ...(failure.platformSays === undefined ? {} : { platformSays: failure.platformSays }),
    ...(failure.wrongLock === undefined ? {} : { wrongLock: failure.wrongLock }),
    ...(failure.addendum === undefined ? {} : { addendum: failure.addendum }),
  }
}

const platformWords = { zh: '平台的答复：', en: 'The platform says:' } as const

function mark(language: Language): string {
  return language === 'zh' ? '未完成：' : 'Not done:'
}

/** The question that is being answered; there is one standard input, whoever asks. */
let answering: Promise<unknown> = Promise.resolve()
/** How often a person has ended the input at a question. */
let ended = 0

/** SECURITY: asked at once, two questions would both take the line typed for one: a proxy would be told the PIN. */
function inTurn(question: () => Promise<string | null>): Promise<string | null> {
  const before = ended
  const answer = answering.then(async () => {
    // Whoever ends the input (Ctrl-C) at one question means those that wait behind it too.
    if (ended !== before) return null
    const given = await question()
    if (given === null) ended += 1
    return given
  })
  answering = answer.catch(() => undefined)
  return answer
}

function typedLine(prompt: string): Promise<string | null> {
  return new Promise(resolve => {
    const reader = createInterface({ input: process.stdin, output: process.stderr })
    reader.once('close', () => {
      resolve(null)
    })
    reader.once('SIGINT', () => {
      reader.close()
      process.kill(process.pid, 'SIGINT')
    })
    reader.question(prompt, answer => {
      resolve(answer)
      reader.close()
    })
  })
}

async function readLines(): Promise<readonly string[]> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of process.stdin as AsyncIterable<Buffer>) {
    length += piece.length
    if (length > 64 * 1024) break
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8').split(/\r?\n/)
}
