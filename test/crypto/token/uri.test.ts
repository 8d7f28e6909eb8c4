import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatTokenUri,
  matchesSkfToken,
  matchesToken,
  parseTokenUri,
  type Pkcs11Uri,
  type TokenUri,
} from '../../../crypto/token/uri.ts'
import { expectFailure } from '../../fixtures/failure.ts'

const token = { label: '云岭 数字证书', serial: '0011aaff', manufacturer: 'Longmai', model: 'GM3000' }

describe('a token URI', () => {
  it('writes the example of RFC 7512 as that document does', () => {
    const uri: Pkcs11Uri = {
      kind: 'pkcs11',
      token: 'The Software PKCS#11 Softtoken',
      manufacturer: 'Snake Oil, Inc.',
      modulePath: '/usr/lib/libpkcs11.so',
    }
    expect(formatTokenUri(uri)).toBe(
      'pkcs11:token=The%20Software%20PKCS%2311%20Softtoken;manufacturer=Snake%20Oil,%20Inc.?module-path=/usr/lib/libpkcs11.so',
    )
    expect(parseTokenUri(formatTokenUri(uri))).toEqual(uri)
  })

  it('percent-encodes Chinese as UTF-8 and reads it back', () => {
    const text = formatTokenUri({ kind: 'pkcs11', token: '云岭' })
    expect(text).toBe('pkcs11:token=%E4%BA%91%E5%B2%AD')
    expect(parseTokenUri(text)).toEqual({ kind: 'pkcs11', token: '云岭' })
  })

  it('reads an id as bytes', () => {
    expect(parseTokenUri('pkcs11:id=%01%aFz')).toEqual({ kind: 'pkcs11', keyId: '01af7a' })
    expect(parseTokenUri('p12:/tmp/a.p12?id=%02')).toEqual({ kind: 'soft', path: '/tmp/a.p12', keyId: '02' })
  })

  it('takes a soft lock’s path as a person types it', () => {
    expect(parseTokenUri('p12:/home/张三/投标 锁.p12')).toEqual({ kind: 'soft', path: '/home/张三/投标 锁.p12' })
  })

  it('reads back whatever it writes', () => {
    const words = fc.string({ unit: 'grapheme', maxLength: 20 })
    const hex = fc.uint8Array({ minLength: 1, maxLength: 8 }).map(bytes => Buffer.from(bytes).toString('hex'))
    const pkcs11 = fc
      .record(
        {
          token: words,
          serial: words,
          manufacturer: words,
          model: words,
          object: words,
          keyId: hex,
          modulePath: words,
        },
        { requiredKeys: [] },
      )
      .map((fields): TokenUri => ({ kind: 'pkcs11', ...fields }))
    const skf = fc
      .record(
        { token: words, serial: words, application: words, object: words, keyId: hex, modulePath: words },
        { requiredKeys: [] },
      )
      .map((fields): TokenUri => ({ kind: 'skf', ...fields }))
    const soft = words
      .filter(name => !name.includes('\0') && !name.includes('\\'))
      .map((name): TokenUri => ({ kind: 'soft', path: `/${name}.p12` }))
    fc.assert(
      fc.property(fc.oneof(pkcs11, skf, soft), uri => {
        expect(parseTokenUri(formatTokenUri(uri))).toEqual(uri)
      }),
      { numRuns: 200, seed: 1 },
    )
  })

  it.each([
    ['another scheme', 'file:/etc/passwd'],
    ['a relative soft lock', 'p12:lock.p12'],
    ['an unknown attribute', 'pkcs11:token=a;colour=red'],
    ['a slot number, which changes with every plug', 'pkcs11:slot-id=3'],
    ['a model, which SKF does not know', 'skf:model=a'],
    ['an application, which PKCS #11 does not know', 'pkcs11:application=a'],
    ['a repeated attribute', 'pkcs11:token=a;token=b'],
    ['an attribute without a value', 'pkcs11:token'],
    ['an empty attribute', 'pkcs11:token=a;;serial=b'],
    ['a character that must be encoded', 'pkcs11:token=a b'],
    ['half a percent sequence', 'pkcs11:token=a%2'],
    ['bytes that are not UTF-8', 'pkcs11:token=%ff%fe'],
    ['an unknown query', 'pkcs11:token=a?module-name=x'],
    ['an unknown type', 'pkcs11:type=data'],
    ['an endless one', `pkcs11:token=${'a'.repeat(5000)}`],
  ])('refuses %s', (_name, text) => {
    expectFailure('arguments.bad', () => parseTokenUri(text))
  })

  it('refuses a PIN in it without repeating the PIN', () => {
    const detail = expectFailure('arguments.bad', () => parseTokenUri('pkcs11:token=a?pin-value=246810'))
    expect(detail).not.toContain('246810')
  })

  it('matches a token whose attributes it names, and does not look at the others', () => {
    expect(matchesToken({ kind: 'pkcs11' }, token)).toBe(true)
    expect(matchesToken({ kind: 'pkcs11', token: '云岭 数字证书', serial: '0011aaff' }, token)).toBe(true)
    expect(matchesToken({ kind: 'pkcs11', token: '云岭 数字证书', serial: '0011AAFF' }, token)).toBe(false)
    expect(matchesToken({ kind: 'pkcs11', model: '' }, token)).toBe(false)
  })

  it('matches an application on a device of SKF', () => {
    const { label, serial, manufacturer } = token
    const application = { label, serial, manufacturer, application: 'GM3000APP' }
    const uri = parseTokenUri('skf:serial=0011aaff;application=GM3000APP')
    expect(uri).toEqual({ kind: 'skf', serial: '0011aaff', application: 'GM3000APP' })
    expect(uri.kind === 'skf' && matchesSkfToken(uri, application)).toBe(true)
    expect(matchesSkfToken({ kind: 'skf', application: 'other' }, application)).toBe(false)
    expect(matchesSkfToken({ kind: 'skf' }, application)).toBe(true)
  })
})
