import type { Command } from 'commander'
import { bidHistory, draftChanges, importedTender, importTender, keptRevisions, loadDraft } from '../services/index.ts'
import { moveBid, newestAddendum, openTender, restoreRevision, tenderChanges } from '../services/index.ts'
import type { BidHistory, DraftChange, FieldMisfit, Fork, KeptState, MovedBid } from '../services/index.ts'
import type { Tender } from '../../crypto/index.ts'
import type { Language, Words } from './language.ts'
import type { TrustOptions } from './options.ts'
import { withTrustOption } from './options.ts'
import type { Context, Shell } from './shell.ts'
import { changeLines, sayAddendum } from './tender-change-words.ts'
import { hanging } from './wrap.ts'
import { moment, plain, size } from './wording.ts'

interface MoveOptions extends TrustOptions {
  readonly tender: string
}

/** `bid history`, `bid restore`, `bid move`; added to the `bid` command that is there already. */
export function addBidHistory(program: Command, shell: Shell): void {
  const bid = program.commands.find(command => command.name() === 'bid') ?? program.command('bid')
  bid
    .command('history')
    .description('the earlier revisions of a bid, and forks of it made on another machine')
    .argument('<dir>')
    .option('--with <dir>', 'a second folder of the same bid, from another machine')
    .action((dir: string, options: { readonly with?: string }, command: Command) =>
      shell.run(command, async context => {
        sayHistory(context, await bidHistory(dir, options.with), options.with)
      }),
    )
  bid
    .command('restore')
    .description('make an earlier revision the present one; nothing in between is lost')
    .argument('<dir>')
    .argument('<revision>', 'its number, or the beginning of its digest')
    .option('--with <dir>', 'take it, with its documents, from a second folder of the same bid')
    .action((dir: string, which: string, options: { readonly with?: string }, command: Command) =>
      shell.run(command, context => restore(context, dir, which, options.with)),
    )
  withTrustOption(
    bid
      .command('move')
      .description('take a bid over to an addendum of its tender, keeping what still fits')
      .argument('<dir>')
      .requiredOption('--tender <file>', 'the new package'),
  ).action((dir: string, options: MoveOptions, command: Command) =>
    shell.run(command, context => move(context, dir, options)),
  )
}

/** What a check says beside its findings: a later package and what it changes, and forks of the bid. */
export interface BesideFindings {
  readonly json: Readonly<Record<string, unknown>>
  say(): void
}

/** Looks for a later package that this home has imported, and for forks in the bid's folder. */
export async function besideFindings(
  { terminal, ports }: Context,
  dir: string,
  tender: Tender,
): Promise<BesideFindings> {
  const addendum = await newestAddendum(ports, tender)
  const { forks, present } = await bidHistory(dir)
  return {
    json: {
      addendum:
        addendum === null
          ? null
          : { packageDigest: addendum.newest.packageDigest, steps: addendum.steps, changes: addendum.changes },
      forks: forks.map(forkJson),
    },
    say() {
      if (addendum !== null) sayAddendum(terminal, addendum)
      for (const fork of forks) sayFork(terminal, fork, present, undefined)
    },
  }
}

