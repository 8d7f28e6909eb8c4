import { describe, expect, it } from 'vitest'
import { certificatesFromPem, toPem } from '../../../crypto/cert/pem.ts'
import { expectFailure } from '../../fixtures/failure.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'

const ca = practiceCa()

describe('PEM', () => {
  it('gives back the certificates of a bundle in order, whatever stands between them', () => {
    const text = `根证书\r\n${toPem(ca.root, 'CERTIFICATE').replaceAll('\n', '\r\n')}junk\n${toPem(ca.intermediate, 'CERTIFICATE')}`
    expect(certificatesFromPem(text).map(der => Buffer.from(der))).toEqual([
      Buffer.from(ca.root),
      Buffer.from(ca.intermediate),
    ])
    expect(certificatesFromPem('')).toEqual([])
    expect(certificatesFromPem(toPem(ca.root, 'CMS'))).toEqual([])
  })

  it('refuses a certificate that is not base64', () => {
    const broken = toPem(ca.root, 'CERTIFICATE').replace('MII', 'M*I')
    expectFailure('document.malformed', () => certificatesFromPem(broken))
  })
})
