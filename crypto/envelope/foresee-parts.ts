import type { SealOptions } from './seal-options.ts'
import type { SealPlan } from './seal-plan.ts'
import { type DigestedDocument, documentEntry, type MeasuredDocument } from './digest-documents.ts'
import {
  bidFields,
  drawNonce,
  foreseeBid,
  layOutParts,
  type PartPlaintext,
  signBid,
  signOpening,
} from './inner-documents.ts'

/** The parts before the documents are digested. */
export interface ForeseenParts {
  /** The parts as they will be, zeros in place of the body's head; null when their layout can't be told yet. */
  readonly plaintexts: readonly PartPlaintext[] | null
  /** The parts with everything in them; signs `bid.json`. */
  readonly complete: (documents: readonly DigestedDocument[]) => Promise<readonly PartPlaintext[]>
}

/** Signs `opening.json` and lays the parts out. Throws what {@link composeParts} does. */
export async function foreseeParts(
  options: SealOptions,
  plan: SealPlan,
  sealId: string,
  measured: readonly MeasuredDocument[],
): Promise<ForeseenParts> {
  const opening = await signOpening(options, sealId, drawNonce(options))
  const nonce = drawNonce(options)
  const fieldsOf = (documents: readonly DigestedDocument[]) =>
    bidFields(
      options,
      sealId,
      nonce,
      opening,
      documents.map(({ entry }) => entry),
    )
  const undigested = measured.map(({ document, size }) => {
    return { path: document.path, entry: documentEntry(document, size, '0'.repeat(64)) }
  })
  const bid = foreseeBid(fieldsOf(undigested), opening, plan.signer.key.kind === 'rsa')
  return {
    plaintexts: bid === null ? null : layOutParts(options, opening, bid, undigested),
    complete: async documents => {
      return layOutParts(options, opening, await signBid(options, fieldsOf(documents)), documents)
    },
  }
}
