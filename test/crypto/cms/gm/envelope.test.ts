import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseCertificate, sm2PointOf } from '../../../../crypto/cert/certificate.ts'
import { openEnvelopeCms, wrapKeyCms } from '../../../../crypto/cms/envelope.ts'
import { toPem } from '../../../../crypto/cert/pem.ts'
import { checkEnvelopeGm, openEnvelopeGm, wrapKeyGm } from '../../../../crypto/cms/gm/envelope.ts'
import { oids } from '../../../../crypto/der/oids.ts'
import { context, derNull, oid, sequence } from '../../../../crypto/der/writer.ts'
import type { KeyOpener, KeyTransport } from '../../../../crypto/envelope/key-opener.ts'
import { CryptoFailure, type CryptoFailureCode } from '../../../../crypto/errors.ts'
import { writePrivateKey } from '../../../../crypto/sign/private-key.ts'
import { readSm2Cipher, sm2Encrypt, type Sm2CipherLayout, writeSm2Cipher } from '../../../../crypto/sm/sm2/index.ts'
import type { EnvelopeRecipient } from '../../../../crypto/suite.ts'
import { at, derBytes, type DerTree, derTree, edited, leaf } from '../../../fixtures/der-edit.ts'
import { expectFailure, expectRejection } from '../../../fixtures/failure.ts'
import { gmCa } from '../../../fixtures/gm-ca.ts'
import { withOpenssl } from '../../../fixtures/openssl.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'

const ca = gmCa()
const { decrypt, backup } = ca.bidder
const certificate = parseCertificate(decrypt.certificate)
const point = sm2PointOf(certificate)
const key = Uint8Array.from(randomBytes(32))
const main: EnvelopeRecipient = { role: 'main', issuer: certificate.issuer, serial: certificate.serial }
const sound = wrapKeyGm(key, { recipient: certificate })

/** Places inside an envelope. */
const body = [1, 0]
const recipientSet = [...body, 1]
const recipient = [...recipientSet, 0]
const encrypted = [...body, 2]

const refuses = (envelope: Uint8Array, expected = main) =>
  expectFailure('seal.envelope', () => {
    checkEnvelopeGm(envelope, expected)
  })
const change = (place: readonly number[], how: (node: DerTree) => void) => edited(sound, place, how)
const setContent = (place: readonly number[], bytes: Uint8Array) =>
  change(place, node => {
    node.content = bytes
  })
const transportOf = (envelope: Uint8Array) => at(derTree(envelope), [...recipient, 3]).content
const withTransport = (bytes: Uint8Array) => setContent([...recipient, 3], bytes)
const withLayout = (layout: Sm2CipherLayout) =>
  withTransport(writeSm2Cipher(readSm2Cipher(transportOf(sound), 'asn1'), layout))

