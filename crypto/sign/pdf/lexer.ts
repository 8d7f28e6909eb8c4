import { PdfBroken } from './broken.ts'
import { limits } from './limits.ts'

/** NUL, HT, LF, FF, CR, space (ISO 32000-1, 7.2.2). */
export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09 || byte === 0x0c || byte === 0x00
}

/** ( ) < > [ ] { } / % */
export function isDelimiter(byte: number): boolean {
  switch (byte) {
    case 0x28:
    case 0x29:
    case 0x3c:
    case 0x3e:
    case 0x5b:
    case 0x5d:
    case 0x7b:
    case 0x7d:
    case 0x2f:
    case 0x25:
      return true
    default:
      return false
  }
}

/** A name's text, `#xx` undone; one character a byte. */
export function nameText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1')
  if (!text.includes('#')) return text
  return text.replace(/#([0-9A-Fa-f]{2})/g, (_whole, digits: string) => String.fromCharCode(parseInt(digits, 16)))
}

/** What a scan found: the bytes meant, and the position after them. */
export interface Scanned {
  readonly bytes: Uint8Array
  readonly end: number
}

const escapes: ReadonlyMap<number, number> = new Map([
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
  [0x62, 0x08],
  [0x66, 0x0c],
])

/** A literal string that begins with `(` at `start` (7.3.4.2); null when its end is not among the bytes. */
export function literalString(bytes: Uint8Array, start: number): Scanned | null {
  const length = literalLength(bytes, start)
  if (length === null) return null
  if (length > limits.string * 4) throw new PdfBroken('a string too long')
  const end = start + length
  const out = new Uint8Array(length)
  let size = 0
  for (let at = start + 1; at < end - 1; at += 1) {
    const byte = bytes[at] ?? 0
    if (byte === 0x0d) {
      out[size++] = 0x0a
      if (bytes[at + 1] === 0x0a) at += 1
    } else if (byte !== 0x5c) {
      out[size++] = byte
    } else {
      at += 1
      const next = bytes[at] ?? 0
      if (next >= 0x30 && next <= 0x37) {
        let value = next - 0x30
        for (let more = 0; more < 2; more += 1) {
          const digit = bytes[at + 1] ?? 0
          if (digit < 0x30 || digit > 0x37) break
          value = value * 8 + digit - 0x30
          at += 1
        }
        out[size++] = value & 0xff
      } else if (next === 0x0d) {
        if (bytes[at + 1] === 0x0a) at += 1
      } else if (next !== 0x0a) {
        out[size++] = escapes.get(next) ?? next
      }
    }
  }
  if (size > limits.string) throw new PdfBroken('a string too long')
  return { bytes: out.slice(0, size), end }
}

/** A hexadecimal string whose first digit is at `start`; null when its `>` is not among the bytes. */
export function hexString(bytes: Uint8Array, start: number): Scanned | null {
  const close = bytes.indexOf(0x3e, start)
  if (close < 0) {
    if (bytes.length - start > limits.string * 3) throw new PdfBroken('a string too long')
    return null
  }
  if (close - start > limits.string * 3) throw new PdfBroken('a string too long')
  const out = new Uint8Array(Math.ceil((close - start) / 2))
  let nibbles = 0
  for (let at = start; at < close; at += 1) {
    const byte = bytes[at] ?? 0
    const digit = hexDigit(byte)
    if (digit < 0) {
      if (!isSpace(byte)) throw new PdfBroken('a hexadecimal string with other characters')
      continue
    }
    out[nibbles >> 1] = nibbles % 2 === 0 ? digit << 4 : (out[nibbles >> 1] ?? 0) | digit
    nibbles += 1
  }
  if (nibbles > limits.string * 2) throw new PdfBroken('a string too long')
  // A missing last digit is 0 (7.3.4.3).
  return { bytes: out.slice(0, (nibbles + 1) >> 1), end: close + 1 }
}

/** The value of a hexadecimal digit, or −1. */
export function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  if (byte >= 0x41 && byte <= 0x46) return byte - 0x37
  return byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1
}

function literalLength(bytes: Uint8Array, start: number): number | null {
  let open = 0
  for (let at = start; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (byte === 0x5c) at += 1
    else if (byte === 0x28) open += 1
    else if (byte === 0x29) {
      open -= 1
      if (open === 0) return at + 1 - start
    }
  }
  return null
}
