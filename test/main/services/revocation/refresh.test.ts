import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  type Certificate,
  judgeRevocation,
  maxCrlLength,
  parseCertificate,
  systemRandomness,
} from '../../../../crypto/index.ts'
import { readDer } from '../../../../crypto/der/reader.ts'
import { nodeHttp } from '../../../../main/http/index.ts'
import { keptEvidence } from '../../../../main/services/revocation/evidence.ts'
import { type RefreshLimits, refreshRevocation } from '../../../../main/services/revocation/refresh.ts'
import { shelfAt } from '../../../../main/services/revocation/shelf.ts'
import { homeAt } from '../../../../main/store/index.ts'
import { type AuthorityServer, startAuthorityServer } from '../../../fixtures/authority-server.ts'
import { gmCa } from '../../../fixtures/gm-ca.ts'
import { withOpenssl } from '../../../fixtures/openssl.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'
import { type Addresses, opensslList, practiceList, rootList, withAddresses } from '../../../fixtures/practice-lists.ts'
import { makeCrl, makeOcspResponse } from '../../../fixtures/revocation.ts'
import { clockAt } from '../../../fixtures/sealed-bid.ts'

const ca = practiceCa()
const now = new Date('2026-11-24T08:00:00Z')
const since = new Date('2026-11-01T00:00:00Z')
const quick: RefreshLimits = { oneAnswer: 300, altogether: 2000 }
let server: AuthorityServer
let folder: string

beforeAll(async () => {
  server = await startAuthorityServer()
})
afterAll(() => server.close())
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-refresh-'))
  server.asked.length = 0
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const ports = (at = now) => ({
  http: nodeHttp(),
  home: homeAt(join(folder, 'home')),
  clock: clockAt(at),
  randomness: systemRandomness,
})
/** The practice bidder's path with these addresses in the first certificate, and in its authority's. */
function pathWith(addresses: Addresses, upper: Addresses = {}): readonly Certificate[] {
  const leaf = withAddresses(ca.bidder.sign.certificate, ca.intermediateKey, addresses)
  return [leaf, withAddresses(ca.intermediate, ca.rootKey, upper), ca.root].map(parseCertificate)
}
const outcomes = async (path: readonly Certificate[], limits = quick) =>
  (await refreshRevocation(ports(), [path], {}, limits)).map(({ kind, outcome }) => `${kind} ${outcome}`).sort()
/** What the home says of a path, without asking anybody. */
async function standing(path: readonly Certificate[], at = now) {
  const evidence = await keptEvidence(shelfAt(ports().home.revocation), path, at)
  return judgeRevocation(path, evidence, at).map(one => (one.status === 'unknown' ? one.why : one.status))
}