describe('a gm envelope', () => {
  it('passes its check and is opened by its recipient', async () => {
    checkEnvelopeGm(sound, main)
    checkEnvelopeGm(sound, { ...main, role: 'agency' })
    expect(await openEnvelopeGm(sound, decrypt.opener())).toEqual(key)
  })

  it('is opened by openssl: SM2 gives the SM4 key, SM4-CBC the padded 32 bytes', () =>
    withOpenssl(bench => {
      const tree = derTree(sound)
      bench.put('key.pem', toPem(writePrivateKey(decrypt.privateKey), 'PRIVATE KEY'))
      bench.put('transported', transportOf(sound))
      bench.put('content', at(tree, [...encrypted, 2]).content)
      const contentKey = bench.run('pkeyutl', '-decrypt', '-inkey', 'key.pem', '-in', 'transported')
      expect(contentKey.stdout, contentKey.stderr).toHaveLength(16)
      const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
      const vector = hex(at(tree, [...encrypted, 1, 1]).content)
      const given = ['-K', hex(contentKey.stdout), '-iv', vector, '-in', 'content']
      expect(bench.run('enc', '-d', '-sm4-cbc', ...given).stdout).toEqual(Buffer.from(key))
    }))

  it('is written with the numbers of the profile: 4.2.3, 4.2.1, 301.3, 104.2, version 1', () => {
    const tree = derTree(sound)
    expect(derBytes(at(tree, [0]))).toEqual(oid('1.2.156.10197.6.1.4.2.3'))
    expect(derBytes(at(tree, [...encrypted, 0]))).toEqual(oid('1.2.156.10197.6.1.4.2.1'))
    expect(derBytes(at(tree, [...encrypted, 1, 0]))).toEqual(oid('1.2.156.10197.1.104.2'))
    expect(derBytes(at(tree, [...recipient, 2]))).toEqual(sequence(oid('1.2.156.10197.1.301.3')))
    expect(at(tree, [...body, 0]).content).toEqual(Uint8Array.of(1))
    expect(at(tree, [...recipient, 0]).content).toEqual(Uint8Array.of(1))
  })

  it('is accepted with the number of the key exchange (301.2), as GmSSL writes it', async () => {
    const other = change(recipient, node => {
      node.children[2] = derTree(sequence(oid('1.2.156.10197.1.301.2')))
    })
    checkEnvelopeGm(other, main)
    expect(await openEnvelopeGm(other, decrypt.opener())).toEqual(key)
  })

  it('has a key, a point and an IV of its own every time', () => {
    const other = wrapKeyGm(key, { recipient: certificate })
    expect(transportOf(other)).not.toEqual(transportOf(sound))
    for (const place of [
      [...encrypted, 1, 1],
      [...encrypted, 2],
    ]) {
      expect(at(derTree(other), place).content).not.toEqual(at(derTree(sound), place).content)
    }
  })

  it('is made for 32 bytes and SM2 certificates only', () => {
    expectFailure('internal', () => wrapKeyGm(key.subarray(0, 31), { recipient: certificate }))
    const rsa = parseCertificate(practiceCa().bidder.decrypt.certificate)
    expectFailure('cert.unsupported', () => wrapKeyGm(key, { recipient: rsa }))
    // And the other suite makes none to an SM2 certificate.
    expectFailure('cert.unsupported', () => wrapKeyCms(key, { recipient: certificate, padding: 'oaep' }))
  })

  it('asks the lock for the whole thing at once: key, IV and content', async () => {
    const asked: KeyTransport[] = []
    await openEnvelopeGm(sound, {
      certificate: decrypt.certificate,
      open(transport) {
        asked.push(transport)
        return Promise.resolve(key)
      },
    })
    const tree = derTree(sound)
    expect(asked).toEqual([
      {
        kind: 'sm2-sm4-cbc',
        encryptedKey: transportOf(sound),
        iv: Uint8Array.from(at(tree, [...encrypted, 1, 1]).content),
        content: Uint8Array.from(at(tree, [...encrypted, 2]).content),
      },
    ])
  })
})

