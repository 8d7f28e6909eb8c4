import type { Reminder, ReminderKind } from './reminders.ts'

/** The words of a reminder in a calendar. */
export interface ReminderText {
  readonly summary: string
  readonly description: string
}

export interface CalendarOptions {
  /** When the file is made. */
  readonly now: Date
  readonly words: (reminder: Reminder) => ReminderText
}

/** How long before each kind an alarm rings, as durations of RFC 5545 (3.3.6). */
const alarms: Readonly<Record<ReminderKind, readonly string[]>> = {
  deadline: ['-P1D', '-PT2H', '-PT30M'],
  readiness: ['PT0S'],
  opening: ['-P1D', '-PT1H', '-PT10M'],
}

/** Octets of a content line (RFC 5545, 3.1), its end not counted. */
const lineOctets = 75

/**
 * The reminders as an iCalendar file (RFC 5545): UTC, so that no table of time zones is needed, and private. Read again after
 * a date has moved, it changes the events that are there: same UID, higher SEQUENCE. Null where there is nothing to remember:
 * a calendar must hold something.
 */
export function encodeCalendar(reminders: readonly Reminder[], options: CalendarOptions): string | null {
  if (reminders.length === 0) return null
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//BidSeal//Reminders 1//ZH',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    ...reminders.flatMap(reminder => eventLines(reminder, options)),
    'END:VCALENDAR',
  ]
  return lines.map(line => `${folded(line)}\r\n`).join('')
}

function eventLines(reminder: Reminder, { now, words }: CalendarOptions): readonly string[] {
  const { summary, description } = words(reminder)
  const { uid, at, until, changed, cancelled, kind } = reminder
  return [
    'BEGIN:VEVENT',
    `UID:${uid}`,
    `DTSTAMP:${utc(now)}`,
    `LAST-MODIFIED:${utc(changed)}`,
    `SEQUENCE:${sequenceOf(reminder)}`,
    `DTSTART:${utc(at)}`,
    ...(until === null ? [] : [`DTEND:${utc(until)}`]),
    `SUMMARY:${escaped(summary)}`,
    `DESCRIPTION:${escaped(description)}`,
    'CLASS:PRIVATE',
    `STATUS:${cancelled ? 'CANCELLED' : 'CONFIRMED'}`,
    `TRANSP:${kind === 'deadline' || cancelled ? 'TRANSPARENT' : 'OPAQUE'}`,
    ...(cancelled ? [] : alarms[kind].flatMap(trigger => alarmLines(trigger, summary))),
    'END:VEVENT',
  ]
}

function alarmLines(trigger: string, summary: string): readonly string[] {
  return ['BEGIN:VALARM', 'ACTION:DISPLAY', `DESCRIPTION:${escaped(summary)}`, `TRIGGER:${trigger}`, 'END:VALARM']
}

/** Grows with every change the platform makes, and once more when the event is called off: minutes since 2020, twice. */
function sequenceOf({ changed, cancelled }: Reminder): number {
  const minutes = Math.max(0, Math.floor((changed.getTime() - Date.UTC(2020, 0)) / 60_000))
  return 2 * minutes + (cancelled ? 1 : 0)
}

/** DATE-TIME in UTC (3.3.5). */
function utc(time: Date): string {
  return `${time.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}

/** TEXT (3.3.11). Control characters have no place in it. */
function escaped(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, ' ')
    .replaceAll(/[\\;,]/g, mark => `\\${mark}`)
    .replaceAll('\n', '\\n')
}

/** Folds a line (3.1) between characters: one that is cut in two is read as two wrong ones by some programs. */
function folded(line: string): string {
  let result = ''
  let octets = 0
  for (const character of line) {
    const length = Buffer.byteLength(character)
    if (octets + length > lineOctets) {
      result += '\r\n '
      octets = 1
    }
    result += character
    octets += length
  }
  return result
}
