import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../../crypto/cert/certificate.ts'
import { issueCertificate } from '../../../../crypto/cert/issue.ts'
import { validatePath } from '../../../../crypto/cert/path.ts'
import { judgeRevocation, requireNotRevoked } from '../../../../crypto/cert/revocation/index.ts'
import { oids } from '../../../../crypto/der/oids.ts'
import { contextPrimitive, derNull, integer } from '../../../../crypto/der/writer.ts'
import type { PrivateKey } from '../../../../crypto/sign/private-key.ts'
import { at, flipped, reissued } from '../../../fixtures/der-edit.ts'
import { expectFailure } from '../../../fixtures/failure.ts'
import { gmCa } from '../../../fixtures/gm-ca.ts'
import { practiceCa, publicKeyInfo, testKey } from '../../../fixtures/practice-ca.ts'
import { listDates, practiceList as list, rootList, withPoints } from '../../../fixtures/practice-lists.ts'
import {
  type CrlEntry,
  type CrlOptions,
  extension,
  listScopeExtension,
  makeCrl,
  scopeFlag,
  uriPoint,
} from '../../../fixtures/revocation.ts'

const ca = practiceCa()
const leaf = ca.bidder.sign.certificate
const now = new Date('2026-11-24T08:00:00Z')
const before = new Date('2026-11-01T00:00:00Z')
const after = new Date('2026-11-30T00:00:00Z')
const upper = rootList()
const entry = (changes: Partial<CrlEntry> = {}): CrlEntry => ({ certificate: leaf, since: before, ...changes })

function judge(crls: readonly Uint8Array[], options: { der?: Uint8Array; pool?: readonly Uint8Array[] } = {}) {
  const path = validatePath({
    leaf: parseCertificate(options.der ?? leaf),
    intermediates: [parseCertificate(ca.intermediate)],
    anchors: [parseCertificate(ca.root)],
    at: now,
    leafUse: 'sign',
  })
  return judgeRevocation(
    path,
    { crls, ocspResponses: [], certificates: (options.pool ?? []).map(parseCertificate) },
    now,
  )
}

/** What is said of the leaf. */
const status = (...args: Parameters<typeof judge>) => {
  const [first] = judge(...args)
  return first?.status === 'unknown' ? first.why : first?.status
}

