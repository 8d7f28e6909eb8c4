import { createHash, type Hash } from 'node:crypto'
import { commonName, displayName } from '../../cert/name.ts'
import { CryptoFailure, throwIfCancelled } from '../../errors.ts'
import type { DraftFile, FileSystem } from '../../io/files.ts'
import type { ByteSource } from '../../io/source.ts'
import type { Signer } from '../signer.ts'
import { drawAppearance, type SealAppearance } from './appearance.ts'
import { readPermission } from './certification.ts'
import { type AskTimestamp, cmsRoom, type PdfSigner, pdfSigner, signPdfDigest } from './cms-write.ts'
import { readForm } from './fields.ts'
import { addField, addToPages, fieldName } from './form-update.ts'
import { importFirstPage } from './import-page.ts'
import { Increment } from './increment.ts'
import { type Seal, writeMarks } from './marks.ts'
import { openPages } from './open-pages.ts'
import { byteRangeText, contentsText, dateText, type Placeholder, signaturePlaceholder } from './placeholder.ts'
import { drawnSize, marksOf, type SignaturePlace } from './places.ts'
import { SigningRefused, signingRefusal } from './refusal.ts'
import type { PdfSignature } from './signature-facts.ts'
import { verifyPdf } from './verify-pdf.ts'

/** What is signed, by whom, and how it looks. */
export interface SignPdfOptions {
  /** The document. It is copied byte by byte; earlier signatures stay what they are. The caller closes it. */
  readonly source: ByteSource
  /** Path of the signed document, another file than the source. */
  readonly output: string
  readonly files: FileSystem
  readonly signer: Signer
  readonly place: SignaturePlace
  /** What is seen; it has to be there unless the place is invisible. */
  readonly appearance?: SealAppearance
  readonly reason?: string
  readonly location?: string
  /** The time the signature claims. */
  readonly signingTime: Date
  /** Asks for a time stamp (PAdES B-T); without it the signature is B-B. Throws what it throws. */
  readonly timestamp?: AskTimestamp
  readonly signal?: AbortSignal
}

/** What was written. */
export interface SignedPdf {
  /** Bytes. */
  readonly size: number
  /** The new signature as it was read back from the written file. */
  readonly signature: PdfSignature
  /** How many pages show something of it. */
  readonly markedPages: number
}

const block = 1024 * 1024

/** Longest document, in bytes: offsets have ten digits. */
const largest = 9 * 10 ** 9

/**
 * Signs a PDF with an incremental update: PAdES baseline B-B, or B-T with a time stamp. The result is read back and its new
 * signature verified before it gets its name. Throws {@link SigningRefused} (`input.unreadable`) where the document is not
 * to be signed, `arguments.bad` for a place that is none, `cert.*` and `token.*` for the signer, `document.signature` when
 * an answer is no signature or too long, and what the files throw. Nothing is left behind when it fails.
 */
export async function signPdf(options: SignPdfOptions): Promise<SignedPdf> {
  const { source, place, appearance, files, output, signal } = options
  if (source.size > largest) throw new CryptoFailure('input.unreadable', 'PDF: longer than 9 GB')
  const { document, pageList } = await openPages(source)
  const signer = pdfSigner(options.signer)
  const form = document.isEncrypted ? null : await readForm(document)
  const [firstPage] = pageList.pages
  const refusal = signingRefusal(
    {
      encryption: document.isEncrypted ? { handler: '' } : null,
      permission: document.isEncrypted ? null : await readPermission(document, form),
      hasXfa: form?.hasXfa === true,
      trouble: [
        ...(document.headerOffset > 0 ? (['header-offset'] as const) : []),
        ...(pageList.isBroken || firstPage === undefined ? (['page-tree'] as const) : []),
      ],
    },
    place,
  )
  if (refusal !== null || firstPage === undefined) throw new SigningRefused(refusal ?? 'page-tree')
  const marks = marksOf(place, pageList.pages)
  const size = drawnSize(place)
  if (size !== null && appearance === undefined) throw new CryptoFailure('arguments.bad', 'there is nothing to be seen')

  const increment = new Increment(document)
  const room = cmsRoom(signer, options.timestamp !== undefined)
  const date = dateText(options.signingTime)
  const { subject } = signer.certificate
  const signerName = commonName(subject) ?? displayName(subject)
  const { reason, location } = options
  const placeholder = signaturePlaceholder(room, { signerName, reason, location, date })
  const signatureAt = increment.reserve()
  increment.putBytes(signatureAt, placeholder.body)
  let seal: Seal | null = null
  if (size !== null && appearance !== undefined) {
    const drawn = await drawAppearance(appearance, size.width, size.height)
    seal = { form: await importFirstPage(increment, drawn), ...size }
  }
  const field = increment.reserve()
  const texts = { field: fieldName(form), signerName, date }
  const placed = writeMarks(increment, field, signatureAt, marks, seal, texts, firstPage)
  await addToPages(document, increment, placed)
  await addField(document, increment, field)
  const { bytes, bodyOffsets } = increment.write()
  const at = bodyOffsets.get(signatureAt.number)
  if (at === undefined) throw new CryptoFailure('internal', 'the signature was not written')

  throwIfCancelled(signal)
  const total = source.size + bytes.length
  const draft = await files.create(output, total)
  try {
    await writeSigned(options, signer, draft, { bytes, at, placeholder, room, total })
    await draft.flush()
    const signature = await readBack(files, draft, texts.field, total)
    throwIfCancelled(signal)
    await draft.commit()
    return { size: total, signature, markedPages: new Set(marks.map(mark => mark.page)).size }
  } catch (error) {
    await draft.discard()
    throw error
  }
}

interface ToWrite {
  readonly bytes: Uint8Array
  /** Where in the file the signature dictionary begins. */
  readonly at: number
  readonly placeholder: Placeholder
  readonly room: number
  readonly total: number
}

async function writeSigned(
  { source, timestamp, signal }: SignPdfOptions,
  signer: PdfSigner,
  draft: DraftFile,
  { bytes, at, placeholder, room, total }: ToWrite,
): Promise<void> {
  const contentsStart = at + placeholder.contents.offset
  const { length } = placeholder.contents
  const increment = Uint8Array.from(bytes)
  increment.set(byteRangeText(contentsStart, length, total), at + placeholder.byteRange.offset - source.size)
  const hash = createHash('sha256')
  await copyDocument(source, draft, hash, signal)
  const hole = contentsStart - source.size
  hash.update(increment.subarray(0, hole)).update(increment.subarray(hole + length))
  await draft.write(source.size, increment)
  const digest = Uint8Array.from(hash.digest())
  throwIfCancelled(signal)
  const cms = await signPdfDigest(signer, digest, timestamp ?? null)
  await draft.write(contentsStart, contentsText(cms, room))
}

async function copyDocument(
  source: ByteSource,
  draft: DraftFile,
  hash: Hash,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let offset = 0; offset < source.size; offset += block) {
    throwIfCancelled(signal)
    const piece = new Uint8Array(Math.min(block, source.size - offset))
    await source.read(offset, piece)
    hash.update(piece)
    await draft.write(offset, piece)
  }
}

async function readBack(files: FileSystem, draft: DraftFile, field: string, total: number): Promise<PdfSignature> {
  const written = await files.open(draft.draftPath)
  try {
    const [signature] = written.size === total ? (await verifyPdf(written, {}, field)).signatures : []
    if (signature?.verdict.kind !== 'valid' || signature.coverage.kind !== 'whole-file') {
      throw new CryptoFailure('document.signature', 'the written document does not verify')
    }
    return signature
  } finally {
    await written.close()
  }
}
