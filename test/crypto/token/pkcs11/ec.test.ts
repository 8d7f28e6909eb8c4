import { createHash, randomBytes, verify } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseCertificate, publicKeyOf } from '../../../../crypto/cert/certificate.ts'
import type { CertificateProfile } from '../../../../crypto/cert/issue.ts'
import { encodeName } from '../../../../crypto/cert/name.ts'
import type { EcTransport } from '../../../../crypto/envelope/key-opener.ts'
import { openSealedBid } from '../../../../crypto/envelope/open.ts'
import { unwrapPartKeys } from '../../../../crypto/envelope/part-keys.ts'
import { softKeyOpener } from '../../../../crypto/sign/soft-key.ts'
import { intl1 } from '../../../../crypto/suites/intl-1.ts'
import { keyOpenerFromToken, signerFromToken } from '../../../../crypto/token/identities.ts'
import { openPkcs11Driver } from '../../../../crypto/token/pkcs11/driver.ts'
import type { TokenDriver, TokenSession } from '../../../../crypto/token/port.ts'
import { formatTokenUri } from '../../../../crypto/token/uri.ts'
import { expectRejection } from '../../../fixtures/failure.ts'
import { withOpenssl } from '../../../fixtures/openssl.ts'
import { practiceCa, publicKeyInfo, testKey } from '../../../fixtures/practice-ca.ts'
import { makeSealedBid, memorySink, verifyFixture } from '../../../fixtures/sealed-bid.ts'
import {
  makeSoftHsm,
  pkcs11Tool,
  type SoftHsm,
  type SoftHsmLock,
  writeSoftHsmCertificate,
} from '../../../fixtures/softhsm.ts'

const ca = practiceCa()
const pin = '111111'
const curves = [
  { curve: 'P-256', sign: '01', decrypt: '02' },
  { curve: 'P-384', sign: '03', decrypt: '04' },
] as const

let hsm: SoftHsm
let lock: SoftHsmLock
let driver: TokenDriver
let session: TokenSession

/** A certificate of the practice bidder for any key. */
function certify(publicKey: Uint8Array, profile: CertificateProfile): Uint8Array {
  const { name, creditCode } = ca.bidder
  const subject = encodeName([
    ['C', 'CN'],
    ['O', name],
    ['CN', name],
  ])
  return ca.issue('any', { profile, publicKey, subject, creditCode }).certificate
}

/** Makes a key pair in the token, which it never leaves; answers the public key. */
function makeKey(id: string, use: 'sign' | 'decrypt'): Uint8Array {
  const file = `${hsm.tokensFolder}-public.der`
  const named = ['--id', id, '--label', use, use === 'sign' ? '--usage-sign' : '--usage-derive']
  pkcs11Tool(hsm, lock, '--keypairgen', '--key-type', 'EC:prime256v1', ...named)
  pkcs11Tool(hsm, lock, '--read-object', '--type', 'pubkey', '--id', id, '--output-file', file)
  return Uint8Array.from(readFileSync(file))
}

/** The same with a key from outside: the tool does not read points of P-384. */
function importKey(id: string, use: 'sign' | 'decrypt'): Uint8Array {
  const key = testKey(`token-${use}`, 'P-384')
  const file = `${hsm.tokensFolder}-key.der`
  writeFileSync(file, key.export({ format: 'der', type: 'pkcs8' }))
  const named = ['--id', id, '--label', use, use === 'sign' ? '--usage-sign' : '--usage-derive']
  pkcs11Tool(hsm, lock, '--write-object', file, '--type', 'privkey', ...named)
  return publicKeyInfo(key)
}

/** A key that may sign and not agree, under a certificate that says otherwise. */
function importDeafKey(id: string): Uint8Array {
  const key = testKey('token-deaf', 'P-256')
  const file = `${hsm.tokensFolder}-key.pem`
  writeFileSync(file, key.export({ format: 'pem', type: 'pkcs8' }))
  hsm.run('softhsm2-util', '--import', file, '--token', lock.label, '--label', 'deaf', '--id', id, '--pin', pin)
  return publicKeyInfo(key)
}

beforeAll(async () => {
  hsm = makeSoftHsm()
  hsm.run('softhsm2-util', '--init-token', '--free', '--label', 'EcKey', '--so-pin', '12345678', '--pin', pin)
  const uri = formatTokenUri({ kind: 'pkcs11', token: 'EcKey', modulePath: hsm.modulePath })
  lock = { label: 'EcKey', pin, soPin: '12345678', uri }
  for (const { curve, ...ids } of curves) {
    for (const use of ['sign', 'decrypt'] as const) {
      const publicKey = curve === 'P-256' ? makeKey(ids[use], use) : importKey(ids[use], use)
      writeSoftHsmCertificate(hsm, lock, certify(publicKey, use), use, ids[use])
    }
  }
  writeSoftHsmCertificate(hsm, lock, certify(importDeafKey('05'), 'decrypt'), 'deaf', '05')
  writeSoftHsmCertificate(hsm, lock, ca.intermediate, 'intermediate')
  process.env['SOFTHSM2_CONF'] = hsm.environment.SOFTHSM2_CONF
  driver = await openPkcs11Driver(hsm.modulePath)
  session = await driver.login(lock.uri, pin)
})

