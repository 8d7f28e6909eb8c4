import { AppFailure } from '../contract/failure.ts'
import type { LockId } from '../contract/ids.ts'

/** Which lock the page means: ids of this run for the URIs of tokens, which hold paths. */
export interface LockBook {
  /** The same id for the same token as long as the app runs. */
  idOf(uri: string): LockId
  /** Throws `token.absent` for an id that was not given out. */
  uriOf(lock: LockId): string
}

export function openLockBook(newId: () => LockId): LockBook {
  const ids = new Map<string, LockId>()
  const uris = new Map<LockId, string>()
  return {
    idOf(uri) {
      const id = ids.get(uri) ?? newId()
      ids.set(uri, id)
      uris.set(id, uri)
      return id
    },
    uriOf(lock) {
      const uri = uris.get(lock)
      if (uri === undefined) throw new AppFailure('token.absent', 'no lock of this name has been seen')
      return uri
    },
  }
}
