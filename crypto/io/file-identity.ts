import { stat } from 'node:fs/promises'
import { readFailure } from './file-failures.ts'

/** What tells whether a file has been written to, as far as the system keeps track of it. */
export interface FileIdentity {
  /** Bytes. */
  readonly size: number
  /** Another one after every change that the system's clock can tell apart from the one before. */
  readonly mark: string
  /** Its last change is so recent that another one right after it could have the same mark. */
  readonly fresh: boolean
}

/** Milliseconds; the coarsest file systems in use count two seconds. */
const coarsestTick = 2500

/** Looks at a file as it is now. Throws `input.unreadable`. */
export async function fileIdentity(path: string): Promise<FileIdentity> {
  const status = await stat(path, { bigint: true }).catch((error: unknown) => {
    throw readFailure(error)
  })
  const { dev, ino, size, mtimeNs, ctimeNs, mtimeMs, ctimeMs } = status
  const newest = Number(mtimeMs > ctimeMs ? mtimeMs : ctimeMs)
  return {
    size: Number(size),
    mark: [dev, ino, size, mtimeNs, ctimeNs].join(' '),
    fresh: Math.abs(Date.now() - newest) < coarsestTick,
  }
}
