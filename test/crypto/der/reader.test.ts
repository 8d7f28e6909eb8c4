import { describe, expect, it } from 'vitest'
import { contextTag, readDer, requireDer, tags } from '../../../crypto/der/reader.ts'
import { concat, context, integer, octetString, sequence, setOf, tlv } from '../../../crypto/der/writer.ts'
import { expectFailure } from '../../fixtures/failure.ts'

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const refuses = (hex: string) => expectFailure('document.malformed', () => requireDer(readDer(bytes(hex))))

describe('the DER reader', () => {
  it('takes elements apart without copying them', () => {
    const message = sequence(integer(5), octetString(bytes('0102')))
    const node = readDer(message)
    const [five, octets] = node.children()
    expect(node.tag).toBe(tags.sequence)
    expect(five?.raw).toEqual(integer(5))
    expect(octets?.content).toEqual(bytes('0102'))
    expect(octets?.raw.buffer).toBe(message.buffer)
  })

  it('reads lengths of one, two and three bytes at their boundaries', () => {
    for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536]) {
      expect(readDer(octetString(new Uint8Array(length))).content.length).toBe(length)
    }
  })

  it('refuses an empty message and bytes after the end', () => {
    expect(refuses('')).toContain('no element')
    expect(refuses('0500 00')).toContain('cut short')
    expect(refuses('0500 0500')).toContain('after the end')
  })

  it('refuses indefinite lengths', () => {
    expect(refuses('3080 0500 0000')).toContain('indefinite')
  })

  it('refuses lengths that could be shorter', () => {
    expect(refuses('0481 01 00')).toContain('not minimal')
    expect(refuses(`0482 0080 ${'00'.repeat(128)}`)).toContain('not minimal')
  })

  it('refuses lengths of more than four bytes and lengths past the end', () => {
    expect(refuses('0485 0100000000')).toContain('more than four')
    expect(refuses('0484 ffffffff')).toContain('cut short')
    expect(refuses('0405 0102')).toContain('cut short')
    expect(refuses('0482 01')).toContain('cut short')
  })

  it('refuses tag numbers above 30', () => {
    expect(refuses('1f8100 00')).toContain('tag number')
  })

  it('refuses every truncation of a message', () => {
    const message = sequence(integer(1), context(0, octetString(new Uint8Array(200))))
    for (let length = 0; length < message.length; length += 1) {
      expectFailure('document.malformed', () => readDer(message.subarray(0, length)))
    }
  })

  it('refuses nesting without end', () => {
    let message = integer(0)
    for (let depth = 0; depth < 100; depth += 1) message = sequence(message)
    expect(expectFailure('document.malformed', () => requireDer(readDer(message)))).toContain('deeply')
  })

  it('refuses a SET that is not sorted or holds an element twice', () => {
    const [one, two] = [integer(1), integer(2)]
    requireDer(readDer(setOf(two, one)))
    expectFailure('document.malformed', () => requireDer(readDer(tlv(tags.set, two, one))))
    expectFailure('document.malformed', () => requireDer(readDer(tlv(tags.set, one, one))))
  })
})

describe('the fields of a SEQUENCE', () => {
  it('are taken in order, by tag, optional ones only when they are there', () => {
    const fields = readDer(sequence(integer(1), context(2, integer(3)))).fields()
    expect(fields.optional(contextTag(0))).toBeNull()
    expect(fields.take(tags.integer).content).toEqual(bytes('01'))
    expect(fields.optional(contextTag(2))?.only(tags.integer).content).toEqual(bytes('03'))
    fields.end()
  })

  it('refuse a missing field, another tag, a field too many and children of a primitive', () => {
    const message = sequence(integer(1))
    expectFailure('document.malformed', () => readDer(message).fields().take(tags.oid))
    expectFailure('document.malformed', () => readDer(message).fields().end())
    expectFailure('document.malformed', () => readDer(sequence()).fields().take())
    expectFailure('document.malformed', () => readDer(integer(1)).children())
    expectFailure('document.malformed', () => readDer(concat(message, message)))
  })
})
