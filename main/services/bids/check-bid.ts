import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { BidDraft } from './draft.ts'
import type { InsideFile } from './inside.ts'
import { fileInside } from './inside.ts'
import { isSealedBid } from './sealed-magic.ts'

/** What can be wrong with a bid, by name. `fatal` ones keep it from being sealed (必改), `advice` ones don't (建议). */
export const findingLevels = {
  'document-missing': 'fatal',
  'document-gone': 'fatal',
  'document-unknown': 'fatal',
  'document-sealed': 'fatal',
  'document-too-large': 'fatal',
  'bid-too-large': 'fatal',
  'form-unknown': 'fatal',
  'field-missing': 'fatal',
  'field-unknown': 'fatal',
  'document-empty': 'advice',
  'optional-missing': 'advice',
  'file-unlisted': 'advice',
} as const

export type FindingCode = keyof typeof findingLevels

export interface Finding {
  readonly code: FindingCode
  readonly level: 'fatal' | 'advice'
  /** What it is about: a document id and its title, a form and field, a file name. */
  readonly about: string
}

/** A draft's document together with its file. */
export interface PresentDocument {
  readonly id: string
  readonly documentId: string
  readonly path: string
  readonly file: InsideFile
}

export interface CheckedBid {
  readonly findings: readonly Finding[]
  readonly documents: readonly PresentDocument[]
  /** Bytes of all documents. */
  readonly size: number
}

/**
 * Holds a draft against its tender. Throws `seal.foreign-tender` when it was made for another one, `bid.invalid` when it
 * names files outside its folder; everything else is a finding.
 */
export async function checkBid(folder: string, draft: BidDraft, tender: Tender): Promise<CheckedBid> {
  requireSameTender(draft, tender)
  const findings: Finding[] = []
  const found = (code: FindingCode, about: string): void => {
    findings.push({ code, level: findingLevels[code], about })
  }
  const documents = await presentDocuments(folder, draft, found)
  checkDocuments(tender, draft, documents, found)
  for (const { path, file } of documents) if (await isSealedBid(file.path)) found('document-sealed', nameOf(path))
  checkForms(tender, draft, found)
  for (const name of await unlistedFiles(folder, draft)) found('file-unlisted', name)
  const size = documents.reduce((sum, { file }) => sum + file.size, 0)
  return { findings, documents, size }
}

/** Throws `seal.foreign-tender` unless the draft was made for this very package. */
export function requireSameTender(draft: BidDraft, tender: Tender): void {
  const { tenderId, lotId = '' } = tender.fields
  if (
    draft.tender.packageDigest !== tender.packageDigest ||
    draft.tender.tenderId !== tenderId ||
    draft.tender.lotId !== lotId
  ) {
    throw new AppFailure('seal.foreign-tender', 'the bid folder names another tender package')
  }
}

type Report = (code: FindingCode, about: string) => void

async function presentDocuments(folder: string, draft: BidDraft, found: Report): Promise<readonly PresentDocument[]> {
  const present: PresentDocument[] = []
  for (const { id, path, documentId } of draft.documents) {
    const file = await fileInside(folder, path)
    if (file === null) found('document-gone', nameOf(path))
    else present.push({ id, documentId, path, file })
  }
  return present
}

function checkDocuments(tender: Tender, draft: BidDraft, documents: readonly PresentDocument[], found: Report): void {
  const { documents: asked, limits } = tender.fields
  for (const { id, title, required } of asked) {
    const entered = draft.documents.some(({ documentId }) => documentId === id)
    if (!entered) found(required ? 'document-missing' : 'optional-missing', `${id} ${title}`)
  }
  for (const { documentId, path, file } of documents) {
    const place = asked.find(({ id }) => id === documentId)
    if (place === undefined) found('document-unknown', `${documentId} ${nameOf(path)}`)
    if (file.size === 0) found('document-empty', nameOf(path))
    if (file.size > limits.fileBytes) found('document-too-large', nameOf(path))
  }
  const size = documents.reduce((sum, { file }) => sum + file.size, 0)
  if (size > limits.bidBytes) found('bid-too-large', tender.fields.title)
}

function checkForms(tender: Tender, draft: BidDraft, found: Report): void {
  for (const { id } of draft.forms) if (!tender.fields.forms.some(form => form.id === id)) found('form-unknown', id)
  for (const form of tender.fields.forms) {
    const filled = draft.forms.find(({ id }) => id === form.id)?.fields ?? []
    for (const field of form.fields) {
      const value = filled.find(({ name }) => name === field.name)?.value ?? ''
      // A tender that doesn't say that a field must be filled in has not made it a condition.
      if (field.required === true && value.trim() === '') found('field-missing', `${form.id}/${field.name}`)
    }
    for (const { name } of filled) {
      if (!form.fields.some(field => field.name === name)) found('field-unknown', `${form.id}/${name}`)
    }
  }
}

async function unlistedFiles(folder: string, draft: BidDraft): Promise<readonly string[]> {
  const listed = new Set(draft.documents.map(({ path }) => path.normalize('NFC')))
  const unlisted = async (parent: string): Promise<readonly string[]> => {
    const entries = await readdir(join(folder, parent), { withFileTypes: true }).catch(() => [])
    const names = await Promise.all(
      entries.map(async entry => {
        const path = `${parent}/${entry.name}`
        // Files that would stand over another of their name are kept in numbered folders.
        if (parent === 'documents' && entry.isDirectory() && /^\d+$/.test(entry.name)) return unlisted(path)
        return listed.has(path.normalize('NFC')) ? [] : [entry.name]
      }),
    )
    return names.flat()
  }
  return unlisted('documents')
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
