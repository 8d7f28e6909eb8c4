import { CryptoFailure } from '../errors.ts'
import { check, type Shape } from '../json/shape.ts'
import { encodeJson, parseStrictJson } from '../json/strict-json.ts'
import { isJsonObject, type JsonValue } from '../json/value.ts'
import { documentShapes, maxDocumentBytes, type DocumentFields, type DocumentKind } from './kinds.ts'

/**
 * The bytes of a document: `type` first, the fields in the order of their shape, one line. Throws `document.malformed`
 * when a reader would not accept the fields.
 */
export function encodeDocument<K extends DocumentKind>(kind: K, fields: DocumentFields<K>): Uint8Array {
  const known = check(shapeOf(kind), fields as JsonValue, 'document.malformed')
  return encodeJson({ type: typeName(kind), ...(known as Readonly<Record<string, JsonValue>>) })
}

/**
 * Reads a document of the kind asked for. Throws `document.wrong-type` when it is one of another kind,
 * `document.malformed` when it is none or not well formed. The signature is the caller's business.
 */
export function decodeDocument<K extends DocumentKind>(kind: K, bytes: Uint8Array): DocumentFields<K> {
  const code = 'document.malformed'
  if (bytes.length > maxDocumentBytes(kind)) throw new CryptoFailure(code, 'longer than a document of this kind may be')
  // The bytes themselves must begin with the type: no spelling of JSON can make one kind look like another.
  if (!startsWith(bytes, `{"type":"${typeName(kind)}"`)) {
    if (startsWith(bytes, '{"type":"bidseal/')) throw new CryptoFailure('document.wrong-type', `not a ${kind} document`)
    throw new CryptoFailure(code, 'the bytes do not begin with a document type')
  }
  const value = parseStrictJson(bytes, { maxBytes: maxDocumentBytes(kind), code })
  if (!isJsonObject(value)) throw new CryptoFailure(code, 'not an object')
  const { type: _type, ...fields } = value
  return check(shapeOf(kind), fields, code)
}

function typeName(kind: DocumentKind): string {
  return `bidseal/1 ${kind}`
}

function shapeOf<K extends DocumentKind>(kind: K): Shape<DocumentFields<K>> {
  return documentShapes[kind] as unknown as Shape<DocumentFields<K>>
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return Buffer.compare(bytes.subarray(0, text.length), Buffer.from(text, 'latin1')) === 0
}