describe('the check refuses', () => {
  it('another addressee', () => {
    const other = parseCertificate(backup.certificate)
    refuses(sound, { ...main, serial: other.serial })
    refuses(sound, { ...main, issuer: sequence() })
    refuses(wrapKeyGm(key, { recipient: other }))
  })

  it('two recipients, none, one of another kind or named otherwise', () => {
    const second = at(derTree(wrapKeyGm(key, { recipient: parseCertificate(backup.certificate) })), recipient)
    refuses(
      change(recipientSet, node => {
        node.children = [at(node, [0]), second].sort((a, b) => Buffer.compare(derBytes(a), derBytes(b)))
      }),
    )
    refuses(
      change(recipientSet, node => {
        node.children = []
      }),
    )
    refuses(
      change(recipient, node => {
        node.tag = 0xa1
      }),
    )
    refuses(
      change(recipient, node => {
        node.children[1] = leaf(0x80, randomBytes(20))
      }),
    )
  })

  it('a content of another length', () => {
    for (const length of [0, 16, 32, 47, 49, 64]) refuses(setContent([...encrypted, 2], new Uint8Array(length)))
  })

  it('another cipher, mode or IV', () => {
    const modes = ['1.2.156.10197.1.104', ...[1, 3, 4, 7, 8].map(mode => `1.2.156.10197.1.104.${mode}`)]
    for (const dotted of [...modes, oids.aes256Cbc]) refuses(setContent([...encrypted, 1, 0], oid(dotted).slice(2)))
    for (const length of [0, 12, 15, 17]) refuses(setContent([...encrypted, 1, 1], new Uint8Array(length)))
  })

  it('another key encryption, or parameters with it', () => {
    for (const der of [
      sequence(oid(oids.sm2)),
      sequence(oid(oids.sm2Signature)),
      sequence(oid(oids.rsaEncryption), derNull),
      sequence(oid(oids.sm2Encryption), derNull),
      sequence(oid(oids.sm2Encryption), sequence()),
    ]) {
      refuses(
        change(recipient, node => {
          node.children[2] = derTree(der)
        }),
      )
    }
  })

  it('other types and versions, shared information, a content in pieces', () => {
    refuses(setContent([0], oid('1.2.840.113549.1.7.3').slice(2)))
    refuses(setContent([...encrypted, 0], oid(oids.data).slice(2)))
    for (const version of [0, 2]) {
      refuses(setContent([...body, 0], Uint8Array.of(version)))
      refuses(setContent([...recipient, 0], Uint8Array.of(version)))
    }
    for (const tag of [0x81, 0x82]) {
      refuses(
        change(encrypted, node => {
          node.children.push(leaf(tag, randomBytes(8)))
        }),
      )
    }
    refuses(
      change([...encrypted, 2], node => {
        Object.assign(node, { tag: 0xa0, children: [leaf(4, node.content)] })
      }),
    )
    refuses(
      change(body, node => {
        node.children.push(derTree(context(1, sequence())))
      }),
    )
  })

  it('every layout of the encrypted key but SM2Cipher in DER', () => {
    for (const layout of ['04C1C3C2', 'C1C3C2', '04C1C2C3', 'C1C2C3', 'ECCCIPHERBLOB'] as const) {
      refuses(withLayout(layout))
      expectFailure('document.malformed', () => readSm2Cipher(transportOf(withLayout(layout)), 'asn1'))
    }
    refuses(withTransport(Buffer.concat([transportOf(sound), Buffer.of(0)])))
    refuses(withTransport(new Uint8Array()))
  })

  it('a transported key of other than 16 bytes', () => {
    for (const length of [1, 15, 17, 32]) refuses(withTransport(sm2Encrypt(point, randomBytes(length))))
  })

  it('coordinates that are padded, too long, negative or no point of the curve', () => {
    const parts = readSm2Cipher(transportOf(sound), 'asn1')
    const cipher = (place: number, bytes: Uint8Array) => {
      const tree = derTree(transportOf(sound))
      at(tree, [place]).content = bytes
      return withTransport(derBytes(tree))
    }
    const x = at(derTree(transportOf(sound)), [0]).content
    refuses(cipher(0, Buffer.concat([Buffer.of(0), x])))
    refuses(cipher(0, Buffer.concat([Buffer.of(1), parts.x])))
    refuses(cipher(0, Buffer.concat([Buffer.of(0x80), parts.x.subarray(1)])))
    refuses(cipher(1, Buffer.from(parts.y.map((byte, index) => (index === 31 ? byte ^ 1 : byte & 0x7f)))))
    refuses(cipher(2, parts.hash.subarray(1)))
    refuses(cipher(2, Buffer.concat([parts.hash, Buffer.of(0)])))
    const zero = { ...parts, x: new Uint8Array(32), y: new Uint8Array(32) }
    refuses(withTransport(writeSm2Cipher(zero, 'asn1')))
  })

  it('the same thing in other bytes, and what is no envelope', () => {
    refuses(Buffer.concat([sound, Buffer.of(0)]))
    refuses(sound.subarray(0, -1))
    refuses(new Uint8Array())
    refuses(new Uint8Array(16_385))
    const inner = Buffer.concat(derTree(sound).children.map(derBytes))
    refuses(Buffer.concat([Uint8Array.of(0x30, 0x80), inner, Uint8Array.of(0, 0)]))
    refuses(Buffer.concat([Uint8Array.of(0x30, 0x83, 0, inner.length >> 8, inner.length & 255), inner]))
    const rsa = parseCertificate(practiceCa().bidder.decrypt.certificate)
    refuses(wrapKeyCms(key, { recipient: rsa, padding: 'oaep' }))
  })
})

