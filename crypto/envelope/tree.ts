import type { Suite } from '../suite.ts'

/** Domain bytes of a tree: over the sealed chunks, or over the plaintext (the plain twin). */
export type TreeKind = 'sealed' | 'plain'

const prefixes = { sealed: { leaf: 0x00, root: 0x01 }, plain: { leaf: 0x02, root: 0x03 } } as const

/** The leaf of one chunk, 32 bytes. */
export function treeLeaf(suite: Suite, kind: TreeKind, chunk: Uint8Array): Uint8Array {
  return suite.leaf(prefixes[kind].leaf, chunk)
}

/** The root over the leaves in order, 32 bytes. */
export function treeRoot(suite: Suite, kind: TreeKind, leaves: readonly Uint8Array[]): Uint8Array {
  return suite.digest(Uint8Array.of(prefixes[kind].root), ...leaves)
}
