import { CryptoFailure } from '../errors.ts'
import type { JobControl, Progress } from '../io/ports.ts'
import type { PartName } from './header.ts'
import { nowhere, openBid } from './open-bid.ts'
import { unwrapPartKeys } from './part-keys.ts'
import type { PartSecrets } from './part-secrets.ts'
import { readSealedBid } from './read.ts'
import type { SealOptions } from './seal-options.ts'
import type { PlannedRecipient } from './seal-plan.ts'
import { partBytes, type VerifiedBid } from './verify.ts'

/**
 * Proves a draft: checks 1 to 7 on the bytes that are on the disk, every lock that is here opens its own envelopes, then
 * checks 8 to 11 with the keys. Answers the ids of the recipients proved. Throws `input.changed` when a document had
 * changed before it was sealed, `seal.self-test` with the failed check as its cause, and `token.*`, `cancelled`,
 * `input.*` and `output.*` as they are.
 */
export async function selfTest(
  options: SealOptions,
  draftPath: string,
  planned: readonly PlannedRecipient[],
  secrets: ReadonlyMap<PartName, PartSecrets>,
): Promise<ReadonlySet<string>> {
  const source = await options.files.open(draftPath)
  try {
    const bid = await readSealedBid(source)
    const { tender, clock, pipeline } = options
    const proved = new Set<string>()
    const judged = { anchors: tender.anchors, tender, at: clock.now(), pipeline, ...asTrial(options, partBytes(bid)) }
    const keysOf = async (verified: VerifiedBid) => {
      for (const { id, opener } of planned) {
        if (opener === undefined) continue
        const held = await unwrapPartKeys(verified, opener)
        // What came out has matched the commitments, so it is what was put in.
        for (const key of held.keys.values()) key.fill(0)
        proved.add(id)
      }
      return new Map([...secrets].map(([part, { key }]) => [part, key]))
    }
    await openBid(bid, judged, keysOf, nowhere)
    return proved
  } catch (error) {
    throw asOutcome(error)
  } finally {
    await source.close()
  }
}

/** One stage, whether the draft is read twice, first to be verified, or once. */
function asTrial({ signal, onProgress }: SealOptions, bytes: number): JobControl {
  let twice = false
  return {
    signal,
    onProgress({ stage, done }: Progress) {
      twice ||= stage === 'verify'
      const before = twice && stage === 'open' ? bytes : 0
      onProgress?.({ stage: 'trial', done: before + done, total: twice ? 2 * bytes : bytes })
    },
  }
}

function asOutcome(error: unknown): unknown {
  if (!(error instanceof CryptoFailure)) return error
  if (error.code === 'seal.document')
    return new CryptoFailure('input.changed', 'a document changed while it was sealed', error)
  if (!/^(?:seal|document|cert)\./.test(error.code)) return error
  return new CryptoFailure(
    'seal.self-test',
    `the sealed bid failed its own proof: ${error.code}, ${error.detail}`,
    error,
  )
}
