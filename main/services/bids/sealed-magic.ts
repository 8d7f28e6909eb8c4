import { open } from 'node:fs/promises'
import { AppFailure } from '../../contract/failure.ts'
import { isMissing } from '../../store/index.ts'

/** Content of a sealed bid's first entry (seal-format, "Container"). */
const mimetype = 'application/vnd.bidseal.sealed-bid'

/** Whether a file begins like a sealed bid; false for what isn't there or is a folder. */
export async function isSealedBid(path: string): Promise<boolean> {
  try {
    const handle = await open(path, 'r')
    try {
      const start = Buffer.alloc(512 + mimetype.length)
      const { bytesRead } = await handle.read(start, 0, start.length, 0)
      return (
        bytesRead === start.length &&
        start.subarray(0, 9).toString('latin1') === 'mimetype\0' &&
        start.subarray(512).toString('latin1') === mimetype
      )
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (isMissing(error) || (error instanceof Error && 'code' in error && error.code === 'EISDIR')) return false
    throw new AppFailure('input.unreadable', 'the file cannot be read', { cause: error })
  }
}
