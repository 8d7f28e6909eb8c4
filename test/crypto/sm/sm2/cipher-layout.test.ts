import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { integer, octetString, sequence, unsignedInteger } from '../../../../crypto/der/writer.ts'
import {
  generateSm2Key,
  readSm2Cipher,
  type Sm2Cipher,
  sm2Decrypt,
  sm2Encrypt,
  sm2PublicOf,
  type Sm2CipherLayout,
  writeSm2Cipher,
} from '../../../../crypto/sm/sm2/index.ts'
import { expectFailure } from '../../../fixtures/failure.ts'
import { hex, scripted, shortCoordinateScalars } from '../../../fixtures/sm2.ts'

const d = generateSm2Key()
const publicPoint = sm2PublicOf(d)
const message = Uint8Array.from(randomBytes(16))
const parts = readSm2Cipher(sm2Encrypt(publicPoint, message), 'asn1')
const layouts: readonly Sm2CipherLayout[] = ['asn1', '04C1C3C2', 'C1C3C2', '04C1C2C3', 'C1C2C3', 'ECCCIPHERBLOB']
const { x, y, hash, cipher } = parts

describe('the layouts of an SM2 ciphertext', () => {
  it('are read back as they were written, each as it was asked for', () => {
    for (const layout of layouts) expect(readSm2Cipher(writeSm2Cipher(parts, layout), layout), layout).toEqual(parts)
  })

  it('put the bytes where their standards say', () => {
    expect(writeSm2Cipher(parts, '04C1C3C2')).toEqual(Uint8Array.of(4, ...x, ...y, ...hash, ...cipher))
    expect(writeSm2Cipher(parts, 'C1C2C3')).toEqual(Uint8Array.of(...x, ...y, ...cipher, ...hash))
    const zeros = new Uint8Array(32)
    expect(writeSm2Cipher(parts, 'ECCCIPHERBLOB')).toEqual(
      Uint8Array.of(...zeros, ...x, ...zeros, ...y, ...hash, 16, 0, 0, 0, ...cipher),
    )
    expect(writeSm2Cipher(parts, 'asn1')).toEqual(
      sequence(unsignedInteger(x), unsignedInteger(y), octetString(hash), octetString(cipher)),
    )
  })

  it('are told apart by the bytes; bare parts are taken in the standard’s order', () => {
    for (const layout of ['asn1', '04C1C3C2', 'C1C3C2', 'ECCCIPHERBLOB'] as const) {
      expect(readSm2Cipher(writeSm2Cipher(parts, layout)), layout).toEqual(parts)
    }
    const swapped = readSm2Cipher(writeSm2Cipher(parts, '04C1C2C3'))
    expect(swapped.x).toEqual(x)
    expect(swapped.hash).not.toEqual(hash)
  })

  it('are told apart where a bare coordinate begins like DER or like a point', () => {
    const begins = (first: number) => {
      for (let k = 1; ; k += 1) {
        const nonce = hex(k.toString(16).padStart(64, '0'))
        if (sm2PublicOf(nonce)[1] === first) return nonce
      }
    }
    for (const first of [0x30, 0x04, 0x00]) {
      const made = readSm2Cipher(sm2Encrypt(publicPoint, message, scripted(begins(first))), 'asn1')
      for (const layout of ['asn1', '04C1C3C2', 'C1C3C2', 'ECCCIPHERBLOB'] as const) {
        expect(readSm2Cipher(writeSm2Cipher(made, layout)), `${layout} ${first}`).toEqual(made)
      }
    }
  })

  it('keep 32 bytes of coordinates that DER writes with 31 or 33', () => {
    const lengths = new Set<number>()
    for (const nonce of shortCoordinateScalars(6, 1000n)) {
      const der = sm2Encrypt(publicPoint, message, scripted(nonce))
      lengths.add(der[3] ?? 0).add(der[5 + (der[3] ?? 0)] ?? 0)
      const made = readSm2Cipher(der, 'asn1')
      expect([made.x.length, made.y.length]).toEqual([32, 32])
      for (const layout of layouts) {
        const bytes = writeSm2Cipher(made, layout)
        expect(sm2Decrypt(d, writeSm2Cipher(readSm2Cipher(bytes, layout), 'asn1')), layout).toEqual(message)
      }
    }
    expect([...lengths].some(length => length < 32)).toBe(true)
    expect(lengths.has(33)).toBe(true)
  })

  it('answer arrays of their own', () => {
    const bytes = writeSm2Cipher(parts, 'C1C3C2')
    const read = readSm2Cipher(bytes, 'C1C3C2')
    bytes.fill(0)
    expect(read).toEqual(parts)
  })
})

