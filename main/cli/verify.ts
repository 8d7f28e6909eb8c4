import type { Command } from 'commander'
import { failures } from '../contract/failure.ts'
import { judgementBy, judgementOf, openTender, verifyBid, withSealedBid } from '../services/index.ts'
import type { VerifyReport } from '../services/index.ts'
import type { TrustOptions } from './options.ts'
import { withTrustOption } from './options.ts'
import type { Context, Shell } from './shell.ts'
import { failureJson } from './terminal.ts'
import { grouped, moment, plain, table } from './wording.ts'

interface VerifyOptions extends TrustOptions {
  readonly tender?: string
}

/** `verify`. */
export function addVerify(program: Command, shell: Shell): void {
  withTrustOption(
    program
      .command('verify')
      .description('container, signature, certificate chain, digests; needs no key')
      .argument('<file>')
      .option('--tender <file>', 'hold it against this tender package too'),
  ).action((file: string, options: VerifyOptions, command: Command) =>
    shell.run(command, context => run(context, file, options)),
  )
}

async function run(context: Context, file: string, options: VerifyOptions): Promise<void> {
  const { ports, terminal, control } = context
  const trust = await context.trust(options)
  const report = await withSealedBid(ports, file, async bid => {
    const judgement =
      options.tender === undefined
        ? await judgementOf(ports, bid, trust)
        : await openTender(ports, options.tender, trust).then(({ tender }) => judgementBy(ports, bid, tender))
    return verifyBid(bid, judgement, control)
  })
  const { failure, ...facts } = report
  terminal.result({
    ok: failure === null,
    ...facts,
    ...(failure === null ? {} : failureJson(failure, terminal.language)),
  })
  if (failure === null) {
    sayVerified(context, report)
    return
  }
  context.setExitCode(failures[failure.code].exit)
  if (!terminal.json) terminal.failure(failure)
}

function sayVerified({ terminal }: Context, report: VerifyReport): void {
  const zh = terminal.language === 'zh'
  terminal.say(zh ? `核验通过  ${report.shortCode}` : `Verified  ${report.shortCode}`)
  const { signer } = report
  const rows: (readonly [string, string])[] = [
    [zh ? '封标编号' : 'seal id', report.sealId],
    [zh ? '封标摘要' : 'seal digest', grouped(report.sealDigest)],
    ...(signer === null
      ? []
      : ([
          [zh ? '签名人' : 'signer', plain(signer.subject)],
          [zh ? '签发者' : 'issuer', plain(signer.issuer)],
          [zh ? '信用代码' : 'credit code', signer.creditCode ?? ''],
          [zh ? '证书有效期' : 'valid', `${moment(signer.validFrom)} – ${moment(signer.validTo)}`],
        ] as const)),
    ...(report.timestamp === undefined ? [] : [[zh ? '时间戳' : 'time stamp', moment(report.timestamp)] as const]),
    ...report.parts.map(({ name, root }) => [name, grouped(root)] as const),
    [
      zh ? '招标文件包' : 'tender',
      report.tenderChecked
        ? zh
          ? '一致'
          : 'agrees'
        : zh
          ? '未比对（本机没有该包）'
          : 'not compared: the package is not here',
    ],
    [zh ? '吊销' : 'revocation', zh ? '未检查' : 'not checked'],
  ]
  for (const line of table(rows)) terminal.say(line)
}
