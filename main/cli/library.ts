import { Argument } from 'commander'
import type { Command } from 'commander'
import { entryKinds, expiries, isIdentityNumber, isMobileNumber, libraryAt, masked } from '../services/index.ts'
import { openTender, requireDay, usualMargin } from '../services/index.ts'
import type { EntryKind, Expiry, LibraryEntry, LibraryField } from '../services/index.ts'
import { AppFailure } from '../contract/failure.ts'
import type { Words } from './language.ts'
import type { TrustOptions } from './options.ts'
import { collect, withTrustOption } from './options.ts'
import { readPairs } from './pairs.ts'
import type { Context, Shell } from './shell.ts'
import type { Terminal } from './terminal.ts'
import { moment, plain, table } from './wording.ts'

interface EntryOptions {
  readonly file?: readonly string[]
  readonly validUntil?: string
}

interface SetOptions extends EntryOptions {
  readonly entry?: string
  readonly title?: string
}

interface CheckOptions extends TrustOptions {
  readonly tender?: string
  readonly margin?: string
}

/** `library show|set|add|remove|check`. */
export function addLibrary(program: Command, shell: Shell): void {
  const library = program.command('library').description('the company library: filled in once, used in every bid')
  const withFiles = (command: Command): Command =>
    command
      .option('--file <path>', 'a file to keep with it (repeatable)', collect)
      .option('--valid-until <day>', 'the last day it is valid, 2026-03-01')
  library
    .command('show')
    .description('what the library holds')
    .argument('[entry]')
    .option('--full', 'show personal numbers whole')
    .action((id: string | undefined, options: { readonly full?: boolean }, command: Command) =>
      shell.run(command, context => show(context, id, options.full === true)),
    )
  withFiles(
    library
      .command('set')
      .description('fill in basic facts of the company, or of an entry; an empty value takes one out')
      .argument('[key=value...]')
      .option('--entry <id>', 'the entry')
      .option('--title <title>', 'a new title of the entry'),
  ).action((pairs: readonly string[], options: SetOptions, command: Command) =>
    shell.run(command, context => set(context, pairs, options)),
  )
  withFiles(
    library
      .command('add')
      .description('add a licence (certificate), a reference project or a person')
      .addArgument(new Argument('<kind>').choices(entryKinds))
      .argument('<id>', 'a short name, letters and digits')
      .argument('<title>', 'as it is called: 建筑业企业资质证书')
      .argument('[key=value...]'),
  ).action(
    (kind: EntryKind, id: string, title: string, pairs: readonly string[], options: EntryOptions, command: Command) =>
      shell.run(command, async context => {
        const { file: files = [], validUntil } = options
        const values = readPairs(pairs)
        const day = validUntil === undefined ? undefined : requireDay(validUntil)
        const added = await libraryAt(context.ports.home).add({ kind, id, title, validUntil: day, values, files })
        reportEntry(context, added, { zh: '已加入资料库。', en: 'Added to the library.' })
      }),
  )
  library
    .command('remove')
    .description('remove an entry and its files')
    .argument('<entry>')
    .action((id: string, _options: object, command: Command) =>
      shell.run(command, async context => {
        const removed = await libraryAt(context.ports.home).remove(id)
        reportEntry(context, removed, {
          zh: '已从资料库删除，文件一并删除。',
          en: 'Removed from the library with its files.',
        })
      }),
    )
  withTrustOption(
    library
      .command('check')
      .description('what has expired, or will have when a tender opens')
      .option('--tender <file>', 'the tender package')
      .option('--margin <days>', `days a paper should still be valid after that (${usualMargin})`),
  ).action((options: CheckOptions, command: Command) => shell.run(command, context => check(context, options)))
}

async function show({ terminal, ports }: Context, id: string | undefined, full: boolean): Promise<void> {
  const library = libraryAt(ports.home)
  const { company, entries } = await library.contents()
  const shown = id === undefined ? entries : [await library.entry(id)]
  const shownFields = (fields: readonly LibraryField[]) =>
    fields.map(({ name, value }) => ({ name, value: full ? value : masked(value) }))
  terminal.result({
    ok: true,
    folder: library.folder,
    ...(id === undefined ? { company: shownFields(company) } : {}),
    entries: shown.map(entry => ({ ...entry, fields: shownFields(entry.fields) })),
  })
  if (id === undefined) {
    terminal.say(terminal.words({ zh: '基本信息：', en: 'company:' }))
    sayFields(terminal, shownFields(company))
    if (company.length === 0) terminal.say(terminal.words({ zh: '  （未填写）', en: '  (not filled in)' }))
  }
  for (const kind of entryKinds) {
    const ofKind = shown.filter(each => each.kind === kind)
    if (ofKind.length > 0) terminal.say(terminal.words(kindHeads[kind]))
    for (const entry of ofKind) sayEntry(terminal, { ...entry, fields: shownFields(entry.fields) })
  }
  terminal.say(terminal.words({ zh: `资料库文件夹：${library.folder}`, en: `the library's folder: ${library.folder}` }))
}

