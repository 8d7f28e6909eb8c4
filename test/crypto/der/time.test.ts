import { describe, expect, it } from 'vitest'
import { readDer, tags } from '../../../crypto/der/reader.ts'
import { preciseTimeValue, time, timeValue } from '../../../crypto/der/time.ts'
import { tlv } from '../../../crypto/der/writer.ts'
import { expectFailure } from '../../fixtures/failure.ts'

const node = (tag: number, text: string) => readDer(tlv(tag, Buffer.from(text)))

describe('DER times', () => {
  it('are UTCTime until 2049 and GeneralizedTime after', () => {
    for (const iso of ['1950-01-01T00:00:00Z', '2026-11-24T08:30:00Z', '2049-12-31T23:59:59Z']) {
      expect(time(new Date(iso))[0]).toBe(tags.utcTime)
      expect(timeValue(readDer(time(new Date(iso))))).toEqual(new Date(iso))
    }
    const later = new Date('2050-01-01T00:00:00Z')
    expect(time(later)[0]).toBe(tags.generalizedTime)
    expect(timeValue(readDer(time(later)))).toEqual(later)
  })

  it('refuses zones, missing seconds, fractions and days that do not exist', () => {
    for (const text of ['2611240830Z', '261124083000+0800', '260230000000Z', '261124083060Z', '261324083000Z', '']) {
      expectFailure('document.malformed', () => timeValue(node(tags.utcTime, text)))
    }
    expectFailure('document.malformed', () => timeValue(node(tags.generalizedTime, '20261124083000.5Z')))
    expectFailure('document.malformed', () => timeValue(node(tags.octetString, '261124083000Z')))
  })

  it('may bear a fraction without trailing zeros in a time stamp', () => {
    const read = (text: string) => preciseTimeValue(node(tags.generalizedTime, text)).toISOString()
    expect(read('20261124083000Z')).toBe('2026-11-24T08:30:00.000Z')
    expect(read('20261124083000.05Z')).toBe('2026-11-24T08:30:00.050Z')
    expect(read('20261124083000.123456Z')).toBe('2026-11-24T08:30:00.123Z')
    for (const text of ['20261124083000.50Z', '20261124083000.Z', '20261124083000']) {
      expectFailure('document.malformed', () => read(text))
    }
  })
})
