import type { TenderDocument } from '../../../crypto/index.ts'

/** A document of a tender with those that stand under it, in the order in which they are bound. */
export interface DocumentNode {
  readonly document: TenderDocument
  readonly children: readonly DocumentNode[]
}

/**
 * The documents of a tender as the tree its `parent` and `order` describe. A parent that is not there, or that would stand
 * under itself, is left out of account: every document is in the tree exactly once.
 */
export function documentTree(documents: readonly TenderDocument[]): readonly DocumentNode[] {
  const byId = new Map(documents.map(each => [each.id, each]))
  const place = new Map(documents.map((each, index) => [each, each.order ?? index]))
  // Sorting keeps the order of what has the same place.
  const ordered = [...documents].sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0))
  const under = (parent: string | null): readonly DocumentNode[] =>
    ordered
      .filter(each => parentOf(each, byId) === parent)
      .map(document => ({ document, children: under(document.id) }))
  return under(null)
}

/** The documents of a tree one after the other, each with its depth from 0. */
export function flattened(
  nodes: readonly DocumentNode[],
  depth = 0,
): readonly { readonly document: TenderDocument; readonly depth: number }[] {
  return nodes.flatMap(({ document, children }) => [{ document, depth }, ...flattened(children, depth + 1)])
}

/** The id of the document another one really stands under, null for none. */
export function parentOf(document: TenderDocument, byId: ReadonlyMap<string, TenderDocument>): string | null {
  if (document.parent === undefined || !byId.has(document.parent)) return null
  const seen = new Set<string>()
  for (let above: string | undefined = document.parent; above !== undefined; above = byId.get(above)?.parent) {
    if (above === document.id) return null
    // A circle further up is broken there.
    if (seen.has(above)) break
    seen.add(above)
  }
  return document.parent
}