async function set(context: Context, pairs: readonly string[], options: SetOptions): Promise<void> {
  const { terminal, ports } = context
  const { entry: id, title, file: files = [], validUntil } = options
  const values = readPairs(pairs)
  const library = libraryAt(ports.home)
  if (id !== undefined) {
    const day = validUntil === undefined || validUntil === '' ? validUntil : requireDay(validUntil)
    const changed = await library.change(id, { title, validUntil: day, values, files })
    reportEntry(context, changed, { zh: '已更新。', en: 'Updated.' })
    return
  }
  if (title !== undefined || validUntil !== undefined || files.length > 0) {
    throw new AppFailure('arguments.bad', 'the basic facts have no title, day or files; name an entry with --entry')
  }
  if (values.size === 0) throw new AppFailure('arguments.bad', 'nothing to fill in; write KEY=VALUE')
  const company = await library.setCompany(values)
  terminal.result({ ok: true, company: company.map(({ name, value }) => ({ name, value: masked(value) })) })
  sayFields(
    terminal,
    company.map(({ name, value }) => ({ name, value: masked(value) })),
  )
  notePersonal(terminal, company)
}

async function check(context: Context, options: CheckOptions): Promise<void> {
  const { terminal, ports } = context
  const margin = options.margin === undefined ? usualMargin : Number(options.margin)
  if (!Number.isSafeInteger(margin) || margin < 0) throw new AppFailure('arguments.bad', 'a margin is a number of days')
  const { entries } = await libraryAt(ports.home).contents()
  const now = ports.clock.now()
  const opening =
    options.tender === undefined
      ? null
      : (await openTender(ports, options.tender, await context.trust(options))).tender.fields.openingTime
  const found = expiries(entries, { now, margin, ...(opening === null ? {} : { needed: new Date(opening) }) })
  const ok = found.every(({ state }) => state === 'soon')
  if (!ok) context.setExitCode(1)
  const shown = found.map(({ entry: { id, kind, title }, ...rest }) => ({ id, kind, title, ...rest }))
  terminal.result({ ok, openingTime: opening, margin, checked: entries.length, expiries: shown })
  if (opening !== null) {
    terminal.say(terminal.words({ zh: `开标时间 ${moment(opening)}`, en: `opening ${moment(opening)}` }))
  }
  for (const expiry of found) terminal.say(expiryText(terminal, expiry, opening !== null))
  if (found.length === 0) {
    terminal.say(
      terminal.words({
        zh: `${entries.length} 项资料都在有效期内。`,
        en: `All ${entries.length} entries are valid long enough.`,
      }),
    )
  }
}

function expiryText({ language }: Terminal, { entry, validUntil, state, days }: Expiry, opening: boolean): string {
  const name = plain(`${entry.id}  ${entry.title}`)
  const at = { zh: opening ? '开标' : '今天', en: opening ? 'the opening' : 'today' }
  const words: Readonly<Record<Expiry['state'], Words>> = {
    expired: { zh: `已过期    ${name}  有效期至 ${validUntil}`, en: `expired    ${name}  valid until ${validUntil}` },
    'too-early': {
      zh: `开标前到期  ${name}  有效期至 ${validUntil}，早于开标 ${-days} 天`,
      en: `too early  ${name}  valid until ${validUntil}, ${-days} days before the opening`,
    },
    soon: {
      zh: `即将到期  ${name}  有效期至 ${validUntil}，${at.zh}后 ${days} 天`,
      en: `soon       ${name}  valid until ${validUntil}, ${days} days after ${at.en}`,
    },
  }
  return `  ${words[state][language]}`
}

function reportEntry({ terminal, ports }: Context, entry: LibraryEntry, words: Words): void {
  const shown = { ...entry, fields: entry.fields.map(({ name, value }) => ({ name, value: masked(value) })) }
  terminal.result({ ok: true, entry: shown })
  terminal.say(terminal.words(words))
  sayEntry(terminal, shown)
  notePersonal(terminal, entry.fields)
  const { validUntil } = entry
  if (
    validUntil !== undefined &&
    expiries([entry], { now: ports.clock.now() }).some(({ state }) => state === 'expired')
  ) {
    terminal.note(terminal.words({ zh: `  注意：${validUntil} 已过期。`, en: `  Note: it expired on ${validUntil}.` }))
  }
}

function sayEntry(terminal: Terminal, { id, title, validUntil, fields, files }: LibraryEntry): void {
  const until = terminal.words({ zh: `有效期至 ${validUntil ?? ''}`, en: `valid until ${validUntil ?? ''}` })
  terminal.say(`  ${plain(id)}  ${plain(title)}${validUntil === undefined ? '' : `  ${until}`}`)
  sayFields(terminal, fields, '  ')
  for (const name of files) terminal.say(`      ${plain(name)}`)
}

function sayFields(terminal: Terminal, fields: readonly LibraryField[], indent = ''): void {
  for (const line of table(fields.map(({ name, value }) => [plain(name), plain(value)] as const))) {
    terminal.say(indent + line)
  }
}

/** Says when a number of a person is kept that few tenders ask for. */
function notePersonal(terminal: Terminal, fields: readonly LibraryField[]): void {
  const personal = fields.filter(({ value }) => isIdentityNumber(value) || isMobileNumber(value))
  if (personal.length === 0) return
  const names = plain(personal.map(({ name }) => name).join(', '))
  terminal.note(
    terminal.words({
      zh: `  注意：${names} 是个人信息，只保存在本机，招标文件不要求时请不要保存（KEY= 可删除）。`,
      en: `  Note: ${names}: personal numbers, kept on this computer only; take them out (KEY=) unless tenders ask for them.`,
    }),
  )
}

const kindHeads: Readonly<Record<EntryKind, Words>> = {
  certificate: { zh: '证照：', en: 'licences:' },
  project: { zh: '业绩：', en: 'reference projects:' },
  person: { zh: '人员：', en: 'people:' },
}
