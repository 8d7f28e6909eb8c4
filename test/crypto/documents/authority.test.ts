import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../crypto/cert/certificate.ts'
import { verifyBidderDocument, verifyPlatformDocument } from '../../../crypto/documents/authority.ts'
import type { DocumentFields } from '../../../crypto/documents/kinds.ts'
import { signDocument, verifyDocument } from '../../../crypto/documents/signed-document.ts'
import { lotOf, partOfForm, readTender, requireTenderTrust } from '../../../crypto/documents/tender.ts'
import { intl1 } from '../../../crypto/suites/intl-1.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'
import { practiceList, rootList } from '../../fixtures/practice-lists.ts'
import { codeOf } from '../../fixtures/refusals.ts'
import { clockAt, makeTender, sealingTime } from '../../fixtures/sealed-bid.ts'

const ca = practiceCa()
const anchors = [parseCertificate(ca.root)]
const clock = clockAt(sealingTime)
const trust = { anchors, creditCode: ca.bidder.creditCode, at: sealingTime }
const listed = { thisUpdate: new Date('2026-03-01T00:00:00Z'), nextUpdate: new Date('2026-03-08T00:00:00Z') }
const signIn: DocumentFields<'signIn'> = {
  openingId: 'o',
  sealDigest: 'ab'.repeat(32),
  creditCode: ca.bidder.creditCode,
  nonce: '00'.repeat(32),
  at: '2026-03-02T01:00:00Z',
}

describe('verifyDocument', () => {
  it('answers the fields of a document whose signature holds', async () => {
    const document = await signDocument('signIn', signIn, ca.bidder.sign.signer(), intl1, clock)
    const { fields, signature } = verifyDocument('signIn', document)
    expect(fields).toEqual(signIn)
    expect(Buffer.from(signature.signer.der).equals(ca.bidder.sign.certificate)).toBe(true)
  })

  it('refuses a changed byte, a foreign signature, bytes that are none, and too many bytes', async () => {
    const document = await signDocument('signIn', signIn, ca.bidder.sign.signer(), intl1, clock)
    const other = await signDocument('signIn', { ...signIn, openingId: 'p' }, ca.bidder.sign.signer(), intl1, clock)
    const text = Buffer.from(Buffer.from(document.bytes).toString().replace('"o"', '"p"'))
    for (const signature of [document.signature, Buffer.from('no'), new Uint8Array(65_537)]) {
      expect(await codeOf(() => verifyDocument('signIn', { bytes: text, signature }))).toBe('document.signature')
    }
    expect(await codeOf(() => verifyDocument('signIn', { ...document, signature: other.signature }))).toBe(
      'document.signature',
    )
  })
})

describe('verifyBidderDocument', () => {
  it('takes a renewed certificate of the same bidder', async () => {
    const { creditCode } = ca.bidder
    const renewed = ca.issue('bidder-renewed', { profile: 'sign', creditCode })
    const document = await signDocument('signIn', signIn, renewed.signer(), intl1, clock)
    expect(verifyBidderDocument('signIn', document, trust)).toEqual(signIn)
  })

  it('refuses another bidder, a certificate without code, an expired one and another authority', async () => {
    const sign = (identity: typeof ca.bidder.sign) => signDocument('signIn', signIn, identity.signer(), intl1, clock)
    const rival = await sign(ca.rival.sign)
    expect(await codeOf(() => verifyBidderDocument('signIn', rival, trust))).toBe('document.signature')
    const platform = await sign(ca.opening)
    expect(await codeOf(() => verifyBidderDocument('signIn', platform, trust))).toBe('document.signature')
    const own = await sign(ca.bidder.sign)
    const late = { ...trust, at: new Date('2040-01-01T00:00:00Z') }
    expect(await codeOf(() => verifyBidderDocument('signIn', own, late))).toBe('cert.expired')
    const strange = { ...trust, anchors: [parseCertificate(ca.bidder.decrypt.certificate)] }
    expect(await codeOf(() => verifyBidderDocument('signIn', own, strange))).toBe('cert.untrusted')
  })

  it('refuses a certificate revoked by then, as far as what is at hand tells, and no other', async () => {
    const document = await signDocument('signIn', signIn, ca.bidder.sign.signer(), intl1, clock)
    const judge = (since: Date) => {
      const entries = [{ certificate: ca.bidder.sign.certificate, since }]
      const revocation = { crls: [practiceList({ ...listed, entries })], ocspResponses: [] }
      return verifyBidderDocument('signIn', document, { ...trust, revocation })
    }
    expect(await codeOf(() => judge(sealingTime))).toBe('cert.revoked')
    expect(judge(new Date(sealingTime.getTime() + 1000))).toEqual(signIn)
    const silent = { crls: [rootList(listed)], ocspResponses: [] }
    expect(verifyBidderDocument('signIn', document, { ...trust, revocation: silent })).toEqual(signIn)
  })
})