describe('judgeRevocation by lists', () => {
  it('calls good what the newest list does not name, as of its date', () => {
    const older = list({ thisUpdate: new Date('2026-11-10T00:00:00Z') })
    const judged = judge([older, list(), upper])
    expect(judged.map(({ status }) => status)).toEqual(['good', 'good'])
    expect(judged[0]).toMatchObject({ asOf: listDates.thisUpdate, source: 'crl' })
    expect(judged[0]?.certificate.der).toEqual(parseCertificate(leaf).der)
    requireNotRevoked(judged, { unknown: 'refuse' })
  })

  it('calls revoked what a list names, since when and why', () => {
    const judged = judge([list(), list({ entries: [entry({ reason: 1, invalidityDate: after })] })])
    const { certificate: _, ...said } = judged[0] ?? { certificate: null }
    expect(said).toEqual({
      status: 'revoked',
      since: before,
      reason: 'keyCompromise',
      suspectSince: after,
      asOf: listDates.thisUpdate,
      source: 'crl',
    })
    expect(expectFailure('cert.revoked', () => requireNotRevoked(judged, { unknown: 'accept' }))).toContain(
      '2026-11-01',
    )
  })

  it('finds an authority that was taken back', () => {
    const judged = judge([list(), rootList({ entries: [entry({ certificate: ca.intermediate })] })])
    expect(judged.map(({ status }) => status)).toEqual(['good', 'revoked'])
    expectFailure('cert.revoked', () => requireNotRevoked(judged, { unknown: 'accept' }))
  })

  it('lets a revocation after the judged time change nothing, even one that says since before', () => {
    expect(status([list({ entries: [entry({ since: after, invalidityDate: before })] })])).toBe('good')
    const later = { thisUpdate: after, nextUpdate: new Date('2027-01-01T00:00:00Z') }
    expect(status([list(), list({ ...later, entries: [entry({ since: after })] })])).toBe('good')
  })

  it('takes a later list as proof of an earlier revocation, not of its absence', () => {
    const later = { thisUpdate: after, nextUpdate: new Date('2027-01-01T00:00:00Z') }
    expect(status([list({ ...later, entries: [entry()] })])).toBe('revoked')
    expect(status([list({ ...later, entries: [entry({ reason: 6 })] })])).toBe('revoked')
    expect(status([list(later)])).toBe('unusable')
  })

  it('takes an old list as proof of a revocation, but not of a hold, which may have been lifted', () => {
    const old = { thisUpdate: new Date('2026-11-02T00:00:00Z'), nextUpdate: new Date('2026-11-03T00:00:00Z') }
    expect(status([list({ ...old, entries: [entry()] }), list()])).toBe('revoked')
    expect(status([list({ ...old, entries: [entry({ reason: 6 })] }), list()])).toBe('good')
    expect(status([list({ ...old, entries: [entry({ reason: 6 })] })])).toBe('unusable')
    expect(status([list({ entries: [entry({ reason: 6 })] })])).toBe('revoked')
    expect(status([list(old)])).toBe('unusable')
  })

  it('allows an authority’s clock five minutes', () => {
    expect(status([list({ thisUpdate: new Date(now.getTime() + 5 * 60_000) })])).toBe('good')
    expect(status([list({ thisUpdate: new Date(now.getTime() + 5 * 60_000 + 1000) })])).toBe('unusable')
    expect(status([list({ nextUpdate: now })])).toBe('good')
  })

  it('knows nothing without a list, and says so', () => {
    const judged = judge([upper])
    expect(judged[0]).toMatchObject({ status: 'unknown', why: 'none' })
    requireNotRevoked(judged, { unknown: 'accept' })
    expectFailure('cert.untrusted', () => requireNotRevoked(judged, { unknown: 'refuse' }))
  })

  it('neither believes nor stumbles over a list with any bit changed', () => {
    const extensions = [listScopeExtension([scopeFlag(1)])]
    const good = list({ entries: [entry({ since: after, reason: 1, invalidityDate: before })], extensions })
    expect(status([good])).toBe('good')
    for (let bit = 0; bit < good.length * 8; bit += 29)
      expect(status([flipped(good, bit)]), String(bit)).not.toBe('good')
  })

  it('does not take a list that was changed, cannot be read, or was signed by somebody else', () => {
    const revoking = { entries: [entry()] }
    expect(status([flipped(list(revoking), 8 * 300)])).toBe('unusable')
    expect(status([list().subarray(1)])).toBe('unusable')
    expect(status([list({ ...revoking, privateKey: testKey('impostor') }), list()])).toBe('good')
    expect(status([list({ privateKey: testKey('impostor') })])).toBe('unusable')
    expect(status([list({ privateKey: ca.rootKey })])).toBe('unusable')
  })

  it('does not take a list of an authority that may not sign lists', () => {
    const mute = reissued(ca.intermediate, ca.rootKey, tbs => {
      at(tbs, [-1, 0, 1, -1]).content = Uint8Array.of(3, 2, 2, 4)
    })
    const path = [leaf, mute, ca.root].map(parseCertificate)
    const [first] = judgeRevocation(path, { crls: [list()], ocspResponses: [] }, now)
    expect(first).toMatchObject({ status: 'unknown', why: 'unusable' })
  })

  it('refuses more evidence than anybody needs', () => {
    const many = Array.from({ length: 65 }, () => upper)
    expectFailure('cert.unsupported', () => judge(many))
  })
})

describe('lists of a part', () => {
  const scoped = (...fields: readonly Uint8Array[]) => list({ extensions: [listScopeExtension(fields)] })
  const pointed = (...points: readonly Uint8Array[]) => withPoints(leaf, ...points)
  const some = (number: 1 | 3, ...octets: readonly number[]) => contextPrimitive(number, Uint8Array.from(octets))

  it('speak of users or of authorities alone', () => {
    expect(status([scoped(scopeFlag(1))])).toBe('good')
    expect(status([scoped(scopeFlag(2))])).toBe('none')
    expect(status([scoped(scopeFlag(5))])).toBe('none')
    const ofRoot = (flag: number) => rootList({ extensions: [listScopeExtension([scopeFlag(flag)])] })
    expect(judge([list(), ofRoot(1)])[1]).toMatchObject({ status: 'unknown', why: 'none' })
    expect(judge([list(), ofRoot(2)])[1]).toMatchObject({ status: 'good' })
  })

  it('speak of certificates that name their place', () => {
    const place = uriPoint('http://ca/1')
    expect(status([scoped(place)], { der: pointed(place) })).toBe('good')
    expect(status([scoped(place)], { der: pointed(uriPoint('http://ca/2'), place) })).toBe('good')
    expect(status([scoped(place)], { der: pointed(uriPoint('http://ca/2')) })).toBe('none')
    expect(status([scoped(place)])).toBe('none')
    expect(status([list()], { der: pointed(place) })).toBe('good')
  })

  it('for some reasons make good only together', () => {
    const compromise = scoped(some(3, 5, 0x60))
    const others = scoped(some(3, 7, 0x1f, 0x80))
    expect(status([compromise])).toBe('unusable')
    expect(status([compromise, others])).toBe('good')
    const revoking = list({ entries: [entry()], extensions: [listScopeExtension([some(3, 5, 0x60)])] })
    expect(status([revoking, others])).toBe('revoked')
  })

  it('of somebody else, deltas and unknown ones are not supported', () => {
    const indirect = scoped(scopeFlag(4))
    const delta = list({ extensions: [extension(oids.deltaCrlIndicator, integer(1), true)] })
    const unknown = list({ extensions: [extension('1.2.3.4', derNull, true)] })
    for (const one of [indirect, delta, unknown]) expect(status([one])).toBe('unsupported')
    expectFailure('cert.unsupported', () => requireNotRevoked(judge([delta, upper]), { unknown: 'refuse' }))
    expect(status([list(), unknown])).toBe('good')
    // What changed since the whole list is not read: neither good nor a hold is certain.
    expect(status([list(), delta])).toBe('unsupported')
    expect(status([list({ entries: [entry({ reason: 6 })] }), delta])).toBe('unsupported')
    expect(status([list({ entries: [entry({ reason: 1 })] }), delta])).toBe('revoked')
  })
})

