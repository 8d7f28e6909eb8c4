import type { BidDraft } from './draft.ts'

/** One difference between two states of a bid. */
export interface DraftChange {
  readonly what: 'document' | 'field' | 'bidder' | 'tender'
  /** A document's id in the tender, `form/field`, or a word for what there is one of. */
  readonly about: string
  /** File name or value; null where there was, or is, none. */
  readonly from: string | null
  readonly to: string | null
}

/** What changed from one state of a bid to another, documents first. */
export function draftChanges(older: BidDraft, newer: BidDraft): readonly DraftChange[] {
  const single = (what: 'bidder' | 'tender', about: string, from: string, to: string): readonly DraftChange[] =>
    from === to ? [] : [{ what, about, from: from || null, to: to || null }]
  return [
    ...mapChanges('document', documentsOf(older), documentsOf(newer), fileName),
    ...mapChanges('field', valuesOf(older), valuesOf(newer), value => value),
    ...single('bidder', 'name', older.bidder.name, newer.bidder.name),
    ...single('bidder', 'creditCode', older.bidder.creditCode, newer.bidder.creditCode),
    ...single('tender', 'package', older.tender.packageDigest, newer.tender.packageDigest),
  ]
}

function mapChanges(
  what: 'document' | 'field',
  older: ReadonlyMap<string, string>,
  newer: ReadonlyMap<string, string>,
  shown: (value: string) => string,
): readonly DraftChange[] {
  return [...new Set([...older.keys(), ...newer.keys()])].flatMap(about => {
    const [from, to] = [older.get(about), newer.get(about)]
    if (from === to) return []
    return [{ what, about, from: from === undefined ? null : shown(from), to: to === undefined ? null : shown(to) }]
  })
}

/** Several under one id are told apart by their number. */
function documentsOf({ documents }: BidDraft): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const { documentId, path, digest = '' } of documents) {
    let key = documentId
    for (let number = 2; found.has(key); number += 1) key = `${documentId} (${number})`
    // Two files of one name are told apart by what was in them.
    found.set(key, digest === '' ? path : `${digest}/${fileName(path)}`)
  }
  return found
}

function valuesOf({ forms }: BidDraft): ReadonlyMap<string, string> {
  return new Map(forms.flatMap(({ id, fields }) => fields.map(({ name, value }) => [`${id}/${name}`, value] as const)))
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
