import { concat } from '../../der/writer.ts'
import { CryptoFailure } from '../../errors.ts'
import type { PdfDictionary, PdfObject } from './objects.ts'

/** An object as it is written into a document, on one line; a stream needs its bytes at hand. */
export function serialize(object: PdfObject): Uint8Array {
  if (object !== null && typeof object === 'object' && object.kind === 'stream') {
    if (object.data.at !== 'hand') throw new CryptoFailure('internal', 'a stream without its bytes is to be written')
    const { bytes } = object.data
    const entries = new Map(object.dictionary.entries).set('Length', bytes.length)
    return concat(latin1(`${dictionaryText({ kind: 'dictionary', entries })}\nstream\n`), bytes, latin1('\nendstream'))
  }
  return latin1(objectText(object))
}

/** `n g obj … endobj` with an end of line after it. */
export function serializeIndirect(number: number, generation: number, body: Uint8Array): Uint8Array {
  return concat(latin1(`${number} ${generation} obj\n`), body, latin1('\nendobj\n'))
}

/** A number without exponent. */
export function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value)
  const fixed = value.toFixed(6).replace(/\.?0+$/, '')
  return fixed === '-0' || fixed === '' ? '0' : fixed
}

/** Text of one character a byte, as bytes. */
export function latin1(text: string): Uint8Array {
  return Buffer.from(text, 'latin1')
}

function objectText(object: PdfObject): string {
  if (object === null) return 'null'
  if (typeof object === 'boolean') return object ? 'true' : 'false'
  if (typeof object === 'number') return numberText(object)
  switch (object.kind) {
    case 'name':
      return nameText(object.name)
    case 'string':
      return stringText(object.bytes)
    case 'reference':
      return `${object.number} ${object.generation} R`
    case 'array':
      return `[${object.items.map(objectText).join(' ')}]`
    case 'dictionary':
      return dictionaryText(object)
    case 'stream':
      throw new CryptoFailure('internal', 'a stream stands alone')
  }
}

function dictionaryText({ entries }: PdfDictionary): string {
  return `<< ${[...entries].map(([key, value]) => `${nameText(key)} ${objectText(value)}`).join(' ')} >>`
}

function nameText(name: string): string {
  return `/${name.replace(/[^!-~]|[#()<>[\]{}/%]/g, character => `#${hex(character.charCodeAt(0))}`)}`
}

/** Plain ASCII as it is, anything else in hexadecimal. */
function stringText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1')
  if (/^[ -~]*$/.test(text)) return `(${text.replace(/[\\()]/g, '\\$&')})`
  return `<${Buffer.from(bytes).toString('hex')}>`
}

function hex(code: number): string {
  return code.toString(16).padStart(2, '0').toUpperCase()
}
