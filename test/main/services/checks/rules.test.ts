import { beforeAll, expect, test } from 'vitest'
import type { BidFacts, DocumentFacts, LockFacts } from '../../../../main/services/checks/facts.ts'
import { findingRules, jumpTo } from '../../../../main/services/checks/finding.ts'
import type { FindingCode } from '../../../../main/services/checks/finding.ts'
import { applyRules } from '../../../../main/services/checks/rules/index.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'
import { openingTime } from '../../../fixtures/sealed-bid.ts'
import { cleanFacts, company, documentFacts, lock, pdfFacts, person, rival } from './facts.ts'

let clean: BidFacts

beforeAll(async () => {
  clean = await cleanFacts()
})

type Change = (facts: BidFacts) => BidFacts

/** For every code: facts in which it is found, and facts beside them in which it is not. */
interface Case {
  readonly found: Change
  readonly notFound: Change
  /** Text that the finding's `about` must hold. */
  readonly about?: string
}

const letter =
  (changes: Partial<DocumentFacts>, size?: number): Change =>
  facts => ({
    ...facts,
    documents: facts.documents.map(each =>
      each.document.documentId === 'letter'
        ? { ...documentFacts('letter', { asked: each.asked, signatures: each.signatures }, size), ...changes }
        : each,
    ),
  })
const scan =
  (changes: Partial<DocumentFacts>, size?: number): Change =>
  facts => ({
    ...facts,
    documents: facts.documents.map(each =>
      each.document.documentId === 'scan'
        ? { ...documentFacts('scan', { asked: each.asked }, size), ...changes }
        : each,
    ),
  })
const form =
  (formId: string, field: string, value: string): Change =>
  facts => {
    const others = facts.draft.forms.find(({ id }) => id === formId)?.fields.filter(({ name }) => name !== field) ?? []
    const fields = value === '' ? others : [...others, { name: field, value }]
    const forms = [...facts.draft.forms.filter(({ id }) => id !== formId), { id: formId, fields }]
    return { ...facts, draft: { ...facts.draft, forms } }
  }
const without =
  (id: string): Change =>
  facts => ({
    ...facts,
    draft: { ...facts.draft, documents: facts.draft.documents.filter(({ documentId }) => documentId !== id) },
    documents: facts.documents.filter(({ document }) => document.documentId !== id),
  })
const withFacts =
  (changes: Partial<BidFacts>): Change =>
  facts => ({ ...facts, ...changes })
const pdf = (changes: Parameters<typeof pdfFacts>[0], pages?: number): Partial<DocumentFacts> => ({
  pdf: { kind: 'read', facts: pdfFacts(changes, pages), makers: [] },
})
const makers = (key: string, text: string): Partial<DocumentFacts> => ({
  pdf: { kind: 'read', facts: pdfFacts(), makers: [{ key, text }] },
})
const locks =
  (use: LockFacts['use'], changes: Partial<LockFacts>): Change =>
  facts => ({ ...facts, locks: facts.locks.map(each => (each.use === use ? { ...each, ...changes } : each)) })
const until =
  (use: LockFacts['use'], notAfter: string): Change =>
  facts => {
    const profile = use
    const { certificate } = practiceCa().issue('check-dates', { profile, notAfter: new Date(notAfter) })
    return { ...facts, locks: facts.locks.map(each => (each.use === use ? lock(use, certificate) : each)) }
  }
const unchanged: Change = facts => facts
const otherTender = {
  packageDigest: '00'.repeat(32),
  tenderId: 'E5300001000009999',
  lotId: '',
  projectCode: '2025-530000-48-01-000001',
  title: '环湖东路改造工程',
}
const opening = Date.parse(openingTime)
const day = 86_400_000
const at = (time: number): string => new Date(time).toISOString()

