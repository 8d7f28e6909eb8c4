import { toHex } from '../json/hex.ts'
import type { BulkSuite } from '../suite.ts'
import { digestSize, type DigestTask } from '../worker/protocol.ts'
import type { RunGroup } from '../worker/run-group.ts'
import { type DigestedDocument, documentEntry, type MeasuredDocument } from './digest-documents.ts'
import { leavesIn } from './tree.ts'

/** {@link digestDocuments} by threads, several documents at once. Throws the same. */
export async function digestThreaded(
  runs: RunGroup,
  suite: BulkSuite,
  measured: readonly MeasuredDocument[],
  onProgress: (done: number) => void,
): Promise<readonly DigestedDocument[]> {
  const documents = measured.map(({ document, size }) => ({ path: document.path, size }))
  const task = { documents, ...digestGroups(measured, suite) }
  await runs.run({ kind: 'digest', suite: suite.id, ...task }, onProgress)
  return digestedDocuments(measured, task.digests)
}

/** Which documents a thread digests at once, and memory for their digests. */
export function digestGroups(
  measured: readonly MeasuredDocument[],
  suite: BulkSuite,
): Pick<DigestTask, 'groups' | 'digests'> {
  const digests = new SharedArrayBuffer(measured.length * digestSize)
  return { groups: groupBySize(measured, suite.digestLanes), digests }
}

/** The documents with the digests that threads have found. */
export function digestedDocuments(
  measured: readonly MeasuredDocument[],
  digests: SharedArrayBuffer,
): readonly DigestedDocument[] {
  const found = leavesIn(digests)
  return measured.map(({ document, size }, place) => {
    const digest = toHex(found[place] ?? new Uint8Array())
    return { path: document.path, entry: documentEntry(document, size, digest) }
  })
}

/**
 * The longest first, so that no thread is left alone with a long one at the end; together what is about equally long, so
 * that all lanes of a group are busy to its end.
 */
function groupBySize(documents: readonly { readonly size: number }[], lanes: number): readonly (readonly number[])[] {
  const order = documents.map((_, place) => place)
  order.sort((one, other) => (documents[other]?.size ?? 0) - (documents[one]?.size ?? 0))
  return Array.from({ length: Math.ceil(order.length / lanes) }, (_, group) => {
    return order.slice(group * lanes, (group + 1) * lanes)
  })
}
