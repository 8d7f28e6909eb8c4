import { CryptoFailure } from '../../../crypto/index.ts'
import type { SealedBid, SignedDocument } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Platform, Submission } from '../../platform/index.ts'

/** How often a part that arrived damaged is sent again, or one whose file was touched meanwhile. */
const mostTries = 3

/** How the sending is followed. */
export interface SendingSteps {
  readonly signal: AbortSignal | undefined
  /** Bytes the platform has confirmed, of all parts. */
  confirmed(done: number, total: number): void
  /** Every byte is there; run before the receipt is asked for, and may still refuse. */
  complete(): Promise<void>
  /** A part has arrived damaged, or its file was touched; run before it is sent again, and may refuse. */
  again(): Promise<void>
}

/** Sends what is missing and asks for the receipt; a part that arrived damaged is sent once more. Throws `platform.*`. */
export async function sendParts(
  platform: Platform,
  bid: SealedBid,
  submission: Submission,
  steps: SendingSteps,
): Promise<SignedDocument> {
  for (let tries = 1; ; tries += 1) {
    try {
      await sendAll(platform, bid, submission, steps)
    } catch (error) {
      // The file was written to, or only touched: whether it is still whole is looked at first.
      if (codeOf(error) !== 'input.changed' || tries >= mostTries) throw error
      await steps.again()
      continue
    }
    await steps.complete()
    try {
      return await platform.completeSubmission(submission.submissionId)
    } catch (error) {
      if (codeOf(error) !== 'seal.root' || tries >= mostTries) throw error
    }
    await steps.again()
  }
}

function codeOf(error: unknown): string | null {
  return error instanceof AppFailure || error instanceof CryptoFailure ? error.code : null
}

async function sendAll(platform: Platform, bid: SealedBid, { parts }: Submission, steps: SendingSteps): Promise<void> {
  const sources = parts.map(part => ({ part, source: bid.partSource(part.name) }))
  if (sources.some(({ part, source }) => part.size !== source.size)) {
    throw new AppFailure('platform.refused', 'the platform asks for a part of another size')
  }
  const total = parts.reduce((sum, { size }) => sum + size, 0)
  let before = 0
  for (const [index, { part, source }] of sources.entries()) {
    // What a run before this one had brought of the parts to come counts as well.
    const after = parts.slice(index + 1).reduce((sum, { offset }) => sum + offset, 0)
    const start = before
    await platform.sendPart(part, source, {
      signal: steps.signal,
      onProgress: ({ done }) => {
        steps.confirmed(start + done + after, total)
      },
    })
    before += part.size
  }
}
