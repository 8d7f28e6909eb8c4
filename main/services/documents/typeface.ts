import { readFile } from 'node:fs/promises'
import { AppFailure } from '../../contract/failure.ts'

/** The program's typeface, TrueType. Throws `input.unreadable` where the installation lacks it. */
export async function readTypeface(path: string): Promise<Uint8Array> {
  return readFile(path).catch((error: unknown) => {
    throw new AppFailure('input.unreadable', 'the typeface of the program is missing', { cause: error })
  })
}