afterAll(async () => {
  await session.close()
  await driver.close()
  hsm.remove()
})

async function certificateOf(keyId: string) {
  const found = (await session.certificates()).find(one => one.keyId === keyId)
  return parseCertificate(found?.certificate ?? new Uint8Array(0))
}

describe.each(curves)('a key of $curve on a PKCS #11 token', ({ sign, decrypt }) => {
  it('signs as openssl verifies it, every time', async () => {
    const key = publicKeyOf(await certificateOf(sign))
    expect(await session.algorithms(sign)).toEqual(['ecdsa-sha256'])
    for (let round = 0; round < 60; round += 1) {
      const message = randomBytes(40)
      const digest = createHash('sha256').update(message).digest()
      expect(verify('sha256', message, key, await session.sign(sign, 'ecdsa-sha256', digest))).toBe(true)
    }
  })

  it('opens envelopes by key agreement, every time', async () => {
    const recipient = await certificateOf(decrypt)
    const opener = keyOpenerFromToken(session, await session.certificates(), { keyId: decrypt })
    for (let round = 0; round < 60; round += 1) {
      const key = Uint8Array.from(randomBytes(32))
      const envelope = intl1.wrapKey(key, { recipient, padding: 'oaep' })
      expect(await intl1.openEnvelope(envelope, opener)).toEqual(key)
    }
  })

  it('answers a new random key for whatever is wrong with an envelope', async () => {
    const length = decrypt === '02' ? 65 : 97
    const wrong: readonly EcTransport[] = [
      new Uint8Array(length),
      new Uint8Array(0),
      Uint8Array.of(4, ...randomBytes(length - 1)),
      // A point of the other curve.
      publicKeyInfo(testKey('other', length === 65 ? 'P-384' : 'P-256')).subarray(length === 65 ? -97 : -65),
      // One of this curve, with a key that was wrapped with something else.
      publicKeyInfo(testKey('other', length === 65 ? 'P-256' : 'P-384')).subarray(-length),
    ].map(ephemeralPoint => ({ kind: 'ecdh-aes256-wrap', ephemeralPoint, wrappedKey: randomBytes(40) }))
    for (const each of wrong) {
      const [first, second] = [await session.open(decrypt, each), await session.open(decrypt, each)]
      expect(first).toHaveLength(32)
      expect(first).not.toEqual(second)
    }
  })

  it('refuses what it cannot do', async () => {
    const digest = new Uint8Array(32)
    await expectRejection('token.unsupported', session.sign(sign, 'rsa-pkcs1-sha256', digest))
    await expectRejection('token.unsupported', session.sign(sign, 'sm2-sm3', digest))
    const encryptedKey = new Uint8Array(256)
    await expectRejection('token.unsupported', session.open(decrypt, { kind: 'rsa-oaep-sha256', encryptedKey }))
  })
})

it('says so where a token does not let a key agree', async () => {
  const envelope = intl1.wrapKey(randomBytes(32), { recipient: await certificateOf('05'), padding: 'oaep' })
  const opener = keyOpenerFromToken(session, await session.certificates(), { keyId: '05' })
  const detail = await expectRejection('token.unsupported', intl1.openEnvelope(envelope, opener))
  expect(detail).toContain('CKR_KEY_FUNCTION_NOT_PERMITTED')
})

describe('a bid of a bidder with EC keys', () => {
  it('is signed by a token’s key, and opens with the token, a soft key and openssl', async () => {
    const certificates = await session.certificates()
    const signer = await signerFromToken(session, certificates, { keyId: '01' })
    const opener = keyOpenerFromToken(session, certificates, { keyId: '02' })
    const privateKey = testKey('backup', 'P-384')
    const backup = softKeyOpener({ certificate: certify(publicKeyInfo(privateKey), 'decrypt'), privateKey })
    const fixture = await makeSealedBid({
      selfTest: true,
      change: options => ({
        ...options,
        signer,
        recipients: [
          { role: 'main', label: '公章锁', certificate: opener.certificate, opener },
          { role: 'backup', label: '备用锁', certificate: backup.certificate, opener: backup },
        ],
      }),
    })
    try {
      expect(fixture.outcome.recipients.map(({ proved }) => proved)).toEqual([true, true])
      const verified = await verifyFixture(fixture)
      for (const one of [opener, backup]) {
        const sink = memorySink()
        await openSealedBid(verified, (await unwrapPartKeys(verified, one)).keys, sink)
        for (const [name, bytes] of fixture.contents) expect(sink.received.get(name)).toEqual(bytes)
      }
      const keys = (await unwrapPartKeys(verified, backup)).keys
      await withOpenssl(bench => {
        bench.put('enc.key', privateKey.export({ format: 'pem', type: 'pkcs8' }))
        for (const [part, key] of keys) {
          bench.put('body.p7m', verified.bid.envelope(part, fixture.outcome.recipients[1]?.id ?? ''))
          const opened = bench.run('cms', '-decrypt', '-inform', 'DER', '-in', 'body.p7m', '-inkey', 'enc.key')
          expect(opened.stdout, opened.stderr).toEqual(Buffer.from(key))
        }
      })
    } finally {
      fixture.remove()
    }
  })
})
