import { expiries, fillFromLibrary, libraryAt, librarySources, loadDraft } from '../services/index.ts'
import type { Tender } from '../../crypto/index.ts'
import { AppFailure } from '../contract/failure.ts'
import type { Context } from './shell.ts'
import { plain } from './wording.ts'

/** The file `bid add` is to copy: the one that is named, or one of an entry of the company library. */
export async function fileToAdd(
  { ports, terminal }: Context,
  tender: Tender,
  file: string | undefined,
  entryId: string | undefined,
): Promise<{ readonly file: string; readonly validUntil?: string | undefined }> {
  if (entryId === undefined) {
    if (file === undefined) throw new AppFailure('arguments.bad', 'name the file, or an entry with --from-library')
    return { file }
  }
  const library = libraryAt(ports.home)
  const entry = await library.entry(entryId)
  const needed = new Date(tender.fields.openingTime)
  for (const { state, validUntil } of expiries([entry], { now: ports.clock.now(), needed })) {
    const title = plain(entry.title)
    const words =
      state === 'soon'
        ? {
            zh: `  注意：「${title}」有效期至 ${validUntil}，开标后不久即到期。`,
            en: `  Note: “${title}” is valid until ${validUntil}, soon after the opening.`,
          }
        : {
            zh: `  注意：「${title}」有效期至 ${validUntil}，开标时已过期。`,
            en: `  Note: “${title}” is valid until ${validUntil} and will have expired at the opening.`,
          }
    terminal.note(terminal.words(words))
  }
  return { file: library.fileOf(entry, file), validUntil: entry.validUntil }
}

/** Values for a form: what was given, and for what is empty otherwise what the company library has. */
export async function valuesFromLibrary(
  { ports, terminal }: Context,
  asked: {
    readonly tender: Tender
    readonly dir: string
    readonly formId: string
    readonly given: ReadonlyMap<string, string>
    readonly entryId: string | true
  },
): Promise<ReadonlyMap<string, string>> {
  const { tender, dir, formId, given, entryId } = asked
  const form = tender.fields.forms.find(({ id }) => id === formId)
  // An unknown form is refused where it is filled in.
  if (form === undefined) return given
  const library = libraryAt(ports.home)
  const entry = entryId === true ? null : await library.entry(entryId)
  const { draft } = await loadDraft(dir)
  const standing = draft.forms.find(({ id }) => id === formId)?.fields ?? []
  const filled = new Map([...standing.map(({ name, value }) => [name, value] as const), ...given])
  const { values, misfits } = fillFromLibrary(form, filled, librarySources(await library.contents(), entry))
  const named = (names: readonly string[]): string => plain(names.join(', '))
  terminal.note(
    values.size === 0
      ? terminal.words({ zh: '  资料库中没有可填的项。', en: '  The library has nothing for what is empty.' })
      : terminal.words({
          zh: `  从资料库填写：${named([...values.keys()])}`,
          en: `  From the library: ${named([...values.keys()])}`,
        }),
  )
  if (misfits.length > 0) {
    terminal.note(
      terminal.words({
        zh: `  资料库中的值不符合要求，未填：${named(misfits)}`,
        en: `  What the library has does not fit, not filled in: ${named(misfits)}`,
      }),
    )
  }
  return new Map([...values, ...given])
}
