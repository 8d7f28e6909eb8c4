import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Tender } from '../../../crypto/index.ts'
import type { BidId, SealId, TenderId } from '../../contract/ids.ts'
import type { BidView, FindingView } from '../../contract/views.ts'
import { checkBid, draftState, loadDraft } from '../../services/index.ts'
import type { Finding } from '../../services/index.ts'
import type { Delivery } from '../../store/index.ts'
import { lostOnItsWay } from '../lost-on-its-way.ts'
import { tenderName } from './tender-view.ts'

/** What this computer knows of sealed bids, as far as it touches a draft. */
export interface KnownSeals {
  /** The last one that was made of the draft. */
  readonly last: Delivery | null
  /** All for the same lot. */
  readonly forLot: readonly Delivery[]
}

/** A bid folder as the page shows it, held against its tender and the sealed bids that are known. */
export async function bidView(
  bid: BidId,
  folder: string,
  tender: Tender,
  { last: sealed, forLot }: KnownSeals,
): Promise<BidView> {
  const loaded = await loadDraft(folder)
  const { draft } = loaded
  const { findings, documents } = await checkBid(folder, draft, tender)
  const sizes = new Map(documents.map(({ id, file }) => [id, file.size]))
  const current = sealed !== null && sealed.draftState === (await draftState(loaded, documents)) ? sealed : null
  return {
    bid,
    tender: tender.packageDigest as TenderId,
    revision: draft.revision,
    bidderName: draft.bidder.name,
    documents: await Promise.all(
      draft.documents.map(async ({ id, documentId, path }) => ({
        id: tenderName(id),
        documentId: tenderName(documentId),
        name: path.slice(path.lastIndexOf('/') + 1),
        size: sizes.get(id) ?? 0,
      })),
    ),
    forms: draft.forms.map(({ id, fields }) => ({
      id: tenderName(id),
      fields: fields.map(({ name, value }) => ({ name: tenderName(name), value })),
    })),
    findings: findings.map(findingView),
    sealed: sealed === null ? null : (sealed.sealId as SealId),
    sealedIsCurrent: current !== null,
    lostOnItsWay: await lostOnItsWay(forLot, current),
  }
}

/** When the bid was last changed, in milliseconds; 0 when it has gone. */
export async function changedAt(folder: string): Promise<number> {
  return stat(join(folder, 'bid.json')).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )
}

/** A finding about a document of the tender's list names it with its title behind; the page has the title itself. */
function findingView({ level, code, about, place: at }: Finding): FindingView {
  if (at.kind === 'form' && at.field !== undefined) return { level, code, place: `${at.formId}/${at.field}` }
  const place = code === 'document-missing' || code === 'optional-missing' ? (about.split(' ')[0] ?? about) : about
  return { level, code, place: place === '' ? null : place }
}
