import { beforeAll, expect, it } from 'vitest'
import { toBase64 } from '../../../../crypto/index.ts'
import type { Tender } from '../../../../crypto/index.ts'
import { tenderChanges } from '../../../../main/services/index.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'
import { makeTender, type TenderChanges } from '../../../fixtures/sealed-bid.ts'

let older: Tender
const base = {
  documents: [
    { id: 'letter', title: '投标函', required: true, maxPages: 10 },
    { id: 'technical', title: '技术方案', required: false },
    { id: 'price', title: '报价', required: true },
  ],
  clauses: [{ id: '2.1', title: '资格', weight: '10' }],
  attachments: [{ path: 'attachments/图纸.zip', size: 10, digest: 'aa'.repeat(32) }],
} as const

beforeAll(async () => {
  older = (await makeTender({ fields: base })).tender
})

async function changesTo(changes: TenderChanges['fields'], more: TenderChanges = {}): Promise<readonly string[]> {
  const { tender } = await makeTender({ ...more, fields: { ...base, ...changes } })
  return tenderChanges(older, tender).map(({ area, change, id, property, from, to }) =>
    [area, change, id, property, from, to].filter(text => text !== null && text !== '').join(' '),
  )
}

it('finds nothing between two packages that differ by their publication only', async () => {
  expect(await changesTo({ publishedAt: '2026-02-09T00:00:00Z', supersedes: older.packageDigest })).toEqual([])
})

it.each<[string, TenderChanges['fields'], readonly string[]]>([
  [
    'a later deadline',
    { deadline: '2026-03-03T08:00:00Z' },
    ['date changed deadline 2026-03-02T08:00:00Z 2026-03-03T08:00:00Z'],
  ],
  [
    'a document more, one less, one that may be longer',
    {
      documents: [
        { ...base.documents[0], maxPages: 20, seal: true },
        base.documents[2],
        { id: 'safety', title: '安全生产许可证', required: true },
      ],
    },
    [
      'document removed technical',
      'document changed letter maxPages 10 20',
      'document changed letter seal true',
      'document added safety',
    ],
  ],
  ['another order', { documents: [base.documents[2], base.documents[0], base.documents[1]] }, ['document moved price']],
  [
    'a form, a field, and what a field takes',
    {
      forms: [
        {
          id: 'opening',
          title: '开标一览表',
          fields: [{ name: '投标总价', kind: 'amount', max: '100' }, { name: '质量' }],
        },
        { id: 'staff', fields: [] },
      ],
    },
    [
      'form removed summary',
      'form added staff',
      'field removed opening/工期',
      'field changed opening/投标总价 kind amount',
      'field changed opening/投标总价 max 100',
      'field added opening/质量',
    ],
  ],
  [
    'the points of a clause and what answers it',
    { clauses: [{ id: '2.1', title: '资格', weight: '15.5', documents: ['letter', 'price'] }] },
    ['clause changed 2.1 weight 10 15.5', 'clause changed 2.1 documents letter、price'],
  ],
  ['a limit', { limits: { fileBytes: 2 ** 33, bidBytes: 5 } }, ['limit changed bidBytes 17179869184 5']],
  [
    'an attachment with other content',
    { attachments: [{ ...base.attachments[0], digest: 'bb'.repeat(32) }] },
    [`attachment changed 图纸.zip digest ${'aa'.repeat(32)} ${'bb'.repeat(32)}`],
  ],
  ['suites', { suites: ['intl-1', 'gm-1'] }, ['suite added gm-1']],
  [
    'traces',
    { traces: [], traceRule: { text: '雷同的否决' } },
    ['trace removed machine', 'trace changed rule 雷同的否决'],
  ],
  ['the lot', { lotId: '02' }, ['fact changed lotId 01 02']],
])('names %s', async (_what, fields, expected) => {
  expect(await changesTo(fields)).toEqual(expected)
})

it('names another remedy and key policy', async () => {
  expect(await changesTo({}, { remedy: 'recovery-code', keyPolicy: 'split' })).toEqual([
    'key-policy changed keyPolicy bidder split',
    'remedy changed kind none recovery-code',
  ])
})

it('names certificates and authorities by their subjects, and never takes another key for the same', async () => {
  const ca = practiceCa()
  const receipt = ca.issue('receipt', { profile: 'platform' }).certificate
  const certificates = older.fields.certificates.map(each =>
    each.purpose === 'receipt' ? { ...each, certificate: toBase64(receipt) } : each,
  )
  const { tender } = await makeTender({
    fields: { ...base, certificates, acceptedCas: [...older.fields.acceptedCas, toBase64(ca.intermediate)] },
  })
  const changes = tenderChanges(older, tender)
  expect(changes.map(({ area, change }) => `${area} ${change}`)).toEqual([
    'certificate removed',
    'certificate added',
    'ca added',
  ])
  expect(changes.at(-1)?.title).toContain('CN=')
})
