import { basename, extname } from 'node:path'
import type { Command } from 'commander'
import { failures } from '../contract/failure.ts'
import { AppFailure } from '../contract/failure.ts'
import { amountFromWords, amountInFigures, amountInWords, bidEntries, bindVolume, checkBoq } from '../services/index.ts'
import { readAmount, readSignedPaper, requireFree, withCrlFiles } from '../services/index.ts'
import type { BindEntry, BoundVolume } from '../services/index.ts'
import { addClauses } from './document-clauses.ts'
import { bidTender } from './document-tender.ts'
import { boqLine, paperFormats, problemLine } from './document-words.ts'
import { collect, withTrustOption } from './options.ts'
import type { TrustOptions } from './options.ts'
import { pdfLines } from './pdf-words.ts'
import type { Context, Shell } from './shell.ts'
import { failureJson } from './terminal.ts'
import { plain, size } from './wording.ts'

interface ConvertOptions {
  readonly output: string
  readonly title?: string
  readonly number?: boolean
}

interface MergeOptions extends TrustOptions {
  readonly output: string
  readonly title?: string
  readonly bid?: string
  readonly tender?: string
  readonly numbers: boolean
  readonly takeSigned?: boolean
}

/** `document convert`, `merge`, `link`, `index`, `boq`, `amount`, `paper`. */
export function addDocument(program: Command, shell: Shell): void {
  const document = program.command('document').description('prepare documents of a bid')
  document
    .command('convert')
    .description('make an A4 PDF of pictures (PNG, JPEG), a page for each in their order')
    .argument('<file...>')
    .requiredOption('-o, --output <file>', 'the PDF to write')
    .option('--title <text>', "the document's title (default: the first file's name)")
    .option('--number', 'number the pages')
    .action((files: readonly string[], options: ConvertOptions, command: Command) =>
      shell.run(command, context => convert(context, files, options)),
    )
  withTrustOption(
    document
      .command('merge')
      .description('bind PDFs and pictures into one PDF with bookmarks and page numbers')
      .argument('[file...]', 'in their order; TITLE=FILE gives a bookmark its own text')
      .requiredOption('-o, --output <file>', 'the PDF to write')
      .option('--bid <dir>', "a bid folder: its documents in the tender's order, with the tender's titles")
      .option('--tender <file>', 'the tender package of the bid, where this home has not imported it')
      .option('--title <text>', "the volume's title")
      .option('--no-numbers', 'do not number the pages')
      .option('--take-signed', 'take signed documents too; in the volume their signatures are lost'),
  ).action((files: readonly string[], options: MergeOptions, command: Command) =>
    shell.run(command, context => merge(context, files, options)),
  )
  addClauses(document, shell)
  document
    .command('boq')
    .description('check a priced bill of quantities (XLSX, CSV): rows, sums, the price')
    .argument('<file>')
    .option('--total <amount>', 'the amount of the price form')
    .action((file: string, options: { readonly total?: string }, command: Command) =>
      shell.run(command, context => boq(context, file, options.total)),
    )
  document
    .command('amount')
    .description('an amount in figures and in Chinese capitals, from either')
    .argument('<amount>')
    .action((text: string, _options: unknown, command: Command) =>
      shell.run(command, async context => {
        amount(context, text)
        return Promise.resolve()
      }),
    )
  withTrustOption(
    document
      .command('paper')
      .description('who signed an electronic guarantee or licence, and whether it holds')
      .argument('<file>')
      .option('--crl <file>', 'a revocation list (repeatable)', collect),
  ).action((file: string, options: PaperOptions, command: Command) =>
    shell.run(command, context => paper(context, file, options)),
  )
}

interface PaperOptions extends TrustOptions {
  readonly crl?: readonly string[]
}

async function convert(context: Context, files: readonly string[], options: ConvertOptions): Promise<void> {
  const entries = files.map(path => ({ path, title: titleOf(path) }))
  const title = options.title ?? entries[0]?.title ?? ''
  await bind(context, entries, { ...options, title, numbered: options.number === true, bookmarks: false })
}

async function merge(context: Context, files: readonly string[], options: MergeOptions): Promise<void> {
  const named = files.map(readEntry)
  const tender = options.bid === undefined ? null : await bidTender(context, options.bid, options)
  const own = options.bid === undefined || tender === null ? [] : await bidEntries(tender, options.bid)
  const title = options.title ?? tender?.fields.title ?? titleOf(options.output)
  await bind(context, [...own, ...named], { ...options, title, numbered: options.numbers, bookmarks: true })
}

interface Binding {
  readonly output: string
  readonly title: string
  readonly numbered: boolean
  readonly bookmarks: boolean
  readonly takeSigned?: boolean
}

