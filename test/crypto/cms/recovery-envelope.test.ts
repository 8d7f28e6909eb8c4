import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../crypto/cert/certificate.ts'
import { wrapKeyCms } from '../../../crypto/cms/envelope.ts'
import { makeRecoveryCode, printRecoveryCode, readRecoveryCode } from '../../../crypto/cms/recovery-code.ts'
import { checkRecoveryEnvelope, openRecoveryEnvelope, wrapForRecovery } from '../../../crypto/cms/recovery-envelope.ts'
import { oids } from '../../../crypto/der/oids.ts'
import { derNull, integer, oid, sequence } from '../../../crypto/der/writer.ts'
import { at, type DerTree, derTree, edited, flipped } from '../../fixtures/der-edit.ts'
import { expectFailure, expectRejection } from '../../fixtures/failure.ts'
import { withOpenssl } from '../../fixtures/openssl.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'

const randomness = { bytes: (length: number) => Uint8Array.from(randomBytes(length)) }
const code = makeRecoveryCode(randomness)
const key = randomness.bytes(32)
const made = wrapForRecovery(key, code, { randomness })

/** Places inside a recovery envelope. */
const recipient = [1, 0, 1, 0]
const parameters = [...recipient, 1, 1]

const refuses = (envelope: Uint8Array) =>
  expectFailure('seal.envelope', () => {
    checkRecoveryEnvelope(envelope)
  })
const rounds = async (count: number) =>
  edited(await made, parameters, node => {
    node.children[1] = derTree(integer(count))
  })
const withKeyLength = async (length: number) =>
  edited(await made, parameters, node => {
    node.children.splice(2, 0, derTree(integer(length)))
  })
const setContent = (bytes: Uint8Array) => (node: DerTree) => {
  node.content = bytes
}

describe('a recovery envelope', () => {
  it('is opened with its code, and by openssl -pwri_password', () =>
    withOpenssl(async bench => {
      const envelope = await made
      checkRecoveryEnvelope(envelope)
      expect(await openRecoveryEnvelope(envelope, code)).toEqual(key)
      bench.put('e.p7m', envelope)
      const opened = bench.run('cms', '-decrypt', '-inform', 'DER', '-binary', '-in', 'e.p7m', '-pwri_password', code)
      expect(opened.stdout, opened.stderr).toEqual(Buffer.from(key))
    }))

  it('answers different random keys for a wrong code', async () => {
    const wrong = makeRecoveryCode(randomness)
    const [first, second] = [
      await openRecoveryEnvelope(await made, wrong),
      await openRecoveryEnvelope(await made, wrong),
    ]
    expect(first).toHaveLength(32)
    expect(first).not.toEqual(key)
    expect(first).not.toEqual(second)
  })

  it('answers a random key for bytes that are no such envelope', async () => {
    expect(await openRecoveryEnvelope(new Uint8Array(3), code)).toHaveLength(32)
    expect(await openRecoveryEnvelope(await rounds(1), code)).not.toEqual(key)
  })

  it('may write out its key length, and may have up to 5,000,000 rounds', async () => {
    const written = await withKeyLength(32)
    checkRecoveryEnvelope(written)
    expect(await openRecoveryEnvelope(written, code)).toEqual(key)
    checkRecoveryEnvelope(await rounds(600_000))
    checkRecoveryEnvelope(await rounds(5_000_000))
  })

  it('has the rounds and the salt that were asked for', async () => {
    const salt = randomness.bytes(16)
    const envelope = await wrapForRecovery(key, code, { randomness, salt, rounds: 600_001 })
    expect(Buffer.from(at(derTree(envelope), [...parameters, 0]).content)).toEqual(Buffer.from(salt))
    expect(Buffer.from(at(derTree(envelope), [...parameters, 1]).content).readUIntBE(0, 3)).toBe(600_001)
    await expectRejection('arguments.bad', wrapForRecovery(key, code, { randomness, rounds: 599_999 }))
    await expectRejection('arguments.bad', wrapForRecovery(key, code, { randomness, rounds: 5_000_001 }))
    await expectRejection('arguments.bad', wrapForRecovery(key, code, { randomness, salt: new Uint8Array(8) }))
  })
})

