import { fromBufferPromise } from 'yauzl'
import type { Entry, ZipFile } from 'yauzl'
import { AppFailure } from '../../../contract/failure.ts'
import { gridLimits, unreadable } from './grid.ts'

/** The parts of a workbook, unpacked when they are asked for. */
export interface ZipParts {
  /** A part as text; null when there is none. Throws `input.unreadable` for one that is longer than it may be. */
  text(name: string): Promise<string | null>
}

/** Opens a ZIP file in memory. Throws `input.unreadable` for what is none or has more entries than a workbook. */
export async function openZip(bytes: Uint8Array): Promise<ZipParts> {
  const zip = await fromBufferPromise(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)).catch(
    (error: unknown) => {
      throw unreadable('the workbook is damaged', error)
    },
  )
  const entries = await entriesOf(zip)
  let unpacked = 0
  return {
    async text(name) {
      const entry = entries.get(name.toLowerCase())
      if (entry === undefined) return null
      if (entry.isEncrypted()) throw unreadable('the workbook is encrypted')
      const part = await unpack(zip, entry)
      unpacked += part.length
      if (unpacked > gridLimits.parts) throw unreadable('the workbook unpacks to more than any list of a bid')
      const text = new TextDecoder('utf-8').decode(part)
      // SECURITY: a workbook has no DTD; entities could expand without bound or name other files.
      if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) throw unreadable('the workbook declares entities')
      return text
    },
  }
}

async function entriesOf(zip: ZipFile): Promise<ReadonlyMap<string, Entry>> {
  if (zip.entryCount > gridLimits.entries) throw unreadable('the workbook has too many parts')
  const entries = new Map<string, Entry>()
  try {
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileName.toLowerCase()
      if (entries.has(name)) throw unreadable('the workbook has a part twice')
      entries.set(name, entry)
      if (entries.size > gridLimits.entries) throw unreadable('the workbook has too many parts')
    }
  } catch (error) {
    if (error instanceof AppFailure) throw error
    throw unreadable('the workbook is damaged', error)
  }
  return entries
}

async function unpack(zip: ZipFile, entry: Entry): Promise<Buffer> {
  const pieces: Buffer[] = []
  let length = 0
  try {
    for await (const piece of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Buffer>) {
      length += piece.length
      // SECURITY: what is declared may be a lie; this ends a stream that unpacks to more (ZIP bomb).
      if (length > gridLimits.part) throw unreadable('a part of the workbook unpacks to more than any list of a bid')
      pieces.push(piece)
    }
  } catch (error) {
    if (error instanceof AppFailure) throw error
    throw unreadable('the workbook is damaged', error)
  }
  return Buffer.concat(pieces)
}
