import type { PdfFacts } from '../../../../crypto/index.ts'
import type { BidFacts, DocumentFacts, LockFacts, SignatureFacts } from '../../../../main/services/checks/facts.ts'
import { parseCertificate } from '../../../../crypto/index.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'
import { makeTender, sealingTime } from '../../../fixtures/sealed-bid.ts'

/** A company that is not the bidder. */
export const rival = { name: '华建工程有限公司', creditCode: '91530100MA6K0000XX' }

/** A tender that asks for everything the rules know, and a bid in which nothing is wrong. */
export async function cleanFacts(): Promise<BidFacts> {
  const { bidder } = practiceCa()
  const { tender } = await makeTender({
    fields: {
      tenderId: 'E5300001000001001',
      lotId: 'E5300001000001001001',
      projectCode: '2026-530000-48-01-018437',
      title: '滨河路改造工程施工（一标段）',
      limits: { fileBytes: 1000, bidBytes: 3000 },
      traces: [],
      documents: [
        {
          id: 'letter',
          title: '投标函',
          required: true,
          seal: true,
          signers: ['法定代表人', '项目经理'],
          maxPages: 10,
        },
        { id: 'scan', title: '证照', required: false },
      ],
      forms: [
        {
          id: 'opening',
          title: '开标一览表',
          fields: [
            { name: 'bidder', title: '投标人名称' },
            { name: 'lot', title: '标段' },
            { name: 'price', title: '投标总报价', kind: 'amount', required: true, max: '100000000' },
            { name: 'words', title: '大写', kind: 'amount-words', of: 'price' },
          ],
        },
        {
          id: 'letterForm',
          title: '投标函附录',
          fields: [
            { name: 'price', kind: 'amount' },
            { name: 'experience', title: '业绩' },
          ],
        },
      ],
    },
  })
  const { packageDigest, fields } = tender
  return {
    tender,
    draft: {
      format: 'bidseal-draft/1',
      revision: 1,
      parent: null,
      tender: { packageDigest, tenderId: fields.tenderId, lotId: fields.lotId ?? '' },
      bidder: { name: bidder.name, creditCode: bidder.creditCode },
      documents: ['letter', 'scan'].map(id => ({ id, path: `documents/${id}.pdf`, documentId: id })),
      forms: [
        {
          id: 'opening',
          fields: [
            { name: 'bidder', value: bidder.name },
            { name: 'lot', value: '一标段 E5300001000001001001' },
            { name: 'price', value: '32,156,789.12' },
            { name: 'words', value: '叁仟贰佰壹拾伍万陆仟柒佰捌拾玖元壹角贰分' },
          ],
        },
        { id: 'letterForm', fields: [{ name: 'price', value: '32156789.12' }] },
      ],
    },
    now: sealingTime,
    documents: [
      documentFacts('letter', {
        asked: fields.documents[0] ?? null,
        signatures: [company(), person('甲'), person('乙')],
      }),
      documentFacts('scan', { asked: fields.documents[1] ?? null }),
    ],
    gone: [],
    unlisted: [],
    locks: [lock('sign', bidder.sign.certificate), lock('decrypt', bidder.decrypt.certificate)],
    knownTenders: [],
    addendum: null,
    otherBids: [],
    seenLocks: [],
    traces: [],
    boq: { documentId: 'letter', file: '清单.xlsx', total: '32156789.12', faults: 0 },
  }
}

/** A document of 100 bytes, a PDF of two pages. */
export function documentFacts(id: string, changes: Partial<DocumentFacts> = {}, size = 100): DocumentFacts {
  return {
    document: { id, documentId: id, path: `documents/${id}.pdf`, file: { path: `/${id}.pdf`, size }, signatures: [] },
    name: `${id}.pdf`,
    asked: null,
    validUntil: null,
    isSealed: false,
    pdf: { kind: 'read', facts: pdfFacts(), makers: [] },
    signatures: [],
    ...changes,
  }
}

/** A sound PDF. */
export function pdfFacts(changes: Partial<PdfFacts> = {}, pages = 2): PdfFacts {
  const box = { left: 0, bottom: 0, right: 595, top: 842 } as unknown as PdfFacts['pages'][number]['mediaBox']
  return {
    size: 100,
    version: '1.7',
    encryption: null,
    pages: Array.from({ length: pages }, () => ({ mediaBox: box, cropBox: box, rotate: 0 as const })),
    isLinearized: false,
    xref: 'table',
    sections: 1,
    info: new Map(),
    formFields: 0,
    hasXfa: false,
    signatures: [],
    emptySignatureFields: [],
    permission: null,
    trouble: [],
    hasJavaScript: false,
    hasLaunchActions: false,
    embeddedFiles: 0,
    hasMedia: false,
    ...changes,
  }
}

/** The bidder's seal. */
export function company(changes: Partial<SignatureFacts> = {}): SignatureFacts {
  const { name, creditCode } = practiceCa().bidder
  return { name: 'Seal', verdict: 'valid', trusted: true, signer: { name, creditCode, digest: 'company' }, ...changes }
}

/** A person's signature. */
export function person(name: string, changes: Partial<SignatureFacts> = {}): SignatureFacts {
  return { name, verdict: 'valid', trusted: true, signer: { name, creditCode: null, digest: name }, ...changes }
}

/** A lock with this certificate that the tender accepts. */
export function lock(use: LockFacts['use'], der: Uint8Array, changes: Partial<LockFacts> = {}): LockFacts {
  const { creditCode } = practiceCa().bidder
  const accepted = use === 'sign' ? true : null
  return { use, label: '公章锁', certificate: parseCertificate(der), creditCode, fits: true, accepted, ...changes }
}
