import { CryptoFailure } from '../errors.ts'
import { type FileIdentity, fileIdentity } from '../io/file-identity.ts'
import type { MeasuredDocument } from './digest-documents.ts'

/** Documents as they were before their digests, to be compared with what they are when they have been sealed. */
export interface WatchedDocuments {
  /**
   * Whether they are surely the same: threads digest and seal them in two readings. Throws `input.changed` when one has
   * another length now, `input.unreadable`.
   */
  unchanged(): Promise<boolean>
}

/** Remembers documents. Throws `input.unreadable`, `input.changed` for one that is not as long as it was measured. */
export async function watchDocuments(measured: readonly MeasuredDocument[]): Promise<WatchedDocuments> {
  const before: FileIdentity[] = []
  for (const { document, size } of measured) {
    const identity = await fileIdentity(document.path)
    if (identity.size !== size) throw changed()
    before.push(identity)
  }
  return {
    async unchanged() {
      let same = true
      for (const [place, { document, size }] of measured.entries()) {
        const now = await fileIdentity(document.path)
        if (now.size !== size) throw changed()
        same &&= before[place]?.fresh === false && before[place].mark === now.mark
      }
      return same
    },
  }
}

function changed(): CryptoFailure {
  return new CryptoFailure('input.changed', 'a document has changed since sealing began')
}
