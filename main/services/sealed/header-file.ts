import { lstat } from 'node:fs/promises'
import { headerArchive } from '../../../crypto/index.ts'
import type { SealedBid } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { writeFileAtomic } from '../../store/index.ts'

/** Writes the header archive: the small part that the opening needs. Throws `output.exists`, `output.*`. */
export async function writeHeaderFile(bid: SealedBid, output: string): Promise<{ readonly size: number }> {
  await requireFree(output)
  const bytes = headerArchive(bid)
  await writeFileAtomic(output, bytes)
  return { size: bytes.length }
}

/** Throws `output.exists` when anything stands under a name, a dangling link too. */
export async function requireFree(output: string): Promise<void> {
  const taken = await lstat(output).then(
    () => true,
    () => false,
  )
  if (taken) throw new AppFailure('output.exists', 'the output exists')
}
