import { chmod, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { AppFailure } from '../../contract/failure.ts'
import type { Home } from '../../store/index.ts'
import { isMissing, readJsonIfThere, withLock, writeFailure, writeJsonAtomic } from '../../store/index.ts'
import { bringFile } from './bring-file.ts'
import type { EntryKind, LibraryEntry, LibraryField } from './entry.ts'
import { damaged, entryKinds, isEntryId, libraryFormat, parseEntry, parseFields, withValues } from './entry.ts'

/** What a company has filled in once. */
export interface LibraryContents {
  /** 基本信息 */
  readonly company: readonly LibraryField[]
  /** Licences, then projects, then people, each by id. */
  readonly entries: readonly LibraryEntry[]
}

export interface NewEntry {
  readonly kind: EntryKind
  readonly id: string
  readonly title: string
  readonly validUntil?: string | undefined
  readonly values: ReadonlyMap<string, string>
  /** Paths of files, which are copied. */
  readonly files: readonly string[]
}

export interface EntryChange {
  readonly title?: string | undefined
  /** The empty text takes the day out. */
  readonly validUntil?: string | undefined
  readonly values: ReadonlyMap<string, string>
  /** Paths of files to add; one of a name that is there takes its place. */
  readonly files: readonly string[]
}

/** The company library (公司资料库): a folder of the home with plain files a person can read and copy. */
export interface Library {
  readonly folder: string
  /** Throws `input.unreadable` when a file is damaged. */
  contents(): Promise<LibraryContents>
  /** Throws `arguments.bad` when there is no such entry. */
  entry(id: string): Promise<LibraryEntry>
  setCompany(values: ReadonlyMap<string, string>): Promise<readonly LibraryField[]>
  /** Throws `output.exists` for an id that is taken. */
  add(entry: NewEntry): Promise<LibraryEntry>
  change(id: string, change: EntryChange): Promise<LibraryEntry>
  /** Removes an entry and its files. */
  remove(id: string): Promise<LibraryEntry>
  /** The path of a file of an entry. Throws `arguments.bad` when it has none of the name, or several and no name is given. */
  fileOf(entry: LibraryEntry, name?: string): string
}

/** Folders people find their way in. */
const folders: Readonly<Record<EntryKind, string>> = { certificate: '证照', project: '业绩', person: '人员' }

/** The library of a home. Nothing is made before something is put into it; only its owner may read it. */
export function libraryAt(home: Home): Library {
  const folder = join(home.root, 'library')
  const company = join(folder, '基本信息.json')
  const folderOf = ({ kind, id }: Pick<LibraryEntry, 'kind' | 'id'>): string => join(folder, folders[kind], id)
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => withLock(join(folder, 'library.lock'), work)

  const companyFields = async (): Promise<readonly LibraryField[]> => {
    const value = await readJsonIfThere(company)
    if (value === null) return []
    if (typeof value !== 'object' || !('format' in value) || value.format !== libraryFormat) throw damaged()
    return parseFields('fields' in value ? value.fields : null)
  }
  const entriesOf = async (kind: EntryKind): Promise<readonly LibraryEntry[]> => {
    const ids = await readdir(join(folder, folders[kind])).catch((error: unknown) => {
      if (isMissing(error)) return []
      throw new AppFailure('input.unreadable', 'the company library cannot be read', { cause: error })
    })
    const entries = ids
      .filter(isEntryId)
      .sort()
      .map(async id => {
        const value = await readJsonIfThere(join(folderOf({ kind, id }), 'entry.json'))
        // A folder without one is an entry that was never finished.
        return value === null ? [] : [parseEntry(value, id, kind)]
      })
    return (await Promise.all(entries)).flat()
  }
  const entries = async (): Promise<readonly LibraryEntry[]> => (await Promise.all(entryKinds.map(entriesOf))).flat()
  const entry = async (id: string): Promise<LibraryEntry> => {
    const found = (await entries()).find(each => each.id === id)
    if (found === undefined) throw new AppFailure('arguments.bad', 'the company library has no such entry')
    return found
  }
  const save = async (saved: LibraryEntry): Promise<LibraryEntry> => {
    await writeJsonAtomic(join(folderOf(saved), 'entry.json'), { format: libraryFormat, ...saved }, 0o600)
    return saved
  }
  const makeFolder = async (path: string): Promise<void> => {
    try {
      await mkdir(path, { recursive: true, mode: 0o700 })
      await chmod(folder, 0o700)
    } catch (error) {
      throw writeFailure(error)
    }
  }
  const bring = async (
    place: Pick<LibraryEntry, 'kind' | 'id'>,
    files: readonly string[],
  ): Promise<readonly string[]> => {
    const names: string[] = []
    for (const file of files) names.push(await bringFile(file, folderOf(place)))
    return names
  }

  return {
    folder,
    entry,
    contents: async () => ({ company: await companyFields(), entries: await entries() }),
    setCompany: values =>
      inTurn(async () => {
        const fields = withValues(await companyFields(), values)
        await makeFolder(folder)
        await writeJsonAtomic(company, { format: libraryFormat, fields }, 0o600)
        return fields
      }),
    add: ({ kind, id, title, validUntil, values, files }) =>
      inTurn(async () => {
        if (!isEntryId(id)) throw new AppFailure('arguments.bad', 'an id is made of letters, digits, - and _')
        if ((await entries()).some(each => each.id.toLowerCase() === id.toLowerCase())) {
          throw new AppFailure('output.exists', 'the company library has an entry of this id')
        }
        await makeFolder(folderOf({ kind, id }))
        const until = validUntil === undefined ? {} : { validUntil }
        const brought = [...new Set(await bring({ kind, id }, files))]
        return save({ id, kind, title, ...until, fields: withValues([], values), files: brought })
      }),
    change: (id, { title, validUntil, values, files }) =>
      inTurn(async () => {
        const before = await entry(id)
        const brought = await bring(before, files)
        const { validUntil: day, ...rest } = before
        const until = validUntil ?? day ?? ''
        return save({
          ...rest,
          title: title ?? before.title,
          ...(until === '' ? {} : { validUntil: until }),
          fields: withValues(before.fields, values),
          files: [...new Set([...before.files, ...brought])],
        })
      }),
    remove: id =>
      inTurn(async () => {
        const removed = await entry(id)
        // First the file that makes it an entry, so that what is left after a crash is none.
        await rm(join(folderOf(removed), 'entry.json'), { force: true })
        await rm(folderOf(removed), { recursive: true, force: true })
        return removed
      }),
    fileOf(of, name) {
      const [only, ...others] = name === undefined ? of.files : of.files.filter(each => each === name)
      if (only === undefined) throw new AppFailure('arguments.bad', 'the entry has no such file')
      if (others.length > 0) throw new AppFailure('arguments.bad', `the entry has ${of.files.length} files; name one`)
      return join(folderOf(of), only)
    },
  }
}
