import { describe, expect, it } from 'vitest'
import type { TenderDocument, TenderField } from '../../../../crypto/index.ts'
import {
  compareDecimals,
  dayOf,
  documentTree,
  fieldMisfit,
  flattened,
  projectCodeKind,
} from '../../../../main/services/index.ts'
import { tenderRemarks } from '../../../../main/services/index.ts'
import { makeTender } from '../../../fixtures/sealed-bid.ts'

describe('the form of a project code', () => {
  it.each([
    ['2017-110000-01-01-000001', 'investment-project'],
    ['2509-320193-89-01-544060', 'investment-project'],
    ['2026-530000-48-01-018437', 'investment-project'],
    ['2020-000052-45-02-003113', 'investment-project'],
    ['E5301000076000001', 'tender-number'],
    ['E5301000076000001001', 'tender-number'],
    ['D03-12530000431204030B-20230816-000026-8', 'trade-identifier'],
    ['', 'none'],
    ['2613-530000-48-01-018437', 'unknown'],
    ['2026-990000-48-01-018437', 'unknown'],
    ['2026-530000-48-01-01843', 'unknown'],
    ['２０２６-530000-48-01-018437', 'unknown'],
    ['D03-12530000431204030B-20230231-000026-8', 'unknown'],
    ['E9901000076000001', 'unknown'],
    ['云采招〔2026〕18号', 'unknown'],
  ] as const)('%j is of the kind %s', (code, kind) => {
    expect(projectCodeKind(code)).toBe(kind)
  })
})

const document = (id: string, more: Partial<TenderDocument> = {}): TenderDocument => {
  return { id, title: id, required: true, ...more }
}
const drawn = (documents: readonly TenderDocument[]): string =>
  flattened(documentTree(documents))
    .map(({ document: { id }, depth }) => '.'.repeat(depth) + id)
    .join(' ')

describe('the tree of documents', () => {
  it('is the list where nothing else is said', () => {
    expect(drawn([document('a'), document('b')])).toBe('a b')
  })

  it('puts documents under their parents, in their order', () => {
    const documents = [
      document('price', { parent: 'business', order: 2 }),
      document('technical'),
      document('business', { order: 0 }),
      document('letter', { parent: 'business', order: 1 }),
      document('proof', { parent: 'letter' }),
    ]
    expect(drawn(documents)).toBe('business .letter ..proof .price technical')
  })

  it('holds every document once, whatever their parents say', () => {
    const documents = [
      document('a', { parent: 'b' }),
      document('b', { parent: 'a' }),
      document('self', { parent: 'self' }),
      document('lost', { parent: 'nowhere' }),
      document('under', { parent: 'a' }),
    ]
    expect(drawn(documents)).toBe('a .under b self lost')
  })
})

describe('the value of a field', () => {
  it.each<[Partial<TenderField>, string, string | null]>([
    [{ kind: 'amount' }, '1,234,567.89', null],
    [{ kind: 'amount' }, '12,34.00', 'not-amount'],
    [{ kind: 'amount' }, '1234.567', 'not-amount'],
    [{ kind: 'amount' }, '壹万元', 'not-amount'],
    [{ kind: 'amount', max: '1000000' }, '1,000,000.00', null],
    [{ kind: 'amount', max: '1000000' }, '1,000,000.01', 'too-large'],
    [{ kind: 'amount', min: '0.01' }, '0.00', 'too-small'],
    [{ kind: 'amount', max: '2026-01-01' }, '5', null],
    [{ kind: 'integer', max: '365' }, '366', 'too-large'],
    [{ kind: 'integer' }, '36.5', 'not-integer'],
    [{ kind: 'date', min: '2026-03-01' }, '2026年2月28日', 'too-small'],
    [{ kind: 'date', max: '2026-03-01' }, '2026/3/1', null],
    [{ kind: 'date' }, '2026-02-30', 'not-date'],
    [{ kind: 'choice', choices: ['合格', '优良'] }, '合格 ', null],
    [{ kind: 'choice', choices: ['合格', '优良'] }, '合 格', 'not-choice'],
    [{ kind: 'choice' }, 'anything', null],
    [{ maxLength: 2 }, '𠮷𠮷', null],
    [{ maxLength: 2 }, '三个字', 'too-long'],
    [{ kind: 'later-kind' }, 'anything', null],
    [{ kind: 'integer', min: '1' }, '  ', null],
  ])('of %j, %j comes to %s', (field, value, misfit) => {
    expect(fieldMisfit({ name: 'f', ...field }, value)).toBe(misfit)
  })

  it('is compared without rounding', () => {
    expect(compareDecimals('900719925474099.01', '900719925474099.02')).toBe(-1)
    expect(compareDecimals('-2', '-1.5')).toBe(-1)
    expect(compareDecimals('1.50', '1.5')).toBe(0)
  })

  it('is a day in every usual spelling', () => {
    expect(['2026-03-01', '2026/3/1', '2026年3月1日'].map(dayOf)).toEqual(Array(3).fill('2026-03-01'))
    expect(['2026-3月1', '26-03-01', '2026-13-01', ''].map(dayOf)).toEqual(Array(4).fill(null))
  })
})

it('remarks what is odd about a tender, and nothing about one that is sound', async () => {
  expect(tenderRemarks((await makeTender()).tender)).toEqual([])
  const { tender } = await makeTender({
    fields: {
      projectCode: '项目-1',
      openingTime: '2026-03-02T07:00:00Z',
      acceptedCaNames: ['a', 'b'],
      documents: [document('letter', { parent: 'letter' })],
      clauses: [{ id: '1', title: 't', documents: ['letter', 'none'] }],
      forms: [
        {
          id: 'f',
          fields: [
            { name: 'words', kind: 'amount-words', of: 'price' },
            { name: 'c', kind: 'choice' },
          ],
        },
      ],
    },
  })
  expect(tenderRemarks(tender).map(({ code, about }) => `${code} ${about}`)).toEqual([
    'project-code-form 项目-1',
    'opening-before-deadline 2026-03-02T07:00:00Z',
    'document-parent letter',
    'clause-document 1 none',
    'field-of f/words',
    'field-choices f/c',
    'names-of-cas 2',
  ])
})
