import { AppFailure } from '../../contract/failure.ts'

const firstName = Buffer.from('mimetype\0')
const firstContent = Buffer.from('application/vnd.bidseal.sealed-bid')

/**
 * Tells a sealed bid from anything else by its first kilobyte (20号令 Art. 26: what isn't encrypted is refused as such,
 * a damaged bid as damaged). Throws `platform.unsealed`.
 */
export function requireLooksSealed(bytes: Uint8Array): void {
  const named = firstName.equals(bytes.subarray(0, firstName.length))
  const typed = firstContent.equals(bytes.subarray(512, 512 + firstContent.length))
  if (!named || !typed) throw new AppFailure('platform.unsealed', 'what was sent is not a sealed bid')
}
