import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../../crypto/cert/certificate.ts'
import { type CertificateProfile, issueCertificate } from '../../../../crypto/cert/issue.ts'
import { encodeName } from '../../../../crypto/cert/name.ts'
import { validatePath } from '../../../../crypto/cert/path.ts'
import { toPem } from '../../../../crypto/cert/pem.ts'
import {
  encodeOcspRequest,
  judgeRevocation,
  parseOcspResponse,
  requireNotRevoked,
} from '../../../../crypto/cert/revocation/index.ts'
import { oids } from '../../../../crypto/der/oids.ts'
import { derNull, octetString, oid, sequence, tlv } from '../../../../crypto/der/writer.ts'
import { at, derTree, flipped, reissued } from '../../../fixtures/der-edit.ts'
import { expectFailure } from '../../../fixtures/failure.ts'
import { gmCa } from '../../../fixtures/gm-ca.ts'
import { withOpenssl } from '../../../fixtures/openssl.ts'
import { practiceCa, publicKeyInfo, testKey } from '../../../fixtures/practice-ca.ts'
import {
  extension,
  makeCrl,
  makeOcspResponse,
  type OcspAnswer,
  type OcspOptions,
} from '../../../fixtures/revocation.ts'

const ca = practiceCa()
const leaf = ca.bidder.sign.certificate
const now = new Date('2026-11-24T08:00:00Z')
const before = new Date('2026-11-01T00:00:00Z')
const thisUpdate = new Date('2026-11-24T07:59:00Z')
const nextUpdate = new Date('2026-11-25T00:00:00Z')
const dates = { thisUpdate: new Date('2026-11-20T00:00:00Z'), nextUpdate: new Date('2026-12-20T00:00:00Z') }

const answer = (changes: Partial<OcspAnswer> = {}): OcspAnswer => ({
  certificate: leaf,
  issuer: ca.intermediate,
  status: 'good',
  thisUpdate,
  nextUpdate,
  ...changes,
})
const response = (answers: readonly OcspAnswer[], changes: Partial<OcspOptions> = {}) =>
  makeOcspResponse({
    responder: ca.intermediate,
    privateKey: ca.intermediateKey,
    producedAt: thisUpdate,
    answers,
    ...changes,
  })

function judge(ocspResponses: readonly Uint8Array[], crls: readonly Uint8Array[] = []) {
  const path = validatePath({
    leaf: parseCertificate(leaf),
    intermediates: [parseCertificate(ca.intermediate)],
    anchors: [parseCertificate(ca.root)],
    at: now,
    leafUse: 'sign',
  })
  return judgeRevocation(path, { crls, ocspResponses }, now)
}
const status = (...args: Parameters<typeof judge>) => {
  const [first] = judge(...args)
  return first?.status === 'unknown' ? first.why : first?.status
}

describe('judgeRevocation by OCSP', () => {
  it('believes the issuer, however the certificate and the responder are named', () => {
    for (const hash of ['sha1', 'sha256', 'sm3'] as const) {
      for (const by of ['name', 'key'] as const) expect(status([response([answer({ hash })], { by })])).toBe('good')
    }
    expect(judge([response([answer()])])[0]).toMatchObject({ asOf: thisUpdate, source: 'ocsp' })
  })

  it('tells since when and why a certificate was taken back', () => {
    const judged = judge([response([answer({ status: { since: before, reason: 4 } })])])
    expect(judged[0]).toMatchObject({ status: 'revoked', since: before, reason: 'superseded', source: 'ocsp' })
    expectFailure('cert.revoked', () => requireNotRevoked(judged, { unknown: 'accept' }))
    const later = answer({ status: { since: new Date('2026-11-24T08:00:01Z') } })
    expect(status([response([later])])).toBe('good')
  })

  it('weighs lists and answers together: taken back by either is taken back', () => {
    const list = (entries: Parameters<typeof makeCrl>[0]['entries'] = []) =>
      makeCrl({ issuer: ca.intermediate, privateKey: ca.intermediateKey, ...dates, entries })
    expect(status([response([answer()])], [list([{ certificate: leaf, since: before }])])).toBe('revoked')
    expect(status([response([answer({ status: { since: before } })])], [list()])).toBe('revoked')
    expect(status([response([answer({ status: 'unknown' })])], [list()])).toBe('good')
    expect(judge([response([answer()])], [list()])[0]).toMatchObject({ asOf: thisUpdate, source: 'ocsp' })
  })

  it('knows nothing by an answer about another certificate, by one that knows nothing, or by none', () => {
    expect(status([response([answer({ certificate: ca.rival.sign.certificate })])])).toBe('none')
    expect(status([response([answer({ issuer: ca.root })])])).toBe('none')
    expect(status([response([answer({ status: 'unknown' })])])).toBe('unusable')
    expect(status([])).toBe('none')
  })

  it('takes an answer for its own time', () => {
    expect(status([response([answer({ nextUpdate: new Date('2026-11-24T07:59:59Z') })])])).toBe('unusable')
    expect(status([response([answer({ thisUpdate: new Date('2026-11-24T08:05:01Z') })])])).toBe('unusable')
    const without = (hours: number) =>
      answer({ thisUpdate: new Date(now.getTime() - hours * 3600_000), nextUpdate: null })
    expect(status([response([without(24)])])).toBe('good')
    expect(status([response([without(25)])])).toBe('unusable')
  })

  it('does not take what was changed or signed by somebody else', () => {
    const good = response([answer()])
    for (let bit = 0; bit < good.length * 8; bit += 13)
      expect(status([flipped(good, bit)]), String(bit)).not.toBe('good')
    expect(status([response([answer()], { privateKey: testKey('impostor') })])).toBe('unusable')
    expect(status([response([answer()], { responder: ca.root, privateKey: ca.rootKey })])).toBe('unusable')
    expect(status([response([answer()], { responder: leaf, privateKey: ca.bidder.sign.privateKey })])).toBe('unusable')
  })
})

