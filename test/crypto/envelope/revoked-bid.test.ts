import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RevocationEvidence } from '../../../crypto/cert/revocation/index.ts'
import type { SealedBid } from '../../../crypto/envelope/read.ts'
import { verifySealedBid, type VerifyOptions } from '../../../crypto/envelope/verify.ts'
import { CryptoFailure } from '../../../crypto/errors.ts'
import { type Entries, entriesOf, readEntries } from '../../fixtures/forged-bid.ts'
import { makeGmBid } from '../../fixtures/gm-bid.ts'
import { gmCa } from '../../fixtures/gm-ca.ts'
import { withOpenssl } from '../../fixtures/openssl.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'
import { practiceList, rootList } from '../../fixtures/practice-lists.ts'
import { makeCrl, makeOcspResponse } from '../../fixtures/revocation.ts'
import { makeSealedBid, type SealedFixture, sealingTime } from '../../fixtures/sealed-bid.ts'
import { opensslStamp } from '../../fixtures/time-stamp.ts'

const ca = practiceCa()
const hour = 3_600_000
const later = (hours: number): Date => new Date(sealingTime.getTime() + hours * hour)
/** A list of the day before that speaks for the time of sealing. */
const dates = { thisUpdate: later(-24), nextUpdate: later(24) }
const revoked = (since: Date, reason = 1) => ({
  entries: [{ certificate: ca.bidder.sign.certificate, since, reason }],
})

let fixture: SealedFixture
let entries: Entries
let bid: SealedBid
beforeAll(async () => {
  fixture = await makeSealedBid()
  entries = await entriesOf(fixture.path)
  bid = await readEntries(entries)
})
afterAll(() => fixture.remove())

const verify = (evidence: Partial<RevocationEvidence> | undefined, more: Partial<VerifyOptions> = {}) =>
  verifySealedBid(bid, {
    anchors: fixture.tender.anchors,
    at: sealingTime,
    revocation: evidence && { crls: [], ocspResponses: [], ...evidence },
    ...more,
  })

/** What is said of the signer's certificate. */
async function said(evidence: Partial<RevocationEvidence> | undefined, more: Partial<VerifyOptions> = {}) {
  try {
    const [first] = (await verify(evidence, more)).revocation
    return first?.status === 'unknown' ? first.why : first?.status
  } catch (error) {
    if (!(error instanceof CryptoFailure) || !(error.cause instanceof CryptoFailure)) throw error
    return [error.code, error.cause.code]
  }
}

