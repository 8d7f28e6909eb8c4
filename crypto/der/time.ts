import { CryptoFailure } from '../errors.ts'
import { type DerNode, tags } from './reader.ts'
import { tlv } from './writer.ts'

/**
 * A time as certificates and signing-time write it (RFC 5280, 4.1.2.5): UTCTime `YYMMDDHHMMSSZ` or GeneralizedTime
 * `YYYYMMDDHHMMSSZ`, seconds always there, UTC, no fraction. Throws `document.malformed`.
 */
export function timeValue(node: DerNode): Date {
  const text = Buffer.from(node.content).toString('latin1')
  if (node.tag === tags.utcTime && /^\d{12}Z$/.test(text)) {
    return dateOf(`${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}`)
  }
  if (node.tag === tags.generalizedTime && /^\d{14}Z$/.test(text)) return dateOf(text)
  throw malformed()
}

/**
 * A GeneralizedTime that may bear a fraction of a second without trailing zeros (RFC 3161, genTime). What is finer than
 * a millisecond is dropped. Throws `document.malformed`.
 */
export function preciseTimeValue(node: DerNode): Date {
  const text = Buffer.from(node.content).toString('latin1')
  const found = /^(\d{14})(?:\.(\d{0,8}[1-9]))?Z$/.exec(text)
  if (node.tag !== tags.generalizedTime || found === null) throw malformed()
  const [, whole = '', fraction = ''] = found
  return new Date(dateOf(whole).getTime() + Number(fraction.slice(0, 3).padEnd(3, '0')))
}

/** UTCTime until 2049, GeneralizedTime after (RFC 5280; RFC 5652, 11.3). The milliseconds are dropped. */
export function time(date: Date): Uint8Array {
  const text = `${date.toISOString().slice(0, 19).replace(/[-T:]/g, '')}Z`
  const year = date.getUTCFullYear()
  const short = year >= 1950 && year < 2050
  return tlv(short ? tags.utcTime : tags.generalizedTime, Buffer.from(short ? text.slice(2) : text, 'latin1'))
}

function dateOf(text: string): Date {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/.exec(text) ?? []
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`
  const date = new Date(iso)
  // A day such as February 30 is moved on by Date; only a time that reads back the same is one.
  if (Number.isNaN(date.getTime()) || date.toISOString() !== iso) throw malformed()
  return date
}

function malformed(): CryptoFailure {
  return new CryptoFailure('document.malformed', 'DER: not a time in the allowed form')
}
