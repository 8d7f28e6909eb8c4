import { createHash } from 'node:crypto'
import type { PDFContext, PDFObject, PDFRef } from 'pdf-lib'
import type { DraftFile } from '../../../../crypto/index.ts'

/** A PDF that is written object by object, so that none of it has to be held in memory. */
export interface PdfFile {
  /** Where references come from; objects registered in it are written by `finish`. */
  readonly context: PDFContext
  /** Writes an object now. Each reference once. */
  write(ref: PDFRef, object: PDFObject): Promise<void>
  /** Writes what stands in the context, the cross-reference and the trailer; answers the file's length in bytes. */
  finish(root: PDFRef, info: PDFRef): Promise<number>
}

/** Small objects are written together. */
const block = 1024 * 1024

/** Begins a PDF in a draft. The caller commits or discards it. */
export async function beginPdfFile(draft: DraftFile, context: PDFContext): Promise<PdfFile> {
  const offsets = new Map<number, number>()
  const identity = createHash('sha256')
  let pending: Uint8Array[] = []
  let pendingLength = 0
  let written = 0

  async function put(bytes: Uint8Array): Promise<void> {
    identity.update(bytes)
    pending.push(bytes)
    pendingLength += bytes.length
    if (pendingLength >= block) await drain()
  }

  async function drain(): Promise<void> {
    const bytes = pending.length === 1 && pending[0] !== undefined ? pending[0] : Buffer.concat(pending)
    await draft.write(written, bytes)
    written += pendingLength
    pending = []
    pendingLength = 0
  }

  async function write(ref: PDFRef, object: PDFObject): Promise<void> {
    offsets.set(ref.objectNumber, written + pendingLength)
    const body = new Uint8Array(object.sizeInBytes())
    object.copyBytesInto(body, 0)
    await put(ascii(`${ref.objectNumber} 0 obj\n`))
    await put(body)
    await put(ascii('\nendobj\n'))
  }

  // Four bytes above 127 tell programs that the file is binary (ISO 32000-1, 7.5.2).
  await put(Uint8Array.of(...ascii('%PDF-1.7\n%'), 0xe2, 0xe3, 0xcf, 0xd3, 0x0a))
  return {
    context,
    write,
    async finish(root, info) {
      for (const [ref, object] of context.enumerateIndirectObjects()) await write(ref, object)
      const size = context.largestObjectNumber + 1
      const at = written + pendingLength
      const rows = Array.from({ length: size }, (_, number) => row(offsets.get(number)))
      const id = identity.copy().digest('hex').slice(0, 32)
      await put(ascii(`xref\n0 ${size}\n${rows.join('')}`))
      await put(
        ascii(
          `trailer\n<< /Size ${size} /Root ${root.toString()} /Info ${info.toString()} /ID [<${id}> <${id}>] >>\nstartxref\n${at}\n%%EOF\n`,
        ),
      )
      await drain()
      return written
    },
  }
}

function row(offset: number | undefined): string {
  return offset === undefined ? '0000000000 65535 f \n' : `${String(offset).padStart(10, '0')} 00000 n \n`
}

function ascii(text: string): Uint8Array {
  return Buffer.from(text, 'latin1')
}
