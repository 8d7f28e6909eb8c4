import { partOfForm } from '../../../../crypto/index.ts'
import { amountFromWords, readAmount } from '../../documents/amounts.ts'
import type { BidFacts, BoqTotal } from '../facts.ts'
import { finding } from '../finding.ts'
import type { Finding } from '../finding.ts'

/** One amount of the filled forms. */
interface Amount {
  readonly formId: string
  readonly part: 'opening' | 'body' | null
  readonly field: string
  readonly title: string
  readonly value: string
  /** Canonical; null for what is no amount. */
  readonly yuan: string | null
}

/** Amounts that can't be read, words that say another amount, and prices that differ from one place to the other. */
export function amountRules(facts: BidFacts): readonly Finding[] {
  const amounts = amountsOf(facts)
  const unreadable = amounts.filter(({ yuan }) => yuan === null)
  return [
    ...unreadable.map(({ formId, field, value }) => {
      return finding('amount-unreadable', `${formId}/${field} ${value}`, { kind: 'form', formId, field })
    }),
    ...wordFindings(facts, amounts),
    ...differing(amounts),
    ...billFindings(facts, amounts),
  ]
}

function amountsOf({ tender, draft }: BidFacts): readonly Amount[] {
  return tender.fields.forms.flatMap(form =>
    form.fields.flatMap(({ name, title = name, kind }) => {
      const value = valueOf(draft, form.id, name)
      if (kind !== 'amount' || value === '') return []
      const part = partOfForm(tender, form.id)
      return [{ formId: form.id, part, field: name, title, value, yuan: readAmount(value) }]
    }),
  )
}

function wordFindings({ tender, draft }: BidFacts, amounts: readonly Amount[]): readonly Finding[] {
  return tender.fields.forms.flatMap(form =>
    form.fields.flatMap(({ name, kind, of }) => {
      const words = valueOf(draft, form.id, name)
      const amount = amounts.find(({ formId, field }) => formId === form.id && field === of)
      if (kind !== 'amount-words' || words === '' || amount === undefined || amount.yuan === null) return []
      if (amountFromWords(words) === amount.yuan) return []
      const about = `${form.id}/${name} ${words} ≠ ${amount.value}`
      return [finding('words-mismatch', about, { kind: 'form', formId: form.id, field: name })]
    }),
  )
}

/** The same field in several forms is the same amount: the price of the opening form is that of the letter of tender. */
function differing(amounts: readonly Amount[]): readonly Finding[] {
  return amounts.flatMap((amount, index) => {
    const before = amounts.slice(0, index).find(({ field }) => field === amount.field)
    if (before === undefined || before.yuan === null || amount.yuan === null) return []
    // Body forms may list amounts of their own under one name; what was said aloud at the opening binds.
    if (before.part === amount.part && amount.part !== 'opening') return []
    if (before.yuan === amount.yuan) return []
    const about = `${before.formId}/${before.field} ${before.value} ≠ ${amount.formId}/${amount.field} ${amount.value}`
    return [finding('price-mismatch', about, { kind: 'form', formId: amount.formId, field: amount.field })]
  })
}

function billFindings({ boq }: BidFacts, amounts: readonly Amount[]): readonly Finding[] {
  if (boq === null) return []
  const place = { kind: 'document', documentId: boq.documentId, file: boq.file } as const
  const faults = boq.faults === 0 ? [] : [finding('boq-faults', `${boq.file} ${boq.faults}`, place)]
  return [...againstBill(boq, amounts), ...faults]
}

function againstBill(boq: BoqTotal, amounts: readonly Amount[]): readonly Finding[] {
  const price = priceOf(amounts)
  if (price === null || price.yuan === null || price.yuan === boq.total) return []
  const about = `${price.formId}/${price.field} ${price.value} ≠ ${boq.file} ${boq.total}`
  return [finding('boq-mismatch', about, { kind: 'form', formId: price.formId, field: price.field })]
}

/** The bid price among the amounts of the opening form: the only one, or the first that is called so. */
function priceOf(amounts: readonly Amount[]): Amount | null {
  const opening = amounts.filter(({ part }) => part === 'opening')
  if (opening.length === 1) return opening[0] ?? null
  return opening.find(({ field, title }) => /报价|总价|price/i.test(`${field} ${title}`)) ?? null
}

function valueOf(draft: BidFacts['draft'], formId: string, field: string): string {
  const form = draft.forms.find(({ id }) => id === formId)
  return form?.fields.find(({ name }) => name === field)?.value.trim() ?? ''
}
