import type { Command } from 'commander'
import { exportCarry, exportReceipt, importCarry, importReceipt } from '../services/index.ts'
import type { CarriedReceipt } from '../services/index.ts'
import type { TrustOptions } from './options.ts'
import { withTrustOption } from './options.ts'
import type { Context, Shell } from './shell.ts'
import { moment, plain, size, table } from './wording.ts'

interface OutputOption {
  readonly output: string
}

/** `carry export`, `carry import`, `carry return`, `carry receipt`. */
export function addCarry(program: Command, shell: Shell): void {
  const carry = program.command('carry').description('submit a sealed bid from another computer (USB stick)')
  withTrustOption(
    carry
      .command('export')
      .description('what another computer needs to submit the bid and go on where this one stopped; holds no key')
      .argument('<bid>', 'a sealId, or the sealed file')
      .requiredOption('-o, --output <file>', 'the carry file (a ZIP)'),
  ).action((bid: string, options: OutputOption & TrustOptions, command: Command) =>
    shell.run(command, context => takeOut(context, bid, options)),
  )
  withTrustOption(
    carry
      .command('import')
      .description('take in a carry file on the other computer; everything in it is verified first')
      .argument('<file>')
      .option('-o, --output <file>', 'where the sealed bid goes (default: into the home)'),
  ).action((file: string, options: Partial<OutputOption> & TrustOptions, command: Command) =>
    shell.run(command, context => takeIn(context, file, options)),
  )
  carry
    .command('return')
    .description('on the other computer: the receipt, to be brought back to the first one')
    .argument('<sealId>')
    .requiredOption('-o, --output <file>')
    .action((sealId: string, { output }: OutputOption, command: Command) =>
      shell.run(command, async context => {
        sayReceipt(context, await exportReceipt(context.ports, sealId, output), {
          zh: '回执已写入文件，请带回原来的电脑，执行 bidseal carry receipt',
          en: 'The receipt is written; bring it back to the first computer and run bidseal carry receipt',
        })
      }),
    )
  carry
    .command('receipt')
    .description('on the first computer: verify and keep the receipt that was brought back')
    .argument('<file>')
    .action((file: string, _options: unknown, command: Command) =>
      shell.run(command, async context => {
        sayReceipt(context, await importReceipt(context.ports, file), {
          zh: '已递交，带回的回执核验无误',
          en: 'Delivered; the receipt brought back is verified and kept',
        })
      }),
    )
}

async function takeOut(context: Context, bid: string, options: OutputOption & TrustOptions): Promise<void> {
  const { terminal, ports, control } = context
  const { output } = options
  const exported = await exportCarry(ports, { bid, output, trust: await context.trust(options) }, control)
  terminal.result({ ok: true, file: output, ...exported })
  terminal.say(
    terminal.words({
      zh: `携带文件已生成  ${exported.shortCode}  ${size(exported.size)}  ${plain(output)}`,
      en: `Carry file made  ${exported.shortCode}  ${size(exported.size)}  ${plain(output)}`,
    }),
  )
  terminal.say(
    terminal.words({
      zh: `  尚未递交，截止 ${moment(exported.deadline)}。请连同 CA 锁带到另一台电脑，执行 bidseal carry import；文件中没有密钥。`,
      en: `  NOT submitted yet; the deadline is ${moment(exported.deadline)}. Take it, and the lock, to the other computer and run bidseal carry import. It holds no key.`,
    }),
  )
}

async function takeIn(context: Context, file: string, options: Partial<OutputOption> & TrustOptions): Promise<void> {
  const { terminal, ports, control } = context
  const trust = await context.trust(options)
  const imported = await importCarry(ports, { file, output: options.output, trust }, control)
  terminal.result({ ok: true, ...imported })
  const zh = terminal.language === 'zh'
  terminal.say(zh ? `已导入，核验无误  ${imported.shortCode}` : `Taken in and verified  ${imported.shortCode}`)
  const rows: readonly (readonly [string, string])[] = [
    [zh ? '封标编号' : 'seal id', imported.sealId],
    [zh ? '截止时间' : 'deadline', moment(imported.deadline)],
    [zh ? '封标文件' : 'sealed file', plain(imported.file)],
  ]
  for (const line of table(rows)) terminal.say(line)
  const url = imported.platform === null ? '<URL>' : plain(imported.platform)
  terminal.say(
    zh
      ? '  尚未递交。插入锁后执行（平台已收到的部分不会重传）：'
      : '  NOT submitted yet. With the lock plugged in run (what the platform has is not sent again):',
  )
  terminal.say(`    bidseal submit "${plain(imported.file)}" --platform ${url} --token <URI>`)
}

function sayReceipt(
  { terminal }: Context,
  { receipt, shortCode }: CarriedReceipt,
  words: { readonly zh: string; readonly en: string },
): void {
  terminal.result({ ok: true, sealId: receipt.sealId, sealDigest: receipt.sealDigest, shortCode, receipt })
  terminal.say(`${terminal.words(words)}  ${shortCode}  ${moment(receipt.receivedAt)}`)
}
