import type { DraftDocument, SealHeader, Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { mediaTypeOf } from '../bids/media-type.ts'
import type { CheckedBid } from '../checks/check-bid.ts'
import type { PresentDocument } from '../checks/facts.ts'
import { requireFree } from '../sealed/header-file.ts'

/** What a sealing leaves beside the sealed bid. */
interface Remedies {
  readonly tender: Tender
  readonly recoveryCodeTo?: string
  readonly plainTwinTo?: string
}

/**
 * Refuses remedies the tender's rule does not provide for, before anything else is done: a plain bid lying about is a leak,
 * and a code nobody accepts helps nobody. Throws `seal.tender`, and `output.exists` for a plain twin over another file.
 */
export async function requireRemedy({ tender, recoveryCodeTo, plainTwinTo }: Remedies): Promise<void> {
  const { kind } = tender.fields.remedy
  if (recoveryCodeTo !== undefined && kind !== 'recovery-code') {
    throw new AppFailure('seal.tender', 'this tender does not allow a recovery code')
  }
  if (plainTwinTo === undefined) return
  if (kind !== 'plain-twin') throw new AppFailure('seal.tender', 'this tender does not allow a plain twin')
  await requireFree(plainTwinTo)
}

/** Throws `bid.incomplete`, or the code of its own that a fatal finding has, unless there is none. */
export function requireComplete({ findings }: Pick<CheckedBid, 'findings'>): void {
  const fatal = findings.filter(({ level }) => level === 'fatal')
  if (fatal.some(({ code }) => code === 'document-sealed')) {
    throw new AppFailure('seal.already-sealed', 'a document of the bid is itself a sealed bid')
  }
  if (fatal.some(({ code }) => code === 'document-too-large' || code === 'bid-too-large')) {
    throw new AppFailure('seal.too-large', 'the documents are larger than the tender allows')
  }
  const addendum = fatal.find(({ code }) => code === 'addendum-newer')
  if (addendum !== undefined) {
    throw new AppFailure('tender.addendum-newer', `the bid was made before a later addendum: ${addendum.about}`)
  }
  if (fatal.length === 0) return
  const shown = fatal.slice(0, 5).map(({ code, about }) => `${code}: ${about}`)
  throw new AppFailure('bid.incomplete', `${shown.join('; ')}${fatal.length > 5 ? '; …' : ''}`)
}

/** The documents as they are sealed, in the draft's order; signatures beside one follow it, in the same place. */
export function sealedDocuments(documents: readonly PresentDocument[]): readonly DraftDocument[] {
  return documents.flatMap(({ id, documentId, path, file, signatures }) => {
    const name = nameOf(path)
    return [
      { id, name, role: documentId, mediaType: mediaTypeOf(name), path: file.path },
      ...signatures.map((signature, index) => ({
        id: `${id}.${index + 1}.p7s`,
        name: nameOf(signature.path),
        role: documentId,
        mediaType: 'application/pkcs7-signature',
        path: signature.file.path,
      })),
    ]
  })
}

/** The machine traces that go into the header: those the tender names and this computer tells, if the bidder lets them. */
export function tracesFor(
  { recordTraces }: { readonly recordTraces?: boolean },
  traces: CheckedBid['traces'],
): NonNullable<SealHeader['traces']> {
  if (recordTraces !== true) return []
  return traces.flatMap(({ name, value }) => (value === null ? [] : [{ name, value }]))
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
