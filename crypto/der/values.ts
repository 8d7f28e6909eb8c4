import { CryptoFailure } from '../errors.ts'
import { type DerNode, tags } from './reader.ts'

/** Content octets of an INTEGER in two's complement; refused unless minimal. Throws `document.malformed`, as all here. */
export function integerOctets(node: DerNode): Uint8Array {
  const [first, second] = requireTag(node, tags.integer)
  if (first === undefined) throw malformed('an INTEGER without content')
  if (second !== undefined && ((first === 0x00 && second < 0x80) || (first === 0xff && second >= 0x80))) {
    throw malformed('an INTEGER that is not minimal')
  }
  return node.content
}

/** An INTEGER that is not negative. */
export function unsignedInteger(node: DerNode): bigint {
  const octets = integerOctets(node)
  if ((octets[0] ?? 0) >= 0x80) throw malformed('a negative INTEGER')
  return BigInt(`0x${Buffer.from(octets).toString('hex')}`)
}

/** An INTEGER between 0 and 2^53 − 1. */
export function smallInteger(node: DerNode): number {
  const octets = integerOctets(node)
  if (octets.length > 8) throw malformed('an INTEGER too large')
  const value = unsignedInteger(node)
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed('an INTEGER too large')
  return Number(value)
}

/** An OBJECT IDENTIFIER in dotted form. */
export function oidString(node: DerNode): string {
  const content = requireTag(node, tags.oid)
  if (content.length === 0 || content.length > 64) throw malformed('an OBJECT IDENTIFIER of unusable length')
  const arcs: bigint[] = []
  let arc = 0n
  let begins = true
  for (const byte of content) {
    if (begins && byte === 0x80) throw malformed('an OBJECT IDENTIFIER that is not minimal')
    arc = (arc << 7n) | BigInt(byte & 0x7f)
    begins = byte < 0x80
    if (begins) {
      arcs.push(arc)
      arc = 0n
    }
  }
  const [first, ...rest] = arcs
  if (!begins || first === undefined) throw malformed('an OBJECT IDENTIFIER cut short')
  const root = first < 80n ? first / 40n : 2n
  return [root, first - root * 40n, ...rest].join('.')
}

/** The bytes of an OCTET STRING. */
export function octetString(node: DerNode): Uint8Array {
  return requireTag(node, tags.octetString)
}

/** The bytes of a BIT STRING that holds whole bytes. */
export function bitString(node: DerNode): Uint8Array {
  const content = requireTag(node, tags.bitString)
  if (content[0] !== 0) throw malformed('a BIT STRING with unused bits')
  return content.subarray(1)
}

/** Numbers of the bits set in a named BIT STRING such as keyUsage. Bits past the first 64 are refused. */
export function namedBits(node: DerNode): ReadonlySet<number> {
  const content = requireTag(node, tags.bitString)
  const unused = content[0] ?? 8
  const last = content[content.length - 1] ?? 0
  if (unused > 7 || content.length > 9 || (content.length === 1 && unused > 0)) throw malformed('a BIT STRING')
  if (content.length > 1 && (last & ((1 << unused) - 1)) !== 0) throw malformed('a BIT STRING with bits after its end')
  const bits = new Set<number>()
  for (const [index, byte] of content.subarray(1).entries()) {
    for (let bit = 0; bit < 8; bit += 1) if ((byte & (0x80 >> bit)) !== 0) bits.add(index * 8 + bit)
  }
  return bits
}

/** A BOOLEAN, 0x00 or 0xff. */
export function booleanValue(node: DerNode): boolean {
  const content = requireTag(node, tags.boolean)
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) throw malformed('a BOOLEAN')
  return content[0] === 0xff
}

/** Refuses anything but NULL. */
export function requireNull(node: DerNode): void {
  if (requireTag(node, tags.null).length !== 0) throw malformed('a NULL with content')
}

/** The text of any of the string types met in certificates, or null where the bytes are not text of that type. */
export function textOf(node: DerNode): string | null {
  const bytes = Buffer.from(node.content)
  switch (node.tag) {
    case tags.utf8String:
      return utf8(bytes)
    case tags.printableString:
    case tags.numericString:
    case tags.ia5String:
      return bytes.every(byte => byte >= 0x20 && byte < 0x7f) ? bytes.toString('latin1') : null
    case tags.teletexString:
      return bytes.toString('latin1')
    case tags.bmpString:
      return bytes.length % 2 === 0 ? bytes.swap16().toString('utf16le') : null
    default:
      return null
  }
}

function utf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

function requireTag(node: DerNode, tag: number): Uint8Array {
  if (node.tag !== tag) throw malformed(`tag 0x${node.tag.toString(16)} where 0x${tag.toString(16)} belongs`)
  return node.content
}

function malformed(detail: string): CryptoFailure {
  return new CryptoFailure('document.malformed', `DER: ${detail}`)
}
