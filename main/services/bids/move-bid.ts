import { lotOf } from '../../../crypto/index.ts'
import type { Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { FieldMisfit } from '../tenders/field-rules.ts'
import { fieldMisfit } from '../tenders/field-rules.ts'
import type { BidDraft } from './draft.ts'
import { loadDraft, saveDraft } from './draft.ts'

export interface MoveBid {
  readonly folder: string
  /** The package to move to, whose signature and trust the caller has judged. */
  readonly tender: Tender
  /** The package the bid was made for, where this home has it. */
  readonly from: Tender | null
}

/** What became of a bid that was taken over to another package. */
export interface MovedBid {
  readonly draft: BidDraft
  /** Document ids that are in the bid as before. */
  readonly kept: readonly string[]
  /** Documents the new package does not ask for: out of the bid, kept in its history. */
  readonly dropped: readonly { readonly documentId: string; readonly name: string }[]
  /** Filled fields the new package does not have, `form/field`, with what stood there. */
  readonly droppedFields: readonly { readonly field: string; readonly value: string }[]
  /** Fields whose values no longer fit what the new package says of them. */
  readonly misfits: readonly { readonly field: string; readonly value: string; readonly misfit: FieldMisfit }[]
  /** Required documents of the new package that the bid does not have. */
  readonly missing: readonly { readonly documentId: string; readonly title: string }[]
}

/**
 * Takes a bid over to another package of its tender, as a new revision. Throws `seal.foreign-tender` for another tender or
 * lot, `tender.addendum-newer` for a package that the bid's own amends, `arguments.bad` for the one it is made for.
 */
export async function moveBid({ folder, tender, from }: MoveBid): Promise<MovedBid> {
  const loaded = await loadDraft(folder)
  const { draft } = loaded
  requireLater(draft, tender, from)
  const asked = new Set(tender.fields.documents.map(({ id }) => id))
  const kept = draft.documents.filter(({ documentId }) => asked.has(documentId))
  const { forms, dropped, misfits } = moveForms(draft, tender)
  const moved = await saveDraft(
    folder,
    {
      ...draft,
      tender: { ...draft.tender, packageDigest: tender.packageDigest },
      documents: kept,
      forms,
    },
    loaded,
  )
  const present = new Set(kept.map(({ documentId }) => documentId))
  return {
    draft: moved.draft,
    kept: kept.map(({ documentId }) => documentId),
    dropped: draft.documents
      .filter(({ documentId }) => !asked.has(documentId))
      .map(({ documentId, path }) => ({ documentId, name: path.slice(path.lastIndexOf('/') + 1) })),
    droppedFields: dropped,
    misfits,
    missing: tender.fields.documents
      .filter(({ id, required }) => required && !present.has(id))
      .map(({ id, title }) => ({ documentId: id, title })),
  }
}

function requireLater(draft: BidDraft, tender: Tender, from: Tender | null): void {
  if (draft.tender.tenderId !== tender.fields.tenderId || draft.tender.lotId !== lotOf(tender)) {
    throw new AppFailure('seal.foreign-tender', 'the package is of another tender or lot')
  }
  if (draft.tender.packageDigest === tender.packageDigest) {
    throw new AppFailure('arguments.bad', 'the bid is made for this package already')
  }
  if (from?.fields.supersedes === tender.packageDigest) {
    throw new AppFailure('tender.addendum-newer', 'the bid is made for a package that amends this one')
  }
}

function moveForms(draft: BidDraft, tender: Tender) {
  const dropped: { field: string; value: string }[] = []
  const misfits: { field: string; value: string; misfit: FieldMisfit }[] = []
  const forms = draft.forms.flatMap(({ id, fields }) => {
    const form = tender.fields.forms.find(each => each.id === id)
    const kept = fields.filter(({ name, value }) => {
      const field = form?.fields.find(each => each.name === name)
      if (field === undefined) dropped.push({ field: `${id}/${name}`, value })
      const misfit = field === undefined ? null : fieldMisfit(field, value)
      if (misfit !== null) misfits.push({ field: `${id}/${name}`, value, misfit })
      return field !== undefined
    })
    return form === undefined ? [] : [{ id, fields: kept }]
  })
  return { forms, dropped, misfits }
}
