import { stat } from 'node:fs/promises'
import { CryptoFailure, inspectPdf, nodeFiles } from '../../../../crypto/index.ts'
import type { ByteSource, FileSystem, PdfFacts, Tender } from '../../../../crypto/index.ts'
import type { DocumentFacts, PdfContent, PresentDocument, SignatureFacts } from '../facts.ts'
import { makersOf } from './makers.ts'
import { detachedSignature, pdfSignatures } from './signatures.ts'

/** What the contents of documents are held against. */
export interface ContentQuestion {
  readonly tender: Tender
  readonly now: Date
  readonly files?: FileSystem
  readonly signal?: AbortSignal | undefined
}

type Content = Pick<DocumentFacts, 'pdf' | 'signatures'>

/** What was found in files, while they stay what they are: a window looks at a bid again and again. */
const known = new Map<string, Content>()
const mostKnown = 256

/** Looks into one document and the signature beside it. Files that can't be read at all throw `input.unreadable`. */
export async function contentOf(document: PresentDocument, name: string, question: ContentQuestion): Promise<Content> {
  const key = await keyOf(document, question)
  const before = known.get(key)
  if (before !== undefined) return before
  const found = await look(document, name, question)
  const [oldest] = known.keys()
  if (known.size >= mostKnown && oldest !== undefined) known.delete(oldest)
  known.set(key, found)
  return found
}

async function keyOf({ file, signatures }: PresentDocument, { tender, now }: ContentQuestion): Promise<string> {
  const paths = [file.path, ...signatures.map(each => each.file.path)]
  const marks = await Promise.all(
    paths.map(async path => {
      const { size, mtimeMs, ctimeMs, ino } = await stat(path)
      return `${path}\0${size}\0${mtimeMs}\0${ctimeMs}\0${ino}`
    }),
  )
  // Certificates are judged by the day.
  return [tender.packageDigest, now.toISOString().slice(0, 10), ...marks].join('\0')
}

async function look(document: PresentDocument, name: string, question: ContentQuestion): Promise<Content> {
  const files = question.files ?? nodeFiles
  const source = await files.open(document.file.path)
  try {
    const pdf = /\.pdf$/i.test(name) && source.size > 0 ? await pdfContent(source) : null
    const inPdf = pdf?.kind === 'read' && pdf.facts.signatures.length > 0 ? await pdfSignatures(source, question) : []
    const beside: SignatureFacts[] = []
    for (const each of document.signatures) beside.push(await detachedSignature(source, files, each, question))
    return { pdf, signatures: [...inPdf, ...beside] }
  } finally {
    await source.close()
  }
}

async function pdfContent(source: ByteSource): Promise<PdfContent> {
  if (!(await hasEnd(source))) return { kind: 'unreadable', detail: 'PDF: it has no end' }
  let facts: PdfFacts
  try {
    facts = await inspectPdf(source)
  } catch (error) {
    if (error instanceof CryptoFailure && error.code === 'input.unreadable') {
      return { kind: 'unreadable', detail: error.detail }
    }
    throw error
  }
  return { kind: 'read', facts, makers: await makersOf(source, facts) }
}

/**
 * Whether a long file ends like a PDF. One that was cut off, or is none, would be searched for objects from end to end, which
 * takes seconds for each gigabyte, only to be named broken.
 */
async function hasEnd(source: ByteSource): Promise<boolean> {
  if (source.size < longFile) return true
  const end = Buffer.alloc(endSearched)
  await source.read(source.size - end.length, end)
  return end.includes('startxref')
}

const longFile = 1024 * 1024
const endSearched = 64 * 1024
