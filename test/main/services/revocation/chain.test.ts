import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { encodeName, issueCertificate, parseCertificate, systemRandomness, toPem } from '../../../../crypto/index.ts'
import { nodeHttp } from '../../../../main/http/index.ts'
import { findChain, judgeChain, keptIssuers } from '../../../../main/services/index.ts'
import { homeAt } from '../../../../main/store/index.ts'
import { type AuthorityServer, startAuthorityServer } from '../../../fixtures/authority-server.ts'
import { withOpenssl } from '../../../fixtures/openssl.ts'
import {
  practiceCa,
  practiceNotAfter,
  practiceNotBefore,
  publicKeyInfo,
  testKey,
} from '../../../fixtures/practice-ca.ts'
import { practiceList, rootList, withAddresses } from '../../../fixtures/practice-lists.ts'
import { clockAt } from '../../../fixtures/sealed-bid.ts'

const ca = practiceCa()
const now = new Date('2026-11-24T08:00:00Z')
const limits = { oneAnswer: 300, altogether: 2000 }
let server: AuthorityServer
let folder: string

beforeAll(async () => {
  server = await startAuthorityServer()
})
afterAll(() => server.close())
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-chain-'))
  server.asked.length = 0
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const ports = () => ({
  http: nodeHttp(),
  home: homeAt(join(folder, 'home')),
  clock: clockAt(now),
  randomness: systemRandomness,
})
const leafAt = (path: string) =>
  parseCertificate(withAddresses(ca.bidder.sign.certificate, ca.intermediateKey, { issuers: [`${server.url}${path}`] }))
const question = (path: string, fetch: boolean) => ({
  certificate: leafAt(path),
  intermediates: [],
  anchors: [parseCertificate(ca.root)],
  use: 'sign' as const,
  at: now,
  fetch,
})
const find = (path: string, fetch: boolean) => findChain(ports(), question(path, fetch), {}, limits)

test('fetches a missing intermediate where that is allowed, keeps it, and needs nobody the next time', async () => {
  server.say('/ca.cer', ca.intermediate)
  await expect(find('/ca.cer', false)).rejects.toMatchObject({ code: 'cert.untrusted' })
  expect(server.asked).toEqual([])
  const { path, sources } = await find('/ca.cer', true)
  expect(path.map(({ der }) => Buffer.from(der))).toEqual(
    [leafAt('/ca.cer').der, ca.intermediate, ca.root].map(der => Buffer.from(der)),
  )
  expect(sources).toEqual([{ kind: 'issuer', address: `${server.url}/ca.cer`, outcome: 'newer' }])
  server.asked.length = 0
  expect((await find('/ca.cer', false)).path.length).toBe(3)
  expect((await find('/elsewhere', true)).path.length).toBe(3)
  expect(server.asked).toEqual([])
  expect((await keptIssuers(ports())).map(der => Buffer.from(der))).toEqual([Buffer.from(ca.intermediate)])
})

test('reads PEM and PKCS#7 as authorities publish them', () =>
  withOpenssl(async bench => {
    const both = [ca.root, ca.intermediate].map(der => toPem(der, 'CERTIFICATE')).join('')
    server.say('/ca.pem', Buffer.from(both))
    expect((await find('/ca.pem', true)).path.length).toBe(3)
    rmSync(join(folder, 'home'), { recursive: true })
    bench.put('both.pem', both)
    server.say('/ca.p7c', bench.run('crl2pkcs7', '-nocrl', '-certfile', 'both.pem', '-outform', 'DER').stdout)
    expect((await find('/ca.p7c', true)).path.length).toBe(3)
  }))

test('goes up several steps, and gives up where the way does not end', async () => {
  const key = testKey('upper')
  const common = { notBefore: practiceNotBefore, notAfter: practiceNotAfter }
  const upper = issueCertificate({
    ...common,
    subject: encodeName([['CN', '中间 CA']]),
    publicKey: publicKeyInfo(key),
    issuer: { certificate: ca.root, privateKey: ca.rootKey },
    serial: randomBytes(8),
    profile: 'root',
  })
  const lower = issueCertificate({
    ...common,
    subject: parseCertificate(ca.intermediate).subject,
    publicKey: publicKeyInfo(ca.intermediateKey),
    issuer: { certificate: upper, privateKey: key },
    serial: randomBytes(8),
    profile: 'intermediate',
  })
  server.say('/lower.cer', withAddresses(lower, key, { issuers: [`${server.url}/upper.cer`] }))
  await expect(find('/lower.cer', true)).rejects.toMatchObject({ code: 'cert.untrusted' })
  server.say('/upper.cer', upper)
  expect((await find('/lower.cer', true)).path.length).toBe(4)
})

test('takes nothing that did not sign the certificate, and asks none of the forbidden', async () => {
  const impostor = issueCertificate({
    notBefore: practiceNotBefore,
    notAfter: practiceNotAfter,
    subject: parseCertificate(ca.intermediate).subject,
    publicKey: publicKeyInfo(testKey('impostor')),
    issuer: { certificate: 'self', privateKey: testKey('impostor') },
    serial: randomBytes(8),
    profile: 'root',
  })
  for (const answer of [impostor, ca.root, ca.bidder.sign.certificate, Buffer.from('<html>'), Buffer.alloc(300_000)]) {
    server.say('/ca.cer', answer)
    await expect(find('/ca.cer', true)).rejects.toMatchObject({ code: 'cert.untrusted' })
  }
  expect(await keptIssuers(ports())).toEqual([])
})

test('judges chain and revocation in one answer, for a diagnosis', async () => {
  server.say('/ca.cer', ca.intermediate)
  server.say('/ca.crl', practiceList())
  server.say('/root.crl', rootList())
  const certificate = withAddresses(ca.bidder.sign.certificate, ca.intermediateKey, {
    issuers: [`${server.url}/ca.cer`],
    crls: [`${server.url}/ca.crl`],
    ocsp: [`${server.url}/none`],
  })
  const ask = (fetch: boolean) =>
    judgeChain(ports(), { ...question('/', fetch), certificate: parseCertificate(certificate) }, {}, limits)
  const { path, revocation, sources } = await ask(true)
  expect(path.length).toBe(3)
  expect(revocation).toMatchObject([
    {
      subject: expect.stringContaining('云岭建设集团有限公司'),
      status: 'good',
      source: 'crl',
      asOf: '2026-11-20T00:00:00.000Z',
    },
    { status: 'not-checked', why: 'none' },
  ])
  expect(sources.map(({ kind, outcome }) => `${kind} ${outcome}`).sort()).toEqual([
    'crl newer',
    'issuer newer',
    'ocsp refused',
  ])
  server.asked.length = 0
  expect((await ask(false)).revocation).toEqual(revocation)
  expect(server.asked).toEqual([])
})
