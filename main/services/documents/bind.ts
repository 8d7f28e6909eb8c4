import type { ByteSource, FileSystem, JobControl } from '../../../crypto/index.ts'
import { readAll, throwIfCancelled } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { DocumentProblem } from './examine.ts'
import { examineDocument, largestPdf } from './examine.ts'
import { PictureRefused } from './images/picture.ts'
import type { VolumePart } from './pdf/volume.ts'
import { readTypeface } from './typeface.ts'

/** A document on its way into a volume. */
export interface BindEntry {
  readonly path: string
  /** Its bookmark. */
  readonly title: string
}

export interface BindRequest {
  readonly entries: readonly BindEntry[]
  /** The PDF to write; an older one of the name is replaced as a whole or not at all. */
  readonly output: string
  readonly title: string
  readonly at: Date
  /** Path of the typeface, TrueType. */
  readonly font: string
  /** `第 3 页 共 12 页` at the foot of each page. */
  readonly numbered: boolean
  readonly bookmarks: boolean
  /** Take signed documents: their signatures are pictures in the volume, and nothing more. */
  readonly takeSigned?: boolean
}

export interface BoundDocument {
  readonly title: string
  readonly path: string
  readonly pages: number
  /** Its first page in the volume, from 1. */
  readonly firstPage: number
  readonly problems: readonly DocumentProblem[]
}

export interface BoundVolume {
  /** False when a document could not be taken: nothing was written then. */
  readonly written: boolean
  readonly documents: readonly BoundDocument[]
  readonly pages: number
  /** Of the volume; 0 when it was not written. */
  readonly bytes: number
}

/**
 * Makes one PDF of documents and pictures in their order: each with a bookmark, pages numbered, links kept. Every document is
 * looked through first; what cannot be taken is named and then nothing is written. One document is in memory at a time.
 * Throws `input.*`, `output.*`, `arguments.bad` for no documents, `cancelled`.
 */
export async function bindVolume(files: FileSystem, request: BindRequest, control: JobControl): Promise<BoundVolume> {
  const { entries, output, title, at, numbered, bookmarks } = request
  if (entries.length === 0) throw new AppFailure('arguments.bad', 'no document was named')
  const documents: BoundDocument[] = []
  const parts: VolumePart[] = []
  let pages = 0
  let size = 0
  for (const entry of entries) {
    throwIfCancelled(control.signal)
    const examined = await examineDocument(files, entry.path)
    const { kind, problems } = examined
    const soft = problems.map(each =>
      each.code === 'signed' && request.takeSigned === true ? { ...each, level: 'told' as const } : each,
    )
    documents.push({ ...entry, pages: examined.pages, firstPage: pages + 1, problems: soft })
    if (kind !== null) {
      parts.push({
        title: entry.title,
        kind,
        pages: examined.pages,
        load: () => load(files, entry.path, examined.size),
      })
    }
    pages += examined.pages
    size += examined.size
  }
  if (documents.some(({ problems }) => problems.some(({ level }) => level === 'fatal'))) {
    return { written: false, documents, pages, bytes: 0 }
  }
  const typeface = numbered ? await readTypeface(request.font) : null
  const numberText = numbered ? (page: number, all: number): string => `第 ${page} 页　共 ${all} 页` : null
  // The PDF library takes as long to start as most commands to run.
  const { PartBroken, writeVolume } = await import('./pdf/volume.ts')
  const draft = await files.create(output, size)
  try {
    const bytes = await writeVolume(draft, parts, { title, at, typeface, numberText, bookmarks }, control)
    await draft.commit()
    return { written: true, documents, pages, bytes }
  } catch (error) {
    if (!(error instanceof PartBroken)) throw error
    return { written: false, documents: withProblem(documents, error.index, error.cause), pages, bytes: 0 }
  } finally {
    await draft.discard()
  }
}

/** A document's pixels or objects were damaged where the first look doesn't go. */
function withProblem(documents: readonly BoundDocument[], index: number, cause: unknown): readonly BoundDocument[] {
  const code = cause instanceof PictureRefused ? cause.refusal : 'not-read'
  const problem = { code, level: 'fatal' } as const
  return documents.map((each, at) => (at === index ? { ...each, problems: [...each.problems, problem] } : each))
}

/** A document as it was when it was looked through. */
async function load(files: FileSystem, path: string, size: number): Promise<Uint8Array> {
  const source: ByteSource = await files.open(path)
  try {
    if (source.size !== size) throw new AppFailure('input.changed', 'a document has another length now')
    return await readAll(source, largestPdf)
  } finally {
    await source.close()
  }
}
