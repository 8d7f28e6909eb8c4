import { describe, expect, it } from 'vitest'
import { integer, octetString, sequence } from '../../../../crypto/der/writer.ts'
import { order } from '../../../../crypto/sm/sm2/curve.ts'
import {
  generateSm2Key,
  isSm2PublicKey,
  readSm2Signature,
  requirePublicPoint,
  sm2Digest,
  sm2PublicOf,
  sm2SignDigest,
  sm2VerifyDigest,
  sm2Z,
  writeSm2Signature,
} from '../../../../crypto/sm/sm2/index.ts'
import { expectFailure } from '../../../fixtures/failure.ts'
import { hex, scalar, scripted } from '../../../fixtures/sm2.ts'

const d = generateSm2Key()
const publicPoint = sm2PublicOf(d)
const e = sm2Digest(publicPoint, Buffer.from('标封'))
const signature = sm2SignDigest(d, e)
const parts = readSm2Signature(signature, 'der')

function changed(bytes: Uint8Array, index: number): Uint8Array {
  return bytes.map((byte, at) => (at === index ? byte ^ 1 : byte))
}

describe('a public key', () => {
  it('is 04 and two coordinates of a point on the curve', () => {
    expect(isSm2PublicKey(publicPoint)).toBe(true)
    requirePublicPoint(publicPoint)
  })

  it('is refused off the curve, at infinity, compressed, short, long and with coordinates above the prime', () => {
    const prime = hex('FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF')
    const wrong = [
      changed(publicPoint, 64),
      changed(publicPoint, 1),
      Uint8Array.of(4, ...new Uint8Array(64)),
      Uint8Array.of(0),
      new Uint8Array(0),
      Uint8Array.of(2, ...publicPoint.subarray(1, 33)),
      changed(publicPoint, 0),
      publicPoint.subarray(0, 64),
      Uint8Array.of(...publicPoint, 0),
      Uint8Array.of(4, ...prime, ...publicPoint.subarray(33)),
      Uint8Array.of(4, ...publicPoint.subarray(1, 33), ...prime),
    ]
    for (const point of wrong) {
      expect(isSm2PublicKey(point)).toBe(false)
      expectFailure('cert.unsupported', () => requirePublicPoint(point))
      expectFailure('cert.unsupported', () => sm2Z(point))
      expect(sm2VerifyDigest(point, e, signature)).toBe(false)
    }
  })
})

describe('a private key', () => {
  it('is a number between 1 and n − 2 in 32 bytes', () => {
    expect(sm2PublicOf(scalar(1)).subarray(1, 5)).toEqual(hex('32C4AE2C'))
    const largest = scalar(order - 2n)
    expect(sm2VerifyDigest(sm2PublicOf(largest), e, sm2SignDigest(largest, e))).toBe(true)
    for (const wrong of [scalar(0), scalar(order - 1n), scalar(order), d.subarray(1), Uint8Array.of(0, ...d)]) {
      expectFailure('cert.unsupported', () => sm2PublicOf(wrong))
      expectFailure('cert.unsupported', () => sm2SignDigest(wrong, e))
    }
  })

  it('is drawn again where the generator gives a number outside the group', () => {
    expect(generateSm2Key(scripted(scalar(0), scalar(order), scalar(order - 1n), scalar(7)))).toEqual(scalar(7))
  })
})

describe('signing', () => {
  it('draws the nonce again where it is outside the group', () => {
    const outside = [scalar(0), scalar(order), new Uint8Array(32).fill(0xff)]
    expect(sm2SignDigest(d, e, scripted(...outside, scalar(5)))).toEqual(sm2SignDigest(d, e, scripted(scalar(5))))
  })

  it('draws it again where r or r + k would be none (GB/T 32918.2, 6.1)', () => {
    const k = 5n
    const x = BigInt(`0x${Buffer.from(sm2PublicOf(scalar(k)).subarray(1, 33)).toString('hex')}`)
    const modulo = (value: bigint) => ((value % order) + order) % order
    for (const awkward of [scalar(modulo(-x)), scalar(modulo(-x - k))]) {
      const made = sm2SignDigest(d, awkward, scripted(scalar(k), scalar(6)))
      expect(made).toEqual(sm2SignDigest(d, awkward, scripted(scalar(6))))
      expect(sm2VerifyDigest(publicPoint, awkward, made)).toBe(true)
    }
  })

  it('takes a digest of 32 bytes and an identifier of at most 8,191', () => {
    expectFailure('arguments.bad', () => sm2SignDigest(d, e.subarray(1)))
    expect(sm2Z(publicPoint, new Uint8Array(8191))).toHaveLength(32)
    expectFailure('arguments.bad', () => sm2Z(publicPoint, new Uint8Array(8192)))
  })
})