describe('opening', () => {
  const random = async (envelope: Uint8Array, opener: KeyOpener = decrypt.opener()) => {
    const [one, other] = [await openEnvelopeGm(envelope, opener), await openEnvelopeGm(envelope, opener)]
    expect(one).toHaveLength(32)
    expect(one).not.toEqual(key)
    expect(one).not.toEqual(other)
  }

  it('answers random bytes for whatever is wrong in the cryptography', async () => {
    await random(sound, backup.opener())
    await random(withTransport(sm2Encrypt(point, randomBytes(16))))
    await random(withTransport(sm2Encrypt(point, randomBytes(15))))
    await random(setContent([...encrypted, 2], randomBytes(48)))
    const { content } = at(derTree(sound), [...encrypted, 2])
    await random(
      setContent(
        [...encrypted, 2],
        content.map((byte, index) => (index === 47 ? byte ^ 1 : byte)),
      ),
    )
    const parts = readSm2Cipher(transportOf(sound), 'asn1')
    for (const changed of ['hash', 'cipher', 'y'] as const) {
      const broken = { ...parts, [changed]: parts[changed].map(byte => byte ^ 1) }
      await random(withTransport(writeSm2Cipher(broken, 'asn1')))
    }
    await random(new Uint8Array())
    await random(withLayout('C1C3C2'))
  })

  it('answers random bytes for a lock of another kind, which is not asked', async () => {
    const rsa = practiceCa().bidder.decrypt
    const [stranger, own] = [watched(rsa.certificate), watched(decrypt.certificate)]
    await random(sound, stranger.opener)
    const toRsa = wrapKeyCms(key, { recipient: parseCertificate(rsa.certificate), padding: 'oaep' })
    expect(await openEnvelopeCms(toRsa, own.opener)).not.toEqual(key)
    expect([stranger.asked(), own.asked()]).toEqual([0, 0])
  })

  it('never shows a lock a point off the curve or a ciphertext outside the profile', async () => {
    const { opener, asked } = watched(decrypt.certificate)
    const parts = readSm2Cipher(transportOf(sound), 'asn1')
    await random(withTransport(writeSm2Cipher({ ...parts, y: parts.y.map(byte => byte ^ 1) }, 'asn1')), opener)
    await random(withTransport(sm2Encrypt(point, randomBytes(15))), opener)
    await random(withLayout('C1C3C2'), opener)
    expect(asked()).toBe(0)
  })

  it('answers random bytes for a lock that answers another length', async () => {
    for (const length of [0, 16, 31, 48]) {
      await random(sound, {
        certificate: decrypt.certificate,
        open: () => Promise.resolve(new Uint8Array(length)),
      })
    }
  })

  it('passes on what is wrong with the lock itself', async () => {
    const failing = (code: CryptoFailureCode): KeyOpener => ({
      certificate: decrypt.certificate,
      open: () => Promise.reject(new CryptoFailure(code, 'test')),
    })
    for (const code of ['token.removed', 'token.pin-incorrect', 'token.unsupported', 'cancelled'] as const) {
      await expectRejection(code, openEnvelopeGm(sound, failing(code)))
    }
    await random(sound, failing('seal.key-mismatch'))
  })
})

/** A lock that answers anything and counts how often it is asked. */
function watched(lock: Uint8Array): { readonly opener: KeyOpener; readonly asked: () => number } {
  let asked = 0
  return {
    asked: () => asked,
    opener: {
      certificate: lock,
      open() {
        asked += 1
        return Promise.resolve(Uint8Array.from(key))
      },
    },
  }
}
