import { constants, inflateSync } from 'node:zlib'
import { PdfBroken } from './broken.ts'
import { hexDigit, isSpace } from './lexer.ts'
import { is, isName, type PdfDictionary, type PdfObject } from './objects.ts'
import { undoPredictor } from './predictor.ts'

/**
 * Decodes a stream of the file's structure: cross-reference streams, object streams and what this program draws itself.
 * Flate with predictors, ASCIIHex and ASCII85; any other filter is broken, and so are more than `limit` bytes (bombs).
 */
export function decodeStream({ entries }: PdfDictionary, encoded: Uint8Array, limit: number): Uint8Array {
  const filters = listOf(entries.get('Filter') ?? entries.get('F'))
  const parameters = listOf(entries.get('DecodeParms') ?? entries.get('DP'))
  if (filters.length > 4) throw new PdfBroken('too many filters')
  return filters.reduce<Uint8Array>((bytes, filter, index) => decode(filter, parameters[index], bytes, limit), encoded)
}

function decode(filter: PdfObject, parameters: PdfObject | undefined, bytes: Uint8Array, limit: number): Uint8Array {
  if (isName(filter, 'FlateDecode') || isName(filter, 'Fl')) {
    const inflated = inflate(bytes, limit)
    return is(parameters, 'dictionary') ? undoPredictor(parameters, inflated) : inflated
  }
  if (isName(filter, 'ASCIIHexDecode') || isName(filter, 'AHx')) return asciiHex(bytes)
  if (isName(filter, 'ASCII85Decode') || isName(filter, 'A85')) return ascii85(bytes, limit)
  throw new PdfBroken('a filter that no structure uses')
}

function inflate(bytes: Uint8Array, limit: number): Uint8Array {
  try {
    // A stream cut short gives what it holds, as other readers do.
    const inflated = inflateSync(bytes, { maxOutputLength: limit, finishFlush: constants.Z_SYNC_FLUSH })
    return new Uint8Array(inflated.buffer, inflated.byteOffset, inflated.length)
  } catch (error) {
    throw new PdfBroken('compressed data that is broken or too long', error)
  }
}

function asciiHex(bytes: Uint8Array): Uint8Array {
  const out: number[] = []
  let half = -1
  for (const byte of bytes) {
    if (byte === 0x3e) break
    const digit = hexDigit(byte)
    if (digit < 0) {
      if (isSpace(byte)) continue
      throw new PdfBroken('ASCIIHex with other characters')
    }
    if (half < 0) half = digit
    else {
      out.push(half * 16 + digit)
      half = -1
    }
  }
  if (half >= 0) out.push(half * 16)
  return Uint8Array.from(out)
}

function ascii85(bytes: Uint8Array, limit: number): Uint8Array {
  const out = new Uint8Array(Math.min(limit, bytes.length * 4))
  let size = 0
  let group: number[] = []
  const flush = (count: number): void => {
    let value = 0
    for (let index = 0; index < 5; index += 1) value = value * 85 + (group[index] ?? 84)
    for (let index = 0; index < count; index += 1) {
      if (size >= out.length) throw new PdfBroken('ASCII85 data too long')
      out[size++] = Math.floor(value / 256 ** (3 - index)) & 0xff
    }
    group = []
  }
  for (const byte of bytes) {
    if (byte === 0x7e) break
    if (isSpace(byte)) continue
    if (byte === 0x7a && group.length === 0) {
      group = [0, 0, 0, 0, 0]
      flush(4)
    } else if (byte >= 0x21 && byte <= 0x75) {
      group.push(byte - 0x21)
      if (group.length === 5) flush(4)
    } else throw new PdfBroken('ASCII85 with other characters')
  }
  if (group.length > 1) flush(group.length - 1)
  return out.slice(0, size)
}

function listOf(object: PdfObject | undefined): readonly PdfObject[] {
  if (object === undefined || object === null) return []
  return is(object, 'array') ? object.items : [object]
}
