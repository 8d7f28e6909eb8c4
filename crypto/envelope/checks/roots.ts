import { CryptoFailure } from '../../errors.ts'
import type { Meter } from '../../io/progress.ts'
import { toHex } from '../../json/hex.ts'
import type { Pipeline } from '../../worker/pipeline.ts'
import { digestSize } from '../../worker/protocol.ts'
import { increments } from '../../worker/run-group.ts'
import type { PartName, SealPart } from '../header.ts'
import { readLeaves } from '../open-part.ts'
import { chunkCount } from '../part-layout.ts'
import type { SealedBid } from '../read.ts'
import { leavesIn, treeRoot } from '../tree.ts'

/** Who may help. */
interface Helpers {
  readonly pipeline?: Pipeline | undefined
  readonly signal?: AbortSignal | undefined
}

/** Check 7: every part's root, computed again from the stored bytes; answers the leaves. Throws `seal.root`. */
export async function checkRoots(
  bid: SealedBid,
  meter: Meter,
  helpers: Helpers = {},
): Promise<ReadonlyMap<PartName, readonly Uint8Array[]>> {
  const leaves = new Map<PartName, readonly Uint8Array[]>()
  for (const part of bid.header.parts) leaves.set(part.name, await checkRoot(bid, part, meter, helpers))
  return leaves
}

/** {@link checkRoots} of one part. */
export async function checkRoot(
  bid: SealedBid,
  part: SealPart,
  meter: Meter,
  { pipeline, signal }: Helpers,
): Promise<readonly Uint8Array[]> {
  const source = bid.partSource(part.name)
  const threaded = pipeline !== undefined && part.size >= pipeline.smallest && source.place !== undefined
  const leaves = threaded
    ? await leavesByThreads(pipeline, bid, part, meter, signal)
    : await readLeaves(bid.suite, source, part.size, meter)
  requireRoot(bid, part, leaves)
  return leaves
}

/** Throws `seal.root` unless these leaves make a part's root. */
export function requireRoot({ suite }: SealedBid, { name, root }: SealPart, leaves: readonly Uint8Array[]): void {
  if (toHex(treeRoot(suite, 'sealed', leaves)) === root) return
  throw new CryptoFailure('seal.root', `part ${name} is not the one that was sealed`)
}

async function leavesByThreads(
  pipeline: Pipeline,
  bid: SealedBid,
  { name, size }: SealPart,
  meter: Meter,
  signal: AbortSignal | undefined,
): Promise<readonly Uint8Array[]> {
  const { suite } = bid
  const input = bid.partSource(name).place
  if (input === undefined) throw new CryptoFailure('internal', 'a part without a place')
  const leaves = new SharedArrayBuffer(chunkCount(size) * digestSize)
  await pipeline.run(
    { kind: 'leaves', suite: suite.id, size, input, leaves },
    { signal, onProgress: increments(bytes => meter.count(bytes)) },
  )
  return leavesIn(leaves)
}
