import { constants, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../crypto/cert/certificate.ts'
import { toPem } from '../../../crypto/cert/pem.ts'
import { checkEnvelopeCms, openEnvelopeCms, wrapKeyCms } from '../../../crypto/cms/envelope.ts'
import { oids } from '../../../crypto/der/oids.ts'
import { context, derNull, octetString, oid, sequence } from '../../../crypto/der/writer.ts'
import type { KeyOpener } from '../../../crypto/envelope/key-opener.ts'
import { CryptoFailure } from '../../../crypto/errors.ts'
import type { EnvelopeRecipient } from '../../../crypto/suite.ts'
import { at, derBytes, type DerTree, derTree, edited, flipped, leaf } from '../../fixtures/der-edit.ts'
import { expectFailure, expectRejection } from '../../fixtures/failure.ts'
import { withOpenssl } from '../../fixtures/openssl.ts'
import { practiceCa, publicKeyInfo, testKey } from '../../fixtures/practice-ca.ts'

const ca = practiceCa()
const { decrypt, backup } = ca.bidder
const certificate = parseCertificate(decrypt.certificate)
const key = Uint8Array.from(randomBytes(32))
const main: EnvelopeRecipient = { role: 'main', issuer: certificate.issuer, serial: certificate.serial }
const oaep = wrapKeyCms(key, { recipient: certificate, padding: 'oaep' })
const pkcs1 = wrapKeyCms(key, { recipient: certificate, padding: 'pkcs1' })

/** Places inside an envelope. */
const body = [1, 0]
const recipient = [...body, 1, 0]
const encrypted = [...body, 2]

const refuses = (envelope: Uint8Array, expected = main) =>
  expectFailure('seal.envelope', () => {
    checkEnvelopeCms(envelope, expected)
  })
const setContent = (bytes: Uint8Array) => (node: DerTree) => {
  node.content = bytes
}
const setAlgorithm = (der: Uint8Array) =>
  edited(oaep, recipient, node => {
    node.children[2] = derTree(der)
  })
const mask = (dotted: string) => sequence(oid(oids.mgf1), sequence(oid(dotted)))

/** What opens, though the profile refuses it: a content of any length, for the check alone. */
function envelopeOf(content: Uint8Array): Uint8Array {
  return edited(oaep, [...encrypted, 2], setContent(content))
}

describe('an RSA envelope', () => {
  it('is opened by its recipient and by openssl, with either padding', () =>
    withOpenssl(async bench => {
      bench.put('key.pem', decrypt.privateKey.export({ format: 'pem', type: 'pkcs8' }))
      for (const envelope of [oaep, pkcs1]) {
        checkEnvelopeCms(envelope, main)
        expect(await openEnvelopeCms(envelope, decrypt.opener())).toEqual(key)
        bench.put('e.p7m', envelope)
        const opened = bench.run('cms', '-decrypt', '-inform', 'DER', '-in', 'e.p7m', '-inkey', 'key.pem', '-binary')
        expect(opened.stdout, opened.stderr).toEqual(Buffer.from(key))
        expect(bench.run('asn1parse', '-inform', 'DER', '-in', 'e.p7m').ok).toBe(true)
      }
    }))

  it('made by openssl is opened, with OAEP and with PKCS#1 v1.5', () =>
    withOpenssl(async bench => {
      bench.put('recipient.pem', toPem(decrypt.certificate, 'CERTIFICATE'))
      bench.put('key', key)
      const keyOptions = ['rsa_padding_mode:oaep', 'rsa_oaep_md:sha256', 'rsa_mgf1_md:sha256']
      for (const options of [keyOptions.flatMap(option => ['-keyopt', option]), []]) {
        const flags = ['-aes-256-gcm', '-binary', '-in', 'key', '-outform', 'DER', '-out', 'e.p7m']
        const made = bench.run('cms', '-encrypt', ...flags, '-recip', 'recipient.pem', ...options)
        expect(made.ok, made.stderr).toBe(true)
        const envelope = Uint8Array.from(readFileSync(bench.path('e.p7m')))
        checkEnvelopeCms(envelope, main)
        expect(await openEnvelopeCms(envelope, decrypt.opener())).toEqual(key)
      }
      const sha1 = ['-keyopt', 'rsa_padding_mode:oaep']
      const flags = ['-binary', '-in', 'key', '-outform', 'DER', '-out', 'e.p7m', '-recip', 'recipient.pem']
      bench.run('cms', '-encrypt', '-aes-256-gcm', ...flags, ...sha1)
      expect(refuses(Uint8Array.from(readFileSync(bench.path('e.p7m'))))).toContain('transport')
      bench.run('cms', '-encrypt', '-aes-128-gcm', ...flags)
      expect(refuses(Uint8Array.from(readFileSync(bench.path('e.p7m'))))).toContain('cipher')
      bench.run('cms', '-encrypt', '-aes-256-cbc', ...flags)
      expect(refuses(Uint8Array.from(readFileSync(bench.path('e.p7m'))))).toContain('AuthEnvelopedData')
    }))

  it('is another every time, for the same key', () => {
    const again = wrapKeyCms(key, { recipient: certificate, padding: 'oaep' })
    const parts = (envelope: Uint8Array) =>
      [
        [...recipient, 3],
        [...encrypted, 1, 1, 0],
        [...encrypted, 2],
        [...body, 3],
      ].map(place => Buffer.from(at(derTree(envelope), place).content).toString('hex'))
    for (const [index, part] of parts(again).entries()) expect(part).not.toBe(parts(oaep)[index])
  })

  it('is not made for other than 32 bytes', () => {
    for (const length of [0, 16, 31, 33]) {
      const wrong = new Uint8Array(length)
      expectFailure('internal', () => wrapKeyCms(wrong, { recipient: certificate, padding: 'oaep' }))
    }
  })

  it('is not opened by another lock, and gives it no reason why', async () => {
    const first = await openEnvelopeCms(oaep, backup.opener())
    const second = await openEnvelopeCms(oaep, backup.opener())
    expect(first).toHaveLength(32)
    expect(first).not.toEqual(key)
    expect(first).not.toEqual(second)
  })
})

describe('an EC envelope', () => {
  const ecRecipient = (curve: 'P-256' | 'P-384') => {
    const privateKey = testKey('ec', curve)
    const issued = ca.issue('ec', { profile: 'decrypt', publicKey: publicKeyInfo(privateKey) })
    const parsed = parseCertificate(issued.certificate)
    const named: EnvelopeRecipient = { role: 'main', issuer: parsed.issuer, serial: parsed.serial }
    return { privateKey, parsed, named, envelope: wrapKeyCms(key, { recipient: parsed, padding: 'oaep' }) }
  }
  const p256 = ecRecipient('P-256')
  const agreement = [...recipient, 2]

  it('is opened by openssl, on both curves', () =>
    withOpenssl(bench => {
      for (const { privateKey, named, envelope } of [p256, ecRecipient('P-384')]) {
        checkEnvelopeCms(envelope, named)
        bench.put('key.pem', privateKey.export({ format: 'pem', type: 'pkcs8' }))
        bench.put('e.p7m', envelope)
        const opened = bench.run('cms', '-decrypt', '-inform', 'DER', '-in', 'e.p7m', '-inkey', 'key.pem', '-binary')
        expect(opened.stdout, opened.stderr).toEqual(Buffer.from(key))
      }
    }))

  it('made by openssl passes with SHA-256 and not with its default, SHA-1', () =>
    withOpenssl(bench => {
      bench.put('recipient.pem', toPem(p256.parsed.der, 'CERTIFICATE'))
      bench.put('key', key)
      const make = (...options: readonly string[]) => {
        const flags = ['-aes-256-gcm', '-binary', '-in', 'key', '-outform', 'DER', '-out', 'e.p7m']
        expect(bench.run('cms', '-encrypt', ...flags, '-recip', 'recipient.pem', ...options).ok).toBe(true)
        return Uint8Array.from(readFileSync(bench.path('e.p7m')))
      }
      checkEnvelopeCms(make('-keyopt', 'ecdh_kdf_md:sha256'), p256.named)
      expect(refuses(make(), p256.named)).toContain('key agreement')
      expect(refuses(make('-keyopt', 'ecdh_kdf_md:sha384'), p256.named)).toContain('key agreement')
      expect(refuses(make('-keyopt', 'ecdh_kdf_md:sha256', '-keyopt', 'ecdh_cofactor_mode:1'), p256.named)).toContain(
        'key agreement',
      )
    }))

  it('is refused with another version, key wrap, originator, key material of the user, or a second key', () => {
    const { envelope, named } = p256
    refuses(edited(envelope, [...recipient, 0], setContent(Uint8Array.of(2))), named)
    refuses(edited(envelope, [...agreement, 1, 0], setContent(oid('2.16.840.1.101.3.4.1.5').slice(2))), named)
    refuses(
      edited(envelope, [...agreement, 1], node => {
        node.children.push(derTree(derNull))
      }),
      named,
    )
    refuses(
      edited(envelope, [...recipient, 1, 0, 0], node => {
        node.children.push(derTree(oid(oids.p256)))
      }),
      named,
    )
    refuses(
      edited(envelope, recipient, node => {
        node.children.splice(2, 0, derTree(context(1, octetString(randomBytes(8)))))
      }),
      named,
    )
    refuses(
      edited(envelope, [...recipient, 3], node => {
        node.children.push(at(node, [0]))
      }),
      named,
    )
    refuses(edited(envelope, [...recipient, 3, 0, 1], setContent(randomBytes(48))), named)
  })

  it('is refused with an ephemeral key that is no point of its curve, or compressed', () => {
    const { envelope, named } = p256
    const place = [...recipient, 1, 0, 1]
    for (const point of [[4, ...randomBytes(64)], [4, ...new Uint8Array(64)], [2, ...randomBytes(32)], [0], []]) {
      refuses(edited(envelope, place, setContent(Uint8Array.of(0, ...point))), named)
    }
  })

  it('is refused for another issuer or serial, and opens to a random key under an RSA lock', async () => {
    refuses(p256.envelope)
    expect(await openEnvelopeCms(p256.envelope, decrypt.opener())).not.toEqual(key)
    const lacking: KeyOpener = {
      certificate: p256.parsed.der,
      open: () => Promise.reject(new CryptoFailure('token.unsupported', 'no ECDH')),
    }
    await expectRejection('token.unsupported', openEnvelopeCms(p256.envelope, lacking))
  })

  it('is not made to a key of another kind', () => {
    const other = { ...certificate, key: { kind: 'sm2' } as const }
    expectFailure('cert.unsupported', () => wrapKeyCms(key, { recipient: { ...other }, padding: 'oaep' }))
  })
})

describe('openEnvelopeCms', () => {
  const failing = (error: Error): KeyOpener => ({ certificate: decrypt.certificate, open: () => Promise.reject(error) })

  it('throws what is wrong with the token, and nothing else', async () => {
    await expectRejection('token.removed', openEnvelopeCms(oaep, failing(new CryptoFailure('token.removed', 'gone'))))
    await expectRejection('cancelled', openEnvelopeCms(oaep, failing(new CryptoFailure('cancelled', 'stop'))))
    for (const error of [new CryptoFailure('internal', 'x'), new CryptoFailure('seal.envelope', 'x'), new Error('x')]) {
      expect(await openEnvelopeCms(oaep, failing(error))).toHaveLength(32)
    }
  })

  it('answers a random key for bytes that are no envelope and for a key of another length', async () => {
    for (const envelope of [new Uint8Array(0), pkcs1.subarray(1), new Uint8Array(20_000)]) {
      expect(await openEnvelopeCms(envelope, decrypt.opener())).toHaveLength(32)
    }
    const short: KeyOpener = { certificate: decrypt.certificate, open: () => Promise.resolve(new Uint8Array(16)) }
    expect(await openEnvelopeCms(oaep, short)).toHaveLength(32)
  })

  it('wipes the content key it was given', async () => {
    const contentKey = new Uint8Array(32).fill(7)
    const opener: KeyOpener = { certificate: decrypt.certificate, open: () => Promise.resolve(contentKey) }
    await openEnvelopeCms(oaep, opener)
    expect(contentKey).toEqual(new Uint8Array(32))
  })
})

describe('checkEnvelopeCms refuses', () => {
  it('another recipient, by issuer or serial', () => {
    const { issuer } = parseCertificate(ca.intermediate)
    refuses(oaep, { ...main, issuer })
    refuses(oaep, { ...main, serial: parseCertificate(backup.certificate).serial })
  })

  it('PKCS#1 v1.5 to an agency, and to nobody else', () => {
    expect(refuses(pkcs1, { ...main, role: 'agency' })).toContain('agency')
    checkEnvelopeCms(oaep, { ...main, role: 'agency' })
    checkEnvelopeCms(pkcs1, { ...main, role: 'backup' })
  })

  it('no recipient and two recipients', () => {
    for (const count of [0, 2]) {
      const changed = edited(oaep, [...body, 1], node => {
        const other = derTree(wrapKeyCms(key, { recipient: certificate, padding: 'oaep' }))
        node.children = [at(node, [0]), at(other, recipient)].slice(0, count)
        node.children.sort((a, b) => Buffer.compare(derBytes(a), derBytes(b)))
      })
      expect(refuses(changed)).toContain('exactly one recipient')
    }
  })

  it('a content of 31, 33 or 0 bytes', () => {
    for (const length of [0, 31, 33, 48]) expect(refuses(envelopeOf(randomBytes(length)))).toContain('content of')
  })

  it('a tag of 4, 12 or 15 bytes, whether or not its length is announced', () => {
    for (const length of [4, 12, 15, 17]) {
      const short = edited(oaep, [...body, 3], setContent(randomBytes(length)))
      expect(refuses(short)).toContain('tag')
      expect(refuses(edited(short, [...encrypted, 1, 1, 1], setContent(Uint8Array.of(length))))).toContain('tag')
      expect(refuses(edited(oaep, [...encrypted, 1, 1, 1], setContent(Uint8Array.of(length))))).toContain('tag')
    }
    // Absent means 12 (RFC 5084, 3.2).
    refuses(
      edited(oaep, [...encrypted, 1, 1], node => {
        node.children.pop()
      }),
    )
  })

  it('a nonce of other than 12 bytes', () => {
    for (const length of [8, 11, 13, 16]) {
      expect(refuses(edited(oaep, [...encrypted, 1, 1, 0], setContent(randomBytes(length))))).toContain('nonce')
    }
  })

  it('AES-128, AES-192, CCM and CBC', () => {
    for (const last of [6, 26, 47, 42]) {
      const changed = edited(oaep, [...encrypted, 1, 0], setContent(oid(`2.16.840.1.101.3.4.1.${last}`).slice(2)))
      expect(refuses(changed)).toContain('cipher')
    }
  })

  it('EnvelopedData, another content type, other versions', () => {
    refuses(edited(oaep, [0], setContent(oid('1.2.840.113549.1.7.3').slice(2))))
    refuses(edited(oaep, [...encrypted, 0], setContent(oid(oids.signedData).slice(2))))
    refuses(edited(oaep, [...body, 0], setContent(Uint8Array.of(2))))
    refuses(edited(oaep, [...recipient, 0], setContent(Uint8Array.of(2))))
  })

  it('originatorInfo, attributes, a missing or constructed content', () => {
    const insert = (place: readonly number[], index: number, tag: number) =>
      edited(oaep, place, node => {
        node.children.splice(index, 0, { tag, content: new Uint8Array(0), children: [] })
      })
    refuses(insert(body, 1, 0xa0))
    refuses(insert(body, 3, 0xa1))
    refuses(insert(body, 4, 0xa2))
    refuses(
      edited(oaep, encrypted, node => {
        node.children.pop()
      }),
    )
    refuses(
      edited(oaep, [...encrypted, 2], node => {
        Object.assign(node, { tag: 0xa0, children: [leaf(4, node.content)] })
      }),
    )
  })

  it('recipients of another kind or named by key identifier', () => {
    refuses(
      edited(oaep, [...recipient, 1], node => {
        Object.assign(node, { tag: 0x80, content: randomBytes(20) })
      }),
    )
    for (const tag of [0xa1, 0xa2, 0xa3, 0xa4]) {
      refuses(
        edited(oaep, recipient, node => {
          node.tag = tag
        }),
      )
    }
  })

  it('OAEP with SHA-1, with other digests for label and mask, with a label, with defaults written out', () => {
    const digest = (dotted: string) => context(0, sequence(oid(dotted)))
    const wrong = [
      sequence(oid(oids.rsaesOaep), sequence()),
      sequence(oid(oids.rsaesOaep), sequence(digest(oids.sha256))),
      sequence(oid(oids.rsaesOaep), sequence(digest(oids.sha256), context(1, mask(oids.sha1)))),
      sequence(oid(oids.rsaesOaep), sequence(digest(oids.sha1), context(1, mask(oids.sha1)))),
      sequence(oid(oids.rsaesOaep), sequence(digest(oids.sha384), context(1, mask(oids.sha384)))),
      sequence(
        oid(oids.rsaesOaep),
        sequence(
          digest(oids.sha256),
          context(1, mask(oids.sha256)),
          context(2, sequence(oid('1.2.840.113549.1.1.9'), octetString(Uint8Array.of(1)))),
        ),
      ),
      sequence(
        oid(oids.rsaesOaep),
        sequence(
          digest(oids.sha256),
          context(1, mask(oids.sha256)),
          context(2, sequence(oid('1.2.840.113549.1.1.9'), octetString(new Uint8Array(0)))),
        ),
      ),
      sequence(oid(oids.rsaesOaep)),
      sequence(oid(oids.rsaEncryption)),
      sequence(oid(oids.rsaEncryption), derNull, derNull),
      sequence(oid('1.2.840.113549.1.9.16.3.14'), derNull),
    ]
    for (const algorithm of wrong) expect(refuses(setAlgorithm(algorithm))).toContain('transport')
  })

  it('accepts the digests of OAEP with and without NULL', () => {
    const digest = sequence(oid(oids.sha256), derNull)
    const maskWithNull = sequence(oid(oids.mgf1), digest)
    const algorithm = sequence(oid(oids.rsaesOaep), sequence(context(0, digest), context(1, maskWithNull)))
    checkEnvelopeCms(setAlgorithm(algorithm), main)
  })

  it('a transported key shorter than RSA-2048 makes', () => {
    refuses(edited(oaep, [...recipient, 3], setContent(randomBytes(128))))
  })

  it('BER: long and indefinite lengths; bytes after the end; above 16 KiB; truncations', () => {
    const inner = Buffer.concat(derTree(oaep).children.map(derBytes))
    refuses(Buffer.concat([Uint8Array.of(0x30, 0x80), inner, Uint8Array.of(0, 0)]))
    refuses(Buffer.concat([Uint8Array.of(0x30, 0x83, 0, inner.length >> 8, inner.length & 255), inner]))
    refuses(Buffer.concat([oaep, Uint8Array.of(0)]))
    refuses(edited(oaep, [...recipient, 3], setContent(new Uint8Array(16_384))))
    for (let length = 0; length < oaep.length; length += 1) refuses(oaep.subarray(0, length))
  })
})

describe('every single-bit flip of an envelope', () => {
  it('is refused, or gives another key', async () => {
    const opener = decrypt.opener()
    for (const [envelope, step] of [
      [oaep, 1],
      [pkcs1, 5],
    ] as const) {
      for (let bit = 0; bit < envelope.length * 8; bit += step) {
        const changed = flipped(envelope, bit)
        let checked = true
        try {
          checkEnvelopeCms(changed, main)
        } catch {
          checked = false
        }
        if (checked) expect(await openEnvelopeCms(changed, opener), `bit ${bit}`).not.toEqual(key)
      }
    }
  }, 120_000)

  it('so does a key of PKCS#1 v1.5 in an envelope that says OAEP', async () => {
    const publicKey = createPublicKey(decrypt.privateKey)
    const contentKey = randomBytes(32)
    const other = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, contentKey)
    expect(await openEnvelopeCms(edited(oaep, [...recipient, 3], setContent(other)), decrypt.opener())).not.toEqual(key)
  })
})