describe('a second key that signs lists', () => {
  const key = testKey('list-signer', 'P-256')
  const second = (usage: readonly number[], issuer: { certificate: Uint8Array; privateKey: PrivateKey }) => {
    const der = issueCertificate({
      subject: parseCertificate(ca.intermediate).subject,
      publicKey: publicKeyInfo(key),
      issuer,
      serial: Uint8Array.of(77),
      notBefore: new Date('2026-01-01T00:00:00Z'),
      notAfter: new Date('2030-01-01T00:00:00Z'),
      profile: 'sign',
    })
    const authorityKey = issuer.privateKey
    if (!('asymmetricKeyType' in authorityKey)) throw new Error('an RSA key')
    return reissued(der, authorityKey, tbs => {
      at(tbs, [-1, 0, 1, -1]).content = Uint8Array.from([3, usage.length, ...usage])
    })
  }
  const root = { certificate: ca.root, privateKey: ca.rootKey }
  const own = { certificate: ca.intermediate, privateKey: ca.intermediateKey }
  const signed = list({ privateKey: key, entries: [] })

  it('is believed when an authority of the path certified it for that and did not take it back', () => {
    const signer = second([1, 2], root)
    expect(status([signed, upper], { pool: [signer] })).toBe('good')
    expect(status([list({ privateKey: key, entries: [entry()] }), upper], { pool: [signer] })).toBe('revoked')
    expect(status([signed], { pool: [signer] })).toBe('unusable')
    expect(status([signed, upper])).toBe('unusable')
    const back = rootList({ entries: [entry({ certificate: signer })] })
    expect(status([signed, back], { pool: [signer] })).toBe('unusable')
  })

  it('is not believed by its own word', () => {
    expect(status([signed, upper], { pool: [second([1, 2], own)] })).toBe('unusable')
  })

  it('is not believed without cRLSign or from an authority beside the path', () => {
    expect(status([signed, upper], { pool: [second([7, 0x80], root)] })).toBe('unusable')
    const stranger = { certificate: ca.rival.sign.certificate, privateKey: ca.rival.sign.privateKey }
    expect(status([signed, upper], { pool: [second([1, 2], stranger)] })).toBe('unusable')
    const forged = { certificate: ca.root, privateKey: testKey('impostor') }
    expect(status([signed, upper], { pool: [second([1, 2], forged)] })).toBe('unusable')
  })
})

describe('lists signed with SM2', () => {
  const gm = gmCa()
  const path = [gm.bidder.sign.certificate, gm.intermediate, gm.root].map(parseCertificate)
  const gmList = (changes: Partial<CrlOptions>) =>
    makeCrl({ issuer: gm.intermediate, privateKey: gm.intermediateKey, ...listDates, ...changes })
  const ofRoot = makeCrl({ issuer: gm.root, privateKey: gm.rootKey, ...listDates })

  it('are judged like the others', () => {
    const said = (crl: Uint8Array) =>
      judgeRevocation(path, { crls: [crl, ofRoot], ocspResponses: [] }, now).map(({ status }) => status)
    expect(said(gmList({}))).toEqual(['good', 'good'])
    const entries = [{ certificate: gm.bidder.sign.certificate, since: before }]
    expect(said(gmList({ entries }))).toEqual(['revoked', 'good'])
    expect(said(gmList({ privateKey: gm.rootKey }))).toEqual(['unknown', 'good'])
    expect(said(gmList({ privateKey: ca.intermediateKey }))).toEqual(['unknown', 'good'])
  })
})
