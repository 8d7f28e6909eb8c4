import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { envelopeOf } from '../../../../build/data/dsse.mjs'
import {
  preAuthEncoding,
  type PublisherKey,
  readEnvelope,
  verifyEnvelope,
  writeEnvelope,
} from '../../../../crypto/token/profiles/dsse.ts'
import { expectFailure } from '../../../fixtures/failure.ts'
import { bytes, newPublisher } from '../../../fixtures/publisher.ts'

const publisher = newPublisher()
const stranger = newPublisher()
const type = 'application/vnd.bidseal.trust-list+json'
const payload = bytes('{"hello":"world"}')
const signed = envelopeOf(type, payload, [publisher.privateKey])

function changed(change: (envelope: Record<string, unknown>) => void): Uint8Array {
  const envelope = JSON.parse(signed) as Record<string, unknown>
  change(envelope)
  return bytes(JSON.stringify(envelope))
}

describe('the pre-authentication encoding', () => {
  it('is that of the DSSE protocol, byte for byte', () => {
    const encoded = preAuthEncoding('http://example.com/HelloWorld', bytes('hello world'))
    expect(Buffer.from(encoded).toString()).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world')
  })

  it('counts bytes, not characters', () => {
    expect(Buffer.from(preAuthEncoding('类型', bytes('标'))).toString()).toBe('DSSEv1 6 类型 3 标')
  })
})

describe('Ed25519', () => {
  it('gives the signature of RFC 8032, test 2', () => {
    const seed = '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb'
    const key = createPrivateKey({
      key: Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex'),
      format: 'der',
      type: 'pkcs8',
    })
    const info = createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('hex')
    expect(info.slice(-64)).toBe('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c')
    expect(sign(null, Buffer.from('72', 'hex'), key).toString('hex')).toBe(
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    )
  })
})

describe('an envelope', () => {
  it('gives its payload when a known key has signed it', () => {
    expect(verifyEnvelope(readEnvelope(bytes(signed)), type, [stranger.key, publisher.key])).toEqual(payload)
  })

  it('comes out of the writer as it went in', () => {
    const envelope = readEnvelope(bytes(signed))
    expect(Buffer.from(writeEnvelope(envelope)).toString()).toBe(signed)
    const nameless = { ...envelope, signatures: envelope.signatures.map(each => ({ ...each, keyId: null })) }
    expect(readEnvelope(writeEnvelope(nameless))).toEqual(nameless)
  })

  it('may be signed by several, of whom one is known', () => {
    const both = envelopeOf(type, payload, [stranger.privateKey, publisher.privateKey])
    expect(verifyEnvelope(readEnvelope(bytes(both)), type, [publisher.key])).toEqual(payload)
  })

  it('is tried with every key when its signature names none', () => {
    const nameless = changed(envelope => {
      const [one] = envelope['signatures'] as { keyid?: string }[]
      delete one?.keyid
    })
    expect(verifyEnvelope(readEnvelope(nameless), type, [stranger.key, publisher.key])).toEqual(payload)
  })

  it('is refused when nobody known has signed it', () => {
    const detail = expectFailure('data.signature', () =>
      verifyEnvelope(readEnvelope(bytes(signed)), type, [stranger.key]),
    )
    expect(detail).toContain('no publisher this program knows')
    expectFailure('data.signature', () => verifyEnvelope(readEnvelope(bytes(signed)), type, []))
  })

  it('is refused when a stranger has signed it under the name of a known key', () => {
    const posing = bytes(envelopeOf(type, payload, [stranger.privateKey]).replace(stranger.key.id, publisher.key.id))
    expectFailure('data.signature', () => verifyEnvelope(readEnvelope(posing), type, [publisher.key]))
  })

  it('is refused with any part of it changed', () => {
    const other = Buffer.from('{"hello":"worlds"}').toString('base64')
    const changes: ((envelope: Record<string, unknown>) => void)[] = [
      envelope => (envelope['payload'] = other),
      envelope => (envelope['payloadType'] = 'application/vnd.bidseal.vendor-profiles+json'),
      envelope => ((envelope['signatures'] as { sig: string }[])[0]!.sig = Buffer.alloc(64).toString('base64')),
      envelope => ((envelope['signatures'] as { sig: string }[])[0]!.sig = Buffer.alloc(63).toString('base64')),
    ]
    for (const change of changes) {
      const envelope = readEnvelope(changed(change))
      expectFailure('data.signature', () => verifyEnvelope(envelope, envelope.payloadType, [publisher.key]))
    }
  })

  it('is refused where another type is wanted, although it is signed', () => {
    const envelope = readEnvelope(bytes(signed))
    expectFailure('data.signature', () =>
      verifyEnvelope(envelope, 'application/vnd.bidseal.vendor-profiles+json', [publisher.key]),
    )
  })

  it('does not hold under a pinned key of another kind', () => {
    const rsa: PublisherKey = {
      id: publisher.key.id,
      publicKey:
        'MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALtcN0GHnSQ5fmhS8wzbQp3mKAJP0gpPDwRJ7J3xdbB/NwCvX1i9nBXzUGqJk0y7kKcPRHsIrfUzQJ2Cz7b7dTECAwEAAQ==',
    }
    expectFailure('data.signature', () => verifyEnvelope(readEnvelope(bytes(signed)), type, [rsa]))
  })

  it('is malformed when it is no envelope', () => {
    const broken = [
      bytes(''),
      bytes('{}'),
      bytes('[]'),
      bytes(signed.slice(0, -10)),
      changed(envelope => (envelope['more'] = 1)),
      changed(envelope => (envelope['signatures'] = [])),
      changed(envelope => (envelope['payload'] = 'not base64')),
      changed(envelope => (envelope['payload'] = '')),
      changed(envelope => (envelope['payloadType'] = '')),
      changed(envelope => (envelope['signatures'] = Array.from({ length: 17 }, () => ({ sig: 'AAAA' })))),
      bytes(signed.replace('"payload"', '"payload": "AAAA", "payload"')),
      new Uint8Array(6 * 1024 * 1024 + 1).fill(0x20),
    ]
    for (const each of broken) expectFailure('data.malformed', () => readEnvelope(each))
  })
})
