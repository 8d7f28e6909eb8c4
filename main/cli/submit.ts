import type { Command } from 'commander'
import { submitBid, withdrawBid } from '../services/index.ts'
import type { Submitted, Withdrawn } from '../services/index.ts'
import type { TokenOptions, TrustOptions } from './options.ts'
import { withTokenOptions, withTrustOption } from './options.ts'
import type { Context, Shell } from './shell.ts'
import { grouped, moment, size, table } from './wording.ts'

interface DeliveryOptions extends TokenOptions, TrustOptions {
  readonly platform: string
  readonly token: string
}

/** `submit`. */
export function addSubmit(program: Command, shell: Shell): void {
  withDelivery(
    program
      .command('submit')
      .description('deliver a sealed bid; run again to go on where it stopped')
      .argument('<file>', 'the sealed bid'),
  ).action((file: string, options: DeliveryOptions, command: Command) =>
    shell.run(command, async context => {
      const request = await requestOf(context, options)
      reportSubmitted(
        context,
        await submitBid(context.ports, context.locks(options, [options.token]), { ...request, file }, context.control),
      )
    }),
  )
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

function reportSubmitted({ terminal }: Context, { receipt, shortCode, already }: Submitted): void {
  const zh = terminal.language === 'zh'
  terminal.result({ ok: true, already, sealId: receipt.sealId, sealDigest: receipt.sealDigest, shortCode, receipt })
  const head = already
    ? zh
      ? '此前已递交，回执核验无误'
      : 'Delivered before, receipt verified'
    : zh
      ? '已递交，回执核验无误'
      : 'Delivered, receipt verified'
  terminal.say(`${head}  ${shortCode}`)
  const rows: (readonly [string, string])[] = [
    [zh ? '平台收到时间' : 'received', moment(receipt.receivedAt)],
    [zh ? '封标编号' : 'seal id', receipt.sealId],
    [zh ? '封标摘要' : 'seal digest', grouped(receipt.sealDigest)],
    [zh ? '大小' : 'size', size(receipt.size)],
    ...(receipt.replaces === undefined ? [] : [[zh ? '已替换' : 'replaces', grouped(receipt.replaces)] as const]),
  ]
  for (const line of table(rows)) terminal.say(line)
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
