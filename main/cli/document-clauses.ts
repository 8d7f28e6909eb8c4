import type { Command } from 'commander'
import { AppFailure } from '../contract/failure.ts'
import {
  clauseIndex,
  linkClause,
  pageRangesText,
  readPageRanges,
  requireFree,
  writeClauseIndex,
} from '../services/index.ts'
import type { ClauseIndex } from '../services/index.ts'
import { bidTender } from './document-tender.ts'
import type { TrustOptions } from './options.ts'
import { withTrustOption } from './options.ts'
import type { Context, Shell } from './shell.ts'
import { plain, size } from './wording.ts'

interface LinkOptions extends TrustOptions {
  readonly tender?: string
  readonly remove?: boolean
}

interface IndexOptions extends TrustOptions {
  readonly tender?: string
  readonly output?: string
}

/** `document link` and `document index`. */
export function addClauses(document: Command, shell: Shell): void {
  const withTender = (command: Command): Command =>
    withTrustOption(command.option('--tender <file>', 'the tender package, where this home has not imported it'))
  withTender(
    document
      .command('link')
      .description('link pages of a document to an evaluation clause of the tender')
      .argument('<dir>', 'the bid folder')
      .argument('<clause>', "the clause's id in the tender")
      .argument('<document>', "the document's id in the tender")
      .argument('[pages]', 'such as 1-3,7')
      .option('--remove', 'take the link out'),
  ).action(
    (dir: string, clause: string, id: string, pages: string | undefined, options: LinkOptions, command: Command) =>
      shell.run(command, context => link(context, { dir, clause, document: id, pages }, options)),
  )
  withTender(
    document
      .command('index')
      .description('the clauses of the tender with the pages that answer them; -o writes the table as PDF')
      .argument('<dir>', 'the bid folder')
      .option('-o, --output <file>', 'the PDF to write'),
  ).action((dir: string, options: IndexOptions, command: Command) =>
    shell.run(command, context => index(context, dir, options)),
  )
}

interface LinkArguments {
  readonly dir: string
  readonly clause: string
  readonly document: string
  readonly pages: string | undefined
}

async function link(
  context: Context,
  { dir, clause, document, pages }: LinkArguments,
  options: LinkOptions,
): Promise<void> {
  const { ports, terminal } = context
  const remove = options.remove === true
  const ranges = remove ? [] : readPageRanges(pages ?? '')
  if (ranges === null || (remove && pages !== undefined)) {
    throw new AppFailure('arguments.bad', 'pages are written such as 1-3,7; --remove takes none')
  }
  const tender = await bidTender(context, dir, options)
  const links = await linkClause(ports.files, tender, { folder: dir, clause, document, pages: ranges })
  terminal.result({ ok: true, links })
  sayIndex(context, await clauseIndex(ports.files, tender, dir))
}

async function index(context: Context, dir: string, options: IndexOptions): Promise<void> {
  const { ports, terminal, siblings } = context
  const { output } = options
  if (output !== undefined) await requireFree(output)
  const tender = await bidTender(context, dir, options)
  const found = await clauseIndex(ports.files, tender, dir)
  const project = tender.fields.title
  const written =
    output === undefined
      ? null
      : await writeClauseIndex(found, { output, project, font: siblings.font, at: ports.clock.now() })
  terminal.result({ ok: true, ...found, ...(written === null ? {} : { output, bytes: written }) })
  sayIndex(context, found)
  if (written !== null) terminal.say(`${output ?? ''}  ${size(written)}`)
}

function sayIndex({ terminal }: Context, { clauses, foreign }: ClauseIndex): void {
  const zh = terminal.language === 'zh'
  if (clauses.length === 0) terminal.say(zh ? '招标文件没有评审条款。' : 'The tender has no evaluation clauses.')
  for (const { id, title, places } of clauses) {
    terminal.say(
      `  ${plain(id)}  ${plain(title)}${places.length === 0 ? (zh ? '  （未关联）' : '  (not linked)') : ''}`,
    )
    for (const place of places) {
      const gone = place.holds ? '' : zh ? '  文件或页已不存在' : '  the document or its pages are gone'
      const pages = zh ? `第 ${pageRangesText(place.pages)} 页` : `p. ${pageRangesText(place.pages)}`
      terminal.say(`    ${plain(place.title)}  ${pages}${gone}`)
    }
  }
  for (const { clause, document } of foreign) {
    const words = zh ? '招标文件没有这一条款或文件' : 'the tender has no such clause or document'
    terminal.say(`  ${plain(clause)}  ${plain(document)}  ${words}`)
  }
}
