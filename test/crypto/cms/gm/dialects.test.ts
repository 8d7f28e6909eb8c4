import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseCertificate, sm2PointOf } from '../../../../crypto/cert/certificate.ts'
import { foreignSignatureInput, readForeignEnvelope, readForeignSignature } from '../../../../crypto/cms/gm/dialects.ts'
import { signDetachedGm } from '../../../../crypto/cms/gm/detached.ts'
import { checkEnvelopeGm, wrapKeyGm } from '../../../../crypto/cms/gm/envelope.ts'
import { oids } from '../../../../crypto/der/oids.ts'
import {
  context,
  contextPrimitive,
  derNull,
  integer,
  integerFromOctets,
  octetString,
  oid,
  sequence,
  setOf,
} from '../../../../crypto/der/writer.ts'
import {
  readSm2Cipher,
  readSm2Signature,
  sm2Decrypt,
  sm2Digest,
  sm2Encrypt,
  sm2SignDigest,
  type Sm2CipherLayout,
  writeSm2Cipher,
  writeSm2Signature,
} from '../../../../crypto/sm/sm2/index.ts'
import { sm3 } from '../../../../crypto/sm/sm3.ts'
import { sm4CbcEncrypt } from '../../../../crypto/sm/sm4.ts'
import { expectFailure } from '../../../fixtures/failure.ts'
import { gmCa } from '../../../fixtures/gm-ca.ts'

// Messages built by hand as each library writes them.

const { decrypt, sign } = gmCa().bidder
const recipient = parseCertificate(decrypt.certificate)
const signer = parseCertificate(sign.certificate)
const point = sm2PointOf(signer)
const contentKey = randomBytes(16)
const iv = randomBytes(16)
const message = Buffer.from('投标函 '.repeat(7))
const ciphertext = Buffer.from(sm4CbcEncrypt(contentKey, iv, message))
const encryptedKey = sm2Encrypt(sm2PointOf(recipient), contentKey)
const keyIdentifier = randomBytes(20)
const named = ({ issuer, serial }: typeof recipient) => sequence(issuer, integerFromOctets(serial))

interface EnvelopeWriter {
  readonly identifier?: Uint8Array
  readonly transport?: string
  readonly layout?: Sm2CipherLayout
  readonly cipher?: string
  readonly content?: Uint8Array
}

function envelope(writer: EnvelopeWriter): Uint8Array {
  const info = sequence(
    integer(1),
    writer.identifier ?? named(recipient),
    sequence(oid(writer.transport ?? oids.sm2Encryption)),
    octetString(writeSm2Cipher(readSm2Cipher(encryptedKey, 'asn1'), writer.layout ?? 'asn1')),
  )
  const encrypted = sequence(
    oid(oids.gmData),
    sequence(oid(writer.cipher ?? oids.sm4Cbc), octetString(iv)),
    writer.content ?? contextPrimitive(0, ciphertext),
  )
  return sequence(oid(oids.gmEnvelopedData), context(0, sequence(integer(1), setOf(info), encrypted)))
}

function opens(der: Uint8Array): void {
  const read = readForeignEnvelope(der)
  expect(read.iv).toEqual(Uint8Array.from(iv))
  expect(Buffer.from(read.content)).toEqual(ciphertext)
  const [only] = read.recipients
  const opened = (only?.encryptedKeys ?? []).flatMap(each => {
    try {
      return [sm2Decrypt(decrypt.privateKey.d, each)]
    } catch {
      return []
    }
  })
  expect(opened).toEqual([Uint8Array.from(contentKey)])
}

describe('envelopes of other programs', () => {
  it('are read as the standard, gmsm and our own writer make them', () => {
    opens(envelope({}))
    const ours = readForeignEnvelope(wrapKeyGm(new Uint8Array(32), { recipient }))
    expect(ours.recipients[0]?.identifier).toEqual({
      kind: 'issuer-and-serial',
      issuer: recipient.issuer,
      serial: recipient.serial,
    })
  })

  it('are read with GmSSL’s number for the key encryption', () => {
    opens(envelope({ transport: oids.sm2KeyExchange }))
  })

  it('are read as CFCA’s library writes them: bare SM4, a key identifier, raw C1 C2 C3', () => {
    const identifier = contextPrimitive(0, keyIdentifier)
    for (const layout of ['asn1', 'C1C2C3', '04C1C2C3', 'C1C3C2', '04C1C3C2'] as const) {
      const der = envelope({ identifier, cipher: oids.sm4, layout })
      opens(der)
      expect(readForeignEnvelope(der).recipients[0]?.identifier).toEqual({
        kind: 'key-identifier',
        keyIdentifier: Uint8Array.from(keyIdentifier),
      })
    }
    opens(envelope({ identifier: context(0, octetString(keyIdentifier)) }))
  })

  it('are read with the content in pieces', () => {
    const pieces = [ciphertext.subarray(0, 16), ciphertext.subarray(16)].map(octetString)
    opens(envelope({ content: context(0, ...pieces) }))
  })

  it('have no place in a sealed bid', () => {
    const expected = { role: 'main', issuer: recipient.issuer, serial: recipient.serial } as const
    for (const writer of [
      { cipher: oids.sm4 },
      { layout: 'C1C2C3' },
      { identifier: contextPrimitive(0, iv) },
    ] as const) {
      expectFailure('seal.envelope', () => {
        checkEnvelopeGm(envelope(writer), expected)
      })
    }
  })

  it('are refused with other ciphers, key encryptions, layouts and types', () => {
    const refuses = (der: Uint8Array) => expectFailure('document.malformed', () => readForeignEnvelope(der))
    refuses(envelope({ cipher: '1.2.156.10197.1.104.8' }))
    refuses(envelope({ cipher: oids.aes256Cbc }))
    refuses(envelope({ transport: oids.rsaEncryption }))
    refuses(envelope({ layout: 'ECCCIPHERBLOB' }))
    refuses(envelope({ identifier: integer(1) }))
    refuses(Buffer.concat([envelope({}), Buffer.of(0)]))
    refuses(new Uint8Array())
  })
})

