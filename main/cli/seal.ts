import { Option } from 'commander'
import type { Command } from 'commander'
import type { Tender } from '../../crypto/index.ts'
import { importTender, isTokenUri, openTender, sealFolder } from '../services/index.ts'
import type { SealReport, SlipResult } from '../services/index.ts'
import { sayFindings } from './findings.ts'
import type { Words } from './language.ts'
import type { TokenOptions, TrustOptions } from './options.ts'
import { collect, withTokenOptions, withTrustOption } from './options.ts'
import { revocationRows } from './revocation-words.ts'
import type { Context, Shell } from './shell.ts'
import { suiteIdOf, type SuiteName, suiteOption } from './suite-option.ts'
import type { Terminal } from './terminal.ts'
import { portsWithTimeStamps, type TimeStampOptions, withTimeStampOption } from './time-stamp-option.ts'
import { grouped, moment, plain, size, table } from './wording.ts'

interface SealOptions extends TokenOptions, TrustOptions, TimeStampOptions {
  readonly tender: string
  readonly sign: string
  readonly encrypt?: string
  readonly backup?: readonly string[]
  readonly suite?: SuiteName
  readonly recoveryCodeTo?: string
  readonly plainTwinTo?: string
  readonly slip?: string
  readonly recordTraces?: boolean
  readonly output: string
  readonly selfTest: boolean
  readonly again?: boolean
}

/** `seal`. */
export function addSeal(program: Command, shell: Shell): void {
  const named: string[] = []
  // PINs come in the order in which the tokens stand on the command line, whichever option names them.
  const noted = (value: string): string => {
    if (isTokenUri(value)) named.push(value)
    return value
  }
  const seal = program
    .command('seal')
    .description('sign and seal a bid folder, then prove that it opens')
    .argument('<dir>')
    .requiredOption('--tender <file>', 'the tender package')
    .addOption(new Option('--sign <uri>', 'the lock that signs').argParser(noted).makeOptionMandatory())
    .addOption(new Option('--encrypt <uri|cert>', 'the main recipient (default: the signing lock)').argParser(noted))
    .addOption(
      new Option('--backup <uri|cert>', 'another lock that opens it (repeatable)').argParser(
        (value: string, before: readonly string[] | undefined) => collect(noted(value), before),
      ),
    )
    .addOption(suiteOption('algorithms (default: what the tender asks for and the signing lock can do)'))
    .option('--recovery-code-to <file>', 'a recovery code into this new file, where the tender allows one')
    .option('--plain-twin-to <file>', 'the plain twin (备用明文) into this new file, where the tender allows one')
    .option('--slip <file>', 'a seal slip (封标回执单) as a PDF')
    .option('--record-traces', 'write the machine traces the tender asks for into the header (bid check shows them)')
    .requiredOption('-o, --output <file>', 'the sealed file to write')
    .option('--no-self-test', 'do not prove that it opens')
    .option('--again', 'seal a draft a second time')
  withTrustOption(withTokenOptions(withTimeStampOption(seal))).action(
    (dir: string, options: SealOptions, command: Command) =>
      shell.run(command, context => run(context, dir, options, named)),
  )
}

async function run(context: Context, folder: string, options: SealOptions, named: readonly string[]): Promise<void> {
  const { control, terminal, siblings } = context
  const ports = portsWithTimeStamps(context.ports, options)
  // The threads start while the tender is read and the PIN is asked for.
  ports.pipeline?.warm()
  const trusted = await openTender(ports, options.tender, await context.trust(options))
  await importTender(ports, trusted)
  const report = await sealFolder(
    ports,
    context.locks(options, named),
    {
      folder,
      tender: trusted.tender,
      suite: options.suite === undefined ? null : suiteIdOf(options.suite),
      sign: options.sign,
      ...(options.encrypt === undefined ? {} : { encrypt: options.encrypt }),
      backups: options.backup ?? [],
      output: options.output,
      ...(options.recoveryCodeTo === undefined ? {} : { recoveryCodeTo: options.recoveryCodeTo }),
      ...(options.plainTwinTo === undefined ? {} : { plainTwinTo: options.plainTwinTo }),
      ...(options.slip === undefined ? {} : { slip: { path: options.slip, font: siblings.font } }),
      recordTraces: options.recordTraces === true,
      selfTest: options.selfTest,
      again: options.again === true,
    },
    control,
  )
  terminal.result({ ok: true, output: options.output, ...report, selfTest: options.selfTest })
  saySealed(terminal, report, options, trusted.tender)
}

