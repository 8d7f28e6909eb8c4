import { CryptoFailure, throwIfCancelled } from '../errors.ts'
import type { Meter } from '../io/progress.ts'
import { startMeter } from '../io/progress.ts'
import { checkRoot, checkRoots } from './checks/roots.ts'
import type { PartName } from './header.ts'
import { type BidSink, nothingFound, openedBid, type OpenedBid, openOne, openSealedBid, requiredKey } from './open.ts'
import { openThreaded, threadsFor, type ThreadedOpening } from './open-threaded.ts'
import { requireCommitment } from './part-keys.ts'
import type { SealedBid } from './read.ts'
import { partBytes, type VerifiedBid, verifyHeader, type VerifyOptions, verifySealedBid } from './verify.ts'

/** The part keys of a bid whose header, envelopes and entries have been checked. The caller owns and wipes them. */
export type KeysOf = (verified: VerifiedBid) => Promise<ReadonlyMap<PartName, Uint8Array>>

/**
 * All checks from the third on: {@link verifySealedBid}, the keys, {@link openSealedBid}. With threads the parts are read
 * once instead of twice, and the keys are asked for before check 7; which check is told to have failed is the same. Nothing
 * of what the sink has taken may be used before this has answered. Throws what the three throw.
 */
export async function openBid(
  bid: SealedBid,
  options: VerifyOptions,
  keysOf: KeysOf,
  sink: BidSink,
): Promise<OpenedBid> {
  const threads = threadsFor(bid, options, sink)
  if (threads === null) {
    const verified = await verifySealedBid(bid, options)
    return openSealedBid(verified, await keysOf(verified), sink, options)
  }
  threads.pipeline.warm()
  const known = verifyHeader(bid, options)
  const keys = await keysOf(known).catch(async (error: unknown) => {
    // A check that comes before that of the keys may have failed as well, and would be the one to tell.
    if (isCheck(error)) await checkRoots(bid, silent(options), options)
    throw error
  })
  try {
    return await openOnce(known, keys, threads, options)
  } catch (error) {
    if (!isCheck(error)) throw error
    throw await firstFailure(bid, options, keys)
  }
}

async function openOnce(
  known: VerifiedBid,
  keys: ReadonlyMap<PartName, Uint8Array>,
  threads: ThreadedOpening,
  options: VerifyOptions,
): Promise<OpenedBid> {
  const { bid } = known
  const { parts } = bid.header
  for (const part of parts) requireCommitment(known, part, 'partKey', requiredKey(keys, part.name))
  const meter = startMeter(options, 'open', partBytes(bid))
  const found = nothingFound()
  for (const part of parts) {
    const key = requiredKey(keys, part.name)
    if (threads.takes(part)) {
      await openThreaded(known, part, key, threads, meter, found)
    } else {
      const leaves = await checkRoot(bid, part, silent(options), {})
      await openOne({ ...known, leaves: new Map([[part.name, leaves]]) }, part, key, threads.sink, meter, found)
    }
  }
  return openedBid(found)
}

/**
 * Threads find faults in no order of their own. Whatever they found, the checks are made once more in their order, and the
 * first that fails is the one to tell.
 */
async function firstFailure(
  bid: SealedBid,
  { onProgress: _, ...options }: VerifyOptions,
  keys: ReadonlyMap<PartName, Uint8Array>,
): Promise<unknown> {
  try {
    await openSealedBid(await verifySealedBid(bid, options), keys, nowhere, { signal: options.signal })
    return new CryptoFailure('seal.root', 'the stored bytes have changed since they were opened')
  } catch (error) {
    return error
  }
}

/** A sink for those who only want to know whether a bid opens. */
export const nowhere: BidSink = {
  document: () => Promise.resolve({ write: () => Promise.resolve(), close: () => Promise.resolve() }),
  file: () => Promise.resolve(null),
}

/** Looks whether to stop and tells nobody how far it is. */
function silent({ signal }: VerifyOptions): Meter {
  return { advance: () => throwIfCancelled(signal), count: () => undefined }
}

/** Whether a failure is one of the format's checks, or that nobody has a key. */
function isCheck(error: unknown): boolean {
  return error instanceof CryptoFailure && (error.code.startsWith('seal.') || error.code === 'token.wrong-lock')
}