interface SignatureWriter {
  readonly content?: Uint8Array | null
  readonly algorithm?: string
  readonly identifier?: Uint8Array
  readonly attributes?: readonly Uint8Array[]
  readonly digest: Uint8Array
  readonly form?: 'der' | 'raw'
  readonly hash?: string
}

const contentInfo = (content: Uint8Array | null) =>
  sequence(oid(oids.gmData), ...(content === null ? [] : [context(0, octetString(content))]))

function signature(writer: SignatureWriter): Uint8Array {
  const made = sm2SignDigest(sign.privateKey.d, writer.digest)
  const info = sequence(
    integer(1),
    writer.identifier ?? named(signer),
    sequence(oid(writer.hash ?? oids.sm3), derNull),
    ...(writer.attributes === undefined ? [] : [context(0, ...writer.attributes)]),
    sequence(oid(writer.algorithm ?? oids.sm2Signature)),
    octetString(writeSm2Signature(readSm2Signature(made, 'der'), writer.form ?? 'der')),
  )
  const data = sequence(
    integer(1),
    setOf(sequence(oid(oids.sm3))),
    contentInfo(writer.content === undefined ? message : writer.content),
    context(0, signer.der),
    setOf(info),
  )
  return sequence(oid(oids.gmSignedData), context(0, data))
}

describe('signatures of other programs', () => {
  const over = (der: Uint8Array, content: Uint8Array = message) =>
    foreignSignatureInput(readForeignSignature(der), point, content)
  const standard = sm2Digest(point, message)

  it('hold over the content, attached or detached, under either number', async () => {
    expect(over(signature({ digest: standard }))).toBe('content')
    expect(over(signature({ digest: standard, content: null }))).toBe('content')
    expect(over(signature({ digest: standard, algorithm: oids.sm2WithSm3 }))).toBe('content')
    expect(over(signature({ digest: standard, algorithm: oids.sm2 }))).toBe('content')
    expect(over(signature({ digest: standard, form: 'raw' }))).toBe('content')
    expect(over(await signDetachedGm(message, sign.signer()))).toBe('content')
  })

  it('hold over attributes that name the content’s digest', () => {
    const attribute = (type: string, value: Uint8Array) => sequence(oid(type), setOf(value))
    const attributes = (digest: Uint8Array) => [
      attribute(oids.contentType, oid(oids.gmData)),
      attribute(oids.messageDigest, octetString(digest)),
    ]
    const made = (list: readonly Uint8Array[]) =>
      signature({ attributes: list, digest: sm2Digest(point, setOf(...list)), algorithm: oids.sm2WithSm3 })
    expect(over(made(attributes(sm3(message))))).toBe('attributes')
    expect(over(made(attributes(sm3(Buffer.from('other')))))).toBeNull()
    expect(over(made(attributes(sm3(message)).slice(0, 1)))).toBeNull()
    expect(over(signature({ attributes: attributes(sm3(message)), digest: standard }))).toBeNull()
  })

  it('are known for GmSSL’s where they are made over the content info without Z', () => {
    const digest = sm3(contentInfo(message))
    expect(over(signature({ digest, algorithm: oids.sm2WithSm3 }))).toBe('gmssl')
    expect(over(signature({ digest: sm3(contentInfo(null)), content: null }))).toBeNull()
  })

  it('do not hold over another content, whether it stands inside or not', () => {
    const other = Buffer.from('other')
    expect(over(signature({ digest: standard }), other)).toBeNull()
    expect(over(signature({ digest: standard, content: null }), other)).toBeNull()
    expect(over(signature({ digest: standard, content: other }))).toBeNull()
    expect(over(signature({ digest: sm3(message) }))).toBeNull()
  })

  it('name their signer by serial or key identifier and carry its certificate', () => {
    const read = readForeignSignature(signature({ digest: standard, identifier: contextPrimitive(0, keyIdentifier) }))
    expect(read.signer.kind).toBe('key-identifier')
    expect(read.certificates).toEqual([signer.der])
    expect(readForeignSignature(signature({ digest: standard })).signer).toEqual({
      kind: 'issuer-and-serial',
      issuer: signer.issuer,
      serial: signer.serial,
    })
  })

  it('are refused with other digests, algorithms and types', () => {
    const refuses = (der: Uint8Array) => expectFailure('document.malformed', () => readForeignSignature(der))
    refuses(signature({ digest: standard, hash: oids.sha256 }))
    refuses(signature({ digest: standard, algorithm: oids.rsaEncryption }))
    refuses(envelope({}))
    refuses(new Uint8Array())
  })
})