describe('a responder the issuer certified', () => {
  const key = testKey('responder', 'P-256')
  const issue = (
    purposes: readonly string[] | null,
    more: readonly Uint8Array[] = [],
    issuer: { certificate: Uint8Array; privateKey: typeof ca.rootKey } = {
      certificate: ca.intermediate,
      privateKey: ca.intermediateKey,
    },
    profile: CertificateProfile = 'sign',
  ) => {
    const der = issueCertificate({
      subject: encodeName([['CN', '标封演练 OCSP']]),
      publicKey: publicKeyInfo(key),
      issuer,
      serial: Uint8Array.of(88),
      notBefore: new Date('2026-11-01T00:00:00Z'),
      notAfter: new Date('2026-12-01T00:00:00Z'),
      profile,
    })
    return reissued(der, issuer.privateKey, tbs => {
      const list = purposes === null ? [] : [extension(oids.extKeyUsage, sequence(...purposes.map(id => oid(id))))]
      for (const one of [...list, ...more]) at(tbs, [-1, 0]).children.push(derTree(one))
    })
  }
  const delegated = (responder: Uint8Array, changes: Partial<OcspOptions> = {}) =>
    response([answer()], { responder, privateKey: key, certificates: [responder], ...changes })
  const right = issue([oids.ocspSigning])

  it('is believed, by name and by key', () => {
    expect(status([delegated(right)])).toBe('good')
    expect(status([delegated(right, { by: 'key' })])).toBe('good')
    expect(status([delegated(right, { certificates: [ca.root, right] })])).toBe('good')
  })

  it('is not believed without the purpose, from another authority, outside its dates, or with another key', () => {
    expect(status([delegated(issue(null))])).toBe('unusable')
    expect(status([delegated(issue([oids.timeStamping]))])).toBe('unusable')
    expect(status([delegated(issue([oids.ocspSigning], [], undefined, 'decrypt'))])).toBe('unusable')
    const root = { certificate: ca.root, privateKey: ca.rootKey }
    expect(status([delegated(issue([oids.ocspSigning], [], root))])).toBe('unusable')
    const forged = { certificate: ca.intermediate, privateKey: testKey('impostor') }
    expect(status([delegated(issue([oids.ocspSigning], [], forged))])).toBe('unusable')
    expect(status([delegated(right, { producedAt: new Date('2026-12-02T00:00:00Z') })])).toBe('unusable')
    expect(status([delegated(right, { certificates: [] })])).toBe('unusable')
    expect(status([delegated(right, { privateKey: testKey('impostor', 'P-256') })])).toBe('unusable')
    expect(status([delegated(issue([oids.ocspSigning], [extension('1.2.3.4', derNull, true)]))])).toBe('unusable')
  })

  it('is not believed once it was taken back, unless it says not to look', () => {
    const list = (responder: Uint8Array) =>
      makeCrl({
        issuer: ca.intermediate,
        privateKey: ca.intermediateKey,
        ...dates,
        entries: [
          { certificate: responder, since: before },
          { certificate: leaf, since: before, reason: 8 },
        ],
      })
    // The entry of a delta makes the list useless for good news: only the responder's own fate is looked at here.
    const plain = makeCrl({
      issuer: ca.intermediate,
      privateKey: ca.intermediateKey,
      ...dates,
      nextUpdate: new Date('2026-11-21T00:00:00Z'),
      entries: [{ certificate: right, since: before }],
    })
    expect(status([delegated(right)], [list(right)])).toBe('good')
    expect(status([delegated(right)], [plain])).toBe('unusable')
    const unlooked = issue([oids.ocspSigning], [extension(oids.ocspNoCheck, derNull)])
    expect(status([delegated(unlooked)], [plain])).toBe('good')
  })
})

