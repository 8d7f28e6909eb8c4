import type { Pipeline } from '../worker/pipeline.ts'
import { groupRuns, increments } from '../worker/run-group.ts'
import { documentBytes, type MeasuredDocument } from './digest-documents.ts'
import { digestThreaded } from './digest-threaded.ts'
import { foreseeParts } from './foresee-parts.ts'
import { makeEnvelopes } from './make-envelopes.ts'
import { startParts, Unforeseen } from './overlapped-parts.ts'
import { finishDraft, makeSealId, withDraft } from './seal-draft.ts'
import type { SealOptions, SealOutcome } from './seal-options.ts'
import type { SealPlan } from './seal-plan.ts'
import { sealProgress } from './seal-progress.ts'
import { watchDocuments } from './watch-documents.ts'

/**
 * Seals with threads. What stands behind the documents' signed list is sealed while the documents are still being digested;
 * the list and what shares its chunks come last. Everything drawn at random is drawn in the order of the plain way, so that
 * both make the same bytes.
 */
export async function sealOverlapped(
  options: SealOptions,
  plan: SealPlan,
  measured: readonly MeasuredDocument[],
  pipeline: Pipeline,
): Promise<SealOutcome> {
  try {
    return await attempt(options, plan, measured, pipeline, true)
  } catch (error) {
    if (!(error instanceof Unforeseen)) throw error
    // SECURITY: a part key seals one part once; everything is made anew.
    return attempt(options, plan, measured, pipeline, false)
  }
}

async function attempt(
  options: SealOptions,
  plan: SealPlan,
  measured: readonly MeasuredDocument[],
  pipeline: Pipeline,
  early: boolean,
): Promise<SealOutcome> {
  const watched = await watchDocuments(measured)
  const runs = groupRuns(pipeline, options.signal)
  const progress = sealProgress(options, documentBytes(measured))
  try {
    const sealId = makeSealId(options)
    const { plaintexts: foreseen, complete } = await foreseeParts(options, plan, sealId, measured)
    const ahead = early && foreseen !== null
    const digested = increments(progress.digested)
    const digestFirst = () => digestThreaded(runs, options.suite, measured, digested)
    const plaintexts = ahead ? foreseen : await complete(await digestFirst())
    progress.expect(plaintexts.reduce((sum, part) => sum + part.size, 0))
    return await withDraft(options, plan, sealId, plaintexts, async job => {
      const parts = await startParts(job, runs, plaintexts, progress.sealed)
      if (!ahead) progress.endDigests()
      try {
        const sealing = ahead ? parts.sealBehindHead(measured, progress.digested) : parts.sealAll()
        // It is awaited later; its failure waits as well.
        sealing.catch(() => undefined)
        const envelopes = await makeEnvelopes(options, plan.recipients, job.secrets)
        const documents = await sealing
        progress.endDigests()
        if (documents !== undefined) await parts.sealHead(await complete(documents))
        return await finishDraft(job, parts.finish(), envelopes, !(await watched.unchanged()))
      } finally {
        // Draft and keys may go only when no thread has them any more.
        await runs.end()
        parts.wipe()
      }
    })
  } finally {
    await runs.end()
  }
}
