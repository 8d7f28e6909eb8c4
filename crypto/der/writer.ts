import { contextTag, tags } from './reader.ts'

/** One DER element: tag, minimal definite length, the parts joined. */
export function tlv(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  return concat(Uint8Array.of(tag, ...lengthOctets(length)), ...parts)
}

/** SEQUENCE of the parts in their order. */
export function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return tlv(tags.sequence, ...parts)
}

/** SET OF the elements in DER order (X.690, 11.6), whatever order they are given in. */
export function setOf(...elements: readonly Uint8Array[]): Uint8Array {
  return tlv(tags.set, ...sorted(elements))
}

/** The elements in the order DER gives a SET OF. */
export function sorted(elements: readonly Uint8Array[]): readonly Uint8Array[] {
  return [...elements].sort((a, b) => Buffer.compare(a, b))
}

/** INTEGER of a number that is not negative. */
export function integer(value: number | bigint): Uint8Array {
  const text = BigInt(value).toString(16)
  return unsignedInteger(Buffer.from(text.padStart(text.length + (text.length % 2), '0'), 'hex'))
}

/** INTEGER of a big-endian number that is not negative; leading zeros are dropped, a sign byte is added. */
export function unsignedInteger(bytes: Uint8Array): Uint8Array {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1
  const digits = bytes.subarray(start)
  const sign = (digits[0] ?? 0x80) >= 0x80 ? Uint8Array.of(0) : new Uint8Array(0)
  return tlv(tags.integer, sign, digits)
}

/** INTEGER from content octets as a certificate's serial number has them. */
export function integerFromOctets(octets: Uint8Array): Uint8Array {
  return tlv(tags.integer, octets)
}

/** Identifiers that have been written: those of the profiles, some dozen. */
const writtenOids = new Map<string, Uint8Array>()
const mostWrittenOids = 256

/** OBJECT IDENTIFIER from its dotted form. */
export function oid(dotted: string): Uint8Array {
  const known = writtenOids.get(dotted)
  if (known !== undefined) return Uint8Array.from(known)
  const [root = 0n, second = 0n, ...rest] = dotted.split('.').map(BigInt)
  const written = tlv(tags.oid, Uint8Array.from([root * 40n + second, ...rest].flatMap(base128)))
  if (writtenOids.size < mostWrittenOids) writtenOids.set(dotted, Uint8Array.from(written))
  return written
}

/** OCTET STRING. */
export function octetString(bytes: Uint8Array): Uint8Array {
  return tlv(tags.octetString, bytes)
}

/** BIT STRING of whole bytes. */
export function bitString(bytes: Uint8Array): Uint8Array {
  return tlv(tags.bitString, Uint8Array.of(0), bytes)
}

/** Named BIT STRING (keyUsage): trailing zero bits dropped (X.690, 11.2.2). Bits 0 to 15. */
export function namedBits(bits: readonly number[]): Uint8Array {
  const highest = Math.max(-1, ...bits)
  const bytes = new Uint8Array(Math.ceil((highest + 1) / 8))
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7))
  return tlv(tags.bitString, Uint8Array.of(bytes.length * 8 - highest - 1), bytes)
}

/** NULL. */
export const derNull: Uint8Array = Uint8Array.of(tags.null, 0)

/** BOOLEAN TRUE; FALSE is always a default and never written. */
export const derTrue: Uint8Array = Uint8Array.of(tags.boolean, 1, 0xff)

/** UTF8String. */
export function utf8String(text: string): Uint8Array {
  return tlv(tags.utf8String, Buffer.from(text, 'utf8'))
}

/** PrintableString; the caller keeps to its letters, digits and few marks. */
export function printableString(text: string): Uint8Array {
  return tlv(tags.printableString, Buffer.from(text, 'latin1'))
}

/** `[n]` EXPLICIT, or IMPLICIT of something constructed whose content is given. */
export function context(number: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return tlv(contextTag(number), ...parts)
}

/** `[n]` IMPLICIT of something primitive whose content is given. */
export function contextPrimitive(number: number, content: Uint8Array): Uint8Array {
  return tlv(contextTag(number, 'primitive'), content)
}

/** The pieces in one new array. */
export function concat(...pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let offset = 0
  for (const piece of pieces) {
    whole.set(piece, offset)
    offset += piece.length
  }
  return whole
}

/** Whether two public byte strings are equal. Not for secrets: it stops at the first difference. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

function lengthOctets(length: number): readonly number[] {
  if (length < 0x80) return [length]
  const octets: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256)
  return [0x80 | octets.length, ...octets]
}

function base128(arc: bigint): readonly number[] {
  const octets = [Number(arc & 0x7fn)]
  for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) octets.unshift(Number(rest & 0x7fn) | 0x80)
  return octets
}