describe('parseOcspResponse', () => {
  it('reads what responders say beside the answer', () => {
    const nonce = Uint8Array.of(1, 2, 3, 4)
    const parsed = parseOcspResponse(
      response([answer(), answer({ certificate: ca.intermediate, issuer: ca.root })], {
        extensions: [extension(oids.ocspNonce, octetString(nonce))],
        certificates: [ca.root, sequence()],
      }),
    )
    expect(parsed.answers.map(one => one.status)).toEqual(['good', 'good'])
    expect(parsed.nonce).toEqual(nonce)
    expect(parsed.certificates).toHaveLength(1)
    expect(parsed.producedAt).toEqual(thisUpdate)
  })

  it('refuses refusals, other kinds, critical unknowns and too much', () => {
    const critical = response([answer()], { extensions: [extension('1.2.3.4', derNull, true)] })
    const many = Array.from({ length: 17 }, () => answer())
    for (const der of [
      sequence(tlv(0x0a, Uint8Array.of(6))),
      sequence(tlv(0x0a, Uint8Array.of(0))),
      critical,
      response(many),
      Uint8Array.of(...response([answer()]), 0),
      ca.root,
      new Uint8Array(0),
      tlv(0x30, new Uint8Array(256 * 1024)),
    ]) {
      expectFailure('cert.unsupported', () => parseOcspResponse(der))
    }
  })
})

describe('OCSP with openssl', () => {
  it('understands its answers, and it our questions', () =>
    withOpenssl(bench => {
      const pem = (name: string, der: Uint8Array) => bench.put(name, toPem(der, 'CERTIFICATE'))
      pem('issuer.pem', ca.intermediate)
      pem('root.pem', ca.root)
      pem('leaf.pem', leaf)
      bench.put('issuer.key', ca.intermediateKey.export({ format: 'pem', type: 'pkcs8' }).toString())
      const serial = Buffer.from(parseCertificate(leaf).serial).toString('hex').toUpperCase()
      const certificate = parseCertificate(leaf)
      const issuer = parseCertificate(ca.intermediate)
      for (const hash of ['sha1', 'sha256', 'sm3'] as const) {
        const nonce = Uint8Array.from({ length: 16 }, (_, index) => index)
        bench.put('request.der', encodeOcspRequest({ certificate, issuer, hash, nonce }))
        const shown = bench.run('ocsp', '-reqin', 'request.der', '-req_text')
        expect(shown.stdout.toString(), shown.stderr).toContain(serial)
        bench.put('index.txt', `R\t360101000000Z\t261001000000Z,cACompromise\t${serial}\tunknown\t/CN=x\n`)
        const responder = ['-index', 'index.txt', '-rsigner', 'issuer.pem', '-rkey', 'issuer.key', '-CA', 'issuer.pem']
        const files = ['-reqin', 'request.der', '-respout', 'answer.der', '-ndays', '1']
        const made = bench.run('ocsp', ...responder, ...files)
        expect(made.ok, made.stderr).toBe(true)
        const der = new Uint8Array(readFileSync(bench.path('answer.der')))
        expect(parseOcspResponse(der).nonce).toEqual(nonce)
        const path = [certificate, issuer, parseCertificate(ca.root)]
        const [first] = judgeRevocation(path, { crls: [], ocspResponses: [der] }, new Date(Date.now() + 1000))
        expect(first).toMatchObject({ status: 'revoked', reason: 'cACompromise' })
      }
    }))

  it('makes answers that it verifies', () =>
    withOpenssl(bench => {
      bench.put('issuer.pem', toPem(ca.intermediate, 'CERTIFICATE'))
      bench.put('root.pem', toPem(ca.root, 'CERTIFICATE'))
      bench.put('leaf.pem', toPem(leaf, 'CERTIFICATE'))
      bench.put('answer.der', response([answer()], { certificates: [ca.intermediate] }))
      const chain = ['-issuer', 'issuer.pem', '-cert', 'leaf.pem', '-CAfile', 'root.pem', '-VAfile', 'issuer.pem']
      const at = ['-attime', String(now.getTime() / 1000), '-validity_period', '1000000000']
      const said = bench.run('ocsp', '-respin', 'answer.der', ...chain, ...at, '-no_nonce')
      expect(said.stderr + said.stdout.toString()).toContain('verify OK')
      expect(said.stdout.toString()).toContain('good')
    }))
})

describe('OCSP with SM2', () => {
  const gm = gmCa()
  it('is judged like the others', () => {
    const path = [gm.bidder.sign.certificate, gm.intermediate, gm.root].map(parseCertificate)
    const said = (privateKey: OcspOptions['privateKey'], how: OcspAnswer['status']) => {
      const one = answer({ certificate: gm.bidder.sign.certificate, issuer: gm.intermediate, hash: 'sm3', status: how })
      const der = makeOcspResponse({ responder: gm.intermediate, privateKey, producedAt: thisUpdate, answers: [one] })
      return judgeRevocation(path, { crls: [], ocspResponses: [der] }, now)[0]?.status
    }
    expect(said(gm.intermediateKey, 'good')).toBe('good')
    expect(said(gm.intermediateKey, { since: before })).toBe('revoked')
    expect(said(gm.rootKey, 'good')).toBe('unknown')
  })
})
