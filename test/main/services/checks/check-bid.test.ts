import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { signFileGm } from '../../../../crypto/cms/gm/detached-file.ts'
import { nodeFiles } from '../../../../crypto/io/node-files.ts'
import { bytesSource } from '../../../../crypto/io/source.ts'
import { signPdf } from '../../../../crypto/sign/pdf/index.ts'
import type { Signer, Tender } from '../../../../crypto/index.ts'
import { addDocument, checkBid, loadDraft, newBid } from '../../../../main/services/index.ts'
import { sealedDocuments } from '../../../../main/services/sealing/sealing-rules.ts'
import { gmTenderFields } from '../../../fixtures/gm-bid.ts'
import { gmCa } from '../../../fixtures/gm-ca.ts'
import { blankPages, madePdf, madeStream } from '../../../fixtures/pdf-made.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'
import { makeTender } from '../../../fixtures/sealed-bid.ts'

const top = mkdtempSync(join(tmpdir(), 'bidseal-check-'))
const ca = practiceCa()
let tender: Tender
let folder: string
let count = 0

beforeAll(async () => {
  const fields = {
    ...gmTenderFields(),
    documents: [
      { id: 'letter', title: '投标函', required: true, seal: true, maxPages: 3 },
      { id: 'other', title: '其他', required: false },
    ],
    traces: ['machine', 'nosuch'],
  }
  tender = (await makeTender({ fields })).tender
})

afterAll(() => {
  rmSync(top, { recursive: true, force: true })
})

