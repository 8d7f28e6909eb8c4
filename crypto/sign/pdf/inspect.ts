import type { ByteSource } from '../../io/source.ts'
import { type ActiveContent, findActiveContent } from './active-content.ts'
import { type Permission, readPermission } from './certification.ts'
import type { PdfDocument } from './document.ts'
import { readForm } from './fields.ts'
import { is, isName, textOf } from './objects.ts'
import { openPages } from './open-pages.ts'
import type { Box } from './pages.ts'

/** What is broken in a document that can be read all the same. */
export type PdfTrouble =
  /** Bytes stand before the header. */
  | 'header-offset'
  /** The cross-reference was broken; the objects were found by a scan. */
  | 'xref-rebuilt'
  /** Some object could not be read or stood elsewhere. */
  | 'object-broken'
  /** The page tree has holes, circles or pages twice. */
  | 'page-tree'
  /** A page without a usable size; A4 was taken. */
  | 'page-box'
  /** No page at all. */
  | 'no-pages'

/** How a document is encrypted. Nothing in it is read. */
export interface PdfEncryption {
  /** The name of its security handler: `Standard` for passwords. */
  readonly handler: string
}

/** A page as a bidder is told of it. */
export interface PdfPageFacts {
  readonly mediaBox: Box
  readonly cropBox: Box
  readonly rotate: 0 | 90 | 180 | 270
}

/** What a bidder has to be told of a PDF before it goes into a bid. */
export interface PdfFacts extends ActiveContent {
  /** Bytes. */
  readonly size: number
  /** As the header says it. */
  readonly version: string
  /** Null when it is not encrypted. When it is, nothing below is known: no pages, nothing found. */
  readonly encryption: PdfEncryption | null
  readonly pages: readonly PdfPageFacts[]
  readonly isLinearized: boolean
  readonly xref: 'table' | 'stream' | 'hybrid' | 'rebuilt'
  /** Sections of the cross-reference: saves on top of each other (a linearized file has one more). */
  readonly sections: number
  /** What the file says of itself (Info): Title, Author, Creator, Producer, dates and whatever else, as text. */
  readonly info: ReadonlyMap<string, string>
  /** Fields to be filled in, signature fields apart. */
  readonly formFields: number
  /** An XFA form: what is seen depends on the program. */
  readonly hasXfa: boolean
  /** Names of the signed signature fields, in the form's order. */
  readonly signatures: readonly string[]
  /** Names of signature fields that wait for somebody. */
  readonly emptySignatureFields: readonly string[]
  /** What earlier signers still allow; null when none has said anything. */
  readonly permission: Permission | null
  readonly trouble: readonly PdfTrouble[]
}

/**
 * Looks through a PDF. Never throws for what a PDF may be (encrypted, scripted, broken in places): that is told. Throws
 * `input.unreadable` for what is no PDF, has no beginning, or asks for more than any honest one.
 */
export async function inspectPdf(source: ByteSource): Promise<PdfFacts> {
  const { document, pageList } = await openPages(source)
  const { xref, version } = document
  const isRebuilt = xref.newest === null
  const common = {
    size: source.size,
    version,
    isLinearized: await isLinearized(document),
    xref: isRebuilt ? 'rebuilt' : xref.isHybrid ? 'hybrid' : xref.style,
    sections: xref.sections,
  } as const
  const early: readonly PdfTrouble[] = [
    ...(document.headerOffset > 0 ? (['header-offset'] as const) : []),
    ...(isRebuilt ? (['xref-rebuilt'] as const) : []),
  ]
  if (document.isEncrypted) {
    return { ...common, ...nothing, encryption: { handler: await handlerOf(document) }, trouble: early }
  }
  const { pages, isBroken } = pageList
  const form = await readForm(document)
  const active = await findActiveContent(document)
  const signatureFields = form?.fields.filter(field => field.type === 'Sig') ?? []
  const signed = signatureFields.filter(field => is(field.value, 'dictionary'))
  const trouble: readonly PdfTrouble[] = [
    ...early,
    ...(document.hasBrokenObjects ? (['object-broken'] as const) : []),
    ...(isBroken ? (['page-tree'] as const) : []),
    ...(pages.some(page => page.hasDefaultBox) ? (['page-box'] as const) : []),
    ...(pages.length === 0 ? (['no-pages'] as const) : []),
  ]
  return {
    ...common,
    ...active,
    encryption: null,
    info: await readInfo(document),
    pages: pages.map(({ mediaBox, cropBox, rotate }) => ({ mediaBox, cropBox, rotate })),
    formFields: (form?.fields.length ?? 0) - signatureFields.length,
    hasXfa: form?.hasXfa === true,
    signatures: signed.map(field => field.name),
    emptySignatureFields: signatureFields.filter(field => !signed.includes(field)).map(field => field.name),
    permission: await readPermission(document, form),
    trouble,
  }
}

const nothing = {
  pages: [],
  info: new Map<string, string>(),
  formFields: 0,
  hasXfa: false,
  signatures: [],
  emptySignatureFields: [],
  permission: null,
  hasJavaScript: false,
  hasLaunchActions: false,
  embeddedFiles: 0,
  hasMedia: false,
} as const

async function handlerOf(document: PdfDocument): Promise<string> {
  const encrypt = await document.dictionaryAt(document.xref.trailer.entries.get('Encrypt'))
  const filter = encrypt?.entries.get('Filter')
  return isName(filter) ? filter.name : 'unknown'
}

async function readInfo(document: PdfDocument): Promise<ReadonlyMap<string, string>> {
  const info = await document.dictionaryAt(document.xref.trailer.entries.get('Info'))
  const texts = new Map<string, string>()
  for (const [key, value] of [...(info?.entries ?? [])].slice(0, 64)) {
    const said = textOf(await document.resolve(value))
    if (said !== null && said !== '') texts.set(key, said)
  }
  return texts
}

/** The linearization dictionary is the first object of the file (Annex F). */
async function isLinearized(document: PdfDocument): Promise<boolean> {
  const head = Buffer.from(await document.bytes.window(0, 1024)).toString('latin1')
  return /^%PDF[^]{0,64}?\d+\s+\d+\s+obj\s*<<[^>]{0,512}\/Linearized\b/.test(head)
}
