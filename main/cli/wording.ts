import type { Language } from './language.ts'

/** A number of bytes for people: binary units, three significant figures. */
export function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2
  return `${value.toFixed(digits)} ${units[unit] ?? ''}`
}

/** A span of time for people; milliseconds in. */
export function duration(milliseconds: number, language: Language): string {
  const zh = language === 'zh'
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  const seconds = milliseconds / 1000
  if (seconds < 10) return `${Number.isInteger(seconds) ? seconds : seconds.toFixed(1)} ${zh ? '秒' : 's'}`
  if (seconds < 90) return `${Math.round(seconds)} ${zh ? '秒' : 's'}`
  const minutes = Math.round(seconds / 60)
  if (minutes < 90) return `${minutes} ${zh ? '分钟' : 'min'}`
  return `${Math.floor(minutes / 60)} ${zh ? '小时' : 'h'} ${minutes % 60} ${zh ? '分钟' : 'min'}`
}

/** A moment in the local time zone, to the second, with its offset: `2026-11-24 09:00:00 +08:00`. */
export function moment(time: Date | string): string {
  const date = typeof time === 'string' ? new Date(time) : time
  if (Number.isNaN(date.getTime())) return String(time)
  const offset = -date.getTimezoneOffset()
  const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, 19).replace('T', ' ')
  const two = (value: number): string => String(Math.floor(Math.abs(value))).padStart(2, '0')
  return `${local} ${offset < 0 ? '-' : '+'}${two(offset / 60)}:${two(offset % 60)}`
}

/** The day of a moment in the local time zone: `2026-11-24`. */
export function day(time: Date | string): string {
  return moment(time).slice(0, 10)
}

/** A digest in groups of four, for reading aloud. */
export function grouped(hex: string): string {
  return hex.match(/.{1,4}/g)?.join(' ') ?? ''
}

/** Text as a cell of a column of the given width; Chinese characters are two columns wide. */
export function cell(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)))
}

/** Lines of a label and a value, the values in one column. */
export function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([label]) => displayWidth(label)))
  return rows.map(([label, value]) => `  ${cell(label, width)}  ${value}`)
}

/** Columns the text takes on a terminal. */
export function displayWidth(text: string): number {
  let width = 0
  for (const character of text)
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u.test(
        character,
      )
        ? 2
        : 1
  return width
}

/**
 * Text from outside made safe for a terminal: control characters (an escape sequence in a tender's title could move
 * the cursor over what we said) are shown as a replacement mark.
 */
export function plain(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
}

/** The common name in a certificate's name (RFC 4514); all of it where there is none. */
export function shortName(name: string): string {
  return /(?:^|,)CN=((?:[^,\\]|\\.)+)/.exec(name)?.[1] ?? name
}