async function bind(context: Context, entries: readonly BindEntry[], binding: Binding): Promise<void> {
  const { terminal, ports, siblings, control } = context
  const { output, title, numbered, bookmarks, takeSigned = false } = binding
  await requireFree(output)
  const request = {
    entries,
    output,
    title,
    numbered,
    bookmarks,
    takeSigned,
    font: siblings.font,
    at: ports.clock.now(),
  }
  const volume = await bindVolume(ports.files, request, control)
  const failure = volume.written ? {} : failureJson({ code: 'input.unreadable' }, terminal.language)
  if (!volume.written) context.setExitCode(failures['input.unreadable'].exit)
  terminal.result({
    ok: volume.written,
    ...failure,
    output,
    pages: volume.pages,
    bytes: volume.bytes,
    documents: volume.documents,
  })
  sayVolume(context, volume, output)
}

function sayVolume({ terminal }: Context, volume: BoundVolume, output: string): void {
  const zh = terminal.language === 'zh'
  for (const { title, pages, firstPage, problems } of volume.documents) {
    const place = pages === 1 ? String(firstPage) : `${firstPage}–${firstPage + pages - 1}`
    const where = pages === 0 ? '' : zh ? `第 ${place} 页  ` : `p. ${place}  `
    terminal.say(`  ${where}${plain(title)}`)
    for (const problem of problems) terminal.say(`    ${problemLine(problem, terminal.language)}`)
  }
  const done = {
    zh: `共 ${volume.pages} 页，${size(volume.bytes)}：${output}`,
    en: `${volume.pages} pages, ${size(volume.bytes)}: ${output}`,
  }
  const not = { zh: '有不能使用的文件，未生成。', en: 'Some documents could not be taken; nothing was written.' }
  terminal.say(terminal.words(volume.written ? done : not))
}

async function boq(context: Context, file: string, total: string | undefined): Promise<void> {
  const { terminal, ports } = context
  const checked = await checkBoq(ports.files, file, total)
  const fatal = checked.findings.some(({ level }) => level === 'fatal')
  const failure = fatal ? failureJson({ code: 'bid.incomplete' }, terminal.language) : {}
  if (fatal) context.setExitCode(failures['bid.incomplete'].exit)
  terminal.result({ ok: !fatal, ...failure, file, ...checked })
  for (const { sheet, items, sum, stated } of checked.tables) {
    const name = sheet === '' ? basename(file) : sheet
    const words = {
      zh: `  ${plain(name)}：${items} 项，各项合价之和 ${amountOr(sum)}${stated === null ? '' : `，表内合计 ${amountOr(stated)}`}`,
      en: `  ${plain(name)}: ${items} items that come to ${amountOr(sum)}${stated === null ? '' : `; it says ${amountOr(stated)}`}`,
    }
    terminal.say(terminal.words(words))
  }
  for (const finding of checked.findings) terminal.say(`  ${boqLine(finding, terminal.language)}`)
  const verdict = fatal
    ? { zh: '有必改项。', en: 'There is something to be mended.' }
    : { zh: '清单计算无误。', en: 'The list is calculated rightly.' }
  terminal.say(terminal.words(verdict))
}

function amount({ terminal }: Context, text: string): void {
  const yuan = readAmount(text) ?? amountFromWords(text)
  if (yuan === null) throw new AppFailure('arguments.bad', 'neither an amount in figures nor one in Chinese capitals')
  const isFormal = readAmount(text) !== null || amountFromWords(text, 'strict') !== null
  const words = amountInWords(yuan)
  terminal.result({ ok: true, amount: yuan, words, formal: isFormal })
  terminal.say(`${amountInFigures(yuan)}  ${words}`)
  const advice = {
    zh: '所给写法不合票据规范，请改用上面的大写。',
    en: 'What was given is not spelled as the rules for cheques ask; use the capitals above.',
  }
  if (!isFormal) terminal.say(terminal.words(advice))
}

async function paper(context: Context, file: string, options: PaperOptions): Promise<void> {
  const { terminal, ports, control } = context
  const { anchors } = await context.trust(options)
  const more = await withCrlFiles(undefined, options.crl ?? [])
  const { format, holds, report } = await readSignedPaper(ports, file, { anchors, more, signal: control.signal })
  const failure = report?.failure ?? (holds ? null : ({ code: 'document.signature' } as const))
  const json = failure === null ? {} : failureJson(failure, terminal.language)
  if (failure !== null) context.setExitCode(failures[failure.code].exit)
  terminal.result({
    ok: holds,
    ...json,
    file,
    format,
    read: report !== null,
    ...(report === null ? {} : { ...report, failure: undefined }),
  })
  if (report !== null) {
    for (const line of pdfLines(file, report, terminal.language)) terminal.say(line)
    return
  }
  const unread = {
    zh: `${plain(file)} 是${paperFormats[format].zh}，本程序尚不能读取；请用出具方提供的工具核验。`,
    en: `${plain(file)} is ${paperFormats[format].en}, which is not read yet; check it with its issuer's own tool.`,
  }
  terminal.say(terminal.words(unread))
}

function readEntry(text: string): BindEntry {
  const at = text.indexOf('=')
  return at < 1 ? { path: text, title: titleOf(text) } : { path: text.slice(at + 1), title: text.slice(0, at) }
}

function titleOf(path: string): string {
  const name = basename(path)
  return name.slice(0, name.length - extname(name).length)
}

function amountOr(text: string): string {
  return readAmount(text) === null ? text : amountInFigures(text)
}
