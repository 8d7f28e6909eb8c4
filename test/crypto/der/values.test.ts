import { describe, expect, it } from 'vitest'
import { readDer } from '../../../crypto/der/reader.ts'
import * as values from '../../../crypto/der/values.ts'
import * as writer from '../../../crypto/der/writer.ts'
import { expectFailure } from '../../fixtures/failure.ts'

const node = (hex: string) => readDer(Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex')))
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const refuses = (run: () => unknown) => expectFailure('document.malformed', run)

describe('DER values', () => {
  it('writes and reads integers at their boundaries', () => {
    for (const value of [0, 1, 127, 128, 255, 256, 32_767, 32_768, 600_000, Number.MAX_SAFE_INTEGER]) {
      expect(values.smallInteger(readDer(writer.integer(value)))).toBe(value)
    }
    expect(hex(writer.integer(128))).toBe('02020080')
    expect(hex(writer.unsignedInteger(Uint8Array.of(0, 0, 5)))).toBe('020105')
  })

  it('refuses integers that are empty, not minimal, negative or too large', () => {
    refuses(() => values.integerOctets(node('0200')))
    refuses(() => values.integerOctets(node('0202 0001')))
    refuses(() => values.integerOctets(node('0202 ff80')))
    refuses(() => values.unsignedInteger(node('0201 80')))
    refuses(() => values.smallInteger(node('0207 20000000000000')))
    refuses(() => values.smallInteger(node('0209 010000000000000000')))
  })

  it('writes and reads object identifiers', () => {
    for (const dotted of ['0.0', '1.2.840.113549.1.1.1', '2.5.4.3', '2.999.4', '1.2.156.10260.4.1.4']) {
      expect(values.oidString(readDer(writer.oid(dotted)))).toBe(dotted)
    }
    expect(hex(writer.oid('1.2.840.113549'))).toBe('06062a864886f70d')
  })

  it('refuses object identifiers that are empty, cut short or padded', () => {
    refuses(() => values.oidString(node('0600')))
    refuses(() => values.oidString(node('0602 2a86')))
    refuses(() => values.oidString(node('0603 2a8001')))
  })

  it('reads bit strings of whole bytes and named bits', () => {
    expect(hex(values.bitString(readDer(writer.bitString(Uint8Array.of(1, 2)))))).toBe('0102')
    for (const bits of [[], [0], [0, 1], [5, 6], [8], [0, 8]]) {
      expect([...values.namedBits(readDer(writer.namedBits(bits)))]).toEqual(bits)
    }
    expect(hex(writer.namedBits([0, 1]))).toBe('030206c0')
  })

  it('refuses bit strings with stray bits', () => {
    refuses(() => values.bitString(node('0302 0100')))
    refuses(() => values.bitString(node('0300')))
    refuses(() => values.namedBits(node('0302 06ff')))
    refuses(() => values.namedBits(node('0302 0800')))
  })

  it('refuses booleans other than 0x00 and 0xff and a NULL with content', () => {
    expect(values.booleanValue(readDer(writer.derTrue))).toBe(true)
    refuses(() => values.booleanValue(node('0101 01')))
    refuses(() => values.booleanValue(node('0102 ffff')))
    refuses(() => {
      values.requireNull(node('0501 00'))
    })
  })

  it('reads the strings of certificates, Chinese in UTF-8 and UTF-16 alike', () => {
    expect(values.textOf(readDer(writer.utf8String('云岭建设')))).toBe('云岭建设')
    expect(values.textOf(node('1e04 4e915cad'))).toBe('云岭')
    expect(values.textOf(readDer(writer.printableString('CN')))).toBe('CN')
    expect(values.textOf(node('0c02 c328'))).toBeNull()
    expect(values.textOf(node('1303 410042'))).toBeNull()
    expect(values.textOf(node('0401 41'))).toBeNull()
  })
})