describe('checkRecoveryEnvelope refuses', () => {
  it('599,999 and 5,000,001 rounds, and none', async () => {
    for (const count of [0, 1, 599_999, 5_000_001, 2 ** 40]) refuses(await rounds(count))
  })

  it('a key length other than 32', async () => {
    for (const length of [16, 24, 31, 33, 64]) refuses(await withKeyLength(length))
  })

  it('a salt, vector or wrapped key of another length', async () => {
    const envelope = await made
    refuses(edited(envelope, [...parameters, 0], setContent(randomBytes(8))))
    refuses(edited(envelope, [...recipient, 2, 1, 1], setContent(randomBytes(12))))
    for (const length of [32, 40, 64]) refuses(edited(envelope, [...recipient, 3], setContent(randomBytes(length))))
  })

  it('another prf, the default prf, a prf without NULL', async () => {
    const prf = (...values: readonly Uint8Array[]) =>
      edited(envelope, parameters, node => {
        node.children.splice(2, 1, ...values.map(derTree))
      })
    const envelope = await made
    refuses(prf(sequence(oid('1.2.840.113549.2.7'), derNull)))
    refuses(prf(sequence(oid('1.2.840.113549.2.11'), derNull)))
    refuses(prf(sequence(oid(oids.hmacWithSha256))))
    refuses(prf())
  })

  it('another derivation, wrapping, cipher, version', async () => {
    const envelope = await made
    refuses(edited(envelope, [...recipient, 1, 0], setContent(oid(oids.sha256).slice(2))))
    refuses(edited(envelope, [...recipient, 2, 0], setContent(oid(oids.aes256Wrap).slice(2))))
    refuses(edited(envelope, [...recipient, 2, 1, 0], setContent(oid('2.16.840.1.101.3.4.1.2').slice(2))))
    refuses(edited(envelope, [...recipient, 0], setContent(Uint8Array.of(1))))
    refuses(
      edited(envelope, recipient, node => {
        node.children.splice(1, 1)
      }),
    )
  })

  it('an envelope to a certificate', () => {
    const certificate = parseCertificate(practiceCa().bidder.decrypt.certificate)
    refuses(wrapKeyCms(key, { recipient: certificate, padding: 'oaep' }))
  })

  it('bytes after the end and every truncation', async () => {
    const envelope = await made
    refuses(Buffer.concat([envelope, Uint8Array.of(0)]))
    for (let length = 0; length < envelope.length; length += 1) refuses(envelope.subarray(0, length))
  })

  it('flips of single bits in everything but salt, vector, rounds, ciphertexts and nonce; those give another key', async () => {
    const envelope = await made
    const passed: Uint8Array[] = []
    for (let bit = 0; bit < envelope.length * 8; bit += 1) {
      const changed = flipped(envelope, bit)
      try {
        checkRecoveryEnvelope(changed)
        passed.push(changed)
      } catch {
        // Refused by the check.
      }
    }
    const fields = [16, 16, 48, 12, 32, 16]
    const free = fields.reduce((sum, length) => sum + length * 8, 0)
    expect(passed.length).toBeGreaterThanOrEqual(free)
    // Above the bits of those fields only the rounds’ own, 600,000 with one bit changed upwards.
    expect(passed.length).toBeLessThanOrEqual(free + 24)
    // Opening takes 600,000 rounds: a sample spread over all fields.
    for (let index = 0; index < passed.length; index += 251) {
      expect(await openRecoveryEnvelope(passed[index] ?? envelope, code)).not.toEqual(key)
    }
  })
})

describe('recovery codes', () => {
  it('are 40 Crockford characters, 8 groups of 5 on paper', () => {
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{40}$/)
    expect(printRecoveryCode(code)).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-){7}[0-9A-HJKMNP-TV-Z]{5}$/)
    const all = new Set(Array.from({ length: 50 }, () => makeRecoveryCode(randomness)).join(''))
    expect(all.size).toBe(32)
  })

  it('are read as people type them', () => {
    expect(readRecoveryCode(printRecoveryCode(code).toLowerCase())).toBe(code)
    expect(readRecoveryCode(` ${code.slice(0, 20)} ${code.slice(20)}\n`)).toBe(code)
    expect(readRecoveryCode('o'.repeat(20) + 'iL'.repeat(10))).toBe('0'.repeat(20) + '1'.repeat(20))
    expect(readRecoveryCode(code.slice(1))).toBeNull()
    expect(readRecoveryCode('U'.repeat(40))).toBeNull()
    expect(readRecoveryCode('')).toBeNull()
  })
})
