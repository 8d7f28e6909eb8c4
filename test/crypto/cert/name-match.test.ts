import { describe, expect, it } from 'vitest'
import { encodeName } from '../../../crypto/cert/name.ts'
import { isEmptyName, isNameWithin, sameName } from '../../../crypto/cert/name-match.ts'
import { oids } from '../../../crypto/der/oids.ts'
import { oid, printableString, sequence, setOf, tlv, utf8String } from '../../../crypto/der/writer.ts'

const commonName = (value: Uint8Array) => sequence(setOf(sequence(oid(oids.commonName), value)))
const named = (text: string) => encodeName([['CN', text]])

describe('sameName', () => {
  it('passes over capitals, spaces around and repeated, and the type of string', () => {
    expect(sameName(named('  Good   CA '), named('good ca'))).toBe(true)
    expect(sameName(commonName(printableString('Good CA')), commonName(utf8String('Good CA')))).toBe(true)
    expect(sameName(named('云岭 CA'), named('云岭　ca'))).toBe(true)
    expect(sameName(named('Straße'), named('STRASSE'))).toBe(true)
    expect(sameName(named('mail​host'), named('mailhost'))).toBe(true)
  })

  it('tells names apart that people tell apart', () => {
    expect(sameName(named('Good CA'), named('GoodCA'))).toBe(false)
    expect(sameName(named('云岭'), named('滇池'))).toBe(false)
    expect(sameName(encodeName([['O', 'a']]), encodeName([['CN', 'a']]))).toBe(false)
    const one = encodeName([
      ['O', 'a'],
      ['CN', 'b'],
    ])
    const other = encodeName([
      ['CN', 'b'],
      ['O', 'a'],
    ])
    expect(sameName(one, other)).toBe(false)
    expect(sameName(one, encodeName([['O', 'a']]))).toBe(false)
  })

  it('takes a set of attributes in any order, and values that are no text as they stand', () => {
    const a = sequence(oid(oids.commonName), utf8String('a'))
    const b = sequence(oid(oids.organization), utf8String('b'))
    expect(sameName(sequence(tlv(0x31, a, b)), sequence(tlv(0x31, b, a)))).toBe(true)
    expect(sameName(commonName(tlv(0x04, Uint8Array.of(1))), commonName(tlv(0x04, Uint8Array.of(1))))).toBe(true)
    expect(sameName(commonName(tlv(0x04, Uint8Array.of(1))), commonName(tlv(0x04, Uint8Array.of(2))))).toBe(false)
  })

  it('does not let a value pass for two attributes', () => {
    const two = sequence(
      setOf(sequence(oid(oids.commonName), utf8String('a')), sequence(oid(oids.organization), utf8String('b'))),
    )
    expect(sameName(two, named(`a\u0000${oids.organization}=b`))).toBe(false)
  })
})

describe('isNameWithin', () => {
  it('is the name itself and all that begin with it', () => {
    const base = encodeName([
      ['C', 'CN'],
      ['O', '标封'],
    ])
    const below = encodeName([
      ['C', 'CN'],
      ['O', '标封'],
      ['CN', 'x'],
    ])
    expect(isNameWithin(base, base)).toBe(true)
    expect(isNameWithin(base, below)).toBe(true)
    expect(isNameWithin(below, base)).toBe(false)
    expect(isNameWithin(encodeName([['O', '标封']]), below)).toBe(false)
    expect(isNameWithin(sequence(), below)).toBe(true)
  })

  it('knows the empty name', () => {
    expect(isEmptyName(sequence())).toBe(true)
    expect(isEmptyName(named('x'))).toBe(false)
  })
})
