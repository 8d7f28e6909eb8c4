import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parseCertificate } from '../../../../crypto/cert/certificate.ts'
import { formatTokenUri, noEvidence, systemClock } from '../../../../crypto/index.ts'
import { writeSoftLock } from '../../../../crypto/token/soft/pkcs12-write.ts'
import { composePorts, siblingsIn } from '../../../../main/cli/compose.ts'
import { openLocks, signFiles, verifyDocument } from '../../../../main/services/index.ts'
import type { PdfJudgement, Ports, SignReport } from '../../../../main/services/index.ts'
import { type AuthorityServer, startAuthorityServer } from '../../../fixtures/authority-server.ts'
import { cliProgram } from '../../../fixtures/cli.ts'
import { blankPages, madePdf, madeStream } from '../../../fixtures/pdf-made.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'
import { addressed, practiceList } from '../../../fixtures/practice-lists.ts'
import { deskPin, makeSigningDesk, type SigningDesk } from '../../../fixtures/signing-desk.ts'

const ca = practiceCa()
const anchors = [parseCertificate(ca.root)]
const hour = 3_600_000
const dates = { thisUpdate: new Date(Date.now() - hour), nextUpdate: new Date(Date.now() + 24 * hour) }

let desk: SigningDesk
let ports: Ports
let server: AuthorityServer
let lock: string
let count = 0
let folder: string

beforeAll(async () => {
  desk = await makeSigningDesk()
  server = await startAuthorityServer()
  const { certificate, privateKey } = addressed(ca.bidder.sign, { crls: [`${server.url}/ca.crl`] })
  const pkcs8 = new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' }))
  const keys = [{ use: 'sign' as const, certificate, privateKey: pkcs8 }]
  const path = desk.path('addressed.p12')
  await writeSoftLock(path, { pin: deskPin, label: 'addressed', keys, intermediates: [ca.intermediate] })
  lock = formatTokenUri({ kind: 'soft', path })
})

beforeEach(() => {
  folder = desk.path(`work-${(count += 1)}`)
  mkdirSync(folder)
  ports = composePorts(`${folder}/home`, siblingsIn(dirname(cliProgram)))
})

afterAll(async () => {
  await ports.tokens.close()
  await server.close()
  desk.remove()
})

async function sign(file: string, token = lock): Promise<SignReport> {
  const askPin = () => Promise.resolve({ pin: deskPin })
  const locks = openLocks({ hosts: ports.tokens, modules: [], order: [token], askPin })
  const base = { token, look: null, output: { kind: 'in-place' }, onError: 'stop', anchors } as const
  try {
    return await signFiles(ports, locks, { files: [file], ...base })
  } finally {
    await locks.close()
  }
}

const verify = async (file: string, more: Partial<PdfJudgement> = {}) =>
  (await verifyDocument(ports, file, { anchors, ...more })).report

async function signed(): Promise<string> {
  const file = `${folder}/a.pdf`
  writeFileSync(file, madePdf(blankPages(2)))
  expect((await sign(file)).files).toMatchObject([{ outcome: 'signed' }])
  return file
}

const revocation = (status: string) => [{ status }, { status: 'not-checked' }]
const revoked = (since: Date) =>
  practiceList({ ...dates, entries: [{ certificate: ca.bidder.sign.certificate, since }] })
const before = new Date(Date.now() - 2 * hour)

