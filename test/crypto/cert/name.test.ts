import { describe, expect, it } from 'vitest'
import { commonName, displayName, encodeName } from '../../../crypto/cert/name.ts'
import { tags } from '../../../crypto/der/reader.ts'
import { oid, sequence, setOf, tlv, utf8String } from '../../../crypto/der/writer.ts'
import { expectFailure } from '../../fixtures/failure.ts'
import { withOpenssl } from '../../fixtures/openssl.ts'
import { toPem } from '../../../crypto/cert/pem.ts'
import { parseCertificate } from '../../../crypto/cert/certificate.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'

const attribute = (type: string, value: Uint8Array) => sequence(oid(type), value)

describe('names', () => {
  it('are shown as RFC 4514 says, last part first, Chinese as it is', () => {
    const name = encodeName([
      ['C', 'CN'],
      ['O', '云岭建设集团有限公司'],
      ['CN', '张三'],
    ])
    expect(displayName(name)).toBe('CN=张三,O=云岭建设集团有限公司,C=CN')
    expect(commonName(name)).toBe('张三')
  })

  it('are shown as openssl shows them', () =>
    withOpenssl(bench => {
      const { certificate } = practiceCa().bidder.sign
      bench.put('c.pem', toPem(certificate, 'CERTIFICATE'))
      const flags = ['-nameopt', 'RFC2253,-esc_msb,utf8']
      const shown = bench.run('x509', '-in', 'c.pem', '-noout', '-subject', ...flags).stdout.toString()
      expect(shown.trim()).toBe(`subject=${displayName(parseCertificate(certificate).subject)}`)
    }))

  it('escape marks, edges and what deceives the eye', () => {
    expect(displayName(encodeName([['CN', ' a+b,"c" ']]))).toBe('CN=\\ a\\+b\\,\\"c\\"\\ ')
    expect(displayName(encodeName([['CN', '#1']]))).toBe('CN=\\#1')
    expect(displayName(encodeName([['CN', 'a\u202eb\n\0']]))).toBe('CN=a\\e2\\80\\aeb\\0a\\00')
  })

  it('show several attributes of one part with + and unknown ones in hex', () => {
    const name = sequence(
      setOf(attribute('2.5.4.3', utf8String('甲')), attribute('1.2.3.4', tlv(tags.octetString, Uint8Array.of(1)))),
    )
    expect(displayName(name)).toContain('+')
    expect(displayName(name)).toContain('1.2.3.4=#040101')
    expect(commonName(name)).toBe('甲')
    expect(commonName(encodeName([['O', '乙']]))).toBeNull()
  })

  it('refuse what is no Name', () => {
    expectFailure('document.malformed', () => displayName(Uint8Array.of(0x30, 0x01, 0x05)))
    expectFailure(
      'document.malformed',
      () => displayName(sequence(sequence())).length + displayName(sequence(setOf(sequence()))).length,
    )
  })
})
