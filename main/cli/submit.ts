import type { Command } from 'commander'
import { submitBid, withdrawBid } from '../services/index.ts'
import type { SubmissionStatus, Submitted, Withdrawn } from '../services/index.ts'
import type { TokenOptions, TrustOptions } from './options.ts'
import { withTokenOptions, withTrustOption } from './options.ts'
import type { Context, Shell } from './shell.ts'
import { isExchangeFolder, pausedLines, sayFileFailure, showSubmission } from './submission-words.ts'
import { portsWithTimeStamps, withTimeStampOption } from './time-stamp-option.ts'
import type { TimeStampOptions } from './time-stamp-option.ts'
import { grouped, moment, size, table } from './wording.ts'

interface DeliveryOptions extends TokenOptions, TrustOptions {
  readonly platform: string
  readonly token: string
}

/** `submit`. */
export function addSubmit(program: Command, shell: Shell): void {
  withTimeStampOption(
    withDelivery(
      program
        .command('submit')
        .description('deliver a sealed bid; run again to go on where it stopped')
        .argument('<file>', 'the sealed bid')
        .addHelpText('after', jsonHelp),
    ),
  ).action((file: string, options: DeliveryOptions & TimeStampOptions, command: Command) =>
    shell.run(command, context => submit(context, file, options)),
  )
}

const jsonHelp = `
With --json: {ok, already, sealId, sealDigest, shortCode, receipt, deadline, serverOffsetMs?, uncertaintyMs?,
fileFailure?}: already is a receipt kept on this computer, fileFailure a file damaged after the platform had it. A bid made
before a later package of its tender fails with tender.addendum-newer and addendum: {packageDigest, publishedAt, steps,
changes: [{area, change, id, title, property, from, to}]}; what the platform refuses has platformSays, its own words.`

async function submit(context: Context, file: string, options: DeliveryOptions & TimeStampOptions): Promise<void> {
  const { control, terminal } = context
  const request = await requestOf(context, options)
  const show = showSubmission(terminal, file)
  const told: { last: SubmissionStatus | null; completing: boolean } = { last: null, completing: false }
  try {
    const submitted = await submitBid(
      portsWithTimeStamps(context.ports, options),
      context.locks(options, [options.token]),
      { ...request, file },
      {
        signal: control.signal,
        // Bytes on their way are told with the deadline, on a line of their own.
        onProgress: progress => {
          if (progress.stage !== 'upload') control.onProgress?.(progress)
        },
        onState: status => {
          told.completing = status.state === 'completing' || (status.state === 'paused' && told.completing)
          told.last = status
          show(status)
        },
      },
    )
    reportSubmitted(context, submitted, told.last)
  } catch (error) {
    if (control.signal.aborted && told.last?.state === 'paused') {
      const where = { completing: told.completing, byHand: isExchangeFolder(options.platform) }
      for (const line of pausedLines(told.last, terminal.language, where)) terminal.note(line)
    }
    throw error
  }
}

/** `withdraw`. */
export function addWithdraw(program: Command, shell: Shell): void {
  withDelivery(
    program.command('withdraw').description('take a delivered bid back before the deadline').argument('<sealId>'),
  ).action((sealId: string, options: DeliveryOptions, command: Command) =>
    shell.run(command, async context => {
      const request = await requestOf(context, options)
      reportWithdrawn(
        context,
        await withdrawBid(
          context.ports,
          context.locks(options, [options.token]),
          { ...request, sealId },
          context.control,
        ),
      )
    }),
  )
}

function withDelivery(command: Command): Command {
  return withTrustOption(
    withTokenOptions(
      command
        .requiredOption('--platform <url>', 'the trading platform')
        .requiredOption('--token <uri>', 'the lock that signs for the bidder'),
    ),
  )
}

async function requestOf(context: Context, options: DeliveryOptions) {
  return { platformUrl: options.platform, token: options.token, trust: await context.trust(options) }
}

function reportSubmitted(
  { terminal }: Context,
  { receipt, shortCode, already, fileFailure }: Submitted,
  status: SubmissionStatus | null,
): void {
  const zh = terminal.language === 'zh'
  const { deadline = null, serverOffsetMs, uncertaintyMs } = status ?? {}
  const time = serverOffsetMs === undefined ? {} : { serverOffsetMs, uncertaintyMs }
  terminal.result({
    ...{ ok: true, already, sealId: receipt.sealId, sealDigest: receipt.sealDigest, shortCode, receipt },
    ...{ deadline, ...time },
    ...(fileFailure === undefined ? {} : { fileFailure: fileFailure.code }),
  })
  const head = already
    ? zh
      ? '此前已递交，本机存有回执，核验无误'
      : 'Delivered before; the receipt kept on this computer is verified'
    : zh
      ? '已递交，回执核验无误'
      : 'Delivered, receipt verified'
  terminal.say(`${head}  ${shortCode}`)
  const rows: (readonly [string, string])[] = [
    [zh ? '平台收到时间' : 'received', moment(receipt.receivedAt)],
    [zh ? '封标编号' : 'seal id', receipt.sealId],
    [zh ? '封标摘要' : 'seal digest', grouped(receipt.sealDigest)],
    [zh ? '大小' : 'size', size(receipt.size)],
    ...(deadline === null ? [] : [[zh ? '截止时间' : 'deadline', moment(deadline)] as const]),
    ...(receipt.replaces === undefined ? [] : [[zh ? '已替换' : 'replaces', grouped(receipt.replaces)] as const]),
  ]
  for (const line of table(rows)) terminal.say(line)
  if (fileFailure !== undefined) sayFileFailure(terminal, shortCode, fileFailure)
}

function reportWithdrawn({ terminal }: Context, { receipt }: Withdrawn): void {
  terminal.result({ ok: true, sealId: receipt.sealId, sealDigest: receipt.sealDigest, receipt })
  terminal.say(
    terminal.words({
      zh: `已撤回，回执核验无误  ${receipt.sealId}  ${moment(receipt.receivedAt)}`,
      en: `Withdrawn, receipt verified  ${receipt.sealId}  ${moment(receipt.receivedAt)}`,
    }),
  )
}
