import type { BulkSuite } from '../suite.ts'

/** Domain bytes of a tree: over the sealed chunks, or over the plaintext (the plain twin). */
export type TreeKind = 'sealed' | 'plain'

/** First byte of what is digested for a leaf and for the root (seal-format, "Part stream" and "Inside the parts"). */
export const treePrefixes = { sealed: { leaf: 0x00, root: 0x01 }, plain: { leaf: 0x02, root: 0x03 } } as const

/** The leaf of one chunk, 32 bytes. */
export function treeLeaf(suite: BulkSuite, kind: TreeKind, chunk: Uint8Array): Uint8Array {
  return suite.leaf(treePrefixes[kind].leaf, chunk)
}

/** The root over the leaves in order, 32 bytes. */
export function treeRoot(suite: BulkSuite, kind: TreeKind, leaves: readonly Uint8Array[]): Uint8Array {
  return suite.digest(Uint8Array.of(treePrefixes[kind].root), ...leaves)
}

/** Leaves that threads have left one after the other, as {@link treeRoot} takes them. */
export function leavesIn(shared: SharedArrayBuffer): readonly Uint8Array[] {
  const bytes = Uint8Array.from(new Uint8Array(shared))
  return Array.from({ length: bytes.length / leafSize }, (_, index) => {
    return bytes.subarray(index * leafSize, (index + 1) * leafSize)
  })
}

const leafSize = 32
