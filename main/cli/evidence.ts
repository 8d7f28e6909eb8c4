import type { Command } from 'commander'
import { exportEvidence, verifyEvidence } from '../services/index.ts'
import type { ExportedEvidence, VerifiedEvidence } from '../services/index.ts'
import { conclusionText } from './evidence-words.ts'
import type { TokenOptions, TrustOptions } from './options.ts'
import { withTokenOptions, withTrustOption } from './options.ts'
import type { Context, Shell } from './shell.ts'
import { grouped, moment, size, table } from './wording.ts'

interface ExportOptions extends TokenOptions, TrustOptions {
  readonly output: string
  readonly token?: string
}

const exportHelp = `
The package is a ZIP: header, receipts, release, record, time stamps, the journal's lines about the bid, certificates, a
summary (Chinese PDF), and verify.sh, which verifies it with openssl alone (build/docs/evidence.md).

With --json: {ok, output, bytes, digest, signed, entries, conclusion: {outcome, because}, attempts}. An attempt is {n, act,
at, timeOf, phase, code, platformSays?, side: "bidder" | "platform" | "network" | "nobody", rule, meaning:
"deemed-revoked" | "deemed-withdrawn" | "nothing" | "open"}: what this computer's log says, not a finding.`

const verifyHelp = `
With --json: {ok, sealId, sealDigest, shortCode, signed, tenderTrusted, receivedAt, revocation, stamps: [{entry,
time, trusted}], journal: {lines, kept, signedHeads},
entries, conclusion, attempts}; {ok: false, code: "evidence.broken", detail} names the entry that fails.`

/** `evidence export` and `evidence verify`. */
export function addEvidence(program: Command, shell: Shell): void {
  const evidence = program.command('evidence').description('what proves the life of one bid')
  withTrustOption(
    withTokenOptions(
      evidence
        .command('export')
        .description('write the evidence package of a bid')
        .argument('<sealId>')
        .requiredOption('-o, --output <file>', 'the package to write')
        .option('--token <uri>', 'the lock that signs the package as a whole')
        .addHelpText('after', exportHelp),
    ),
  ).action((sealId: string, options: ExportOptions, command: Command) =>
    shell.run(command, context => runExport(context, sealId, options)),
  )
  withTrustOption(
    evidence
      .command('verify')
      .description('verify an evidence package; needs no network and no lock')
      .argument('<file>')
      .addHelpText('after', verifyHelp),
  ).action((file: string, options: TrustOptions, command: Command) =>
    shell.run(command, async context => {
      const verified = await verifyEvidence(context.ports, file, await context.trust(options))
      context.terminal.result({ ok: true, ...verified })
      sayVerified(context, verified)
    }),
  )
}

async function runExport(context: Context, sealId: string, options: ExportOptions): Promise<void> {
  const { token, output } = options
  const { anchors } = await context.trust(options)
  const exported = await exportEvidence(context.ports, {
    ...{ sealId, output, font: context.siblings.font, anchors },
    sign: token === undefined ? null : { locks: context.locks(options, [token]), token },
  })
  context.terminal.result({ ok: true, output, ...exported })
  sayExported(context, output, exported)
}

function sayExported({ terminal }: Context, output: string, exported: ExportedEvidence): void {
  const zh = terminal.language === 'zh'
  terminal.say(`${output}  ${size(exported.bytes)}  ${exported.shortCode}`)
  const rows: (readonly [string, string])[] = [
    [zh ? '整包摘要' : 'digest', grouped(exported.digest)],
    [zh ? '文件' : 'files', String(exported.entries.length)],
    [zh ? '整包签名' : 'signed', signedText(exported.signed, zh)],
    [zh ? '按本日志' : 'by this log', conclusionText(exported.conclusion, terminal.language)],
  ]
  for (const line of table(rows)) terminal.say(line)
}

function sayVerified({ terminal }: Context, verified: VerifiedEvidence): void {
  const zh = terminal.language === 'zh'
  terminal.say(zh ? `存证包核验通过  ${verified.shortCode}` : `The evidence package holds  ${verified.shortCode}`)
  const { lines, kept, signedHeads } = verified.journal
  const failed = verified.attempts.filter(({ rule }) => rule !== 'done').length
  const rows: (readonly [string, string])[] = [
    [zh ? '封标编号' : 'seal id', verified.sealId],
    [zh ? '封标摘要' : 'seal digest', grouped(verified.sealDigest)],
    [zh ? '平台收到' : 'received', verified.receivedAt === null ? '–' : moment(verified.receivedAt)],
    ...verified.stamps.map(
      ({ entry, time, trusted }) =>
        [zh ? '时间戳' : 'time stamp', `${moment(time)}  ${entry}  ${trustedText(trusted, zh)}`] as const,
    ),
    [zh ? '招标文件包签名人' : 'tender signer', trustedText(verified.tenderTrusted, zh)],
    [zh ? '证书吊销状态' : 'revocation', zh ? '未核验' : 'not checked'],
    [zh ? '整包签名' : 'signed', signedText(verified.signed, zh)],
    [
      zh ? '日志' : 'journal',
      zh
        ? `共 ${lines} 条，关于本标 ${kept} 条，锁签名 ${signedHeads} 次，失败的尝试 ${failed} 次`
        : `${lines} lines, ${kept} about this bid, signed by the lock ${signedHeads} times, ${failed} failed attempts`,
    ],
    [zh ? '按本日志' : 'by this log', conclusionText(verified.conclusion, terminal.language)],
  ]
  for (const line of table(rows)) terminal.say(line)
}

function signedText(signed: boolean, zh: boolean): string {
  if (signed) return zh ? '由投标人的锁签名' : 'by the bidder’s lock'
  return zh ? '未签名（导出时没有用锁）' : 'no (exported without a lock)'
}

function trustedText(trusted: boolean, zh: boolean): string {
  if (trusted) return zh ? '可信' : 'trusted'
  return zh ? '未判断：用 --trust 指明其根证书' : 'not judged: name its root with --trust'
}
