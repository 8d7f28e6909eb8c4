import { CryptoFailure } from '../errors.ts'
import type { JobControl, Progress } from '../io/ports.ts'
import type { PartName } from './header.ts'
import { type BidSink, openSealedBid } from './open.ts'
import { unwrapPartKeys } from './part-keys.ts'
import type { PartSecrets } from './part-secrets.ts'
import { readSealedBid } from './read.ts'
import type { SealOptions } from './seal-options.ts'
import type { PlannedRecipient } from './seal-plan.ts'
import { verifySealedBid } from './verify.ts'

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
    const { tender } = options
    const control = asTrial(
      options,
      bid.header.parts.reduce((sum, part) => sum + part.size, 0),
    )
    const verified = await verifySealedBid(bid, {
      anchors: tender.anchors,
      tender,
      at: options.clock.now(),
      ...control,
    })
    const proved = new Set<string>()
    for (const recipient of planned) {
      if (recipient.opener === undefined) continue
      const held = await unwrapPartKeys(verified, recipient.opener)
      // What came out has matched the commitments, so it is what was put in.
      for (const key of held.keys.values()) key.fill(0)
      proved.add(recipient.id)
    }
    const keys = new Map([...secrets].map(([part, { key }]) => [part, key]))
    await openSealedBid(verified, keys, nowhere, control)
    return proved
  } catch (error) {
    throw asOutcome(error)
  } finally {
    await source.close()
  }
}

/** Both passes as one stage: the draft is read twice. */
function asTrial(options: SealOptions, bytes: number): JobControl {
  return {
    signal: options.signal,
    onProgress: ({ stage, done }: Progress) =>
      options.onProgress?.({ stage: 'trial', done: stage === 'verify' ? done : bytes + done, total: 2 * bytes }),
  }
}

const nowhere: BidSink = {
  document: () => Promise.resolve({ write: () => Promise.resolve(), close: () => Promise.resolve() }),
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
