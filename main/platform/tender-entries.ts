import type { Entry, ZipFile } from 'yauzl'
import { AppFailure } from '../contract/failure.ts'

/** How large a tender package may be. */
export const tenderLimits = {
  entries: 1000,
  documentBytes: 4 * 1024 * 1024,
  signatureBytes: 64 * 1024,
  /** All attachments together, unpacked. */
  attachmentBytes: 2 * 1024 * 1024 * 1024,
} as const

/** The entries of a tender package by what they are; every one has been bounded. */
export interface TenderEntries {
  readonly document: Entry
  readonly signature: Entry
  /** By their name in the archive, which begins with `attachments/`. */
  readonly attachments: ReadonlyMap<string, Entry>
}

/**
 * The central directory of a tender package, checked: plain files with safe names under their places, none twice, none
 * encrypted or oddly packed, all bounded. Throws `tender.invalid`.
 */
export async function tenderEntries(zip: ZipFile, archiveBytes: number): Promise<TenderEntries> {
  if (zip.entryCount > tenderLimits.entries) throw invalid(`more than ${tenderLimits.entries} entries`)
  const attachments = new Map<string, Entry>()
  const spellings = new Set<string>()
  let document: Entry | null = null
  let signature: Entry | null = null
  let packed = 0
  let unpacked = 0
  for await (const entry of zip.eachEntry()) {
    requirePlainFile(entry)
    const name = entry.fileName
    // Two names that some systems take for one would be two versions of the same file.
    const spelling = name.normalize('NFC').toLowerCase()
    if (spellings.has(spelling)) throw invalid('two entries have the same name')
    spellings.add(spelling)
    packed += entry.compressedSize
    unpacked += entry.uncompressedSize
    if (isFolder(entry)) continue
    if (name === 'tender.json') document = bounded(entry, tenderLimits.documentBytes)
    else if (name === 'META-INF/tender.p7s') signature = bounded(entry, tenderLimits.signatureBytes)
    else if (isAttachmentName(name)) attachments.set(name, entry)
    else throw invalid('an entry does not belong into a tender package')
  }
  // SECURITY: entries that share their bytes make archives that unpack to thousands of times their size.
  if (packed > archiveBytes) throw invalid('entries overlap')
  if (unpacked > tenderLimits.attachmentBytes) throw invalid('the attachments are too large')
  if (document === null || signature === null) throw invalid('tender.json or its signature is missing')
  return { document, signature, attachments }
}

/** Whether an attachment may have this name: relative parts under `attachments/` that every system can store. */
export function isAttachmentName(name: string): boolean {
  const segments = name.split('/')
  return (
    segments.length >= 2 &&
    segments.length <= 8 &&
    segments[0] === 'attachments' &&
    segments.every(
      segment =>
        segment !== '' &&
        !/^\.+$/.test(segment) &&
        !/[\p{Cc}\p{Cf}\\:*?"<>|]/u.test(segment) &&
        !/[. ]$/.test(segment) &&
        Buffer.byteLength(segment) <= 240,
    )
  )
}

function requirePlainFile(entry: Entry): void {
  const unixType = (entry.externalFileAttributes >>> 16) & 0o170000
  const madeOnUnix = entry.versionMadeBy >>> 8 === 3
  if (madeOnUnix && unixType !== 0 && unixType !== 0o100000 && unixType !== 0o040000) {
    throw invalid('an entry is not a plain file')
  }
  if (entry.isEncrypted()) throw invalid('an entry is encrypted')
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) throw invalid('an entry is packed in an odd way')
}

function isFolder(entry: Entry): boolean {
  const { fileName, uncompressedSize } = entry
  if (!fileName.endsWith('/')) return false
  const known = fileName === 'META-INF/' || fileName === 'attachments/' || isAttachmentName(fileName.slice(0, -1))
  if (!known || uncompressedSize !== 0) throw invalid('a folder does not belong into a tender package')
  return true
}

function bounded(entry: Entry, limit: number): Entry {
  if (entry.uncompressedSize > limit) throw invalid('an entry is longer than it may be')
  return entry
}

function invalid(detail: string): AppFailure {
  return new AppFailure('tender.invalid', detail)
}