describe('refreshRevocation', () => {
  test('keeps lists that serve offline from then on', async () => {
    server.say('/ca.crl', practiceList())
    server.say('/root.crl', rootList())
    const path = pathWith({ crls: [`${server.url}/ca.crl`] }, { crls: [`${server.url}/root.crl`] })
    expect(await standing(path)).toEqual(['none', 'none'])
    expect(await outcomes(path)).toEqual(['crl newer', 'crl newer'])
    expect(server.asked.length).toBe(2)
    expect(await standing(path)).toEqual(['good', 'good'])
    expect(await outcomes(path)).toEqual(['crl same', 'crl same'])
    server.asked.length = 0
    expect(await standing(path)).toEqual(['good', 'good'])
    expect(server.asked).toEqual([])
  })

  test('finds a revocation in a list that openssl made', () =>
    withOpenssl(async bench => {
      const path = pathWith({ crls: [`${server.url}/openssl.crl`] })
      const [leaf] = path
      const made = opensslList(bench, leaf === undefined ? [] : [{ certificate: leaf.der, since }])
      bench.put('list.pem', made)
      server.say('/openssl.crl', bench.run('crl', '-in', 'list.pem', '-outform', 'DER').stdout)
      const today = new Date()
      const sources = await refreshRevocation(ports(today), [path], {}, quick)
      expect(sources).toEqual([{ kind: 'crl', address: `${server.url}/openssl.crl`, outcome: 'newer' }])
      expect(await standing(path, today)).toEqual(['revoked', 'none'])
      expect(await standing(path, new Date(since.getTime() - 1000))).toEqual(['unusable', 'none'])
    }))

  test('keeps lists signed with SM2', async () => {
    const gm = gmCa()
    const path = [gm.bidder.sign.certificate, gm.intermediate, gm.root].map(parseCertificate)
    const [leaf] = path
    if (leaf === undefined) throw new Error('no leaf')
    server.say(
      '/gm.crl',
      makeCrl({
        issuer: gm.intermediate,
        privateKey: gm.intermediateKey,
        thisUpdate: since,
        nextUpdate: new Date('2027-01-01T00:00:00Z'),
        entries: [{ certificate: leaf.der, since }],
      }),
    )
    // Addresses stand in no practice certificate of this kind: a copy of it as it would be read with one.
    const point = pathWith({ crls: [`${server.url}/gm.crl`] })[0]?.extensions ?? new Map()
    const addressed = [{ ...leaf, extensions: new Map([...leaf.extensions, ...point]) }, ...path.slice(1)]
    expect(await outcomes(addressed)).toEqual(['crl newer'])
    expect(await standing(addressed)).toEqual(['revoked', 'none'])
  })

  test('takes no list that is older than the kept one, that another signed, or that is none', async () => {
    const path = pathWith({ crls: [`${server.url}/ca.crl`] })
    const [leaf] = path
    const entries = leaf === undefined ? [] : [{ certificate: leaf.der, since }]
    server.say('/ca.crl', practiceList({ entries }))
    expect(await outcomes(path)).toEqual(['crl newer'])
    const older = { thisUpdate: new Date('2026-11-19T00:00:00Z') }
    server.say('/ca.crl', practiceList(older))
    expect(await outcomes(path)).toEqual(['crl older'])
    for (const answer of [
      practiceList({ privateKey: ca.rival.sign.privateKey, thisUpdate: now }),
      rootList(),
      Buffer.from('<html>'),
      ca.root,
    ]) {
      server.say('/ca.crl', answer)
      expect(await outcomes(path)).toEqual(['crl unusable'])
    }
    expect(await standing(path)).toEqual(['revoked', 'none'])
  })

  test('keeps an older list for bids judged in its time', async () => {
    const path = pathWith({ crls: [`${server.url}/ca.crl`] })
    const october = { thisUpdate: new Date('2026-10-01T00:00:00Z'), nextUpdate: new Date('2026-10-31T00:00:00Z') }
    server.say('/ca.crl', practiceList(october))
    expect(await outcomes(path)).toEqual(['crl newer'])
    server.say('/ca.crl', practiceList({ entries: path.slice(0, 1).map(({ der }) => ({ certificate: der, since })) }))
    expect(await outcomes(path)).toEqual(['crl newer'])
    expect(await standing(path)).toEqual(['revoked', 'none'])
    expect(await standing(path, new Date('2026-10-15T00:00:00Z'))).toEqual(['good', 'none'])
  })

  test('asks OCSP responders by POST with a nonce, and keeps what they may say', async () => {
    const path = pathWith({ ocsp: [`${server.url}/ocsp`] })
    const [leaf] = path
    if (leaf === undefined) throw new Error('no leaf')
    const thisUpdate = new Date('2026-11-24T07:59:00Z')
    const nextUpdate = new Date('2026-11-25T00:00:00Z')
    const answer = (status: 'good' | { since: Date }) =>
      makeOcspResponse({
        responder: ca.intermediate,
        privateKey: ca.intermediateKey,
        producedAt: thisUpdate,
        answers: [{ certificate: leaf.der, issuer: ca.intermediate, status, thisUpdate, nextUpdate }],
      })
    server.say('/ocsp', answer('good'))
    expect(await outcomes(path)).toEqual(['ocsp newer'])
    const [asked] = server.asked
    expect(asked).toMatchObject({ method: 'POST', headers: { 'content-type': 'application/ocsp-request' } })
    expect(() => readDer(new Uint8Array(asked?.body ?? []))).not.toThrow()
    const evidence = await keptEvidence(shelfAt(ports().home.revocation), path, now)
    expect(judgeRevocation(path, evidence, now)[0]).toMatchObject({ status: 'good', source: 'ocsp', asOf: thisUpdate })
    server.say('/ocsp', answer({ since }))
    expect(await outcomes(path)).toEqual(['ocsp same'])
    expect(await standing(path)).toEqual(['revoked', 'none'])
    await refreshRevocation(ports(), [path], {}, quick)
    expect(new Set(server.asked.map(({ body }) => body.toString('hex'))).size).toBe(3)
  })

  test('asks one list once for all the certificates that share it, and another address where the first fails', async () => {
    server.say('/ca.crl', practiceList())
    const path = pathWith({ crls: [`${server.url}/ca.crl`] })
    const other = [
      withAddresses(ca.timestamp.certificate, ca.intermediateKey, { crls: [`${server.url}/ca.crl`] }),
      ca.intermediate,
      ca.root,
    ]
    await refreshRevocation(ports(), [path, other.map(parseCertificate)], {}, quick)
    expect(server.asked.length).toBe(1)
    const two = pathWith({ crls: [`${server.url}/missing.crl`, `${server.url}/ca.crl`] })
    expect(await outcomes(two)).toEqual(['crl refused', 'crl same'])
  })

  test('tells what is wrong with each address and keeps what is there', async () => {
    server.say('/ca.crl', practiceList())
    const path = pathWith({ crls: [`${server.url}/ca.crl`] })
    await outcomes(path)
    server.say(
      '/huge',
      response => void response.writeHead(200, { 'content-length': String(maxCrlLength + 1) }).write('x'),
    )
    server.say('/silent', () => undefined)
    server.say('/evil', response => void response.writeHead(302, { location: 'file:///etc/passwd' }).end())
    const host = server.url.slice('http://'.length)
    const bad = pathWith(
      { crls: [`${server.url}/huge`, `${server.url}/silent`, `http://u:p@${host}/ca.crl`, `${server.url}/evil`] },
      { ocsp: ['http://127.0.0.1:1/ocsp'] },
    )
    expect(await outcomes(bad)).toEqual([
      'crl address',
      'crl address',
      'crl too-long',
      'crl unreachable',
      'ocsp unreachable',
    ])
    expect(await standing(bad)).toEqual(['good', 'none'])
  })

  test('takes no longer altogether than it was told, and begins nothing more then', async () => {
    server.say('/silent', () => undefined)
    const silent = `${server.url}/silent`
    const crls = [silent, `${silent}?2`, `${silent}?3`, `${silent}?4`]
    for (const address of crls) server.say(address.slice(server.url.length), () => undefined)
    const begun = performance.now()
    const path = pathWith({ crls, ocsp: [silent] }, { crls, ocsp: [silent] })
    const found = await outcomes(path, { oneAnswer: 5000, altogether: 300 })
    expect(performance.now() - begun).toBeLessThan(2500)
    expect(new Set(found)).toEqual(new Set(['crl unreachable', 'ocsp unreachable']))
    expect(server.asked.length).toBeLessThanOrEqual(4)
  })

  test('stops at once when asked to, and leaves nothing half done', async () => {
    server.say('/silent', () => undefined)
    const stop = new AbortController()
    const path = pathWith({ crls: [`${server.url}/silent`] })
    const limits = { oneAnswer: 20_000, altogether: 20_000 }
    const waiting = refreshRevocation(ports(), [path], { signal: stop.signal }, limits)
    setTimeout(() => stop.abort(), 50)
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' })
    expect(await shelfAt(ports().home.revocation).list()).toEqual([])
  })
})