function saySealed(terminal: Terminal, report: SealReport, options: SealOptions, tender: Tender): void {
  const zh = terminal.language === 'zh'
  sayFindings(terminal, report.findings, tender)
  for (const { role, label, since } of report.revokedRecipients) {
    const lock = `${terminal.words(roles[role])} ${plain(label)}`
    terminal.note(
      zh
        ? `注意：${lock} 的加密证书已于 ${moment(since)} 吊销；请确认此锁开标时仍在手中。`
        : `Note: the encryption certificate of the ${lock} was revoked at ${moment(since)}; make sure that the lock will be at hand at the opening.`,
    )
  }
  terminal.say(zh ? `已封标  ${report.shortCode}` : `Sealed  ${report.shortCode}`)
  const rows: (readonly [string, string])[] = [
    [zh ? '文件' : 'file', `${options.output}  ${size(report.size)}`],
    [zh ? '投标人' : 'bidder', `${plain(report.bidder.name)}  ${report.bidder.creditCode}`],
    [zh ? '封标编号' : 'seal id', report.sealId],
    [zh ? '封标摘要' : 'seal digest', grouped(report.sealDigest)],
    ...report.recipients.map(({ role, label = '', proved }): readonly [string, string] => [
      terminal.words(roles[role]),
      role === 'recovery'
        ? terminal.words(codeWords)
        : `${plain(label)}  ${terminal.words(provedWords(proved, options.selfTest))}`,
    ]),
    ...revocationRows(report.revocation.slice(0, 1), terminal.language),
    ...(report.timestamp === undefined ? [] : [[zh ? '时间戳' : 'time stamp', moment(report.timestamp)] as const]),
    ...(report.replaces === undefined ? [] : [[zh ? '将替换' : 'will replace', grouped(report.replaces)] as const]),
    ...besideRows(terminal, report, options),
    ...(options.recoveryCodeTo === undefined ? [] : [[zh ? '恢复码在' : 'code in', options.recoveryCodeTo] as const]),
  ]
  for (const line of table(rows)) terminal.say(line)
}

/** What lies beside the sealed bid now. */
function besideRows({ language }: Terminal, report: SealReport, options: SealOptions): (readonly [string, string])[] {
  const zh = language === 'zh'
  const { slip, traces } = report
  return [
    ...(options.plainTwinTo === undefined ? [] : [[zh ? '备用明文在' : 'plain twin in', options.plainTwinTo] as const]),
    ...(slip === undefined ? [] : [[zh ? '回执单' : 'slip', slipWords(slip, zh)] as const]),
    ...(traces.length === 0
      ? []
      : [[zh ? '已记录本机信息' : 'traces recorded', traces.map(plain).join(', ')] as const]),
  ]
}

function slipWords(slip: SlipResult, zh: boolean): string {
  if ('path' in slip) return slip.path
  return zh ? `没有写成（${slip.failure.code}）；封标不受影响` : `not written (${slip.failure.code}); the bid stands`
}

const roles: Readonly<Record<SealReport['recipients'][number]['role'], Words>> = {
  main: { zh: '主锁', en: 'main lock' },
  backup: { zh: '副锁', en: 'backup lock' },
  agency: { zh: '招标代理', en: 'agency' },
  recovery: { zh: '恢复码', en: 'recovery code' },
}

const codeWords: Words = { zh: '凭码打开，未试解密', en: 'opens with the code; not tried' }

function provedWords(proved: boolean, tested: boolean): Words {
  if (proved) return { zh: '已试解密', en: 'trial opening passed' }
  if (!tested) return { zh: '未试解密（--no-self-test）', en: 'not tried (--no-self-test)' }
  return { zh: '未试解密：密钥不在本机', en: 'not tried: its key is not here' }
}
