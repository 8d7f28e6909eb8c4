import { CryptoFailure } from '../../errors.ts'
import { text } from './objects.ts'
import { latin1, serialize } from './serialize.ts'

/** What the signature dictionary says beside the signature. */
export interface SignatureTexts {
  readonly signerName: string
  readonly reason?: string | undefined
  readonly location?: string | undefined
  /** As PDF writes dates. */
  readonly date: string
}

/** A signature dictionary with room for what is not known yet; offsets are from its first byte. */
export interface Placeholder {
  readonly body: Uint8Array
  /** Of the array's text, brackets included, and the spaces after it. */
  readonly byteRange: { readonly offset: number; readonly length: number }
  /** Of the hexadecimal string, angle brackets included: the bytes that are not signed. */
  readonly contents: { readonly offset: number; readonly length: number }
}

/** Digits of an offset: files up to 10 GB. */
const digits = 10
const rangeLength = '[0   ]'.length + 3 * digits

/** A signature dictionary for `ETSI.CAdES.detached` (ISO 32000-2, 12.8.1) with room for `room` bytes of CMS. */
export function signaturePlaceholder(room: number, texts: SignatureTexts): Placeholder {
  const { signerName, reason, location, date } = texts
  const head = '<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /ByteRange '
  const between = ' /Contents '
  const rest = [
    ` /M ${written(date)} /Name ${written(signerName)}`,
    reason === undefined ? '' : ` /Reason ${written(reason)}`,
    location === undefined ? '' : ` /Location ${written(location)}`,
    ' >>',
  ].join('')
  const byteRange = { offset: head.length, length: rangeLength }
  const contents = { offset: head.length + rangeLength + between.length, length: 2 * room + 2 }
  const body = latin1(`${head}${' '.repeat(rangeLength)}${between}<${'0'.repeat(2 * room)}>${rest}`)
  return { body, byteRange, contents }
}

/** The text of a byte range around bytes that are not signed, padded to its room. */
export function byteRangeText(contentsStart: number, contentsLength: number, fileSize: number): Uint8Array {
  const end = contentsStart + contentsLength
  const numbers = `0 ${contentsStart} ${end} ${fileSize - end}`
  return latin1(`[${numbers}]`.padEnd(rangeLength))
}

/** A message as the hexadecimal string that fills its room with zeros. Throws when it is longer. */
export function contentsText(cms: Uint8Array, room: number): Uint8Array {
  if (cms.length > room) {
    throw new CryptoFailure('document.signature', `the signature takes ${cms.length} bytes, ${room} were kept for it`)
  }
  return latin1(
    `<${Buffer.from(cms)
      .toString('hex')
      .padEnd(2 * room, '0')}>`,
  )
}

/** A time as PDF writes it (ISO 32000-1, 7.9.4), in UTC. */
export function dateText(date: Date): string {
  return `D:${date.toISOString().slice(0, 19).replace(/[-T:]/g, '')}+00'00'`
}

function written(value: string): string {
  return Buffer.from(serialize(text(value))).toString('latin1')
}
