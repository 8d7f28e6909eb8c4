import { CryptoFailure } from '../errors.ts'
import { contextTag, type DerNode, tags } from '../der/reader.ts'
import { sameBytes } from '../der/writer.ts'
import { nameAttributes } from './name.ts'
import { sameName } from './name-match.ts'

/**
 * One GeneralName (RFC 5280, 4.2.1.6). `text` is ASCII; `name` a DER Name; `address` as it stands (in a constraint with its
 * mask); `tag` tells the forms nothing here looks into.
 */
export type GeneralName =
  | { readonly kind: 'email' | 'dns' | 'uri'; readonly text: string }
  | { readonly kind: 'directory'; readonly name: Uint8Array }
  | { readonly kind: 'ip'; readonly address: Uint8Array }
  | { readonly kind: 'other'; readonly tag: number; readonly raw: Uint8Array }

/** Reads one GeneralName. Throws `document.malformed`. */
export function generalName(node: DerNode): GeneralName {
  switch (node.tag) {
    case contextTag(1, 'primitive'):
      return { kind: 'email', text: ascii(node) }
    case contextTag(2, 'primitive'):
      return { kind: 'dns', text: ascii(node) }
    case contextTag(6, 'primitive'):
      return { kind: 'uri', text: ascii(node) }
    case contextTag(7, 'primitive'):
      return { kind: 'ip', address: node.content }
    case contextTag(4): {
      // A Name is a CHOICE: its tag is explicit.
      const name = node.only(tags.sequence).raw
      nameAttributes(name)
      return { kind: 'directory', name }
    }
    default:
      if ((node.tag & 0xc0) !== 0x80 || (node.tag & 0x1f) > 8) throw malformed('no GeneralName')
      return { kind: 'other', tag: node.tag & 0x1f, raw: node.raw }
  }
}

/** Reads GeneralNames, of which there is at least one. Throws `document.malformed`. */
export function generalNames(list: DerNode): readonly GeneralName[] {
  const names = list.children().map(generalName)
  if (names.length === 0) throw malformed('no name in a list of names')
  return names
}

/** Whether two GeneralNames are the same; all but directory names are compared as they stand. */
export function sameGeneralName(a: GeneralName, b: GeneralName): boolean {
  if (a.kind === 'directory') return b.kind === 'directory' && sameName(a.name, b.name)
  if (a.kind === 'ip') return b.kind === 'ip' && sameBytes(a.address, b.address)
  if (a.kind === 'other') return b.kind === 'other' && sameBytes(a.raw, b.raw)
  return a.kind === b.kind && a.text === b.text
}

function ascii(node: DerNode): string {
  if (!node.content.every(byte => byte >= 0x20 && byte < 0x7f)) throw malformed('a name that is not ASCII')
  return Buffer.from(node.content).toString('latin1')
}

function malformed(detail: string): CryptoFailure {
  return new CryptoFailure('document.malformed', detail)
}
