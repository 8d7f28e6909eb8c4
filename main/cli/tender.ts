import { createHash } from 'node:crypto'
import type { Command } from 'commander'
import { certificateFacts, newTender, openTender, requireFree } from '../services/index.ts'
import type { TrustedTender } from '../services/index.ts'
import { writeFileAtomic } from '../store/index.ts'
import type { TokenOptions, TrustOptions } from './options.ts'
import { withTokenOptions, withTrustOption } from './options.ts'
import type { Context, Shell } from './shell.ts'
import { grouped, moment, plain, size, table } from './wording.ts'

interface NewOptions extends TokenOptions {
  readonly output: string
  readonly sign: string
}

/** `tender verify` and `tender new`. */
export function addTender(program: Command, shell: Shell): void {
  const tender = program.command('tender').description('tender packages')
  withTrustOption(
    tender
      .command('verify')
      .description("check a tender package's signature and show what it asks for")
      .argument('<file>'),
  ).action((file: string, options: TrustOptions, command: Command) =>
    shell.run(command, context => verify(context, file, options)),
  )
  withTokenOptions(
    tender
      .command('new')
      .description('make a signed tender package from a JSON specification (practice and tests)')
      .argument('<spec>', 'tender.json without its type; certificates may be PEM files, attachments paths')
      .requiredOption('-o, --output <file>', 'the .tender file to write')
      .requiredOption('--sign <uri>', 'the lock that signs'),
  ).action((spec: string, options: NewOptions, command: Command) =>
    shell.run(command, context => make(context, spec, options)),
  )
}

async function verify(context: Context, file: string, options: TrustOptions): Promise<void> {
  const { terminal, ports } = context
  const trusted = await openTender(ports, file, await context.trust(options))
  terminal.result({ ok: true, ...tenderJson(trusted) })
  sayTender(context, trusted)
}

async function make(context: Context, spec: string, options: NewOptions): Promise<void> {
  const { terminal, ports } = context
  await requireFree(options.output)
  const signer = await context.locks(options, [options.sign]).signer(options.sign)
  const made = await newTender(ports, spec, signer)
  await writeFileAtomic(options.output, made.packageBytes)
  const { packageDigest } = made.tender
  const sha256 = createHash('sha256').update(made.packageBytes).digest('hex')
  terminal.result({ ok: true, output: options.output, bytes: made.packageBytes.length, sha256, packageDigest })
  terminal.say(`${options.output}  ${size(made.packageBytes.length)}`)
  terminal.say(`packageDigest ${packageDigest}`)
}

function tenderJson({ tender }: TrustedTender): Readonly<Record<string, unknown>> {
  const { fields, packageDigest, signature } = tender
  return {
    packageDigest,
    platformId: fields.platformId,
    tenderId: fields.tenderId,
    lotId: fields.lotId ?? '',
    projectCode: fields.projectCode,
    title: fields.title,
    publishedAt: fields.publishedAt,
    deadline: fields.deadline,
    openingTime: fields.openingTime,
    keyPolicy: fields.keyPolicy,
    parts: fields.parts,
    remedy: fields.remedy.kind,
    suites: fields.suites,
    limits: fields.limits,
    documents: fields.documents,
    forms: fields.forms,
    attachments: fields.attachments,
    supersedes: fields.supersedes ?? null,
    signer: certificateFacts(signature.signer),
  }
}

function sayTender({ terminal }: Context, { tender }: TrustedTender): void {
  const { fields, packageDigest, signature } = tender
  const zh = terminal.language === 'zh'
  terminal.say(plain(fields.title))
  const rows: (readonly [string, string])[] = [
    [zh ? '签名' : 'signature', `${zh ? '已核验' : 'verified'}  ${plain(certificateFacts(signature.signer).subject)}`],
    [zh ? '投标截止' : 'deadline', moment(fields.deadline)],
    [zh ? '开标时间' : 'opening', moment(fields.openingTime)],
    [zh ? '项目代码' : 'project code', plain(fields.projectCode)],
    [zh ? '标段' : 'tender, lot', plain(`${fields.tenderId}  ${fields.lotId ?? ''}`)],
    [zh ? '补救措施' : 'remedy', fields.remedy.kind],
    [zh ? '密钥' : 'key policy', fields.keyPolicy],
    [zh ? '大小上限' : 'limits', `${size(fields.limits.fileBytes)} / ${size(fields.limits.bidBytes)}`],
    [zh ? '包摘要' : 'package digest', grouped(packageDigest)],
  ]
  for (const line of table(rows)) terminal.say(line)
  terminal.say(zh ? '文件：' : 'documents:')
  for (const { id, title, required } of fields.documents) {
    terminal.say(`  ${required ? (zh ? '必须' : 'must') : zh ? '可选' : 'may '}  ${plain(id)}  ${plain(title)}`)
  }
  terminal.say(zh ? '表单：' : 'forms:')
  for (const { id, title = '', fields: names } of fields.forms) {
    terminal.say(`  ${plain(id)}  ${plain(title)}: ${names.map(({ name }) => plain(name)).join(', ')}`)
  }
}
