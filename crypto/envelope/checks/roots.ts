import { CryptoFailure } from '../../errors.ts'
import type { Meter } from '../../io/progress.ts'
import { toHex } from '../../json/hex.ts'
import type { PartName } from '../header.ts'
import { readLeaves } from '../open-part.ts'
import type { SealedBid } from '../read.ts'
import { treeRoot } from '../tree.ts'

/** Check 7: every part's root, computed again from the stored bytes; answers the leaves. Throws `seal.root`. */
export async function checkRoots(bid: SealedBid, meter: Meter): Promise<ReadonlyMap<PartName, readonly Uint8Array[]>> {
  const leaves = new Map<PartName, readonly Uint8Array[]>()
  for (const part of bid.header.parts) {
    const found = await readLeaves(bid.suite, bid.partSource(part.name), part.size, meter)
    if (toHex(treeRoot(bid.suite, 'sealed', found)) !== part.root) {
      throw new CryptoFailure('seal.root', `part ${part.name} is not the one that was sealed`)
    }
    leaves.set(part.name, found)
  }
  return leaves
}