beforeEach(async () => {
  folder = join(top, `bid-${(count += 1)}`)
  await newBid({ folder, tender, bidder: { name: ca.bidder.name, creditCode: ca.bidder.creditCode } })
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const pdf = (pages = 2, changes: Parameters<typeof madePdf>[1] = {}): Uint8Array => madePdf(blankPages(pages), changes)
const add = async (bytes: Uint8Array, documentId = 'letter', name = '投标函.pdf'): Promise<string> => {
  const file = join(top, name)
  writeFileSync(file, bytes)
  await addDocument(tender, { folder, file, documentId, replace: true })
  return join(folder, 'documents', name)
}
const check = async () => checkBid(folder, (await loadDraft(folder)).draft, tender)
const codes = async (): Promise<readonly string[]> => (await check()).findings.map(({ code }) => code)
const signed = async (bytes: Uint8Array, signer: Signer): Promise<Uint8Array> => {
  const output = join(top, 'signed.pdf')
  await signPdf({
    source: bytesSource(bytes),
    output,
    files: nodeFiles,
    signer,
    place: { kind: 'invisible' },
    signingTime: new Date(),
  })
  return Uint8Array.from(readFileSync(output))
}

test('a document sealed with the bidder’s lock passes, and one with nothing or with another company’s does not', async () => {
  await add(pdf())
  expect(await codes()).toContain('seal-missing')
  await add(await signed(pdf(), ca.rival.sign.signer()))
  expect(await codes()).toContain('seal-missing')
  await add(await signed(pdf(), ca.bidder.sign.signer()))
  expect((await check()).findings.filter(({ level }) => level === 'fatal')).toEqual([])
})

test('what is changed after it was sealed is named, whatever was looked at before', async () => {
  const path = await add(await signed(pdf(), ca.bidder.sign.signer()))
  expect(await codes()).not.toContain('signature-invalid')
  const bytes = readFileSync(path)
  const at = bytes.indexOf('0.9 g 100')
  bytes[at] = 0x31
  writeFileSync(path, bytes)
  expect(await codes()).toEqual(expect.arrayContaining(['signature-invalid', 'seal-missing']))
})

test('pages that were changed by an update after the seal are named, a further signature is none of that', async () => {
  const sealed = await signed(pdf(), ca.bidder.sign.signer())
  await add(await signed(sealed, ca.rival.sign.signer()))
  expect(await codes()).not.toContain('signature-invalid')
  await add(madePdf({ 3: madeStream('', Buffer.from('0 g 0 0 300 300 re f')) }, { after: sealed }))
  expect(await codes()).toEqual(expect.arrayContaining(['signature-invalid', 'seal-missing']))
})

test('a signature beside a document counts, is sealed with it, and is no stray file', async () => {
  const bytes = pdf()
  const path = await add(bytes)
  const signer = gmCa().bidder.sign.signer()
  writeFileSync(`${path}.p7s`, await signFileGm(bytesSource(bytes), signer))
  const { findings, documents, size } = await check()
  const { creditCode } = gmCa().bidder
  expect(creditCode).toBe(ca.bidder.creditCode)
  expect(findings.filter(({ level }) => level === 'fatal')).toEqual([])
  expect(findings.map(({ code }) => code)).not.toContain('file-unlisted')
  expect(size).toBeGreaterThan(bytes.length)
  expect(sealedDocuments(documents).map(({ id, name, role }) => [id, name, role])).toEqual([
    ['d1', '投标函.pdf', 'letter'],
    ['d1.1.p7s', '投标函.pdf.p7s', 'letter'],
  ])
  writeFileSync(path, pdf(3))
  expect(await codes()).toEqual(expect.arrayContaining(['seal-missing', 'signature-invalid']))
  writeFileSync(`${path}.p7s`, 'no signature')
  expect(await codes()).toEqual(expect.arrayContaining(['seal-missing', 'signature-doubtful']))
})

test('pages are counted, and what cannot be read is named', async () => {
  await add(pdf(4))
  expect(await codes()).toContain('pages-too-many')
  await add(Buffer.from('no PDF at all'))
  expect(await codes()).toEqual(expect.arrayContaining(['pages-unknown', 'pdf-broken']))
  await add(pdf(2, { trailer: '/Encrypt << /Filter /Standard /V 2 /R 3 >>' }), 'other', 'locked.pdf')
  const scripted = blankPages(1, { catalog: '/OpenAction << /S /JavaScript /JS (app.alert) >>' })
  expect(await codes()).toContain('pdf-encrypted')
  await add(madePdf(scripted), 'other', 'scripted.pdf')
  expect(await codes()).toContain('pdf-scripted')
  expect(await codes()).not.toContain('pdf-encrypted')
})

test('another company is found in Info and in XMP, whichever way it is written', async () => {
  const xmp = (properties: string): Uint8Array => {
    const packet = `<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>${properties}</rdf:RDF></x:xmpmeta>`
    const metadata = madeStream('/Type /Metadata /Subtype /XML', Buffer.from(packet))
    return madePdf({ ...blankPages(1, { catalog: '/Metadata 5 0 R' }), 5: metadata })
  }
  const company = '华建工程有限公司'
  for (const bytes of [
    madePdf({ ...blankPages(1), 5: '<< /Author (Great Wall Construction Co., Ltd.) >>' }, { trailer: '/Info 5 0 R' }),
    xmp(`<dc:creator><rdf:Seq><rdf:li>王工</rdf:li><rdf:li>${company}</rdf:li></rdf:Seq></dc:creator>`),
    xmp(`<rdf:Description pdfx:Company="${company}"/>`),
  ]) {
    await add(bytes, 'other', '其他.pdf')
    expect(await codes()).toContain('foreign-company')
  }
  await add(xmp(`<dc:creator><rdf:Seq><rdf:li>${ca.bidder.name}</rdf:li></rdf:Seq></dc:creator>`), 'other', '其他.pdf')
  expect(await codes()).not.toContain('foreign-company')
})

test('the traces the rule asks for are shown with what they would say, and no others', async () => {
  const { findings, traces } = await check()
  expect(traces).toEqual([
    { name: 'machine', value: hostname() },
    { name: 'nosuch', value: null },
  ])
  expect(findings.filter(({ code }) => code === 'trace-recorded').map(({ about }) => about)).toEqual([
    `machine = ${hostname()}`,
    'nosuch = —',
  ])
})

test('a folder of that name beside a document is no signature', async () => {
  const path = await add(pdf())
  mkdirSync(`${path}.p7s`)
  await expect(check()).rejects.toMatchObject({ code: 'bid.invalid' })
})
