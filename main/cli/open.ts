import type { Command } from 'commander'
import { attendOpening } from '../services/index.ts'
import type { OpeningOutcome, OpeningQuestions, OpeningStep } from '../services/index.ts'
import type { Words } from './language.ts'
import { agreed, openingKeys } from './opening-keys.ts'
import type { KeyOptions } from './opening-keys.ts'
import { newsTeller } from './opening-news.ts'
import type { NewsTeller } from './opening-news.ts'
import type { TokenOptions, TrustOptions } from './options.ts'
import { withTokenOptions, withTrustOption } from './options.ts'
import { recordTable, stateWords } from './record-words.ts'
import type { Context, Shell } from './shell.ts'
import { failureJson } from './terminal.ts'
import { portsWithTimeStamps, withTimeStampOption } from './time-stamp-option.ts'
import type { TimeStampOptions } from './time-stamp-option.ts'
import { moment } from './wording.ts'

interface OpenOptions extends TokenOptions, TrustOptions, TimeStampOptions, KeyOptions {
  readonly platform: string
  readonly token: string
  readonly sign?: string
  readonly wait?: boolean
  readonly follow: boolean
  readonly confirm: boolean
  readonly yes?: boolean
}

/** `open`. */
export function addOpen(program: Command, shell: Shell): void {
  const command = withTrustOption(
    withTokenOptions(
      program
        .command('open')
        .description('attend the opening: sign in, release the key, follow to the record, confirm it')
        .argument('<bid>', 'a sealId, a sealed file or a header file')
        .requiredOption('--platform <url>', 'the trading platform')
        .requiredOption('--token <uri>', 'the lock that opens the bid, main or second')
        .option('--sign <uri>', 'the lock that signs for the bidder, where that is another one')
        .option('--wait', 'wait for the opening, by the platform’s clock')
        .option('--recovery-code-stdin', 'where the tender allows it: open with the recovery code; --token signs')
        .option('--twin <file>', 'where the tender allows it: hand over the plain twin in place of the key')
        .option('--no-follow', 'do not wait for the record')
        .option('--no-confirm', 'do not sign a confirmation of the record')
        .option('--hand-over-plaintext', 'with --twin: agree that the platform can read the bid; --yes does not')
        .option('--yes', 'answer yes to what would be asked'),
    ),
  )
  withTimeStampOption(command)
    .addHelpText('after', help)
    .action((bid: string, options: OpenOptions, self: Command) =>
      shell.run(self, context => run(context, bid, options)),
    )
}

const help = `
Run again it goes on where it stopped; nothing is released twice. The recovery
code is read from standard input, after the PINs where --pin-stdin is given, or
typed unseen; it is neither stored nor logged. A plain twin is held against the
sealed header before a byte of it is sent, only over https (or to this very
computer), and only when that is agreed to: asked, or --hand-over-plaintext.

--json prints
  {ok, sealId, sealDigest, shortCode, openingId, state, releaseReceipt, record,
   respondBy, confirmed}
and code, message, next where the bid was not opened. releaseReceipt is null
when a plain twin was handed over.`

async function run(context: Context, bid: string, options: OpenOptions): Promise<void> {
  const { terminal } = context
  const ports = portsWithTimeStamps(context.ports, options)
  const teller = newsTeller(terminal)
  const order = [options.token, ...(options.sign === undefined ? [] : [options.sign])]
  try {
    const outcome = await attendOpening(
      ports,
      context.locks(options, order),
      {
        bid,
        platformUrl: options.platform,
        token: options.token,
        signToken: options.sign,
        keys: await openingKeys(context, options, new Set(order).size),
        trust: await context.trust(options),
        wait: options.wait === true,
        follow: options.follow,
        confirm: options.confirm,
        questions: questions(context, teller, options.yes === true),
        onStep: step => teller.note(steps[step]),
        onNews: news => teller.tell(news),
      },
      context.control,
    )
    teller.clear()
    report(context, outcome, options.twin !== undefined)
  } finally {
    teller.clear()
  }
}

function questions(context: Context, teller: NewsTeller, yes: boolean): OpeningQuestions {
  const asked = (words: Words): Promise<boolean> => {
    teller.clear()
    return agreed(context, yes, words)
  }
  return {
    isThisTheBid: shortCode =>
      asked({
        zh: `本机没有递交这份投标文件的记录。封标单上的识别码是 ${shortCode} 吗？`,
        en: `This computer did not submit this bid. Is ${shortCode} the short code on the seal slip?`,
      }),
    hasItBegun: ({ own, platform, openingTime }) =>
      asked({
        zh: `本机时间 ${moment(own)}，平台时间 ${moment(platform)}，开标时间 ${moment(openingTime)}。开标确已开始？`,
        en: `This computer says ${moment(own)}, the platform ${moment(platform)}, the opening is at ${moment(openingTime)}. Has it begun?`,
      }),
  }
}

const steps: Readonly<Record<OpeningStep, Words>> = {
  'signed-in': { zh: '已签到', en: 'signed in' },
  released: { zh: '已远程解密（已送达，回执核验无误）', en: 'released, and the platform has it on record' },
  recorded: { zh: '开标记录核验无误', en: 'record of the opening verified' },
  confirmed: { zh: '已确认开标记录', en: 'record confirmed' },
}

function report(context: Context, outcome: OpeningOutcome, twin: boolean): void {
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
    respondBy: record?.limit.until.toISOString() ?? null,
    confirmed,
  })
  if (record === null) {
    const waiting: Words = twin
      ? { zh: '备用明文已交出', en: 'Plain twin handed over' }
      : { zh: '已远程解密，等待开标记录', en: 'Released; the record is still to come' }
    terminal.say(`${terminal.words(waiting)}  ${shortCode}`)
    return
  }
  terminal.say(`${terminal.words(stateWords[record.own.state])}  ${shortCode}`)
  for (const line of recordTable(record.fields, sealDigest, terminal.language)) terminal.say(line)
  if (confirmed) return
  terminal.say(
    terminal.words({
      zh: `开标记录没有确认；${moment(record.limit.until)} 前可确认（opening confirm）或提出异议（opening object）。`,
      en: `The record was not confirmed; until ${moment(record.limit.until)} confirm it (opening confirm) or object (opening object).`,
    }),
  )
}
