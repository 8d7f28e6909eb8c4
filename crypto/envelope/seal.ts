import { throwIfCancelled, CryptoFailure } from '../errors.ts'
import type { DraftFile } from '../io/files.ts'
import { toHex } from '../json/hex.ts'
import { maxEntrySize } from './archive.ts'
import { tenderReferenceOf } from './checks/tender.ts'
import { entryNames, maxEnvelopeBytes, mimetype, mimetypeEntrySize, writeHeaderArchive } from './container.ts'
import { type DigestedDocument, digestDocuments } from './digest-documents.ts'
import { encodeHeader, type PartName, sealDigest, type SealHeader, shortCode } from './header.ts'
import { composeParts, type PartPlaintext } from './inner-documents.ts'
import { type ContextValues, partContext } from './key-schedule.ts'
import { type MadeEnvelopes, makeEnvelopes } from './make-envelopes.ts'
import { sealedSizeOf } from './part-layout.ts'
import { makeSecrets, type PartSecrets, wipeSecrets } from './part-secrets.ts'
import type { SealOptions, SealOutcome } from './seal-options.ts'
import { planSeal, type SealPlan } from './seal-plan.ts'
import { selfTest } from './self-test.ts'
import { lengthThroughParts, type StreamedParts, streamParts } from './stream-parts.ts'

/**
 * Seals a bid: documents digested, inner documents signed, parts encrypted into a draft, keys enveloped, the header
 * signed, the draft proved, and only then the file under its final name. Three signatures are asked of the signer. The
 * documents are streamed; at most a few chunks are in memory and no plaintext is written anywhere.
 *
 * Whatever fails, and a cancel at any time, leaves nothing behind. Throws what `planSeal`, the file system, the signer and
 * the locks throw, `input.changed`, `seal.too-large`, `seal.self-test`, `cancelled`.
 */
export async function sealBid(given: SealOptions): Promise<SealOutcome> {
  const plan = planSeal(given)
  const options = { ...given, signer: plan.signing }
  throwIfCancelled(options.signal)
  const documents = await digestDocuments(options)
  const sealId = makeSealId(options)
  const plaintexts = await composeParts(options, sealId, documents)
  requireSizes(options, plaintexts)
  const draft = await options.files.create(options.output, lengthThroughParts(plaintexts) + tailBound(plan))
  const { keyPolicy } = options.tender.fields
  const secrets = new Map(plaintexts.map(({ name }) => [name, makeSecrets(options.randomness, keyPolicy)]))
  try {
    const job: SealJob = { options, plan, documents, plaintexts, secrets, sealId, draft }
    const outcome = await writeDraft(job)
    throwIfCancelled(options.signal)
    await draft.commit()
    return outcome
  } finally {
    for (const partSecrets of secrets.values()) wipeSecrets(partSecrets)
    await draft.discard()
  }
}

interface SealJob {
  readonly options: SealOptions
  readonly plan: SealPlan
  readonly documents: readonly DigestedDocument[]
  readonly plaintexts: readonly PartPlaintext[]
  readonly secrets: ReadonlyMap<PartName, PartSecrets>
  readonly sealId: string
  readonly draft: DraftFile
}

/** Everything up to the name: parts, envelopes, header, signature, self-test. */
async function writeDraft(job: SealJob): Promise<SealOutcome> {
  const { options, plan, documents, plaintexts, secrets, draft } = job
  const identity = identityOf(job)
  const streamed = await streamParts(
    options,
    plaintexts,
    secrets,
    partContext(identity, options.suite),
    documents,
    draft,
  )
  const envelopes = await makeEnvelopes(options, plan.recipients, secrets)
  const header = composeHeader(options, identity, streamed, envelopes)
  const headerBytes = encodeHeader(header)
  throwIfCancelled(options.signal)
  const signature = await options.suite.signDetached(headerBytes, options.signer, options.clock.now())
  const tail = composeTail(envelopes, headerBytes, signature)
  await draft.write(0, tail.subarray(0, mimetypeEntrySize))
  await draft.write(streamed.end, tail.subarray(mimetypeEntrySize))
  const size = streamed.end + tail.length - mimetypeEntrySize
  if (size > options.tender.fields.limits.bidBytes) throw tooLarge()
  await draft.flush()
  const proved = options.selfTest
    ? await selfTest(options, draft.draftPath, plan.recipients, secrets)
    : new Set<string>()
  const digest = sealDigest(headerBytes, options.suite)
  return {
    sealId: job.sealId,
    sealDigest: toHex(digest),
    shortCode: shortCode(digest),
    size,
    parts: header.parts.map(part => ({
      name: part.name,
      size: part.size,
      sealedSize: part.sealedSize,
      root: part.root,
    })),
    recipients: header.recipients.map(({ id, role, label }) => {
      return { id, role, ...(label === undefined ? {} : { label }), proved: proved.has(id) }
    }),
  }
}

type Identity = ContextValues & Pick<SealHeader, 'format' | 'createdAt' | 'clock' | 'tender' | 'bidder'>

/** What the header says before any part is sealed; the parts are bound to it. */
function identityOf({ options, plan, sealId }: SealJob): Identity {
  const { suite, tender, bidder, clock } = options
  return {
    format: 1,
    suite: suite.id,
    sealId,
    createdAt: clock.now().toISOString(),
    clock: 'computer',
    tender: tenderReferenceOf(tender),
    bidder: { name: bidder.name, creditCode: bidder.creditCode },
    signer: { certificateDigest: toHex(suite.digest(plan.signer.der)) },
    keyPolicy: tender.fields.keyPolicy,
  }
}

function composeHeader(
  { tender, replaces, traces }: SealOptions,
  identity: Identity,
  { parts, plainTwin }: StreamedParts,
  { recipients }: MadeEnvelopes,
): SealHeader {
  const { kind } = tender.fields.remedy
  return {
    ...identity,
    parts,
    recipients,
    ...(kind === 'none' ? {} : { remedy: { kind, ...(plainTwin.length === 0 ? {} : { plainTwin }) } }),
    ...(replaces === undefined ? {} : { replaces }),
    ...(traces === undefined ? {} : { traces }),
  }
}

/** The header archive: what stands before the parts and what stands after them. */
function composeTail({ entries }: MadeEnvelopes, headerBytes: Uint8Array, signature: Uint8Array): Uint8Array {
  const names = [...entries.keys()].sort()
  const keys = names.map(name => [name, entries.get(name) ?? new Uint8Array()] as const)
  return writeHeaderArchive(
    new Map([
      [entryNames.mimetype, Uint8Array.from(Buffer.from(mimetype))],
      ...keys,
      [entryNames.header, headerBytes],
      [entryNames.signature, signature],
    ]),
  )
}

function requireSizes({ tender }: SealOptions, plaintexts: readonly PartPlaintext[]): void {
  if (plaintexts.some(part => sealedSizeOf(part.size) > maxEntrySize)) throw tooLarge()
  if (lengthThroughParts(plaintexts) > tender.fields.limits.bidBytes) throw tooLarge()
}

/** More than the entries after the parts can take; for the free space to be looked at before anything is written. */
function tailBound({ recipients }: SealPlan): number {
  return 2 * (recipients.length + 1) * maxEnvelopeBytes + 65_536
}

/** A UUID of version 4. */
function makeSealId({ randomness }: SealOptions): string {
  const bytes = randomness.bytes(16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

function tooLarge(): CryptoFailure {
  return new CryptoFailure('seal.too-large', 'the sealed bid is larger than the format or the tender allows')
}
