import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { decodeDocument } from '../../../crypto/documents/encoding.ts'
import type { DocumentFields } from '../../../crypto/documents/kinds.ts'
import { CryptoFailure } from '../../../crypto/errors.ts'
import { type Complete, mutations, otherFields } from '../../fixtures/agreement.ts'
import { misfits, type Schema } from '../../fixtures/json-schema.ts'

const file = new URL('../../../crypto/documents/kinds/tender.schema.json', import.meta.url)
const schema = JSON.parse(readFileSync(file, 'utf8')) as Schema

const digest = 'ab'.repeat(32)
const fields: Complete<DocumentFields<'tender'>> = {
  platformId: 'practice.bidseal',
  tenderId: 'E5301000076000001',
  lotId: '01',
  projectCode: '2026-530000-48-01-018437',
  title: '滨河路改造工程施工',
  publishedAt: '2026-02-01T00:00:00Z',
  deadline: '2026-03-02T08:00:00Z',
  openingTime: '2026-03-02T08:00:00.5Z',
  releaseMinutes: 60,
  limits: { fileBytes: 1, bidBytes: 2 },
  suites: ['intl-1', 'gm-1'],
  acceptedCas: ['AAAA'],
  acceptedCaNames: ['云南 CA'],
  documents: [
    {
      ...{ id: 'letter', title: '投标函', required: true, signers: ['legal'], seal: true, maxPages: 10 },
      ...{ parent: 'volume', group: '商务文件', order: 1 },
    },
  ],
  forms: [
    {
      ...{ id: 'opening', title: '开标一览表', part: 'opening' },
      fields: [
        {
          ...{ name: 'price', title: '投标总价', required: true, kind: 'amount', of: 'other', unit: '元' },
          ...{ min: '0.01', max: '2026-01-01', maxLength: 20, choices: ['合格'] },
        },
      ],
    },
  ],
  clauses: [{ id: '2.1', title: '资格评审', weight: '2.5', text: '……', documents: ['letter'] }],
  keyPolicy: 'split',
  parts: 'separate',
  certificates: [{ purpose: 'receipt', certificate: 'AAAA' }],
  remedy: { kind: 'none' },
  traces: ['mac'],
  traceRule: { text: '雷同的，评标委员会……', basis: '条例第四十条' },
  attachments: [{ path: 'attachments/a.pdf', size: 1, digest }],
  supersedes: digest,
}
const complete = { type: 'bidseal/1 tender', ...fields }

function accepts(value: unknown): boolean {
  try {
    decodeDocument('tender', new TextEncoder().encode(JSON.stringify(value)))
    return true
  } catch (error) {
    if (error instanceof CryptoFailure) return false
    throw error
  }
}

describe('the published schema of tender.json', () => {
  it('lists the fields the reader knows, and no other', () => {
    expect(misfits(schema, complete)).toEqual([])
    expect(decodeDocument('tender', new TextEncoder().encode(JSON.stringify(complete)))).toEqual(fields)
    expect(otherFields(schema, complete)).toEqual([])
  })

  it('takes and refuses what the reader takes and refuses, whichever field is changed', () => {
    const all = mutations(complete)
    expect(all.length).toBeGreaterThan(400)
    const disagree = all.filter(({ value }) => accepts(value) !== (misfits(schema, value).length === 0))
    expect(disagree.map(({ what }) => what)).toEqual([])
  })

  it.each(['1.', '01', '1e3', '２', '1,000', '.5', '1.1234567'])('refuses the weight %j as the reader does', weight => {
    const value = { ...complete, clauses: [{ id: '1', title: 't', weight }] }
    expect([accepts(value), misfits(schema, value).length]).toEqual([false, 1])
  })
})
