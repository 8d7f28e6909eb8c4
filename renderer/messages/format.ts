import type { Language } from '../../main/contract/guards.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

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

/** A span of time in words, milliseconds in: what a person needs of it and no more. */
export function duration(milliseconds: number, language: Language): string {
  const zh = language === 'zh-CN'
  if (milliseconds < 10 * second) {
    return `${(Math.max(0, milliseconds) / second).toFixed(1)} ${zh ? '秒' : 's'}`
  }
  if (milliseconds < 90 * second) return `${Math.round(milliseconds / second)} ${zh ? '秒' : 's'}`
  const minutes = Math.round(milliseconds / minute)
  if (minutes < 90) return `${minutes} ${zh ? '分钟' : 'min'}`
  return `${Math.floor(minutes / 60)} ${zh ? '小时' : 'h'} ${minutes % 60} ${zh ? '分钟' : 'min'}`
}

/** A span of time as a countdown shows it, never below zero: `2 天 03:04:05`, `03:04:05`. */
export function countdown(milliseconds: number, language: Language): string {
  // Whole seconds are rounded up: 00:00:00 stands there only when the time has come.
  const left = Math.max(0, Math.ceil(milliseconds / second) * second)
  const days = Math.floor(left / day)
  const clock = [(left % day) / hour, (left % hour) / minute, (left % minute) / second].map(two).join(':')
  if (days === 0) return clock
  if (language === 'zh-CN') return `${days} 天 ${clock}`
  return `${days} ${days === 1 ? 'day' : 'days'} ${clock}`
}

/** A moment in local time, to the second, with its offset: `2026-11-24 09:00:00 (UTC+8)`. */
export function moment(time: string | number): string {
  const date = new Date(time)
  if (Number.isNaN(date.getTime())) return String(time)
  return `${local(date).slice(0, 19).replace('T', ' ')} (UTC${offset(date)})`
}

/** The day of a moment in local time: `2026-11-24`. */
export function dayOf(time: string | number): string {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? String(time) : local(date).slice(0, 10)
}

/** A digest or code in groups of four, for comparing by eye and reading aloud. */
export function grouped(hex: string): string {
  return (
    hex
      .replace(/\s/g, '')
      .match(/.{1,4}/gu)
      ?.join(' ') ?? ''
  )
}

/** The common name of a certificate's subject, or the whole of it where there is none. */
export function nameOf(distinguishedName: string): string {
  return (
    /(?:^|[,+]\s*)CN=((?:\\.|[^,+\\])+)/.exec(distinguishedName)?.[1]?.replaceAll(/\\(.)/g, '$1') ?? distinguishedName
  )
}

function local(date: Date): string {
  return new Date(date.getTime() - date.getTimezoneOffset() * minute).toISOString()
}

function offset(date: Date): string {
  const minutes = -date.getTimezoneOffset()
  const hours = Math.floor(Math.abs(minutes) / 60)
  const rest = Math.abs(minutes) % 60
  return `${minutes < 0 ? '−' : '+'}${hours}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`
}

function two(value: number): string {
  return String(Math.floor(value)).padStart(2, '0')
}
