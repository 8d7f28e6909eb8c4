import { createECDH, type KeyObject, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../crypto/cert/certificate.ts'
import { toPem } from '../../../crypto/cert/pem.ts'
import { decodeAuthEnveloped } from '../../../crypto/cms/auth-enveloped.ts'
import { checkEnvelopeCms, openEnvelopeCms, wrapKeyCms } from '../../../crypto/cms/envelope.ts'
import { decodeKeyAgreement, openAgreement } from '../../../crypto/cms/key-agreement.ts'
import type { EcTransport, KeyOpener } from '../../../crypto/envelope/key-opener.ts'
import { softKeyOpener } from '../../../crypto/sign/soft-key.ts'
import { withOpenssl } from '../../fixtures/openssl.ts'
import { practiceCa, publicKeyInfo, testKey } from '../../fixtures/practice-ca.ts'

const ca = practiceCa()
const key = Uint8Array.from(randomBytes(32))
const curves = ['P-256', 'P-384'] as const

/** A recipient with an EC key: certificate, opener and what the header says of it. */
function recipientOn(curve: (typeof curves)[number]) {
  const privateKey = testKey('agreement', curve)
  const { certificate } = ca.issue('agreement', { profile: 'decrypt', publicKey: publicKeyInfo(privateKey) })
  const parsed = parseCertificate(certificate)
  const named = { role: 'agency', issuer: parsed.issuer, serial: parsed.serial } as const
  return { privateKey, parsed, named, opener: softKeyOpener({ certificate, privateKey }) }
}

/** What the lock is asked for by an envelope. */
function transportOf(envelope: Uint8Array): EcTransport {
  const { ephemeralPoint, wrappedKey } = decodeKeyAgreement(decodeAuthEnveloped(envelope).recipientInfo)
  return { kind: 'ecdh-aes256-wrap', ephemeralPoint, wrappedKey }
}

function secretOf(privateKey: KeyObject, curve: (typeof curves)[number], point: Uint8Array): Uint8Array {
  const ecdh = createECDH(curve === 'P-256' ? 'prime256v1' : 'secp384r1')
  ecdh.setPrivateKey(Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url'))
  return ecdh.computeSecret(point)
}

describe.each(curves)('an envelope by key agreement to a key of %s', curve => {
  const { privateKey, parsed, named, opener } = recipientOn(curve)
  const wrap = (secret: Uint8Array = key) => wrapKeyCms(secret, { recipient: parsed, padding: 'oaep' })

  it('is opened by its recipient, every time', async () => {
    for (let round = 0; round < 40; round += 1) {
      const secret = Uint8Array.from(randomBytes(32))
      expect(await openEnvelopeCms(wrap(secret), opener)).toEqual(secret)
    }
  })

  it('is opened where the agreed secret begins with a zero', async () => {
    for (let tries = 0; tries < 5000; tries += 1) {
      const envelope = wrap()
      const { ephemeralPoint, wrappedKey } = transportOf(envelope)
      const secret = secretOf(privateKey, curve, ephemeralPoint)
      if (secret[0] !== 0) continue
      expect(await openEnvelopeCms(envelope, opener)).toEqual(key)
      expect(openAgreement(secret, wrappedKey)).not.toBeNull()
      // Without its zero it is another secret.
      expect(openAgreement(secret.subarray(1), wrappedKey)).toBeNull()
      return
    }
    throw new Error('no secret with a leading zero in 5000')
  })

  it('made by openssl is opened', () =>
    withOpenssl(async bench => {
      bench.put('recipient.pem', toPem(parsed.der, 'CERTIFICATE'))
      bench.put('key', key)
      const flags = ['-aes-256-gcm', '-binary', '-in', 'key', '-outform', 'DER', '-out', 'e.p7m']
      const scheme = ['-keyopt', 'ecdh_kdf_md:sha256']
      const made = bench.run('cms', '-encrypt', ...flags, '-recip', 'recipient.pem', ...scheme)
      expect(made.ok, made.stderr).toBe(true)
      const envelope = Uint8Array.from(readFileSync(bench.path('e.p7m')))
      checkEnvelopeCms(envelope, named)
      expect(await openEnvelopeCms(envelope, opener)).toEqual(key)
    }))

  it('answers a new random key for a wrapped key with any byte changed, and for points that are none', async () => {
    const good = transportOf(wrap())
    const off = good.ephemeralPoint.map((byte, at) => (at === 40 ? byte ^ 1 : byte))
    const wrong: readonly EcTransport[] = [
      ...Array.from({ length: 40 }, (_, at) => ({
        ...good,
        wrappedKey: good.wrappedKey.map((byte, index) => (index === at ? byte ^ 1 : byte)),
      })),
      { ...good, wrappedKey: good.wrappedKey.subarray(8) },
      { ...good, wrappedKey: new Uint8Array(0) },
      { ...good, ephemeralPoint: off },
      { ...good, ephemeralPoint: good.ephemeralPoint.subarray(1) },
      { ...good, ephemeralPoint: new Uint8Array(good.ephemeralPoint.length) },
      { ...good, ephemeralPoint: new Uint8Array(0) },
      { ...good, ephemeralPoint: transportOf(wrap()).ephemeralPoint },
      transportOf(
        wrapKeyCms(key, { recipient: recipientOn(curve === 'P-256' ? 'P-384' : 'P-256').parsed, padding: 'oaep' }),
      ),
    ]
    for (const each of wrong) {
      const [first, second] = [await opener.open(each), await opener.open(each)]
      expect(first).toHaveLength(32)
      expect(first).not.toEqual(second)
    }
  })

  it('for another lock opens to a random key', async () => {
    const rival = testKey('agreement-rival', curve)
    const other: KeyOpener = softKeyOpener({
      certificate: ca.issue('rival', { profile: 'decrypt', publicKey: publicKeyInfo(rival) }).certificate,
      privateKey: rival,
    })
    expect(await openEnvelopeCms(wrap(), other)).not.toEqual(key)
    expect(await openEnvelopeCms(wrap(), ca.bidder.decrypt.opener())).not.toEqual(key)
  })
})
