import { throwIfCancelled } from '../errors.ts'
import type { Pipeline } from '../worker/pipeline.ts'
import { digestDocuments, documentBytes, type MeasuredDocument, measureDocuments } from './digest-documents.ts'
import { composeParts } from './inner-documents.ts'
import { partContext } from './key-schedule.ts'
import { makeEnvelopes } from './make-envelopes.ts'
import { finishDraft, makeSealId, withDraft } from './seal-draft.ts'
import type { SealOptions, SealOutcome } from './seal-options.ts'
import { sealOverlapped } from './seal-overlapped.ts'
import { planSeal, type SealPlan } from './seal-plan.ts'
import { streamParts } from './stream-parts.ts'

/**
 * Seals a bid: documents digested, inner documents signed, parts encrypted into a draft, keys enveloped, the header
 * signed, the draft proved, and only then the file under its final name. Three signatures are asked of the signer. The
 * documents are streamed; at most a few chunks are in memory and no plaintext is written anywhere but into a plain twin that was asked for.
 *
 * Whatever fails, and a cancel at any time, leaves nothing behind. Throws what `planSeal`, the file system, the signer and
 * the locks throw, `input.changed`, `seal.too-large`, `seal.self-test`, `cancelled`.
 */
export async function sealBid(given: SealOptions): Promise<SealOutcome> {
  const measuring = measureDocuments(given)
  // The threads start while the certificates are judged, whose refusals come before those of the documents.
  await measuring.then(
    found => pipelineFor(given, found)?.warm(),
    () => undefined,
  )
  const plan = planSeal(given)
  const options = { ...given, signer: plan.signing }
  throwIfCancelled(options.signal)
  const measured = await measuring
  const pipeline = pipelineFor(options, measured)
  if (pipeline === null) return sealInOrder(options, plan, measured)
  return sealOverlapped(options, plan, measured, pipeline)
}

function pipelineFor({ pipeline, files }: SealOptions, measured: readonly MeasuredDocument[]): Pipeline | null {
  if (pipeline === undefined || files.plain !== true) return null
  return documentBytes(measured) < pipeline.smallest ? null : pipeline
}

/** One thing after the other on this thread, through the file port: small bids, and the reference for all. */
async function sealInOrder(
  options: SealOptions,
  plan: SealPlan,
  measured: readonly MeasuredDocument[],
): Promise<SealOutcome> {
  const documents = await digestDocuments(options, measured)
  const sealId = makeSealId(options)
  const plaintexts = await composeParts(options, sealId, documents)
  return withDraft(options, plan, sealId, plaintexts, async job => {
    const { identity, secrets, draft } = job
    const context = partContext(identity, options.suite)
    const streamed = await streamParts(options, plaintexts, secrets, context, documents, draft)
    return finishDraft(job, streamed, await makeEnvelopes(options, plan.recipients, secrets))
  })
}
