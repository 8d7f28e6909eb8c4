import type { Command } from 'commander'
import { AppFailure } from '../contract/failure.ts'
import {
  addDocument,
  checkBid,
  fillForm,
  importedTender,
  importTender,
  loadDraft,
  newBid,
  openTender,
} from '../services/index.ts'
import type { BidDraft } from '../services/index.ts'
import type { Tender } from '../../crypto/index.ts'
import { sayFindings } from './findings.ts'
import type { TrustOptions } from './options.ts'
import { withTrustOption } from './options.ts'
import type { Context, Shell } from './shell.ts'
import { failureJson } from './terminal.ts'
import { plain, size } from './wording.ts'

interface NewOptions extends TrustOptions {
  readonly tender: string
  readonly name?: string
  readonly creditCode?: string
}

interface TenderOption extends TrustOptions {
  readonly tender?: string
}

interface AddOptions extends TenderOption {
  readonly as: string
  readonly replace?: boolean
}

/** `bid new`, `bid add`, `bid form`, `bid check`. */
export function addBid(program: Command, shell: Shell): void {
  const bid = program.command('bid').description('compose a bid folder')
  const withTender = (command: Command): Command =>
    withTrustOption(command.option('--tender <file>', 'the tender package, where this home has not imported it'))

  withTrustOption(
    bid
      .command('new')
      .description('begin a bid folder for a tender, which is imported')
      .argument('<dir>')
      .requiredOption('--tender <file>', 'the tender package')
      .option('--name <name>', "the bidder's name (default: the signing certificate's)")
      .option('--credit-code <code>', "the bidder's credit code (default: the signing certificate's)"),
  ).action((dir: string, options: NewOptions, command: Command) =>
    shell.run(command, context => make(context, dir, options)),
  )

  withTender(
    bid
      .command('add')
      .description('copy a document into the bid')
      .argument('<dir>')
      .argument('<file>')
      .requiredOption('--as <id>', "the document's id in the tender")
      .option('--replace', 'take the place of what stands under this id'),
  ).action((dir: string, file: string, options: AddOptions, command: Command) =>
    shell.run(command, async context => {
      const tender = await tenderOf(context, dir, options)
      const request = { folder: dir, file, documentId: options.as, replace: options.replace === true }
      reportDraft(context, await addDocument(tender, request))
    }),
  )

  withTender(
    bid
      .command('form')
      .description('fill in fields of a form')
      .argument('<dir>')
      .argument('<form>')
      .argument('<key=value...>'),
  ).action((dir: string, formId: string, pairs: readonly string[], options: TenderOption, command: Command) =>
    shell.run(command, async context => {
      const values = new Map(pairs.map(readPair))
      reportDraft(context, await fillForm(await tenderOf(context, dir, options), { folder: dir, formId, values }))
    }),
  )

  withTender(bid.command('check').description('what is missing or wrong: fatal and advice').argument('<dir>')).action(
    (dir: string, options: TenderOption, command: Command) =>
      shell.run(command, context => check(context, dir, options)),
  )
}

async function make(context: Context, dir: string, options: NewOptions): Promise<void> {
  const { ports } = context
  const trusted = await openTender(ports, options.tender, await context.trust(options))
  const bidder = { name: options.name, creditCode: options.creditCode }
  const draft = await newBid({ folder: dir, tender: trusted.tender, bidder })
  await importTender(ports, trusted)
  reportDraft(context, draft)
}

async function check(context: Context, dir: string, options: TenderOption): Promise<void> {
  const { terminal } = context
  const tender = await tenderOf(context, dir, options)
  const { findings, documents, size: bytes } = await checkBid(dir, (await loadDraft(dir)).draft, tender)
  const fatal = findings.some(({ level }) => level === 'fatal')
  if (fatal) context.setExitCode(1)
  const failure = fatal ? failureJson({ code: 'bid.incomplete' }, terminal.language) : {}
  terminal.result({ ok: !fatal, ...failure, findings, documents: documents.length, bytes })
  sayFindings(terminal, findings)
  const summary = {
    zh: `${documents.length} 份文件，共 ${size(bytes)}。${fatal ? '有必改项，不能封标。' : '可以封标。'}`,
    en: `${documents.length} documents, ${size(bytes)}. ${fatal ? 'Not ready to be sealed.' : 'Ready to be sealed.'}`,
  }
  terminal.say(terminal.words(summary))
}

/** The tender a draft was made for: the file that is given, else what this home has imported. */
async function tenderOf(context: Context, dir: string, options: TenderOption): Promise<Tender> {
  if (options.tender !== undefined) {
    const trusted = await openTender(context.ports, options.tender, await context.trust(options))
    await importTender(context.ports, trusted)
    return trusted.tender
  }
  const { draft } = await loadDraft(dir)
  const tender = await importedTender(context.ports, draft.tender.packageDigest)
  if (tender === null) {
    throw new AppFailure('tender.invalid', 'this home has not imported the tender of the bid; give it with --tender')
  }
  return tender
}

function reportDraft({ terminal }: Context, draft: BidDraft): void {
  terminal.result({ ok: true, revision: draft.revision, bid: draft })
  const filled = draft.forms.reduce((sum, { fields }) => sum + fields.length, 0)
  const words = {
    zh: `投标文件夹第 ${draft.revision} 版：${draft.documents.length} 份文件，${filled} 个表单项。`,
    en: `Bid folder, revision ${draft.revision}: ${draft.documents.length} documents, ${filled} form fields.`,
  }
  terminal.say(terminal.words(words))
  for (const { documentId, path } of draft.documents) terminal.say(`  ${plain(documentId)}  ${plain(path)}`)
}

function readPair(pair: string): readonly [string, string] {
  const at = pair.indexOf('=')
  if (at < 1) throw new AppFailure('arguments.bad', 'a form field is written KEY=VALUE')
  return [pair.slice(0, at), pair.slice(at + 1)]
}
