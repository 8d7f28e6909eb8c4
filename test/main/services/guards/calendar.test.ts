import { describe, expect, test } from 'vitest'
import { encodeCalendar } from '../../../../main/services/index.ts'
import type { Reminder } from '../../../../main/services/index.ts'
import { remindersOf, type TenderDates } from '../../../../main/services/guards/reminders.ts'
import { readCalendar, textOf } from '../../../fixtures/calendar-reader.ts'

const now = new Date('2026-03-01T00:00:00Z')
const tender = (changes: Partial<TenderDates> = {}): TenderDates => ({
  ...{ platformId: 'practice.bidseal', tenderId: 'YN-2026-0302', lotId: '01', title: '滇中引水工程' },
  deadline: new Date('2026-03-10T01:00:00Z'),
  openingTime: new Date('2026-03-10T01:30:00Z'),
  closesAt: new Date('2026-03-10T02:30:00Z'),
  changed: new Date('2026-02-01T00:00:00Z'),
  bids: [{ shortCode: 'ABCD1234', state: 'received' }],
  ...changes,
})
const words = (reminder: Reminder) => ({ summary: `${reminder.kind} ${reminder.title}`, description: 'a\nb' })
const calendar = (changes: Partial<TenderDates> = {}, at = now) => {
  const written = encodeCalendar(remindersOf(tender(changes)), { now: at, words })
  if (written === null) throw new Error('no calendar')
  return readCalendar(new TextEncoder().encode(written))
}

describe('the calendar of a delivered bid', () => {
  test('holds deadline, readiness test and opening in UTC, each with its alarms', () => {
    const events = calendar().parts
    expect(events.map(each => textOf(each, 'DTSTART'))).toEqual([
      '20260310T010000Z',
      '20260310T010000Z',
      '20260310T013000Z',
    ])
    expect(textOf(events[1], 'DTEND')).toBe('20260310T013000Z')
    expect(textOf(events[2], 'DTEND')).toBe('20260310T023000Z')
    const triggers = events.map(({ parts }) => parts.map(each => textOf(each, 'TRIGGER')))
    expect(triggers).toEqual([['-P1D', '-PT2H', '-PT30M'], ['PT0S'], ['-P1D', '-PT1H', '-PT10M']])
  })

  test('changes its events when a date moves: same ids, higher sequence, new times', () => {
    const moved = { openingTime: new Date('2026-03-12T01:30:00Z'), changed: new Date('2026-03-05T00:00:00Z') }
    const [before, after] = [calendar().parts, calendar(moved).parts]
    expect(after.map(each => textOf(each, 'UID'))).toEqual(before.map(each => textOf(each, 'UID')))
    expect(new Set(before.map(each => textOf(each, 'UID'))).size).toBe(3)
    for (const [index, event] of after.entries()) {
      expect(Number(textOf(event, 'SEQUENCE'))).toBeGreaterThan(Number(textOf(before[index], 'SEQUENCE')))
    }
    expect(textOf(after[2], 'DTSTART')).toBe('20260312T013000Z')
  })

  test('is the same the next day but for its stamp', () => {
    const tomorrow = calendar({}, new Date('2026-03-02T00:00:00Z'))
    const plain = (part: typeof tomorrow) =>
      JSON.stringify(part.parts.map(({ properties }) => properties.filter(([name]) => name !== 'DTSTAMP')))
    expect(plain(tomorrow)).toBe(plain(calendar()))
  })

  test('calls the opening off when the bid was withdrawn, without alarms', () => {
    const events = calendar({ bids: [{ shortCode: 'ABCD1234', state: 'withdrawn' }] }).parts
    expect(events.map(each => textOf(each, 'STATUS'))).toEqual(['CONFIRMED', 'CANCELLED', 'CANCELLED'])
    expect(events[2]?.parts).toEqual([])
    expect(Number(textOf(events[2], 'SEQUENCE'))).toBeGreaterThan(Number(textOf(calendar().parts[2], 'SEQUENCE')))
  })

  test('tells another lot’s apart, and shows in no id whose it is', () => {
    const [one, other] = [calendar(), calendar({ lotId: '02' })]
    expect(textOf(one.parts[0], 'UID')).not.toBe(textOf(other.parts[0], 'UID'))
    expect(textOf(one.parts[0], 'CLASS')).toBe('PRIVATE')
  })
})

describe('the calendar', () => {
  test('of a tender without a bid has its deadline alone', () => {
    expect(calendar({ bids: [] }).parts).toHaveLength(1)
  })

  test('of nothing is none', () => {
    expect(encodeCalendar([], { now, words })).toBeNull()
  })

  test('keeps any title, however long and strange', () => {
    for (const title of [
      '昆明市、玉溪市；“滇中引水”工程（二期），第1标段\\附属：配套管网'.repeat(9),
      'a;b,c\\d\r\ne\tf\u0007',
      '𠀀'.repeat(200),
      '🛠️'.repeat(100),
      'x'.repeat(1000),
      '',
    ]) {
      for (let shift = 0; shift < 5; shift += 1) {
        const long = `${'-'.repeat(shift)}${title}`
        const read = textOf(calendar({ title: long }).parts[0], 'SUMMARY')
        expect(read).toBe(`deadline ${long}`.replaceAll('\r\n', '\n').replaceAll(/[\t\u0007]/g, ' '))
      }
    }
  })
})

test('the reader refuses what RFC 5545 does not allow', () => {
  const good = encodeCalendar(remindersOf(tender()), { now, words }) ?? ''
  const bad: readonly (readonly [string, RegExp])[] = [
    [good.replaceAll('\r\n', '\n'), /end/],
    [good.replace('SUMMARY:', 'SUMMARY:a;b '), /SUMMARY/],
    [good.replace('DTSTART:20260310T010000Z', 'DTSTART:20260310T010000'), /DTSTART/],
    [good.replace('UID:', 'XID:'), /XID/],
    [good.replace('SUMMARY:', `SUMMARY:${'x'.repeat(80)}`), /octets/],
    [good.replace('END:VALARM\r\n', ''), /VALARM|END/],
  ]
  for (const [text, why] of bad) expect(() => readCalendar(new TextEncoder().encode(text))).toThrow(why)
})
