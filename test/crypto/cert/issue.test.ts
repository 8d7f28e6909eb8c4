import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../crypto/cert/certificate.ts'
import { issueCertificate } from '../../../crypto/cert/issue.ts'
import { encodeName } from '../../../crypto/cert/name.ts'
import { toPem } from '../../../crypto/cert/pem.ts'
import { gmCa } from '../../fixtures/gm-ca.ts'
import { withOpenssl } from '../../fixtures/openssl.ts'
import { practiceCa, practiceNotAfter, practiceNotBefore, publicKeyInfo, testKey } from '../../fixtures/practice-ca.ts'

const ca = practiceCa()

describe('issueCertificate', () => {
  it('makes chains that openssl accepts, strictly', () =>
    withOpenssl(bench => {
      bench.put('root.pem', toPem(ca.root, 'CERTIFICATE'))
      bench.put('intermediate.pem', toPem(ca.intermediate, 'CERTIFICATE'))
      const leaves = { sign: ca.bidder.sign, decrypt: ca.bidder.decrypt, platform: ca.receipt, stamp: ca.timestamp }
      for (const [name, { certificate }] of Object.entries(leaves)) {
        bench.put(`${name}.pem`, toPem(certificate, 'CERTIFICATE'))
        const flags = ['-x509_strict', '-CAfile', 'root.pem', '-untrusted', 'intermediate.pem']
        const { ok, stderr } = bench.run('verify', ...flags, `${name}.pem`)
        expect(ok, stderr).toBe(true)
      }
    }))

  it('writes what openssl shows: Chinese names, usages, identifiers and the credit code', () =>
    withOpenssl(bench => {
      bench.put('c.pem', toPem(ca.bidder.sign.certificate, 'CERTIFICATE'))
      const text = bench.run('x509', '-in', 'c.pem', '-noout', '-text', '-nameopt', 'utf8').stdout.toString()
      expect(text).toContain('CN=云岭建设集团有限公司')
      expect(text).toMatch(/Key Usage: critical\s+Digital Signature, Non Repudiation\n/)
      expect(text).toMatch(/Basic Constraints: critical\s+CA:FALSE/)
      expect(text).toContain('Subject Key Identifier')
      expect(text).toContain('Authority Key Identifier')
      expect(text).toMatch(new RegExp(`1\\.2\\.156\\.10260\\.4\\.1\\.4: *\\s+\\.\\.${ca.bidder.creditCode}`))
      const root = bench.put('root.pem', toPem(ca.root, 'CERTIFICATE'))
      expect(bench.run('x509', '-in', root, '-noout', '-ext', 'basicConstraints').stdout.toString()).toContain(
        'CA:TRUE',
      )
    }))

  it('makes SM2 chains that openssl accepts, link by link', () =>
    withOpenssl(bench => {
      const gm = gmCa()
      const stamp = gm.issue('timestamp', { profile: 'timestamp' })
      bench.put('root.pem', toPem(gm.root, 'CERTIFICATE'))
      bench.put('intermediate.pem', toPem(gm.intermediate, 'CERTIFICATE'))
      const identifier = ['-vfyopt', 'distid:1234567812345678']
      const strict = ['-x509_strict', '-partial_chain', ...identifier]
      const link = bench.run('verify', ...strict, '-CAfile', 'root.pem', 'intermediate.pem')
      expect(link.ok, link.stderr).toBe(true)
      const leaves = { sign: gm.bidder.sign, decrypt: gm.bidder.decrypt, platform: gm.opening, stamp }
      for (const [name, { certificate }] of Object.entries(leaves)) {
        bench.put(`${name}.pem`, toPem(certificate, 'CERTIFICATE'))
        const { ok, stderr } = bench.run('verify', ...strict, '-CAfile', 'intermediate.pem', `${name}.pem`)
        expect(ok, stderr).toBe(true)
        expect(bench.run('verify', ...strict, '-CAfile', 'root.pem', `${name}.pem`).ok).toBe(false)
      }
      const text = bench.run('x509', '-in', 'sign.pem', '-noout', '-text').stdout.toString()
      expect(text).toContain('Signature Algorithm: SM2-with-SM3')
      expect(text).toContain('ASN1 OID: SM2')
    }))

  it('makes serial numbers positive and of full length', () => {
    for (const first of [0x00, 0x7f, 0x80, 0xff]) {
      const issued = ca.issue('serial', { profile: 'sign', serial: new Uint8Array(16).fill(first) })
      const { serial } = parseCertificate(issued.certificate)
      expect(serial.length).toBe(16)
      expect(serial[0] ?? 0).toBeGreaterThanOrEqual(0x40)
      expect(serial[0] ?? 0).toBeLessThan(0x80)
    }
  })

  it('signs with an EC authority too', () =>
    withOpenssl(bench => {
      const key = testKey('ec-root', 'P-256')
      const root = issueCertificate({
        subject: encodeName([['CN', '椭圆曲线根']]),
        publicKey: publicKeyInfo(key),
        issuer: { certificate: 'self', privateKey: key },
        serial: Uint8Array.of(1),
        notBefore: practiceNotBefore,
        notAfter: practiceNotAfter,
        profile: 'root',
      })
      bench.put('root.pem', toPem(root, 'CERTIFICATE'))
      expect(bench.run('verify', '-x509_strict', '-check_ss_sig', '-CAfile', 'root.pem', 'root.pem').ok).toBe(true)
    }))
})
