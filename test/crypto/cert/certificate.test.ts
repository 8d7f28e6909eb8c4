import { describe, expect, it } from 'vitest'
import { parseCertificate, publicKeyOf, requireUsableKey, sm2PointOf } from '../../../crypto/cert/certificate.ts'
import { issueCertificate } from '../../../crypto/cert/issue.ts'
import { encodeName } from '../../../crypto/cert/name.ts'
import { oids } from '../../../crypto/der/oids.ts'
import { bitString, derTrue, oid, sequence } from '../../../crypto/der/writer.ts'
import { at, derTree, edited, reissued } from '../../fixtures/der-edit.ts'
import { expectFailure } from '../../fixtures/failure.ts'
import { gmCa } from '../../fixtures/gm-ca.ts'
import { practiceCa, practiceNotAfter, practiceNotBefore, publicKeyInfo, testKey } from '../../fixtures/practice-ca.ts'

const ca = practiceCa()
const signing = ca.bidder.sign.certificate

/** A certificate over any SubjectPublicKeyInfo. */
function certificateOver(publicKey: Uint8Array): Uint8Array {
  return issueCertificate({
    subject: encodeName([['CN', '任意密钥']]),
    publicKey,
    issuer: { certificate: ca.intermediate, privateKey: ca.intermediateKey },
    serial: Uint8Array.of(7),
    notBefore: practiceNotBefore,
    notAfter: practiceNotAfter,
    profile: 'sign',
  })
}

const ecKeyInfo = (curve: string, point: Uint8Array) =>
  sequence(sequence(oid(oids.ecPublicKey), oid(curve)), bitString(point))

describe('parseCertificate', () => {
  it('reads the fields the program needs', () => {
    const certificate = parseCertificate(signing)
    expect(certificate.notBefore).toEqual(practiceNotBefore)
    expect(certificate.notAfter).toEqual(practiceNotAfter)
    expect(certificate.key).toEqual({ kind: 'rsa', bits: 2048, exponent: 65537n })
    expect([...(certificate.keyUsage ?? [])]).toEqual(['digitalSignature', 'nonRepudiation'])
    expect(certificate.basicConstraints).toEqual({ ca: false })
    expect(certificate.serial.length).toBe(16)
    expect(Buffer.from(certificate.publicKeyInfo)).toEqual(Buffer.from(publicKeyInfo(ca.bidder.sign.privateKey)))
    expect(parseCertificate(ca.intermediate).basicConstraints).toEqual({ ca: true, pathLength: 0 })
  })

  it('gives node the key of RSA and EC certificates, imported once', () => {
    const certificate = parseCertificate(signing)
    expect(publicKeyOf(certificate)).toBe(publicKeyOf(certificate))
    for (const curve of ['P-256', 'P-384'] as const) {
      const parsed = parseCertificate(certificateOver(publicKeyInfo(testKey('any', curve))))
      expect(parsed.key).toEqual({ kind: 'ec', curve })
      expect(publicKeyOf(parsed).asymmetricKeyType).toBe('ec')
    }
  })

  it('gives the point of an SM2 certificate, judged once', () => {
    const { certificate, privateKey } = gmCa().bidder.sign
    const parsed = parseCertificate(certificate)
    expect(parsed.key).toEqual({ kind: 'sm2' })
    expect(parsed.publicKeyInfo).toEqual(publicKeyInfo(privateKey))
    expect(sm2PointOf(parsed)).toEqual(publicKeyInfo(privateKey).subarray(-65))
    expect(sm2PointOf(parsed)).toBe(sm2PointOf(parsed))
    requireUsableKey(parsed)
    expectFailure('cert.unsupported', () => publicKeyOf(parsed))
    expectFailure('cert.unsupported', () => sm2PointOf(parseCertificate(signing)))
  })

  it('refuses SM2 points off the curve and in another form', () => {
    const good = publicKeyInfo(gmCa().bidder.sign.privateKey).subarray(-65)
    const wrong = [
      good.map((byte, index) => (index === 64 ? byte ^ 1 : byte)),
      Uint8Array.of(4, ...new Uint8Array(64)),
      Uint8Array.of(2 + ((good[64] ?? 0) & 1), ...good.subarray(1, 33)),
      good.subarray(0, 64),
      new Uint8Array(0),
    ]
    for (const point of wrong) {
      const parsed = parseCertificate(certificateOver(ecKeyInfo(oids.sm2, point)))
      expectFailure('cert.unsupported', () => sm2PointOf(parsed))
      expectFailure('cert.unsupported', () => requireUsableKey(parsed))
    }
  })

  it('recognises SM2 and other keys without handing them to the platform', () => {
    const point = Uint8Array.of(4, ...new Uint8Array(64).fill(1))
    const sm2 = parseCertificate(certificateOver(ecKeyInfo(oids.sm2, point)))
    expect(sm2.key).toEqual({ kind: 'sm2' })
    expectFailure('cert.unsupported', () => publicKeyOf(sm2))
    const other = parseCertificate(certificateOver(ecKeyInfo('1.3.132.0.10', point)))
    expect(other.key).toEqual({ kind: 'other', oid: '1.3.132.0.10' })
    const edwards = parseCertificate(certificateOver(sequence(sequence(oid('1.3.101.112')), bitString(point))))
    expect(edwards.key).toEqual({ kind: 'other', oid: '1.3.101.112' })
    expectFailure('cert.unsupported', () => publicKeyOf(edwards))
  })

  it('refuses weak RSA keys, points off the curve and compressed points', () => {
    const weak = parseCertificate(certificateOver(publicKeyInfo(testKey('weak', 'rsa-1024'))))
    expectFailure('cert.unsupported', () => publicKeyOf(weak))
    const offCurve = ecKeyInfo(oids.p256, Uint8Array.of(4, ...new Uint8Array(64).fill(1)))
    expectFailure('cert.unsupported', () => publicKeyOf(parseCertificate(certificateOver(offCurve))))
    const compressed = ecKeyInfo(oids.p256, Uint8Array.of(2, ...new Uint8Array(32).fill(1)))
    expectFailure('cert.unsupported', () => parseCertificate(certificateOver(compressed)))
  })

  it('refuses an outer signature algorithm that differs from the signed one', () => {
    const other = edited(signing, [1, 0], node => {
      node.content = oid(oids.sha384WithRsa).slice(2)
    })
    expect(expectFailure('cert.unsupported', () => parseCertificate(other))).toContain('two different')
  })

  it('refuses an extension that stands twice', () => {
    const doubled = reissued(signing, ca.intermediateKey, tbs => {
      const list = at(tbs, [-1, 0])
      list.children.push(at(list, [0]))
    })
    expect(expectFailure('cert.unsupported', () => parseCertificate(doubled))).toContain('twice')
  })

  it('refuses bytes after the end, every truncation, and what is above 64 KiB', () => {
    expectFailure('cert.unsupported', () => parseCertificate(Buffer.concat([signing, Uint8Array.of(0)])))
    for (let length = 0; length < signing.length; length += 1) {
      expectFailure('cert.unsupported', () => parseCertificate(signing.subarray(0, length)))
    }
    expectFailure('cert.unsupported', () => parseCertificate(new Uint8Array(65_537)))
  })

  it('accepts a default written out in an extension, as real authorities do', () => {
    const explicitFalse = reissued(signing, ca.intermediateKey, tbs => {
      at(tbs, [-1, 0, 2]).children.splice(1, 0, { ...derTree(derTrue), content: Uint8Array.of(0) })
    })
    expect(parseCertificate(explicitFalse).extensions.get(oids.subjectKeyIdentifier)?.critical).toBe(false)
  })
})
