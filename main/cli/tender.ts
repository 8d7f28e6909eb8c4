import { createHash } from 'node:crypto'
import type { Command } from 'commander'
import { importedTender, importTender, newTender, openTender, requireFree } from '../services/index.ts'
import { sealedForEarlier, tenderChanges } from '../services/index.ts'
import type { TenderChange } from '../services/index.ts'
import type { Tender } from '../../crypto/index.ts'
import { writeFileAtomic } from '../store/index.ts'
import type { TokenOptions, TrustOptions } from './options.ts'
import { withTokenOptions, withTrustOption } from './options.ts'
import type { Context, Shell } from './shell.ts'
import { changeLines, nothing } from './tender-change-words.ts'
import { sayTender, tenderJson } from './tender-words.ts'
import { plain, size } from './wording.ts'

interface NewOptions extends TokenOptions {
  readonly output: string
  readonly sign: string
}

/** `tender verify`, `tender import`, `tender diff` and `tender new`. */
export function addTender(program: Command, shell: Shell): void {
  const tender = program.command('tender').description('tender packages')
  withTrustOption(
    tender
      .command('verify')
      .description("check a tender package's signature and show what it asks for")
      .argument('<file>'),
  ).action((file: string, options: TrustOptions, command: Command) =>
    shell.run(command, context => read(context, file, options, 'verify')),
  )
  withTrustOption(
    tender
      .command('import')
      .description('check a tender package, keep it in the home, and show what it changes')
      .argument('<file>'),
  ).action((file: string, options: TrustOptions, command: Command) =>
    shell.run(command, context => read(context, file, options, 'import')),
  )
  withTrustOption(
    tender
      .command('diff')
      .description('what changed between two packages of a tender; both signatures are checked')
      .argument('<older>')
      .argument('<newer>'),
  ).action((older: string, newer: string, options: TrustOptions, command: Command) =>
    shell.run(command, context => diff(context, [older, newer], options)),
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

async function read(context: Context, file: string, options: TrustOptions, act: 'verify' | 'import'): Promise<void> {
  const { terminal, ports } = context
  const trusted = await openTender(ports, file, await context.trust(options))
  const { tender } = trusted
  if (act === 'import') await importTender(ports, trusted)
  const { supersedes } = tender.fields
  const amended = supersedes === undefined ? null : await importedTender(ports, supersedes)
  const changes = amended === null ? null : tenderChanges(amended, tender)
  const sealed = await sealedForEarlier(ports, tender)
  const touched = sealed.map(({ sealId, shortCode, state }) => ({ sealId, shortCode, state }))
  terminal.result({ ok: true, ...tenderJson(tender), imported: act === 'import', changes, sealedForEarlier: touched })
  sayTender(terminal, tender)
  if (changes !== null) {
    terminal.say(terminal.words({ zh: '与它所修改的包相比：', en: 'compared with the package it amends:' }))
    sayChanges(context, changes)
  } else if (supersedes !== undefined) {
    terminal.say(
      terminal.words({
        zh: '它修改的包不在本机，无法列出变化；可用 tender diff 比较两个文件。',
        en: 'The package it amends is not in this home, so the changes cannot be listed; tender diff compares two files.',
      }),
    )
  }
  for (const { shortCode } of touched) {
    terminal.say(
      terminal.words({
        zh: `注意：已封标的投标文件 ${shortCode} 依据的是先前的招标文件，请按变化重新编制、重新封标。`,
        en: `Note: the sealed bid ${shortCode} was made for an earlier package; revise it and seal it again.`,
      }),
    )
  }
}

async function diff(context: Context, files: readonly [string, string], options: TrustOptions): Promise<void> {
  const { terminal, ports } = context
  const trust = await context.trust(options)
  const first = (await openTender(ports, files[0], trust)).tender
  const second = (await openTender(ports, files[1], trust)).tender
  // Whatever the order on the command line, what amends is the newer.
  const swapped = first.fields.supersedes === second.packageDigest
  const [older, newer] = swapped ? [second, first] : [first, second]
  const amends = newer.fields.supersedes === older.packageDigest
  const sameTender =
    older.fields.tenderId === newer.fields.tenderId && (older.fields.lotId ?? '') === (newer.fields.lotId ?? '')
  const changes = tenderChanges(older, newer)
  const facts = ({ packageDigest, fields: { title, publishedAt } }: Tender) => ({ packageDigest, title, publishedAt })
  terminal.result({ ok: true, older: facts(older), newer: facts(newer), sameTender, amends, changes })
  terminal.say(plain(newer.fields.title))
  if (!sameTender) {
    terminal.say(
      terminal.words({ zh: '这是两个不同的招标项目或标段。', en: 'These are two different tenders or lots.' }),
    )
  } else if (!amends) {
    terminal.say(
      terminal.words({
        zh: '后一个包没有声明修改前一个包。',
        en: 'The second package does not say that it amends the first.',
      }),
    )
  }
  sayChanges(context, changes)
}

function sayChanges({ terminal }: Context, changes: readonly TenderChange[]): void {
  for (const line of changeLines(changes, terminal.language)) terminal.say(line)
  if (changes.length === 0) terminal.say(terminal.words(nothing))
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