describe('a sealed bid held against what is at hand about revocation', () => {
  it('says of every certificate of the chain but the anchor as of when it was good', async () => {
    const { revocation, path } = await verify({ crls: [practiceList(dates), rootList(dates)] })
    expect(revocation.map(({ certificate }) => certificate)).toEqual(path.slice(0, 2))
    for (const one of revocation) expect(one).toMatchObject({ status: 'good', asOf: dates.thisUpdate, source: 'crl' })
  })

  it('says that nothing was checked where nothing is at hand', async () => {
    expect((await verify(undefined)).revocation).toMatchObject([
      { status: 'unknown', why: 'none' },
      { status: 'unknown', why: 'none' },
    ])
    expect(await said({})).toBe('none')
    expect(await said({ crls: [rootList(dates)] })).toBe('none')
  })

  it('fails at check 3 because of a certificate revoked by the judged time', async () => {
    const failed = ['seal.signature', 'cert.revoked']
    expect(await said({ crls: [practiceList({ ...dates, ...revoked(later(-48)) })] })).toEqual(failed)
    expect(await said({ crls: [practiceList({ ...dates, ...revoked(sealingTime) })] })).toEqual(failed)
    // A list of today tells of then as well.
    const today = { thisUpdate: later(2000), nextUpdate: later(2100) }
    expect(await said({ crls: [practiceList({ ...today, ...revoked(later(-48)) })] })).toEqual(failed)
    const entry = { certificate: ca.intermediate, since: later(-48) }
    expect(await said({ crls: [rootList({ ...dates, entries: [entry] })] })).toEqual(failed)
  })

  it('stays what it was when a certificate is revoked later', async () => {
    const today = { thisUpdate: later(2000), nextUpdate: later(2100) }
    const since = new Date(sealingTime.getTime() + 1000)
    expect(await said({ crls: [practiceList({ ...today, ...revoked(since) })] })).toBe('unusable')
    const both = [practiceList({ ...today, ...revoked(since) }), practiceList(dates)]
    expect(await said({ crls: both })).toBe('good')
    expect(await said({ crls: both }, { at: later(1) })).toEqual(['seal.signature', 'cert.revoked'])
  })

  it('neither believes nor stumbles over garbage', async () => {
    const garbage = [new Uint8Array(0), randomBytes(300), ca.intermediate, practiceList(dates).subarray(1)]
    expect(await said({ crls: garbage, ocspResponses: garbage })).toBe('unusable')
    expect(await said({ crls: [...garbage, practiceList(dates)] })).toBe('good')
    const forged = practiceList({ ...dates, ...revoked(later(-48)), privateKey: ca.rival.sign.privateKey })
    expect(await said({ crls: [forged] })).toBe('unusable')
  })

  it('takes OCSP answers as well', async () => {
    const answer = (status: 'good' | { since: Date }) =>
      makeOcspResponse({
        responder: ca.intermediate,
        privateKey: ca.intermediateKey,
        producedAt: dates.thisUpdate,
        answers: [{ certificate: ca.bidder.sign.certificate, issuer: ca.intermediate, status, ...dates }],
      })
    const { revocation } = await verify({ ocspResponses: [answer('good')] })
    expect(revocation[0]).toMatchObject({ status: 'good', source: 'ocsp' })
    expect(await said({ ocspResponses: [answer({ since: later(-1) })] })).toEqual(['seal.signature', 'cert.revoked'])
  })

  it('judges the authority of a time stamp at the time of the stamp', () =>
    withOpenssl(async bench => {
      const { signatureOctets } = bid.suite.verifyDetached(bid.headerBytes, bid.signature)
      const stamp = opensslStamp(bench, signatureOctets)
      const stamped = await readEntries([...entries, ['META-INF/seal.tsr', stamp]])
      const now = Date.now()
      const today = { thisUpdate: new Date(now - hour), nextUpdate: new Date(now + hour) }
      const judge = (since: Date | null) =>
        verifySealedBid(stamped, {
          anchors: fixture.tender.anchors,
          at: sealingTime,
          revocation: {
            crls: [
              practiceList({
                ...today,
                entries: since === null ? [] : [{ certificate: ca.timestamp.certificate, since }],
              }),
            ],
            ocspResponses: [],
          },
        })
      const { revocation, timestamp } = await judge(null)
      expect(revocation.map(({ status }) => status)).toEqual(['good', 'unknown', 'good', 'unknown'])
      expect(timestamp?.path.length).toBe(3)
      expect(revocation[2]?.certificate).toBe(timestamp?.signer)
      await expect(judge(new Date(now - hour))).rejects.toMatchObject({
        code: 'seal.signature',
        cause: { code: 'cert.revoked' },
      })
      await expect(judge(new Date(now + hour))).resolves.toBeDefined()
    }))
})

it('holds for SM2 chains and lists alike', async () => {
  const gm = gmCa()
  const gmFixture = await makeGmBid()
  try {
    const gmBid = await readEntries(await entriesOf(gmFixture.path))
    const list = (since: Date | null) =>
      makeCrl({
        issuer: gm.intermediate,
        privateKey: gm.intermediateKey,
        ...dates,
        entries: since === null ? [] : [{ certificate: gm.bidder.sign.certificate, since }],
      })
    const judge = (crl: Uint8Array) =>
      verifySealedBid(gmBid, {
        anchors: gmFixture.tender.anchors,
        at: sealingTime,
        revocation: { crls: [crl], ocspResponses: [] },
      })
    expect((await judge(list(null))).revocation[0]).toMatchObject({ status: 'good', source: 'crl' })
    await expect(judge(list(later(-1)))).rejects.toMatchObject({ cause: { code: 'cert.revoked' } })
    expect((await judge(list(later(1)))).revocation[0]).toMatchObject({ status: 'good' })
  } finally {
    gmFixture.remove()
  }
})