describe('a signature that holds by itself', () => {
  test('does not hold any more when what is on the pages was changed by a later update', async () => {
    const file = await signed()
    const content = madeStream('', Buffer.from('0 g 100 100 400 600 re f'))
    writeFileSync(file, madePdf({ 3: content }, { after: readFileSync(file) }))
    expect(await verify(file)).toMatchObject({
      isWhollySigned: false,
      failure: { code: 'document.signature' },
      signatures: [{ verdict: 'valid', holds: false, chain: { ok: true }, covers: { changes: ['content'] } }],
    })
  })

  test('holds after others have signed, and the last covers the whole', async () => {
    const file = await signed()
    await sign(file, desk.rival)
    expect(await verify(file)).toMatchObject({
      isWhollySigned: true,
      failure: null,
      signatures: [
        { holds: true, covers: { changes: ['signatures'] } },
        { holds: true, covers: { kind: 'whole-file' } },
      ],
    })
  })

  test('is judged by the lists at hand: good, revoked, or not checked', async () => {
    const file = await signed()
    expect(await verify(file)).toMatchObject({ signatures: [{ holds: true, revocation: revocation('not-checked') }] })
    const good = { ...noEvidence, crls: [practiceList(dates)] }
    expect(await verify(file, { more: good })).toMatchObject({ signatures: [{ revocation: revocation('good') }] })
    const bad = { ...noEvidence, crls: [revoked(before)] }
    expect(await verify(file, { more: bad })).toMatchObject({
      failure: { code: 'document.signature', because: 'cert.revoked' },
      isWhollySigned: false,
      signatures: [{ holds: false, verdict: 'valid', chain: { ok: false, code: 'cert.revoked' } }],
    })
  })

  test('does not hold when the certificate was taken back after the time it claims, which nobody has proved', async () => {
    const file = `${folder}/a.pdf`
    writeFileSync(file, madePdf(blankPages(1)))
    ports = { ...ports, clock: { now: () => new Date(Date.now() - 3 * hour) } }
    await sign(file)
    ports = { ...ports, clock: systemClock }
    const more = { ...noEvidence, crls: [revoked(before)] }
    expect(await verify(file, { more })).toMatchObject({
      signatures: [{ holds: false, chain: { code: 'cert.revoked' } }],
    })
  })

  test('is judged by what the authority says now where that is asked for; then such a lock signs no more', async () => {
    const file = await signed()
    server.say('/ca.crl', revoked(before))
    const { report, fetched } = await verifyDocument(ports, file, { anchors, refresh: true })
    expect(fetched).toMatchObject([{ kind: 'crl', outcome: 'newer' }])
    expect(report).toMatchObject({ failure: { because: 'cert.revoked' } })
    await expect(sign(file)).rejects.toMatchObject({ code: 'cert.revoked' })
    server.say('/ca.crl', null)
  })
})

describe('a document', () => {
  test('that nobody has signed, and one that is none', async () => {
    const file = `${folder}/a.pdf`
    writeFileSync(file, madePdf(blankPages(1)))
    expect(await verify(file)).toMatchObject({ signatures: [], failure: { code: 'document.signature' } })
    writeFileSync(file, 'text')
    await expect(verify(file)).rejects.toMatchObject({ code: 'input.unreadable' })
  })

  test('that is encrypted is judged by the signatures beside it', async () => {
    const file = `${folder}/a.pdf`
    writeFileSync(file, madePdf(blankPages(1), { trailer: '/Encrypt << /Filter /Standard /V 1 >>' }))
    const askPin = () => Promise.resolve({ pin: deskPin })
    const locks = openLocks({ hosts: ports.tokens, modules: [], order: [desk.sm2], askPin })
    const base = { token: desk.sm2, look: null, output: { kind: 'beside' }, onError: 'stop' } as const
    expect((await signFiles(ports, locks, { files: [file], ...base })).files).toMatchObject([{ outcome: 'signed' }])
    await locks.close()
    const report = await verify(file)
    expect(report.unread).toContain('encrypted')
    expect(report.signatures).toMatchObject([{ kind: 'detached', verdict: 'valid', chain: { code: 'cert.untrusted' } }])
  })

  test('may have several signatures beside it, numbered', async () => {
    const file = `${folder}/a.pdf`
    writeFileSync(file, madePdf(blankPages(1)))
    const askPin = () => Promise.resolve({ pin: deskPin })
    const locks = openLocks({ hosts: ports.tokens, modules: [], order: [desk.sm2], askPin })
    const base = { token: desk.sm2, look: null, output: { kind: 'beside' }, onError: 'stop' } as const
    await signFiles(ports, locks, { files: [file], ...base })
    await locks.close()
    writeFileSync(`${file}.2.p7s`, readFileSync(`${file}.p7s`))
    writeFileSync(`${file}.4.p7s`, 'behind a gap')
    const { signatures } = await verify(file)
    expect(signatures.map(({ name }) => name)).toEqual(['a.pdf.p7s', 'a.pdf.2.p7s'])
  })
})