const cases: Readonly<Record<FindingCode, Case>> = {
  'document-missing': { found: without('letter'), notFound: unchanged, about: '投标函' },
  'optional-missing': { found: without('scan'), notFound: unchanged, about: '证照' },
  'document-gone': {
    found: withFacts({ gone: [{ documentId: 'letter', name: 'letter.pdf' }] }),
    notFound: unchanged,
    about: 'letter.pdf',
  },
  'document-unknown': { found: scan({ asked: null }), notFound: unchanged },
  'document-sealed': { found: scan({ isSealed: true }), notFound: unchanged },
  'document-too-large': { found: scan({}, 1001), notFound: scan({}, 1000) },
  'bid-too-large': { found: facts => scan({}, 2901)(letter({}, 100)(facts)), notFound: scan({}, 2900) },
  'form-unknown': { found: form('nosuch', 'a', 'b'), notFound: unchanged, about: 'nosuch' },
  'field-missing': {
    found: form('opening', 'price', ''),
    notFound: form('opening', 'lot', ''),
    about: 'opening/price',
  },
  'field-unknown': { found: form('opening', 'nosuch', '1'), notFound: unchanged },
  'document-empty': { found: scan({}, 0), notFound: scan({}, 1) },
  'file-unlisted': { found: withFacts({ unlisted: ['草稿.docx'] }), notFound: unchanged, about: '草稿.docx' },
  'required-empty': { found: letter({}, 0), notFound: scan({}, 0) },
  'document-expired': {
    found: scan({ validUntil: '2026-03-01' }),
    notFound: scan({ validUntil: openingTime.slice(0, 10) }),
  },
  'pages-too-many': { found: letter(pdf({}, 11)), notFound: letter(pdf({}, 10)), about: '11 > 10' },
  'pages-unknown': { found: letter({ pdf: null }), notFound: scan({ pdf: null }) },
  'seal-missing': {
    found: letter({ signatures: [person('甲'), person('乙')] }),
    notFound: scan({ signatures: [] }),
  },
  'seal-untrusted': {
    found: letter({ signatures: [company({ trusted: false }), person('甲'), person('乙')] }),
    notFound: unchanged,
  },
  'signers-missing': {
    found: letter({ signatures: [company(), company({ name: 'again' })] }),
    notFound: letter({ signatures: [company(), person('甲')] }),
    about: '1/2 法定代表人、项目经理',
  },
  'signature-invalid': {
    found: letter({ signatures: [company(), person('甲'), person('乙', { verdict: 'altered' })] }),
    notFound: scan({ signatures: [person('乙', { verdict: 'altered' })] }),
  },
  'signature-doubtful': {
    found: scan({ signatures: [person('担保公司', { trusted: false })] }),
    notFound: scan({ signatures: [person('担保公司')] }),
  },
  'pdf-broken': { found: scan({ pdf: { kind: 'unreadable', detail: '' } }), notFound: scan({ pdf: null }) },
  'pdf-damaged': { found: scan(pdf({ trouble: ['xref-rebuilt'] })), notFound: scan(pdf({ xref: 'hybrid' })) },
  'pdf-encrypted': { found: scan(pdf({ encryption: { handler: 'Standard' } }, 0)), notFound: scan(pdf({})) },
  'pdf-scripted': {
    found: scan(pdf({ hasJavaScript: true })),
    notFound: scan(pdf({ embeddedFiles: 1, formFields: 3 })),
    about: 'JavaScript',
  },
  'field-invalid': {
    found: form('opening', 'price', '200,000,000.00'),
    notFound: form('opening', 'price', '100,000,000.00'),
  },
  'amount-unreadable': {
    found: form('opening', 'price', '三千万'),
    notFound: form('opening', 'price', '￥32,156,789.12'),
  },
  'words-mismatch': {
    found: form('opening', 'words', '叁仟贰佰壹拾伍万陆仟柒佰捌拾玖元壹角叁分'),
    notFound: form('opening', 'words', '人民币叁仟贰佰壹拾伍万陆仟柒佰捌拾玖圆壹角贰分'),
    about: '32,156,789.12',
  },
  'price-mismatch': {
    found: form('letterForm', 'price', '32156789.13'),
    notFound: form('letterForm', 'price', '￥32,156,789.12'),
    about: '32156789.13',
  },
  'boq-mismatch': {
    found: withFacts({ boq: { documentId: 'boq', file: '清单.xlsx', total: '32156789.00', faults: 0 } }),
    notFound: withFacts({ boq: null }),
    about: '清单.xlsx 32156789.00',
  },
  'boq-faults': {
    found: withFacts({ boq: { documentId: 'boq', file: '清单.xlsx', total: '32156789.12', faults: 3 } }),
    notFound: withFacts({ boq: null }),
    about: '清单.xlsx 3',
  },
  'tender-other': {
    found: form('opening', 'lot', '二标段'),
    notFound: form('letterForm', 'experience', '承建环湖路二标段'),
    about: '2标段',
  },
  'tender-other-mentioned': {
    found: facts =>
      withFacts({ knownTenders: [otherTender] })(form('letterForm', 'experience', otherTender.title)(facts)),
    notFound: form('letterForm', 'experience', '滨河路改造工程施工第 1 标段'),
    about: otherTender.title,
  },
  'addendum-newer': {
    found: withFacts({ addendum: { title: '补遗一', publishedAt: '2026-02-20T00:00:00Z', changes: 2 } }),
    notFound: withFacts({ knownTenders: [otherTender] }),
    about: '补遗一',
  },
  'foreign-company': {
    found: scan(makers('Author', `${rival.name} 王工`)),
    notFound: scan(makers('Producer', '珠海金山办公软件有限公司')),
    about: rival.name,
  },
  'other-company-bid': {
    found: withFacts({
      otherBids: [{ shortCode: '7K3QX9MD', creditCode: rival.creditCode, tenderId: 'E5300001000001001' }],
    }),
    notFound: withFacts({ otherBids: [{ shortCode: '7K3QX9MD', creditCode: rival.creditCode, tenderId: 'another' }] }),
  },
  'other-company-lock': {
    found: withFacts({ seenLocks: [{ label: '锁', ...rival }] }),
    notFound: withFacts({ seenLocks: [{ label: '锁', name: '张三', creditCode: null }] }),
  },
  'trace-recorded': {
    found: withFacts({ traces: [{ name: 'mac', value: '02:42:ac:11:00:02' }] }),
    notFound: unchanged,
    about: 'mac = 02:42:ac:11:00:02',
  },
  'certificate-expired': { found: until('sign', '2026-03-01T00:00:00Z'), notFound: unchanged },
  'certificate-expires-early': {
    found: until('decrypt', at(opening + 59 * 60_000)),
    notFound: until('sign', at(opening + 59 * 60_000)),
  },
  'certificate-expires-soon': {
    found: until('decrypt', at(opening + 20 * day)),
    notFound: until('decrypt', at(opening + 40 * day)),
  },
  'certificate-wrong-use': {
    found: facts => ({ ...facts, locks: [lock('sign', practiceCa().bidder.decrypt.certificate)] }),
    notFound: unchanged,
  },
  'certificate-not-accepted': {
    found: locks('sign', { accepted: false }),
    notFound: locks('decrypt', { accepted: null }),
  },
  'certificate-unsupported': { found: locks('decrypt', { certificate: null }), notFound: unchanged },
  'certificate-credit-code': {
    found: locks('decrypt', { creditCode: rival.creditCode }),
    notFound: locks('decrypt', { creditCode: null }),
  },
}

