import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../crypto/cert/certificate.ts'
import { bulkSuiteById } from '../../../crypto/suites/bulk.ts'
import { gm1 } from '../../../crypto/suites/gm-1.ts'
import { suiteById, suiteOfSignature } from '../../../crypto/suites/index.ts'
import { intl1 } from '../../../crypto/suites/intl-1.ts'
import { expectFailure } from '../../fixtures/failure.ts'
import { gmCa } from '../../fixtures/gm-ca.ts'
import { withOpenssl } from '../../fixtures/openssl.ts'
import { practiceCa, publicKeyInfo, testKey } from '../../fixtures/practice-ca.ts'

const [gm, rsa] = [gmCa(), practiceCa()]
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe('the suite gm-1', () => {
  it('digests with SM3, whole or piece by piece', () => {
    // GB/T 32905, appendix A.1.
    const abc = '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0'
    expect(hex(gm1.digest(Buffer.from('abc')))).toBe(abc)
    expect(hex(gm1.digest(Buffer.from('a'), Buffer.from('bc')))).toBe(abc)
    const running = gm1.createDigest()
    for (const letter of 'abc') running.update(Buffer.from(letter))
    expect(hex(running.digest())).toBe(abc)
  })

  it('derives keys with HKDF over HMAC-SM3, as openssl does', () =>
    withOpenssl(bench => {
      const [key, salt, info] = [randomBytes(32), randomBytes(16), Buffer.from('bidseal/1 stream\0body\0')]
      for (const length of [16, 32]) {
        const given = [`hexkey:${hex(key)}`, `hexsalt:${hex(salt)}`, `hexinfo:${hex(info)}`, 'digest:SM3']
        const options = given.flatMap(each => ['-kdfopt', each])
        const { stdout, stderr } = bench.run('kdf', '-binary', '-keylen', String(length), ...options, 'HKDF')
        expect(hex(gm1.hkdf(key, salt, info, length)), stderr).toBe(stdout.toString('hex'))
      }
    }))

  it('has leaves over four pieces of a chunk', () => {
    for (const length of [0, 1, 3, 4, 5, 17, 1000, 65_552]) {
      const chunk = randomBytes(length)
      const quarter = Math.ceil(length / 4)
      const pieces = [0, 1, 2, 3].map(index => gm1.digest(chunk.subarray(index * quarter, (index + 1) * quarter)))
      for (const prefix of [0, 2]) {
        expect(hex(gm1.leaf(prefix, chunk))).toBe(hex(gm1.digest(Uint8Array.of(prefix), ...pieces)))
      }
    }
  })

  it('seals chunks of any length under a key of 16 bytes and opens them again', () => {
    expect(gm1.streamKeyLength).toBe(16)
    const [key, nonce] = [randomBytes(16), randomBytes(12)]
    for (const length of [0, 1, 15, 16, 17, 65_536]) {
      const plaintext = Uint8Array.from(randomBytes(length))
      const sealed = gm1.sealChunk(key, nonce, plaintext)
      expect(sealed).toHaveLength(length + 16)
      expect(gm1.openChunk(key, nonce, sealed)).toEqual(plaintext)
      const changed = Uint8Array.from(sealed)
      changed[length >> 1] = (changed[length >> 1] ?? 0) ^ 1
      expectFailure('seal.chunk', () => gm1.openChunk(key, nonce, changed))
    }
  })

  it('takes SM2 certificates for signing and receiving, and no others', () => {
    const requires = (der: Uint8Array) => {
      for (const use of ['sign', 'decrypt'] as const) gm1.requireKey(parseCertificate(der), use)
    }
    requires(gm.bidder.sign.certificate)
    requires(gm.agency.certificate)
    const p256 = rsa.issue('gm-1', { profile: 'platform', publicKey: publicKeyInfo(testKey('gm-1', 'P-256')) })
    for (const { certificate } of [rsa.agency, p256]) {
      expectFailure('cert.unsupported', () => {
        requires(certificate)
      })
    }
    expectFailure('cert.unsupported', () => {
      intl1.requireKey(parseCertificate(gm.agency.certificate), 'decrypt')
    })
  })

  it('is found by its version string and by its signatures', async () => {
    expect(suiteById('gm-1')).toBe(gm1)
    expect(bulkSuiteById('gm-1')?.id).toBe('gm-1')
    const signature = await gm1.signDetached(Buffer.from('x'), gm.bidder.sign.signer(), new Date())
    expect(suiteOfSignature(signature)).toBe(gm1)
    expectFailure('document.signature', () => intl1.verifyDetached(Buffer.from('x'), signature))
    const envelope = gm1.wrapKey(randomBytes(32), {
      recipient: parseCertificate(gm.agency.certificate),
      padding: 'oaep',
    })
    expect(suiteOfSignature(envelope)).toBeNull()
  })
})