describe('verifying', () => {
  it('takes the signature of this digest by this key, and no other', () => {
    expect(sm2VerifyDigest(publicPoint, e, signature)).toBe(true)
    expect(sm2VerifyDigest(sm2PublicOf(generateSm2Key()), e, signature)).toBe(false)
    expect(sm2VerifyDigest(publicPoint, e.subarray(1), signature)).toBe(false)
    for (const index of [0, 15, 31]) expect(sm2VerifyDigest(publicPoint, changed(e, index), signature)).toBe(false)
    expect(sm2VerifyDigest(publicPoint, sm2Digest(publicPoint, Buffer.from('标封'), Buffer.from('')), signature)).toBe(
      false,
    )
  })

  it('refuses every changed byte of the signature without throwing', () => {
    for (let index = 0; index < signature.length; index += 1) {
      expect(sm2VerifyDigest(publicPoint, e, changed(signature, index)), `byte ${index}`).toBe(false)
    }
    for (let end = 0; end < signature.length; end += 1) {
      expect(sm2VerifyDigest(publicPoint, e, signature.subarray(0, end))).toBe(false)
    }
  })

  it('refuses r and s outside [1, n − 1] and r + s = n', () => {
    const pairs: readonly (readonly [bigint, bigint])[] = [
      [0n, 1n],
      [1n, 0n],
      [order, 1n],
      [1n, order],
      [order + 1n, order + 1n],
      [1n, order - 1n],
      [order - 7n, 7n],
    ]
    for (const [r, s] of pairs) {
      const der = sequence(integer(r), integer(s))
      expect(sm2VerifyDigest(publicPoint, e, der)).toBe(false)
      expectFailure('document.signature', () => readSm2Signature(der, 'der'))
      const raw = Uint8Array.of(...scalar(r), ...scalar(s))
      expectFailure('document.signature', () => readSm2Signature(raw, 'raw'))
    }
  })

  it('refuses s + n, which means the same to careless arithmetic', () => {
    const s = BigInt(`0x${Buffer.from(parts.s).toString('hex')}`)
    const der = sequence(integer(BigInt(`0x${Buffer.from(parts.r).toString('hex')}`)), integer(s + order))
    expect(sm2VerifyDigest(publicPoint, e, der)).toBe(false)
  })
})

describe('the forms of a signature', () => {
  it('are DER, 64 bytes and the block of an SKF library, each read back', () => {
    for (const [form, length] of [
      ['raw', 64],
      ['ECCSIGNATUREBLOB', 128],
    ] as const) {
      const written = writeSm2Signature(parts, form)
      expect(written).toHaveLength(length)
      expect(readSm2Signature(written, form)).toEqual(parts)
    }
    expect(writeSm2Signature(parts, 'der')).toEqual(signature)
  })

  it('keep 32 bytes of a number that DER writes with fewer', () => {
    const short = { r: scalar(0x7f), s: scalar(0x80) }
    const der = writeSm2Signature(short, 'der')
    expect(der).toEqual(hex('3007 02017f 02020080'))
    expect(readSm2Signature(der, 'der')).toEqual(short)
    expect(readSm2Signature(writeSm2Signature(short, 'raw'), 'raw')).toEqual(short)
  })

  it('refuse other lengths, other shapes and numbers that do not fit', () => {
    const [r, s] = [integer(5), integer(6)]
    const wrong = [
      hex('30060201050201'),
      sequence(r),
      sequence(r, s, r),
      sequence(r, octetString(Uint8Array.of(6))),
      octetString(sequence(r, s)),
      Uint8Array.of(...sequence(r, s), 0),
      sequence(r, hex('02 01 80')),
      sequence(r, hex('02 02 0006')),
      sequence(r, integer(1n << 256n)),
      sequence(r, hex('0200')),
      new Uint8Array(0),
    ]
    for (const bytes of wrong) expectFailure('document.malformed', () => readSm2Signature(bytes, 'der'))
    for (const length of [0, 63, 65, 128]) {
      expectFailure('document.malformed', () => readSm2Signature(new Uint8Array(length).fill(1), 'raw'))
    }
    const blob = writeSm2Signature(parts, 'ECCSIGNATUREBLOB')
    for (const index of [0, 31, 64, 95]) {
      expectFailure('document.malformed', () => readSm2Signature(changed(blob, index), 'ECCSIGNATUREBLOB'))
    }
    expectFailure('document.malformed', () => readSm2Signature(blob.subarray(1), 'ECCSIGNATUREBLOB'))
  })
})