describe('readSm2Cipher refuses', () => {
  const asn1 = (over: Partial<Record<keyof Sm2Cipher, Uint8Array>>) => {
    const fields = {
      x: unsignedInteger(x),
      y: unsignedInteger(y),
      hash: octetString(hash),
      cipher: octetString(cipher),
    }
    const all = { ...fields, ...over }
    return sequence(all.x, all.y, all.hash, all.cipher)
  }

  it('DER that is not exactly an SM2Cipher', () => {
    const good = asn1({})
    expect(readSm2Cipher(good)).toEqual(parts)
    const wrong: readonly Uint8Array[] = [
      asn1({ hash: octetString(hash.subarray(1)) }),
      asn1({ hash: octetString(Uint8Array.of(...hash, 0)) }),
      asn1({ cipher: octetString(new Uint8Array(0)) }),
      asn1({ cipher: octetString(new Uint8Array(65_537)) }),
      asn1({ x: integer(1n << 256n) }),
      asn1({ x: Uint8Array.of(2, 33, 0, ...x.map(byte => byte & 0x7f)) }),
      asn1({ y: Uint8Array.of(2, 32, 0x80, ...y.subarray(1)) }),
      asn1({ y: octetString(y) }),
      sequence(unsignedInteger(x), unsignedInteger(y), octetString(hash)),
      sequence(good),
      octetString(good),
      Uint8Array.of(...good, 0),
      good.subarray(0, -1),
      Uint8Array.of(0x30, 0x80, ...good.subarray(2), 0, 0),
    ]
    for (const bytes of wrong) {
      expectFailure('document.malformed', () => readSm2Cipher(bytes, 'asn1'))
      expectFailure('document.malformed', () => readSm2Cipher(bytes))
    }
  })

  it('parts that are cut short, begin with another byte or belong to no point', () => {
    for (const layout of ['04C1C3C2', 'C1C3C2', '04C1C2C3', 'C1C2C3', 'ECCCIPHERBLOB'] as const) {
      const bytes = writeSm2Cipher(parts, layout)
      const withoutCipher = bytes.subarray(0, bytes.length - cipher.length)
      for (const wrong of [withoutCipher, bytes.subarray(0, 40), new Uint8Array(0)]) {
        expectFailure('document.malformed', () => readSm2Cipher(wrong, layout))
      }
    }
    const compressed = Uint8Array.of(2, ...x, ...hash, ...cipher)
    expectFailure('document.malformed', () => readSm2Cipher(compressed))
    expectFailure('document.malformed', () =>
      readSm2Cipher(Uint8Array.of(3, ...x, ...y, ...hash, ...cipher), '04C1C3C2'),
    )
    expectFailure('document.malformed', () => readSm2Cipher(Uint8Array.of(4, ...y, ...x, ...hash, ...cipher)))
  })

  it('an SKF block with another length or with coordinates above 32 bytes', () => {
    const blob = writeSm2Cipher(parts, 'ECCCIPHERBLOB')
    for (const index of [0, 31, 64, 95, 160, 163]) {
      const wrong = blob.map((byte, at) => (at === index ? byte ^ 1 : byte))
      expectFailure('document.malformed', () => readSm2Cipher(wrong, 'ECCCIPHERBLOB'))
      expectFailure('document.malformed', () => readSm2Cipher(wrong))
    }
    expectFailure('document.malformed', () => readSm2Cipher(Uint8Array.of(...blob, 0), 'ECCCIPHERBLOB'))
  })
})
