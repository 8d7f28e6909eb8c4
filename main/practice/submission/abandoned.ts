import type { PracticeContext } from '../context.ts'
import type { BidRecord } from '../state/bid-record.ts'

/** Removes what was uploaded for nothing; asked often, it does each bid once in a run of the platform. */
export interface Abandoned {
  remove(context: PracticeContext): Promise<void>
}

/**
 * The rule: when an opening has begun, the parts of every submission nobody asked to complete in time are removed, since
 * there can be no receipt for them any more; when it has closed, so are those of a plain twin that was not handed over.
 * Records and header archives stay. So does everything that was asked to be completed in time, whatever became of it:
 * whose fault that was may be argued about.
 */
export function abandonedUploads(): Abandoned {
  const done = new Set<string>()

  const once = async (
    context: PracticeContext,
    bid: BidRecord,
    name: string,
    work: () => Promise<void>,
  ): Promise<void> => {
    if (done.has(name)) return
    await context.uploads.exclusively(bid, work)
    done.add(name)
  }

  return {
    async remove(context) {
      for (const bid of context.bids.all()) {
        const opening = context.openings.opening(bid.openingId)
        if (opening === null) continue
        if (bid.receipt === null && bid.completeAskedAt === null) {
          await once(context, bid, bid.submissionId, async () => {
            await context.uploads.remove(bid)
            context.log(`submission ${bid.submissionId} was never completed; its parts are removed`)
          })
        }
        const { twin } = context.openings.attendance(bid.openingId, bid.sealDigest)
        if (opening.closedAt !== null && twin === 'awaited') {
          await once(context, bid, `${bid.submissionId}.twin`, () => context.uploads.removeTwin(bid))
        }
      }
    },
  }
}
