import { createHash } from 'node:crypto'
import { displayName, parseCertificate } from '../../../crypto/index.ts'
import type { Tender } from '../../../crypto/index.ts'
import { itemChanges, propertyChanges } from './compare-items.ts'
import type { ItemChange, Properties } from './compare-items.ts'

/** Where two packages of a tender differ. */
export type ChangeArea =
  | 'date'
  | 'fact'
  | 'document'
  | 'form'
  | 'field'
  | 'clause'
  | 'limit'
  | 'attachment'
  | 'certificate'
  | 'ca'
  | 'suite'
  | 'key-policy'
  | 'remedy'
  | 'trace'
  | 'signer'

/** One difference between two packages. */
export interface TenderChange extends ItemChange {
  readonly area: ChangeArea
}

/**
 * Everything a bidder has to know of a newer package that already knows the older one, in the order of {@link ChangeArea}.
 * Attachments are compared by digest, certificates byte for byte; the time of publication is not a change.
 */
export function tenderChanges(older: Tender, newer: Tender): readonly TenderChange[] {
  const [a, b] = [older.fields, newer.fields]
  const within = (area: ChangeArea, changes: readonly ItemChange[]): readonly TenderChange[] =>
    changes.map(change => ({ area, ...change }))
  const whole = (area: ChangeArea, from: Properties, to: Properties): readonly TenderChange[] =>
    within(area, propertyChanges('', '', from, to))
  return [
    ...whole('date', datesOf(a), datesOf(b)),
    ...whole('fact', factsOf(a), factsOf(b)),
    ...within('document', itemChanges(a.documents.map(documentItem), b.documents.map(documentItem))),
    ...within('form', itemChanges(a.forms.map(formItem), b.forms.map(formItem))),
    ...within('field', fieldChanges(a.forms, b.forms)),
    ...within('clause', itemChanges(a.clauses.map(clauseItem), b.clauses.map(clauseItem))),
    ...whole('limit', a.limits, b.limits),
    ...within('attachment', itemChanges(a.attachments.map(attachmentItem), b.attachments.map(attachmentItem))),
    ...within('certificate', itemChanges(platformCertificates(a), platformCertificates(b))),
    ...within('ca', itemChanges(a.acceptedCas.map(certificateItem), b.acceptedCas.map(certificateItem))),
    ...within('suite', itemChanges(a.suites.map(nameItem), b.suites.map(nameItem))),
    ...whole('key-policy', { keyPolicy: a.keyPolicy, parts: a.parts }, { keyPolicy: b.keyPolicy, parts: b.parts }),
    ...whole('remedy', { kind: a.remedy.kind }, { kind: b.remedy.kind }),
    ...within('trace', itemChanges(a.traces.map(nameItem), b.traces.map(nameItem))),
    ...whole('trace', { rule: a.traceRule?.text }, { rule: b.traceRule?.text }),
    ...whole('signer', { subject: signerOf(older) }, { subject: signerOf(newer) }),
  ]
}

type Fields = Tender['fields']

function datesOf({ deadline, openingTime, releaseMinutes }: Fields): Properties {
  return { deadline, openingTime, releaseMinutes }
}

function factsOf({ title, projectCode, platformId, tenderId, lotId = '' }: Fields): Properties {
  return { title, projectCode, platformId, tenderId, lotId }
}

function documentItem({ id, title, ...properties }: Fields['documents'][number]) {
  return { id, title, properties: { title, ...properties } }
}

/** Its fields are compared one by one. */
function formItem({ id, title = '', part }: Fields['forms'][number]) {
  return { id, title, properties: { title, part } }
}

function clauseItem({ id, title, ...properties }: Fields['clauses'][number]) {
  return { id, title, properties: { title, ...properties } }
}

function attachmentItem({ path, ...properties }: Fields['attachments'][number]) {
  return { id: path.replace(/^attachments\//, ''), title: '', properties }
}

function nameItem(name: string) {
  return { id: name, title: '', properties: {} }
}

function certificateItem(certificate: string) {
  return { id: digestOf(certificate), title: subjectOf(certificate), properties: {} }
}

/** A certificate for a purpose is added or removed, never changed: another one is another key. */
function platformCertificates({ certificates }: Fields) {
  return certificates.map(({ purpose, certificate }) => ({
    id: `${purpose} ${digestOf(certificate)}`,
    title: subjectOf(certificate),
    properties: {},
  }))
}

function fieldChanges(older: Fields['forms'], newer: Fields['forms']): readonly ItemChange[] {
  return newer.flatMap(form => {
    const before = older.find(({ id }) => id === form.id)
    if (before === undefined) return []
    const items = (of: Fields['forms'][number]) =>
      of.fields.map(({ name, title = '', ...properties }) => ({
        id: `${form.id}/${name}`,
        title,
        properties: { title, ...properties },
      }))
    return itemChanges(items(before), items(form))
  })
}

function digestOf(certificate: string): string {
  return createHash('sha256').update(Buffer.from(certificate, 'base64')).digest('hex').slice(0, 16)
}

/** A certificate that can't be read has no name, and is told by its digest. */
function subjectOf(certificate: string): string {
  try {
    return displayName(parseCertificate(new Uint8Array(Buffer.from(certificate, 'base64'))).subject)
  } catch {
    return ''
  }
}

function signerOf({ signature }: Tender): string {
  return displayName(signature.signer.subject)
}