const codesOf = (facts: BidFacts): readonly string[] => applyRules(facts).map(({ code }) => code)

test('nothing is found in a bid in which nothing is wrong', () => {
  expect(applyRules(clean)).toEqual([])
})

test('every code there is has a case', () => {
  expect(Object.keys(cases).sort()).toEqual(Object.keys(findingRules).sort())
})

test.each(Object.entries(cases))('%s is found where it is, and only there', (code, { found, notFound, about }) => {
  const hit = applyRules(found(clean)).find(each => each.code === code)
  expect(hit).toMatchObject({ level: findingRules[code as FindingCode].level, rule: expect.any(String) })
  expect(hit?.about).toContain(about ?? '')
  expect(hit?.jump).toEqual(hit === undefined ? null : jumpTo(hit.place))
  expect(codesOf(notFound(clean))).not.toContain(code)
})

test('a finding leads to the page, the field or the screen where something can be done', () => {
  const jumps = (change: Change, code: FindingCode) => applyRules(change(clean)).find(each => each.code === code)?.jump
  expect(jumps(letter(pdf({}, 12)), 'pages-too-many')).toEqual({ screen: 'documents', document: 'letter', page: 11 })
  expect(jumps(form('opening', 'words', '壹元整'), 'words-mismatch')).toEqual({
    screen: 'documents',
    form: 'opening',
    field: 'words',
  })
  expect(jumps(locks('sign', { accepted: false }), 'certificate-not-accepted')).toEqual({ screen: 'locks' })
  expect(jumps(cases['addendum-newer'].found, 'addendum-newer')).toEqual({ screen: 'tender' })
})

test('a seal of another company is none, and one by a lock that will sign counts for the bidder', () => {
  const others = company({ signer: { ...rival, digest: 'x' } })
  expect(codesOf(letter({ signatures: [others, person('甲'), person('乙')] })(clean))).toContain('seal-missing')
  const nameless: BidFacts = { ...clean, locks: [], draft: { ...clean.draft, bidder: { name: '', creditCode: '' } } }
  expect(codesOf(letter({ signatures: [others, person('甲'), person('乙')] })(nameless))).not.toContain('seal-missing')
})

test('a company is recognised by properties, file names and forms, however its name is set', () => {
  const name = practiceCa().bidder.name
  for (const [change, hit] of [
    [scan(makers('Company', '华建')), true],
    [scan(makers('Company', name)), false],
    [scan(makers('pdfx:Company', `${name.slice(0, 4)} ${name.slice(4)}`)), false],
    [scan(makers('Author', 'Great Wall Construction Co., Ltd.')), true],
    [scan(makers('Author', '王小明')), false],
    [scan(makers('Creator', 'Microsoft® Word')), false],
    [scan({ name: `${rival.name}-营业执照.pdf` }), true],
    [form('opening', 'bidder', rival.name), true],
  ] as const) {
    expect(codesOf(change(clean)).includes('foreign-company')).toBe(hit)
  }
})
