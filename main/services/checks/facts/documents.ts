import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Tender } from '../../../../crypto/index.ts'
import type { BidDraft } from '../../bids/draft.ts'
import { fileInside } from '../../bids/inside.ts'
import { isSealedBid } from '../../bids/sealed-magic.ts'
import { maxSignatures, signatureFileName } from '../../signing/signature-files.ts'
import type { BidFacts, DocumentFacts, PresentDocument, SignatureFile } from '../facts.ts'
import { contentOf } from './content.ts'
import type { ContentQuestion } from './content.ts'

/** The documents of a draft: those that are there, those that are gone, and what else lies in the folder. */
export async function gatherDocuments(
  folder: string,
  draft: BidDraft,
  question: ContentQuestion,
): Promise<Pick<BidFacts, 'documents' | 'gone' | 'unlisted'>> {
  const { present, gone } = await presentDocuments(folder, draft)
  const documents: DocumentFacts[] = []
  for (const document of present) documents.push(await factsOf(document, draft, question))
  return { documents, gone, unlisted: await unlistedFiles(folder, draft, present) }
}

async function factsOf(document: PresentDocument, draft: BidDraft, question: ContentQuestion): Promise<DocumentFacts> {
  const { path, documentId } = document
  const name = nameOf(path)
  return {
    document,
    name,
    asked: askedFor(question.tender, documentId),
    isSealed: await isSealedBid(document.file.path),
    validUntil: draft.documents.find(({ id }) => id === document.id)?.validUntil ?? null,
    ...(await contentOf(document, name, question)),
  }
}

function askedFor(tender: Tender, documentId: string): DocumentFacts['asked'] {
  return tender.fields.documents.find(({ id }) => id === documentId) ?? null
}

async function presentDocuments(
  folder: string,
  draft: BidDraft,
): Promise<{ readonly present: readonly PresentDocument[]; readonly gone: BidFacts['gone'] }> {
  const present: PresentDocument[] = []
  const gone: { documentId: string; name: string }[] = []
  const listed = new Set(draft.documents.map(({ path }) => path.normalize('NFC')))
  for (const { id, path, documentId } of draft.documents) {
    const file = await fileInside(folder, path)
    if (file === null) gone.push({ documentId, name: nameOf(path) })
    else present.push({ id, documentId, path, file, signatures: await signaturesBeside(folder, path, listed) })
  }
  return { present, gone }
}

/** `投标函.pdf.p7s`, `投标函.pdf.2.p7s` beside `投标函.pdf`. One that the draft lists itself is a document of its own. */
async function signaturesBeside(
  folder: string,
  path: string,
  listed: ReadonlySet<string>,
): Promise<readonly SignatureFile[]> {
  const found: SignatureFile[] = []
  for (let number = 1; number <= maxSignatures; number += 1) {
    const beside = signatureFileName(path, number)
    const file = listed.has(beside.normalize('NFC')) ? null : await fileInside(folder, beside)
    if (file === null) break
    found.push({ path: beside, file })
  }
  return found
}

async function unlistedFiles(
  folder: string,
  draft: BidDraft,
  present: readonly PresentDocument[],
): Promise<readonly string[]> {
  const signatures = present.flatMap(each => each.signatures.map(({ path }) => path))
  const listed = new Set([...draft.documents.map(({ path }) => path), ...signatures].map(path => path.normalize('NFC')))
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
