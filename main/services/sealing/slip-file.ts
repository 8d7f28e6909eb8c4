import { readFile } from 'node:fs/promises'
import { readSealedBid } from '../../../crypto/index.ts'
import type { SealOutcome, Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Failure } from '../../contract/failure.ts'
import { writeFileAtomic } from '../../store/index.ts'
import { toFailure } from '../failure.ts'
import type { Ports } from '../ports.ts'
import { renderSlip } from './slip.ts'
import { slipFacts } from './slip-facts.ts'

/** Where the seal slip goes, and what it is written in. */
export interface SlipRequest {
  readonly path: string
  /** Path of the typeface, TrueType. */
  readonly font: string
}

/** The slip as it came out. A slip that could not be written takes nothing from the sealed bid. */
export type SlipResult = { readonly path: string } | { readonly failure: Failure }

/** Writes the seal slip of a bid that has just been sealed. Never throws. */
export async function writeSlip(
  ports: Ports,
  request: SlipRequest,
  sealed: { readonly output: string; readonly outcome: SealOutcome; readonly tender: Tender },
): Promise<SlipResult> {
  try {
    const typeface = await readFile(request.font).catch((error: unknown) => {
      throw new AppFailure('input.unreadable', 'the typeface for the slip is missing', { cause: error })
    })
    const source = await ports.files.open(sealed.output)
    try {
      const now = ports.clock.now()
      const facts = slipFacts(await readSealedBid(source), sealed.outcome, sealed.tender, now)
      await writeFileAtomic(request.path, await renderSlip(facts, typeface, now))
    } finally {
      await source.close()
    }
    return { path: request.path }
  } catch (error) {
    return { failure: toFailure(error) }
  }
}
