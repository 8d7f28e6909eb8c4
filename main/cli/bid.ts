import type { Command } from 'commander'
import { AppFailure } from '../contract/failure.ts'
import {
  addDocument,
  checkBid,
  fillForm,
  importTender,
  isTokenUri,
  loadDraft,
  modulesToSearch,
  newBid,
  openTender,
} from '../services/index.ts'
import type { BidDraft, CheckSurroundings } from '../services/index.ts'
import { besideFindings } from './bid-history.ts'
import { fileToAdd, valuesFromLibrary } from './bid-library.ts'
import { bidTender } from './document-tender.ts'
import { sayFindings } from './findings.ts'
import type { TokenOptions, TrustOptions } from './options.ts'
import { collect, withTokenOptions, withTrustOption } from './options.ts'
import { readPairs } from './pairs.ts'
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

interface CheckOptions extends TenderOption, TokenOptions {
  readonly sign?: string
  readonly encrypt?: string
  readonly backup?: readonly string[]
}

interface AddOptions extends TenderOption {
  readonly as: string
  readonly replace?: boolean
  readonly fromLibrary?: string
}

interface FormOptions extends TenderOption {
  /** True without the name of an entry. */
  readonly fromLibrary?: string | true
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
      .argument('[file]', 'with --from-library the name of one of the files of the entry')
      .requiredOption('--as <id>', "the document's id in the tender")
      .option('--from-library <entry>', 'a file of the company library')
      .option('--replace', 'take the place of what stands under this id'),
  ).action((dir: string, file: string | undefined, options: AddOptions, command: Command) =>
    shell.run(command, async context => {
      const tender = await bidTender(context, dir, options)
      const source = await fileToAdd(context, tender, file, options.fromLibrary)
      const request = { folder: dir, ...source, documentId: options.as, replace: options.replace === true }
      reportDraft(context, await addDocument(tender, request))
    }),
  )

  withTender(
    bid
      .command('form')
      .description('fill in fields of a form')
      .argument('<dir>')
      .argument('<form>')
      .argument('[key=value...]')
      .option('--from-library [entry]', 'fill what is empty from the company library, and from one of its entries'),
  ).action((dir: string, formId: string, pairs: readonly string[], options: FormOptions, command: Command) =>
    shell.run(command, async context => {
      const tender = await bidTender(context, dir, options)
      // `--from-library KEY=VALUE`: no entry has a name like that.
      const pair =
        typeof options.fromLibrary === 'string' && options.fromLibrary.includes('=') ? options.fromLibrary : null
      const given = readPairs(pair === null ? pairs : [pair, ...pairs])
      const fromLibrary = pair === null ? options.fromLibrary : true
      if (given.size === 0 && fromLibrary === undefined) {
        throw new AppFailure('arguments.bad', 'nothing to fill in; write KEY=VALUE or --from-library')
      }
      const values =
        fromLibrary === undefined
          ? given
          : await valuesFromLibrary(context, { tender, dir, formId, given, entryId: fromLibrary })
      reportDraft(context, await fillForm(tender, { folder: dir, formId, values }))
    }),
  )

  withTender(
    withTokenOptions(
      bid
        .command('check')
        .description('what is missing or wrong: fatal and advice')
        .argument('<dir>')
        .option('--sign <uri>', 'the lock that will sign: its certificate is looked at too, without a PIN')
        .option('--encrypt <uri|cert>', 'the main recipient (default: the signing lock)')
        .option('--backup <uri|cert>', 'another lock that will open it (repeatable)', collect)
        .addHelpText('after', checkHelp),
    ),
  ).action((dir: string, options: CheckOptions, command: Command) =>
    shell.run(command, context => check(context, dir, options)),
  )
}

const checkHelp = `
With --json: {ok, findings: [{code, level, about, rule, place, jump}], documents, bytes, traces: [{name, value}]}. level is
"fatal" (必改: sealing is refused) or "advice" (建议). place says where it was found: kind "document" (documentId, file?,
page?), "form" (formId, field?), "file", "lock", "tender", "bid" or "computer"; jump which screen of the window deals with
it. With --module also the locks plugged in now are looked at, for those of another company.`

async function make(context: Context, dir: string, options: NewOptions): Promise<void> {
  const { ports } = context
  const trusted = await openTender(ports, options.tender, await context.trust(options))
  const bidder = { name: options.name, creditCode: options.creditCode }
  const draft = await newBid({ folder: dir, tender: trusted.tender, bidder })
  await importTender(ports, trusted)
  reportDraft(context, draft)
}

async function check(context: Context, dir: string, options: CheckOptions): Promise<void> {
  const { terminal, ports, control } = context
  const tender = await bidTender(context, dir, options)
  const { draft } = await loadDraft(dir)
  const {
    findings,
    documents,
    size: bytes,
    traces,
  } = await checkBid(dir, draft, tender, {
    ports,
    signal: control.signal,
    ...locksToCheck(context, options),
    ...(options.module === undefined ? {} : { modules: modulesToSearch(options.module, ports.home) }),
  })
  const beside = await besideFindings(context, dir, tender)
  const fatal = findings.some(({ level }) => level === 'fatal')
  if (fatal) context.setExitCode(1)
  const failure = fatal ? failureJson({ code: 'bid.incomplete' }, terminal.language) : {}
  terminal.result({ ok: !fatal, ...failure, findings, documents: documents.length, bytes, traces, ...beside.json })
  sayFindings(terminal, findings, tender)
  beside.say()
  const summary = {
    zh: `${documents.length} 份文件，共 ${size(bytes)}。${fatal ? '有必改项，不能封标。' : '可以封标。'}`,
    en: `${documents.length} documents, ${size(bytes)}. ${fatal ? 'Not ready to be sealed.' : 'Ready to be sealed.'}`,
  }
  terminal.say(terminal.words(summary))
}

function locksToCheck(context: Context, options: CheckOptions): Pick<CheckSurroundings, 'locks'> {
  const { sign, encrypt, backup: backups = [] } = options
  if (sign === undefined) {
    if (encrypt === undefined && backups.length === 0) return {}
    throw new AppFailure('arguments.bad', '--encrypt and --backup go with --sign')
  }
  const order = [sign, ...(encrypt === undefined ? [] : [encrypt]), ...backups].filter(isTokenUri)
  const locks = context.locks(options, order)
  return { locks: { locks, sign, backups, ...(encrypt === undefined ? {} : { encrypt }) } }
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
