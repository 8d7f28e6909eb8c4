import { CryptoFailure, verifyPlainTwin } from '../../../crypto/index.ts'
import type { JobControl, SealedBid } from '../../../crypto/index.ts'
import type { Failure } from '../../contract/failure.ts'
import { toFailure } from '../failure.ts'
import type { Ports } from '../ports.ts'

/**
 * Whether a file is the plain twin of a sealed bid that has been verified: null when it is, else `seal.inner`. Throws
 * `input.unreadable` for what is no plain twin at all, `cancelled`.
 */
export async function plainTwinFailure(
  ports: Ports,
  bid: SealedBid,
  path: string,
  control: JobControl,
): Promise<Failure | null> {
  const source = await ports.files.open(path)
  try {
    await verifyPlainTwin(bid, source, control)
    return null
  } catch (error) {
    if (error instanceof CryptoFailure && error.code === 'seal.inner') return toFailure(error)
    throw error
  } finally {
    await source.close()
  }
}
