import type { ByteSource } from '../../../crypto/index.ts'
import type { Ports } from '../ports.ts'
import type { PdfReport } from '../signing/pdf-report.ts'
import type { PdfJudgement } from '../signing/verify-document.ts'
import { verifyDocument } from '../signing/verify-document.ts'
import { kindOf, magicLength } from './images/read-picture.ts'

/**
 * How an electronic guarantee or licence (电子保函, 电子营业执照) came: as a signed PDF, which is read, or in a form that is
 * named and not read yet.
 */
export type PaperFormat = 'pdf' | 'ofd' | 'xml' | 'zip' | 'picture' | 'unknown'

/** A paper somebody else signed: a bank's guarantee, a licence. */
export type SignedPaper =
  | {
      readonly format: 'pdf'
      /** Whether it is signed as a whole and every signature holds. */
      readonly holds: boolean
      readonly report: PdfReport
    }
  | { readonly format: Exclude<PaperFormat, 'pdf'>; readonly holds: false; readonly report: null }

/** Shows who signed a paper and whether it holds. Throws `input.unreadable` for a PDF that is broken or encrypted. */
export async function readSignedPaper(ports: Ports, path: string, judgement: PdfJudgement): Promise<SignedPaper> {
  const source = await ports.files.open(path)
  let format: PaperFormat
  try {
    format = await formatOf(source)
  } finally {
    await source.close()
  }
  if (format !== 'pdf') return { format, holds: false, report: null }
  const { report } = await verifyDocument(ports, path, judgement)
  return { format, holds: report.failure === null && report.isWhollySigned, report }
}

async function formatOf(source: ByteSource): Promise<PaperFormat> {
  const start = new Uint8Array(Math.min(magicLength, source.size))
  await source.read(0, start)
  const kind = kindOf(start)
  if (kind !== null) return kind === 'pdf' ? 'pdf' : 'picture'
  const text = Buffer.from(start).toString('latin1')
  if (text.startsWith('PK')) return (await tail(source)).includes('OFD.xml') ? 'ofd' : 'zip'
  return /^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*<\0?[?\w]/.test(text) ? 'xml' : 'unknown'
}

/** The end of a file: a ZIP's list of entries stands there. */
async function tail(source: ByteSource): Promise<string> {
  const bytes = new Uint8Array(Math.min(source.size, 128 * 1024))
  await source.read(source.size - bytes.length, bytes)
  return Buffer.from(bytes).toString('latin1')
}
