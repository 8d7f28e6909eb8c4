import { CryptoFailure } from '../../errors.ts'
import { leftPad } from './key-in-use.ts'

/** r and s, each as long as a number of the group. */
export type RawSignature = readonly [r: Uint8Array, s: Uint8Array]

/** More zeros than these are no chance: they come once in 2^64 signatures. */
const mostZeros = 8

/**
 * Takes r ‖ s apart, `half` bytes each. Libraries strip the leading zeros of r, of s or of both, and then only the
 * signature's own check (`holds`) tells which bytes are whose; of those that do not hold any is answered, for the caller
 * verifies what it gets. Throws `token.unsupported` for what has no length of a signature.
 */
export function splitSignature(
  bytes: Uint8Array,
  half: number,
  holds: (signature: RawSignature) => boolean,
): RawSignature {
  if (bytes.length > 2 * half || bytes.length < 2 * half - mostZeros) {
    throw new CryptoFailure('token.unsupported', `C_Sign answered ${bytes.length} bytes, which are no signature`)
  }
  const splits: RawSignature[] = []
  for (let length = bytes.length - half; length <= half; length += 1) {
    const [r, s] = [leftPad(bytes.subarray(0, length), half), leftPad(bytes.subarray(length), half)]
    if (r !== null && s !== null) splits.push([r, s])
  }
  const [first, ...others] = splits
  if (first === undefined) throw new CryptoFailure('token.unsupported', 'C_Sign answered no signature')
  return others.length === 0 ? first : (splits.find(holds) ?? first)
}
