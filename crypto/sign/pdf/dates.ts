import { type PdfString, textOf } from './objects.ts'

/** A PDF date `D:YYYYMMDDHHmmSSOHH'mm` (ISO 32000-1, 7.9.4); null for what is none. Without a zone it is UTC. */
export function dateOf(value: PdfString): Date | null {
  const found = /^(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:Z|([+-])(\d\d)'?(\d\d)?)?/.exec(
    textOf(value) ?? '',
  )
  if (found === null) return null
  const [, year, month = '01', day = '01', hour = '00', minute = '00', second = '00', sign, zoneHour, zoneMinute] =
    found
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  const zone = (Number(zoneHour ?? 0) * 60 + Number(zoneMinute ?? 0)) * (sign === '-' ? -1 : 1)
  const time = date.getTime() - zone * 60_000
  return Number.isNaN(time) ? null : new Date(time)
}
