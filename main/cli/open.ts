import type { Command } from 'commander'
import { attendOpening } from '../services/index.ts'
import type { OpeningOutcome, OpeningQuestions } from '../services/index.ts'
import type { Words } from './language.ts'
import type { TokenOptions, TrustOptions } from './options.ts'
import { withTokenOptions, withTrustOption } from './options.ts'
import type { Context, Shell } from './shell.ts'
import { failureJson } from './terminal.ts'
import { moment, plain } from './wording.ts'

interface OpenOptions extends TokenOptions, TrustOptions {
  readonly platform: string
  readonly token: string
  readonly follow: boolean
  readonly confirm: boolean
  readonly yes?: boolean
}

/** `open`. */
export function addOpen(program: Command, shell: Shell): void {
  withTrustOption(
    withTokenOptions(
      program
        .command('open')
        .description('attend the opening: sign in, release the key, follow to the record, confirm it')
        .argument('<bid>', 'a sealId, a sealed file or a header file')
        .requiredOption('--platform <url>', 'the trading platform')
        .requiredOption('--token <uri>', 'the lock that opens the bid')
        .option('--no-follow', 'do not wait for the record')
        .option('--no-confirm', 'do not sign a confirmation of the record')
        .option('--yes', 'answer yes to what would be asked'),
    ),
  ).action((bid: string, options: OpenOptions, command: Command) =>
    shell.run(command, context => run(context, bid, options)),
  )
}

async function run(context: Context, bid: string, options: OpenOptions): Promise<void> {
  const { terminal, ports } = context
  const outcome = await attendOpening(
    ports,
    context.locks(options, [options.token]),
    {
      bid,
      platformUrl: options.platform,
      token: options.token,
      trust: await context.trust(options),
      follow: options.follow,
      confirm: options.confirm,
      questions: questions(context, options.yes === true),
      onStep: step => {
        terminal.note(`  ${terminal.words(steps[step])}`)
      },
    },
    context.control,
  )
  report(context, outcome)
}

function questions({ terminal }: Context, yes: boolean): OpeningQuestions {
  const ask = (words: Words): Promise<boolean> => {
    if (yes) return Promise.resolve(true)
    return terminal.interactive ? terminal.confirm(terminal.words(words)) : Promise.resolve(false)
  }
  return {
    isThisTheBid: shortCode =>
      ask({
        zh: `本机没有递交这份投标文件的记录。封标单上的识别码是 ${shortCode} 吗？`,
        en: `This computer did not submit this bid. Is ${shortCode} the short code on the seal slip?`,
      }),
    hasItBegun: ({ own, platform, openingTime }) =>
      ask({
        zh: `本机时间 ${moment(own)}，平台时间 ${moment(platform)}，开标时间 ${moment(openingTime)}。开标确已开始？`,
        en: `This computer says ${moment(own)}, the platform ${moment(platform)}, the opening is at ${moment(openingTime)}. Has it begun?`,
      }),
  }
}

const steps: Readonly<Record<'signed-in' | 'released' | 'recorded' | 'confirmed', Words>> = {
  'signed-in': { zh: '已签到', en: 'signed in' },
  released: { zh: '已远程解密（密钥已送达，回执核验无误）', en: 'key released, receipt verified' },
  recorded: { zh: '开标记录核验无误', en: 'record of the opening verified' },
  confirmed: { zh: '已确认开标记录', en: 'record confirmed' },
}

function report(context: Context, outcome: OpeningOutcome): void {
  const { terminal } = context
  const { sealId, sealDigest, shortCode, openingId, releaseReceipt, record, confirmed } = outcome
  const state = record?.own.state ?? 'released'
  const ok = state === 'opened' || record === null
  if (!ok) context.setExitCode(1)
  const failure = ok
    ? {}
    : failureJson({ code: 'opening.record', detail: `the record says ${state}` }, terminal.language)
  terminal.result({
    ok,
    ...failure,
    sealId,
    sealDigest,
    shortCode,
    openingId,
    state,
    releaseReceipt,
    record: record?.fields ?? null,
    confirmed,
  })
  if (record === null) return
  const zh = terminal.language === 'zh'
  terminal.say(`${terminal.words(states[record.own.state])}  ${shortCode}`)
  for (const { bidder, state: each, code } of record.fields.bids) {
    terminal.say(
      `  ${terminal.words(states[each])}  ${plain(bidder.name)}${code === undefined ? '' : `  ${plain(code)}`}`,
    )
  }
  if (!confirmed && !ok) terminal.say(zh ? '开标记录没有确认。' : 'The record was not confirmed.')
}

const states: Readonly<Record<'opened' | 'not-released' | 'failed' | 'withdrawn', Words>> = {
  opened: { zh: '已开标', en: 'opened' },
  'not-released': { zh: '未解密', en: 'not released' },
  failed: { zh: '解密失败', en: 'failed' },
  withdrawn: { zh: '已撤回', en: 'withdrawn' },
}
