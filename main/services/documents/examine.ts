import { CryptoFailure, inspectPdf, readAll } from '../../../crypto/index.ts'
import type { ByteSource, FileSystem, PdfFacts } from '../../../crypto/index.ts'
import { pictureLimits, PictureRefused } from './images/picture.ts'
import type { PictureRefusal } from './images/picture.ts'
import { kindOf, magicLength, readPicture } from './images/read-picture.ts'

/** What is to be told of a document, by name. `fatal` ones keep it out of a volume. */
export const problemLevels = {
  'not-read': 'fatal',
  encrypted: 'fatal',
  'no-pages': 'fatal',
  'too-large': 'fatal',
  xfa: 'fatal',
  signed: 'fatal',
  'picture-unknown': 'fatal',
  'picture-broken': 'fatal',
  'picture-unsupported': 'fatal',
  'picture-too-large': 'fatal',
  scripted: 'told',
  launches: 'told',
  attachments: 'told',
  media: 'told',
  'form-fields': 'told',
  repaired: 'told',
  metadata: 'told',
} as const satisfies Record<string, 'fatal' | 'told'> & Record<PictureRefusal, 'fatal'>

export type ProblemCode = keyof typeof problemLevels

export interface DocumentProblem {
  readonly code: ProblemCode
  readonly level: 'fatal' | 'told'
  /** A name, a count, a reader's words. */
  readonly detail?: string
}

export interface ExaminedDocument {
  readonly kind: 'pdf' | 'picture' | null
  /** Bytes. */
  readonly size: number
  /** A picture is one page; what can't be read has none. */
  readonly pages: number
  readonly problems: readonly DocumentProblem[]
}

/** Largest PDF that is put into a volume, in bytes: it is read as a whole. */
export const largestPdf = 256 * 1024 * 1024

/**
 * Looks through a document that is to become part of a volume: what it is, how many pages it has, and what will not come
 * along or keeps it out. Throws `input.unreadable` only where the file itself cannot be read.
 */
export async function examineDocument(files: FileSystem, path: string): Promise<ExaminedDocument> {
  const source = await files.open(path)
  try {
    const start = new Uint8Array(Math.min(magicLength, source.size))
    await source.read(0, start)
    const kind = kindOf(start)
    if (kind === 'pdf') return await examinePdf(source)
    return kind === null ? refused(source.size, 'picture-unknown') : await examinePicture(source)
  } finally {
    await source.close()
  }
}

async function examinePdf(source: ByteSource): Promise<ExaminedDocument> {
  const { size } = source
  try {
    const facts = await inspectPdf(source)
    const problems = problemsOf(facts)
    return { kind: 'pdf', size, pages: facts.pages.length, problems }
  } catch (error) {
    if (!(error instanceof CryptoFailure) || error.code !== 'input.unreadable') throw error
    return { kind: 'pdf', size, pages: 0, problems: [problem('not-read', error.detail)] }
  }
}

function problemsOf(facts: PdfFacts): readonly DocumentProblem[] {
  if (facts.encryption !== null) return [problem('encrypted', facts.encryption.handler)]
  const found: (readonly [boolean, ProblemCode, string?])[] = [
    [facts.pages.length === 0, 'no-pages'],
    [facts.size > largestPdf, 'too-large'],
    [facts.hasXfa, 'xfa'],
    [facts.signatures.length > 0, 'signed', facts.signatures.join(', ')],
    [facts.hasJavaScript, 'scripted'],
    [facts.hasLaunchActions, 'launches'],
    [facts.embeddedFiles > 0, 'attachments', String(facts.embeddedFiles)],
    [facts.hasMedia, 'media'],
    [facts.formFields > 0, 'form-fields', String(facts.formFields)],
    [facts.trouble.length > 0, 'repaired', facts.trouble.join(', ')],
  ]
  return found.filter(([isThere]) => isThere).map(([, code, detail]) => problem(code, detail))
}

async function examinePicture(source: ByteSource): Promise<ExaminedDocument> {
  const { size } = source
  if (size > pictureLimits.bytes) return refused(size, 'picture-too-large')
  try {
    const picture = readPicture(await readAll(source, pictureLimits.bytes))
    return { kind: 'picture', size, pages: 1, problems: picture.hasMetadata ? [problem('metadata')] : [] }
  } catch (error) {
    if (error instanceof PictureRefused) return refused(size, error.refusal, error.message)
    throw error
  }
}

function refused(size: number, code: ProblemCode, detail?: string): ExaminedDocument {
  return { kind: code === 'picture-unknown' ? null : 'picture', size, pages: 0, problems: [problem(code, detail)] }
}

function problem(code: ProblemCode, detail?: string): DocumentProblem {
  return { code, level: problemLevels[code], ...(detail === undefined ? {} : { detail }) }
}