function sayHistory({ terminal }: Context, history: BidHistory, other: string | undefined): void {
  const { present, earlier, forks, files, damaged } = history
  const line = [present, ...earlier]
  const rows = line.map((state, index) => ({ state, changes: changesOf(line[index + 1], state) }))
  const kept = files.filter(({ dropped }) => !dropped)
  const bytes = kept.reduce((sum, file) => sum + file.size, 0)
  terminal.result({
    ok: true,
    revision: present.revision,
    revisions: rows.map(({ state, changes }) => ({ ...stateJson(state), changes })),
    forks: forks.map(forkJson),
    keptDocuments: kept.map(({ until, path, size: length }) => ({ until, path, size: length })),
    droppedDocuments: files.filter(({ dropped }) => dropped).map(({ until, path }) => ({ until, path })),
    damaged,
  })
  const zh = terminal.language === 'zh'
  for (const { state, changes } of rows) {
    const head = `  ${String(state.revision).padStart(4)}  ${moment(state.writtenAt).slice(0, 19)}  `
    for (const each of hanging(head, changesText(changes, terminal.language, state.draft.parent === null)))
      terminal.say(each)
  }
  terminal.say(
    zh
      ? `保留最近 ${keptRevisions} 版；旧版用到的文件 ${kept.length} 个，${size(bytes)}，在 history/documents/ 中。`
      : `The last ${keptRevisions} revisions are kept; documents kept for them: ${kept.length}, ${size(bytes)}, in history/documents/.`,
  )
  const dropped = files.length - kept.length
  if (dropped > 0) {
    terminal.say(
      zh
        ? `有 ${dropped} 个旧版文件因占用空间过大已不再保留。`
        : `${dropped} documents of old revisions took too much room and are no longer kept.`,
    )
  }
  for (const name of damaged) terminal.say(zh ? `无法读取：history/${name}` : `cannot be read: history/${name}`)
  for (const fork of forks) sayFork(terminal, fork, present, other)
}

function sayFork(
  terminal: Context['terminal'],
  { other, common, there, here }: Fork,
  present: KeptState,
  folder: string | undefined,
): void {
  const zh = terminal.language === 'zh'
  const since = {
    zh: common === null ? '' : `在第 ${common.revision} 版之后`,
    en: common === null ? '' : ` after revision ${common.revision}`,
  }
  terminal.say()
  terminal.say(
    zh
      ? `注意：这份投标文件${since.zh}分成了两支（可能在两台电脑上各自修改过）。`
      : `Note: this bid has forked${since.en}, as when it was changed on two machines.`,
  )
  const side = (label: string, state: KeptState, changes: readonly DraftChange[]): void => {
    const name = zh ? `第 ${state.revision} 版` : `revision ${state.revision}`
    terminal.say(`  ${label}  ${name} ${state.digest.slice(0, 12)}  ${moment(state.writtenAt).slice(0, 19)}`)
    for (const line of hanging(
      '    ',
      common === null && state === present ? '' : changesText(changes, terminal.language),
    ))
      terminal.say(line)
  }
  side(zh ? '这一支' : 'here ', present, here)
  side(zh ? '另一支' : 'there', other, there)
  const which = `${other.digest.slice(0, 12)}${folder === undefined ? '' : ` --with ${folder}`}`
  terminal.say(
    zh
      ? `  要采用另一支：bid restore <文件夹> ${which}（这一支仍保留在历史中）。`
      : `  To take the other one: bid restore <dir> ${which} (this one stays in the history).`,
  )
}

async function restore({ terminal }: Context, dir: string, which: string, other: string | undefined): Promise<void> {
  const { draft, from, missing, unsure, otherPackage } = await restoreRevision(dir, which, other)
  terminal.result({
    ok: true,
    revision: draft.revision,
    restored: stateJson(from),
    otherPackage,
    missing,
    unsure,
    bid: draft,
  })
  terminal.say(
    terminal.words({
      zh: `已恢复第 ${from.revision} 版的内容，作为第 ${draft.revision} 版。`,
      en: `Revision ${from.revision} is restored, as revision ${draft.revision}.`,
    }),
  )
  if (otherPackage) {
    terminal.say(
      terminal.words({
        zh: '  注意：那一版依据的是另一个招标文件包；可用 bid move 再转到新的。',
        en: '  Note: it is made for another package of the tender; bid move takes it over to the new one.',
      }),
    )
  }
  const words = {
    missing: { zh: '文件已不再保留，请重新添加', en: 'no longer kept; add it again' },
    unsure: {
      zh: '此处的同名文件可能是这一支的，请核对内容',
      en: 'the file of this name may be this line’s; look at what is in it',
    },
  }
  for (const name of missing) terminal.say(`  ${terminal.words(words.missing)}  ${plain(name)}`)
  for (const name of unsure) terminal.say(`  ${terminal.words(words.unsure)}  ${plain(name)}`)
}

