import type { Command } from 'commander'
import { inspectBid, withSealedBid, writeHeaderFile } from '../services/index.ts'
import type { SealedBidFacts } from '../services/index.ts'
import type { Context, Shell } from './shell.ts'
import { grouped, moment, plain, size, table } from './wording.ts'

/** `inspect`. */
export function addInspect(program: Command, shell: Shell): void {
  program
    .command('inspect')
    .description('what a sealed bid says of itself; nothing is verified')
    .argument('<file>')
    .action((file: string, _options: unknown, command: Command) =>
      shell.run(command, async context => {
        const facts = await withSealedBid(context.ports, file, bid => Promise.resolve(inspectBid(bid)))
        context.terminal.result({ ok: true, ...facts })
        sayFacts(context, facts)
      }),
    )
}

/** `header`. */
export function addHeader(program: Command, shell: Shell): void {
  program
    .command('header')
    .description('write the header archive alone: all that the opening needs')
    .argument('<file>')
    .requiredOption('-o, --output <file>', 'the header file to write')
    .action((file: string, options: { readonly output: string }, command: Command) =>
      shell.run(command, async context => {
        const written = await withSealedBid(context.ports, file, async bid => {
          const { size: bytes } = await writeHeaderFile(bid, options.output)
          return { sealId: bid.header.sealId, sealDigest: bid.sealDigest, shortCode: bid.shortCode, bytes }
        })
        context.terminal.result({ ok: true, output: options.output, ...written })
        context.terminal.say(`${options.output}  ${size(written.bytes)}  ${written.shortCode}`)
      }),
    )
}

function sayFacts({ terminal }: Context, facts: SealedBidFacts): void {
  const zh = terminal.language === 'zh'
  const { tender, bidder } = facts
  const kind = facts.kind === 'header' ? (zh ? '（仅文件头）' : ' (header alone)') : ''
  terminal.say(
    zh ? `封标文件${kind}  ${facts.shortCode}  未经核验` : `Sealed bid${kind}  ${facts.shortCode}  not verified`,
  )
  const rows: (readonly [string, string])[] = [
    [zh ? '投标人' : 'bidder', plain(`${bidder.name}  ${bidder.creditCode}`)],
    [zh ? '项目代码' : 'project code', plain(tender.projectCode)],
    [zh ? '标段' : 'tender, lot', plain(`${tender.tenderId}  ${tender.lotId}`)],
    [zh ? '投标截止' : 'deadline', moment(tender.deadline)],
    [zh ? '开标时间' : 'opening', moment(tender.openingTime)],
    [zh ? '算法' : 'suite', facts.suite],
    [zh ? '密钥' : 'key policy', facts.keyPolicy],
    [zh ? '封标编号' : 'seal id', facts.sealId],
    [zh ? '封标摘要' : 'seal digest', grouped(facts.sealDigest)],
    ...facts.parts.map(part => [part.name, `${size(part.sealedSize)}  ${grouped(part.root)}`] as const),
    ...(facts.replaces === undefined ? [] : [[zh ? '替换' : 'replaces', grouped(facts.replaces)] as const]),
  ]
  for (const line of table(rows)) terminal.say(line)
  terminal.say(zh ? '能打开它的锁：' : 'Locks that open it:')
  for (const { role, label, subject = '', serial = '', notAfter } of facts.recipients) {
    const until = notAfter === undefined ? '' : `  ${zh ? '有效期至' : 'until'} ${moment(notAfter)}`
    terminal.say(`  ${role}  ${plain(label)}${until}`)
    if (subject !== '') terminal.say(`    ${plain(subject)}  ${serial}`)
  }
}