describe('verifyPlatformDocument', () => {
  it('takes only a certificate that is listed for the purpose, within its dates', async () => {
    const { tender } = await makeTender()
    const document = await signDocument('signIn', signIn, ca.receipt.signer(), intl1, clock)
    expect(verifyPlatformDocument('signIn', document, tender, 'receipt', sealingTime)).toEqual(signIn)
    expect(await codeOf(() => verifyPlatformDocument('signIn', document, tender, 'opening', sealingTime))).toBe(
      'document.signature',
    )
    const late = new Date('2040-01-01T00:00:00Z')
    expect(await codeOf(() => verifyPlatformDocument('signIn', document, tender, 'receipt', late))).toBe('cert.expired')
  })

  it('refuses another certificate on the same key', async () => {
    const { tender } = await makeTender()
    const twin = ca.issue('receipt', { profile: 'platform' })
    const document = await signDocument('signIn', signIn, twin.signer(), intl1, clock)
    expect(await codeOf(() => verifyPlatformDocument('signIn', document, tender, 'receipt', sealingTime))).toBe(
      'document.signature',
    )
  })
})

describe('readTender', () => {
  it('reads what was signed and knows its certificates, forms and lot', async () => {
    const { tender, document } = await makeTender({ fields: { lotId: '02' } })
    expect(tender.packageDigest).toMatch(/^[0-9a-f]{64}$/)
    expect(Buffer.from(tender.certificates('agency')[0]?.der ?? []).equals(ca.agency.certificate)).toBe(true)
    expect([partOfForm(tender, 'opening'), partOfForm(tender, 'summary'), partOfForm(tender, 'x')]).toEqual([
      'opening',
      'body',
      null,
    ])
    expect(lotOf(tender)).toBe('02')
    expect(() => requireTenderTrust(tender, anchors, sealingTime)).not.toThrow()
    expect(await codeOf(() => requireTenderTrust(tender, [], sealingTime))).toBe('cert.untrusted')
    expect(
      await codeOf(() => readTender({ ...document, bytes: Buffer.concat([document.bytes, Buffer.from(' ')]) })),
    ).toBe('document.signature')
  })

  it('is not trusted when its signer was revoked by then; what is known of it is answered', async () => {
    const { tender } = await makeTender()
    const judge = (since: Date) =>
      requireTenderTrust(tender, anchors, sealingTime, {
        crls: [practiceList({ ...listed, entries: [{ certificate: ca.notice.certificate, since }] })],
        ocspResponses: [],
      })
    expect(await codeOf(() => judge(sealingTime))).toBe('cert.revoked')
    const later = judge(new Date(sealingTime.getTime() + 1000))
    expect(later.map(({ status }) => status)).toEqual(['good', 'unknown'])
  })

  it('refuses a tender that names two forms alike', async () => {
    const twice = { id: 'opening', fields: [] }
    expect(await codeOf(() => makeTender({ fields: { forms: [twice, twice] } }))).toBe('document.malformed')
  })
})