async function move(context: Context, dir: string, options: MoveOptions): Promise<void> {
  const { terminal, ports } = context
  const { draft: before } = await loadDraft(dir)
  const trusted = await openTender(ports, options.tender, await context.trust(options))
  const from = await importedTender(ports, before.tender.packageDigest)
  const moved = await moveBid({ folder: dir, tender: trusted.tender, from })
  await importTender(ports, trusted)
  const changes = from === null ? null : tenderChanges(from, trusted.tender)
  const { draft, ...rest } = moved
  terminal.result({ ok: true, revision: draft.revision, ...rest, changes, bid: draft })
  sayMoved(terminal, moved)
  if (changes === null) return
  terminal.say(terminal.words({ zh: '招标文件的变化：', en: 'what changed in the tender:' }))
  for (const line of changeLines(changes, terminal.language)) terminal.say(line)
}

function sayMoved(
  terminal: Context['terminal'],
  { draft, kept, dropped, droppedFields, misfits, missing }: MovedBid,
): void {
  terminal.say(
    terminal.words({
      zh: `投标文件已转到新的招标文件，作为第 ${draft.revision} 版；${kept.length} 份文件照旧。`,
      en: `The bid is made for the new package now, as revision ${draft.revision}; ${kept.length} documents are as before.`,
    }),
  )
  const say = (words: Words, text: string): void => {
    terminal.say(`  ${terminal.words(words)}  ${plain(text)}`)
  }
  for (const { documentId, title } of missing) say({ zh: '还缺', en: 'still missing' }, `${documentId} ${title}`)
  for (const { documentId, name } of dropped) {
    say({ zh: '不再需要，已移入历史', en: 'not asked for any more, kept in the history' }, `${documentId} ${name}`)
  }
  for (const { field, value } of droppedFields) {
    say({ zh: '表单项已取消', en: 'field is gone' }, `${field} = ${value}`)
  }
  for (const { field, value, misfit } of misfits) say(misfitWords[misfit], `${field} = ${value}`)
}

function stateJson({ revision, digest, draft, writtenAt }: KeptState) {
  return { revision, digest, parent: draft.parent, writtenAt }
}

function forkJson({ other, common, there, here }: Fork) {
  return { other: stateJson(other), common: common === null ? null : stateJson(common), there, here }
}

/** The first state of all is told by what it holds. Of one whose parent is not kept nothing can be said. */
function changesOf(before: KeptState | undefined, state: KeptState): readonly DraftChange[] | null {
  if (before !== undefined) return draftChanges(before.draft, state.draft)
  return null
}

function changesText(changes: readonly DraftChange[] | null, language: Language, first = false): string {
  const zh = language === 'zh'
  if (changes === null && first) return zh ? '（新建）' : '(begun)'
  if (changes === null) return zh ? '（最早保留的一版）' : '(the first that is kept)'
  if (changes.length === 0) return zh ? '（内容相同）' : '(the same content)'
  return plain(changes.map(change => changeText(change, zh)).join(zh ? '；' : '; '))
}

function changeText({ what, about, from, to }: DraftChange, zh: boolean): string {
  const shorter = (value: string): string => (value.length > 24 ? `${value.slice(0, 24)}…` : value)
  if (what === 'tender') return zh ? '转到另一个招标文件包' : 'made for another package'
  if (from === null) return `+${about} ${shorter(to ?? '')}`
  if (to === null) return `-${about} ${shorter(from)}`
  return `${about} ${shorter(from)} → ${shorter(to)}`
}

const misfitWords: Readonly<Record<FieldMisfit, Words>> = {
  'not-amount': { zh: '不是金额', en: 'is no amount' },
  'not-integer': { zh: '不是整数', en: 'is no whole number' },
  'not-date': { zh: '不是日期', en: 'is no date' },
  'not-choice': { zh: '不在可选值中', en: 'is none of the choices' },
  'too-small': { zh: '小于允许值', en: 'is less than allowed' },
  'too-large': { zh: '大于允许值', en: 'is more than allowed' },
  'too-long': { zh: '超过字数上限', en: 'is longer than allowed' },
}
