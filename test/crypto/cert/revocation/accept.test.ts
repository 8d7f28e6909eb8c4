import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../../crypto/cert/certificate.ts'
import {
  acceptableCrl,
  acceptableOcspResponse,
  authorityAddresses,
  isIssuedBy,
} from '../../../../crypto/cert/revocation/index.ts'
import { oids } from '../../../../crypto/der/oids.ts'
import { context, contextPrimitive, integer, octetString, sequence } from '../../../../crypto/der/writer.ts'
import { flipped } from '../../../fixtures/der-edit.ts'
import { practiceCa, testKey } from '../../../fixtures/practice-ca.ts'
import { listDates, practiceList, rootList, withAddresses, withPoints } from '../../../fixtures/practice-lists.ts'
import { extension, listScopeExtension, makeOcspResponse, scopeFlag, uriPoint } from '../../../fixtures/revocation.ts'

const ca = practiceCa()
const leaf = ca.bidder.sign.certificate
const path = [leaf, ca.intermediate, ca.root].map(parseCertificate)
const now = new Date('2026-11-24T08:00:00Z')

describe('acceptableCrl', () => {
  it('answers the span of a list the issuer signed, an expired one too', () => {
    expect(acceptableCrl(practiceList(), path, now)).toEqual(listDates)
    expect(acceptableCrl(practiceList(), path, new Date('2030-01-01T00:00:00Z'))).toEqual(listDates)
    expect(acceptableCrl(rootList(), path.slice(1), now)).toEqual(listDates)
  })

  it('keeps a list of a kind that is not judged, so that this can be told, but no delta', () => {
    const indirect = practiceList({ extensions: [listScopeExtension([scopeFlag(4)])] })
    expect(acceptableCrl(indirect, path, now)).toEqual(listDates)
    const delta = practiceList({ extensions: [extension(oids.deltaCrlIndicator, integer(1), true)] })
    expect(acceptableCrl(delta, path, now)).toBeNull()
  })

  it('takes nothing that another signed, that was changed, or that comes from the future', () => {
    const list = practiceList()
    const refused = [
      practiceList({ privateKey: testKey('impostor') }),
      practiceList({ privateKey: ca.rootKey }),
      rootList(),
      list.subarray(1),
      new Uint8Array(0),
      leaf,
      ...Array.from({ length: 40 }, (_, index) => flipped(list, index * 53 + 7)),
    ]
    for (const der of refused) expect(acceptableCrl(der, path, now)).toBeNull()
    expect(acceptableCrl(list, path, new Date('2026-11-19T00:00:00Z'))).toBeNull()
  })
})

describe('acceptableOcspResponse', () => {
  const thisUpdate = new Date('2026-11-24T07:00:00Z')
  const nextUpdate = new Date('2026-11-25T00:00:00Z')
  const nonce = Uint8Array.from({ length: 16 }, (_, index) => index)
  const response = (
    options: Partial<Parameters<typeof makeOcspResponse>[0]> = {},
    status: 'good' | 'unknown' = 'good',
  ) =>
    makeOcspResponse({
      responder: ca.intermediate,
      privateKey: ca.intermediateKey,
      producedAt: thisUpdate,
      answers: [{ certificate: leaf, issuer: ca.intermediate, status, thisUpdate, nextUpdate }],
      ...options,
    })

  it('answers the span of what the responder says of this certificate', () => {
    expect(acceptableOcspResponse(response(), path, now)).toEqual({ thisUpdate, nextUpdate })
  })

  it('takes an answer without a nonce, and with the one that was sent, but none with another', () => {
    const extensions = [extension(oids.ocspNonce, octetString(nonce))]
    expect(acceptableOcspResponse(response({ extensions }), path, now, nonce)).not.toBeNull()
    expect(acceptableOcspResponse(response(), path, now, nonce)).not.toBeNull()
    expect(
      acceptableOcspResponse(
        response({ extensions }),
        path,
        now,
        nonce.map(byte => byte ^ 1),
      ),
    ).toBeNull()
  })

  it('takes nothing about others, from others, of another time, or that knows nothing', () => {
    const other = { certificate: ca.rival.sign.certificate, issuer: ca.intermediate, thisUpdate, nextUpdate }
    expect(acceptableOcspResponse(response({ answers: [{ ...other, status: 'good' }] }), path, now)).toBeNull()
    expect(acceptableOcspResponse(response({ privateKey: testKey('impostor') }), path, now)).toBeNull()
    expect(acceptableOcspResponse(response({}, 'unknown'), path, now)).toBeNull()
    expect(acceptableOcspResponse(response(), path, new Date('2026-11-26T00:00:00Z'))).toBeNull()
    expect(acceptableOcspResponse(new Uint8Array(3), path, now)).toBeNull()
  })
})

describe('isIssuedBy', () => {
  it('holds between neighbours of a chain and nowhere else', () => {
    const [own, issuer, root] = path
    if (own === undefined || issuer === undefined || root === undefined) throw new Error('three')
    expect([isIssuedBy(own, issuer), isIssuedBy(issuer, root), isIssuedBy(root, root)]).toEqual([true, true, true])
    expect([isIssuedBy(own, root), isIssuedBy(own, own), isIssuedBy(issuer, issuer)]).toEqual([false, false, false])
  })
})

describe('authorityAddresses', () => {
  const at = (der: Uint8Array) => authorityAddresses(parseCertificate(der))

  it('are none where the certificate names none', () => {
    expect(at(leaf)).toEqual({ crls: [], ocsp: [], issuers: [] })
  })

  it('are those of http and https: by distribution point, OCSP and the issuer’s certificate', () => {
    const der = withAddresses(leaf, ca.intermediateKey, {
      crls: ['http://ca/1.crl', 'ldap://ca/x', 'HTTPS://ca/2'],
      ocsp: ['http://ocsp/', 'file:///etc/passwd'],
      issuers: ['http://ca/issuer.cer'],
    })
    expect(at(der)).toEqual({
      crls: [['http://ca/1.crl'], ['HTTPS://ca/2']],
      ocsp: ['http://ocsp/'],
      issuers: ['http://ca/issuer.cer'],
    })
  })

  it('leave out what somebody else signs and what cannot be read', () => {
    const indirect = new Uint8Array([...uriPoint('http://other/1'), ...context(2, context(4, sequence()))])
    expect(at(withPoints(leaf, indirect, uriPoint('http://ca/1'))).crls).toEqual([['http://ca/1']])
    const twice = context(
      0,
      context(0, contextPrimitive(6, Buffer.from('http://a')), contextPrimitive(6, Buffer.from('http://b'))),
    )
    expect(at(withPoints(leaf, twice)).crls).toEqual([['http://a', 'http://b']])
    expect(at(withPoints(leaf, context(0, context(0)))).crls).toEqual([])
  })
})
