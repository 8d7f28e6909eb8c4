/** An object of a PDF (ISO 32000-1, 7.3). Nothing of it may be changed once it is read. */
export type PdfObject =
  null | boolean | number | PdfName | PdfString | PdfArray | PdfDictionary | PdfReference | PdfStream

/** A name without its slash; one character a byte, `#xx` undone. */
export interface PdfName {
  readonly kind: 'name'
  readonly name: string
}

export interface PdfString {
  readonly kind: 'string'
  readonly bytes: Uint8Array
}

export interface PdfArray {
  readonly kind: 'array'
  readonly items: readonly PdfObject[]
}

export interface PdfDictionary {
  readonly kind: 'dictionary'
  readonly entries: ReadonlyMap<string, PdfObject>
}

export interface PdfReference {
  readonly kind: 'reference'
  readonly number: number
  readonly generation: number
}

/** A stream: its dictionary and where its bytes are, as they stand in the file. */
export interface PdfStream {
  readonly kind: 'stream'
  readonly dictionary: PdfDictionary
  readonly data: StreamData
}

/** Bytes at hand, or a range of the document whose length still has to be found. `offset` is from the header. */
export type StreamData =
  { readonly at: 'hand'; readonly bytes: Uint8Array } | { readonly at: 'document'; readonly offset: number }

export function name(text: string): PdfName {
  return { kind: 'name', name: text }
}

export function string(bytes: Uint8Array): PdfString {
  return { kind: 'string', bytes }
}

/** A text string: bytes below 0x80 as they are, anything else as UTF-16 with its mark (7.9.2.2). */
export function text(value: string): PdfString {
  if (/^[\x20-\x7e]*$/.test(value)) return string(Buffer.from(value, 'latin1'))
  return string(Buffer.concat([Uint8Array.of(0xfe, 0xff), Buffer.from(value, 'utf16le').swap16()]))
}

export function array(items: readonly PdfObject[]): PdfArray {
  return { kind: 'array', items }
}

export function dictionary(entries: Readonly<Record<string, PdfObject>>): PdfDictionary {
  return { kind: 'dictionary', entries: new Map(Object.entries(entries)) }
}

export function reference(number: number, generation = 0): PdfReference {
  return { kind: 'reference', number, generation }
}

/** A stream of bytes at hand; `Length` is written from them. */
export function stream(entries: Readonly<Record<string, PdfObject>>, bytes: Uint8Array): PdfStream {
  return { kind: 'stream', dictionary: dictionary(entries), data: { at: 'hand', bytes } }
}

/** The dictionary with some entries set anew; an entry that is undefined goes. */
export function changed(
  { entries }: PdfDictionary,
  changes: Readonly<Record<string, PdfObject | undefined>>,
): PdfDictionary {
  const copy = new Map(entries)
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) copy.delete(key)
    else copy.set(key, value)
  }
  return { kind: 'dictionary', entries: copy }
}

export function isName(object: PdfObject | undefined, wanted?: string): object is PdfName {
  return is(object, 'name') && (wanted === undefined || object.name === wanted)
}

/** Whether an object is of a kind; narrows. */
export function is<K extends Kind>(object: PdfObject | undefined, kind: K): object is Extract<PdfObject, { kind: K }> {
  return typeof object === 'object' && object !== null && object.kind === kind
}

type Kind = Extract<PdfObject, object>['kind']

/** A text string as text: UTF-16 with a mark, UTF-8 with a mark, else Latin-1. Control characters go. */
export function textOf(object: PdfObject | undefined): string | null {
  if (!is(object, 'string')) return null
  const bytes = Buffer.from(object.bytes.subarray(0, 4096))
  const decoded =
    bytes[0] === 0xfe && bytes[1] === 0xff
      ? bytes
          .subarray(2, bytes.length - (bytes.length % 2))
          .swap16()
          .toString('utf16le')
      : bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
        ? bytes.subarray(3).toString('utf8')
        : bytes.toString('latin1')
  return decoded.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, ' ').trim()
}
