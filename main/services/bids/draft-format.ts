import { createHash } from 'node:crypto'
import { AppFailure } from '../../contract/failure.ts'
import type { BidDraft } from './draft.ts'

/** Longest `bid.json`, in bytes. */
export const maxDraftBytes = 8 * 1024 * 1024

/** Longest name or value, in UTF-16 units: what the sealed documents allow. */
const longestText = 65_536

/** What names a state of a draft: SHA-256 of its `bid.json`, hex. */
export function stateDigest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Reads the bytes of a `bid.json`. Throws `bid.invalid` when they are none. */
export function parseDraft(bytes: Uint8Array): BidDraft {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new AppFailure('bid.invalid', 'bid.json is no JSON', { cause: error })
  }
  const root = record(value, 'bid.json')
  if (root['format'] !== 'bidseal-draft/1') throw new AppFailure('bid.invalid', 'bid.json is of another format')
  const tender = record(root['tender'], 'tender')
  const bidder = record(root['bidder'], 'bidder')
  const revision = root['revision']
  if (!Number.isSafeInteger(revision) || Number(revision) < 1) throw malformed('revision')
  return {
    format: 'bidseal-draft/1',
    revision: Number(revision),
    parent: root['parent'] === null ? null : text(root['parent'], 'parent'),
    tender: {
      packageDigest: text(tender['packageDigest'], 'tender.packageDigest'),
      tenderId: text(tender['tenderId'], 'tender.tenderId'),
      lotId: text(tender['lotId'], 'tender.lotId'),
    },
    bidder: { name: text(bidder['name'], 'bidder.name'), creditCode: text(bidder['creditCode'], 'bidder.creditCode') },
    documents: list(root['documents'], 'documents').map(entry => {
      const document = record(entry, 'documents')
      const { digest, validUntil } = document
      return {
        id: text(document['id'], 'documents.id'),
        path: text(document['path'], 'documents.path'),
        documentId: text(document['documentId'], 'documents.documentId'),
        ...(digest === undefined ? {} : { digest: text(digest, 'documents.digest') }),
        ...(validUntil === undefined ? {} : { validUntil: text(validUntil, 'documents.validUntil') }),
      }
    }),
    forms: list(root['forms'], 'forms').map(entry => {
      const form = record(entry, 'forms')
      const fields = list(form['fields'], 'forms.fields').map(each => {
        const field = record(each, 'forms.fields')
        return { name: text(field['name'], 'forms.fields.name'), value: text(field['value'], 'forms.fields.value') }
      })
      return { id: text(form['id'], 'forms.id'), fields }
    }),
  }
}

function record(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(at)
  return value as Readonly<Record<string, unknown>>
}

function list(value: unknown, at: string): readonly unknown[] {
  if (!Array.isArray(value)) throw malformed(at)
  return value
}

function text(value: unknown, at: string): string {
  if (typeof value !== 'string' || value.length > longestText) throw malformed(at)
  return value
}

function malformed(at: string): AppFailure {
  return new AppFailure('bid.invalid', `bid.json: ${at} is missing or of another form`)
}
