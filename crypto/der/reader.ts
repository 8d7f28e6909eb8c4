import { CryptoFailure } from '../errors.ts'

/** Deepest nesting a reader follows; certificates and CMS messages need about fifteen. */
const maxDepth = 32

/** Universal tags as they stand in DER, constructed bit included. */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const

/** Tag of a context-specific field: `[n]` constructed (explicit, or implicit SEQUENCE or SET) or primitive. */
export function contextTag(number: number, form: 'constructed' | 'primitive' = 'constructed'): number {
  return (form === 'constructed' ? 0xa0 : 0x80) | number
}

/**
 * One element of a DER message. `content` and `raw` are views of the bytes given to {@link readDer}; nobody may change
 * them while the node is in use.
 */
export class DerNode {
  readonly tag: number
  readonly content: Uint8Array
  /** Tag, length and content. */
  readonly raw: Uint8Array
  readonly #depth: number

  constructor(tag: number, content: Uint8Array, raw: Uint8Array, depth: number) {
    this.tag = tag
    this.content = content
    this.raw = raw
    this.#depth = depth
  }

  /** The elements inside a constructed element. Throws `document.malformed`. */
  children(): readonly DerNode[] {
    if ((this.tag & 0x20) === 0) throw malformed('a primitive element has no children')
    return readElements(this.content, this.#depth + 1)
  }

  /** The elements inside, to be taken one after the other. */
  fields(): DerFields {
    return new DerFields(this.children())
  }

  /** The one element inside an explicit tag. */
  only(tag: number): DerNode {
    const fields = this.fields()
    const node = fields.take(tag)
    fields.end()
    return node
  }
}

/** The fields of a SEQUENCE, taken in order. What is not taken by the time of {@link DerFields.end} is refused. */
export class DerFields {
  readonly #nodes: readonly DerNode[]
  #next = 0

  constructor(nodes: readonly DerNode[]) {
    this.#nodes = nodes
  }

  /** The next field, which must bear this tag (any tag when none is given). */
  take(tag?: number): DerNode {
    const node = this.#nodes[this.#next]
    if (node === undefined) throw malformed('a field is missing')
    if (tag !== undefined && node.tag !== tag) throw malformed(`tag ${hex(node.tag)} where ${hex(tag)} belongs`)
    this.#next += 1
    return node
  }

  /** The next field if it bears this tag, else null. */
  optional(tag: number): DerNode | null {
    return this.#nodes[this.#next]?.tag === tag ? this.take(tag) : null
  }

  /** Refuses fields that were not taken. */
  end(): void {
    if (this.#next !== this.#nodes.length) throw malformed('an unexpected field')
  }
}

/**
 * Reads exactly one DER element: definite, minimal lengths, low tag numbers, bounded depth, nothing after it.
 * Children are read when asked for; {@link requireDer} goes through all of them. Throws `document.malformed`.
 */
export function readDer(bytes: Uint8Array): DerNode {
  // A Buffer's views would be Buffers; everything read from here on is a plain array.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
  const [node, ...rest] = readElements(plain, 0)
  if (node === undefined) throw malformed('no element')
  if (rest.length > 0) throw malformed('bytes after the end')
  return node
}

/** Follows every constructed element down to the leaves, so that nothing inside is outside DER's grammar. */
export function requireDer(node: DerNode): void {
  if ((node.tag & 0x20) === 0) return
  const children = node.children()
  for (const child of children) requireDer(child)
  if (node.tag === tags.set) requireSorted(children)
}

/** Refuses a SET OF whose elements are not in DER order, or that holds one twice. */
function requireSorted(children: readonly DerNode[]): void {
  for (const [index, child] of children.entries()) {
    const before = children[index - 1]
    if (before !== undefined && Buffer.compare(before.raw, child.raw) >= 0) throw malformed('a SET is not sorted')
  }
}

function readElements(bytes: Uint8Array, depth: number): readonly DerNode[] {
  if (depth > maxDepth) throw malformed('nested too deeply')
  const nodes: DerNode[] = []
  for (let offset = 0; offset < bytes.length;) {
    const node = readElement(bytes, offset, depth)
    nodes.push(node)
    offset += node.raw.length
  }
  return nodes
}

function readElement(bytes: Uint8Array, start: number, depth: number): DerNode {
  const tag = bytes[start]
  const first = bytes[start + 1]
  if (tag === undefined || first === undefined) throw malformed('cut short')
  if ((tag & 0x1f) === 0x1f) throw malformed('a tag number above 30')
  let length = first
  let contentStart = start + 2
  if (first >= 0x80) {
    const count = first - 0x80
    if (count === 0) throw malformed('an indefinite length')
    if (count > 4) throw malformed('a length of more than four bytes')
    length = 0
    for (let index = 0; index < count; index += 1) {
      const byte = bytes[contentStart + index]
      if (byte === undefined) throw malformed('cut short')
      length = length * 256 + byte
    }
    contentStart += count
    if (length < 0x80 || length < 256 ** (count - 1)) throw malformed('a length that is not minimal')
  }
  const end = contentStart + length
  if (end > bytes.length) throw malformed('cut short')
  return new DerNode(tag, bytes.subarray(contentStart, end), bytes.subarray(start, end), depth)
}

function malformed(detail: string): CryptoFailure {
  return new CryptoFailure('document.malformed', `DER: ${detail}`)
}

function hex(tag: number): string {
  return `0x${tag.toString(16).padStart(2, '0')}`
}
