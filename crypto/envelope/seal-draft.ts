import { CryptoFailure, throwIfCancelled } from '../errors.ts'
import type { DraftFile } from '../io/files.ts'
import { toHex } from '../json/hex.ts'
import { maxEntrySize } from './archive.ts'
import { tenderReferenceOf } from './checks/tender.ts'
import { entryNames, maxEnvelopeBytes, mimetype, mimetypeEntrySize, writeHeaderArchive } from './container.ts'
import { encodeHeader, type PartName, sealDigest, type SealHeader, shortCode } from './header.ts'
import type { PartPlaintext } from './inner-documents.ts'
import type { ContextValues } from './key-schedule.ts'
import type { MadeEnvelopes } from './make-envelopes.ts'
import { sealedSizeOf } from './part-layout.ts'
import { makeSecrets, type PartSecrets, wipeSecrets } from './part-secrets.ts'
import { plainTwinLength, writePlainTwin } from './plain-twin.ts'
import { readSealedBid } from './read.ts'
import type { SealOptions, SealOutcome } from './seal-options.ts'
import type { SealPlan } from './seal-plan.ts'
import { selfTest } from './self-test.ts'
import { type SealStamp, stampSeal } from './stamp-seal.ts'
import { lengthThroughParts, type StreamedParts } from './stream-parts.ts'

/** A sealing whose parts' sizes are known and whose file is begun. */
export interface SealJob {
  readonly options: SealOptions
  readonly plan: SealPlan
  readonly identity: Identity
  readonly secrets: ReadonlyMap<PartName, PartSecrets>
  readonly draft: DraftFile
  /** The plain twin, where one is written. */
  readonly twin: DraftFile | null
}

/** What the header says before any part is sealed; the parts are bound to it. */
export type Identity = ContextValues & Pick<SealHeader, 'format' | 'createdAt' | 'clock' | 'tender' | 'bidder'>

/** The identity of a sealing that begins now. */
export function identityOf(options: SealOptions, plan: SealPlan, sealId: string): Identity {
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

/**
 * Begins the file and hands it, with fresh secrets for the parts, to `work`; what `work` has finished gets its name.
 * Whatever else comes of it leaves no file, and the secrets are wiped. Throws `seal.too-large`, what the file system and
 * `work` throw, `cancelled`.
 */
export async function withDraft<T>(
  options: SealOptions,
  plan: SealPlan,
  sealId: string,
  plaintexts: readonly PartPlaintext[],
  work: (job: SealJob) => Promise<T>,
): Promise<T> {
  requireSizes(options, plaintexts)
  const draft = await options.files.create(options.output, lengthThroughParts(plaintexts) + tailBound(plan))
  let twin: DraftFile | null = null
  const { keyPolicy } = options.tender.fields
  const secrets = new Map(plaintexts.map(({ name }) => [name, makeSecrets(options.randomness, keyPolicy)]))
  try {
    twin = await createTwin(options, plaintexts)
    const outcome = await work({ options, plan, identity: identityOf(options, plan, sealId), secrets, draft, twin })
    throwIfCancelled(options.signal)
    // A bid never stands there without the twin it names.
    await twin?.commit()
    await draft.commit()
    return outcome
  } finally {
    for (const partSecrets of secrets.values()) wipeSecrets(partSecrets)
    await draft.discard()
    await twin?.discard()
  }
}

function createTwin(options: SealOptions, plaintexts: readonly PartPlaintext[]): Promise<DraftFile> | null {
  if (options.plainTwinTo === undefined) return null
  return options.files.create(options.plainTwinTo, plainTwinLength(plaintexts, maxTwinHeader, maxTwinHeader))
}

/** For the free space to be looked at: more than header and signature will be, mostly. */
const maxTwinHeader = 65_536

/**
 * The rest of a file whose parts are written: header, signature, envelopes, flush, self-test. Where none is wanted but the
 * documents are `doubtful`, the file is opened all the same, without the locks.
 */
export async function finishDraft(
  job: SealJob,
  streamed: StreamedParts,
  envelopes: MadeEnvelopes,
  doubtful = false,
): Promise<SealOutcome> {
  const { options, plan, identity, secrets, draft } = job
  const header = composeHeader(options, identity, streamed, envelopes)
  const headerBytes = encodeHeader(header)
  throwIfCancelled(options.signal)
  const signature = await options.suite.signDetached(headerBytes, options.signer, options.clock.now())
  const stamp = await stampSeal(options, headerBytes, signature)
  throwIfCancelled(options.signal)
  const tail = composeTail(envelopes, headerBytes, signature, stamp)
  await draft.write(0, tail.subarray(0, mimetypeEntrySize))
  await draft.write(streamed.end, tail.subarray(mimetypeEntrySize))
  const size = streamed.end + tail.length - mimetypeEntrySize
  if (size > options.tender.fields.limits.bidBytes) throw tooLarge()
  await draft.flush()
  const provers = options.selfTest ? plan.recipients : []
  const proved =
    options.selfTest || doubtful ? await selfTest(options, draft.draftPath, provers, secrets) : new Set<string>()
  await fillTwin(job)
  const digest = sealDigest(headerBytes, options.suite)
  return {
    sealId: header.sealId,
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
    ...(stamp === null ? {} : { timestamp: stamp.time.toISOString() }),
  }
}

/** Writes the plain twin from the draft as it stands on the disk, so that both hold the same. */
async function fillTwin({ options, secrets, draft, twin }: SealJob): Promise<void> {
  if (twin === null) return
  const source = await options.files.open(draft.draftPath)
  try {
    const keys = new Map([...secrets].map(([part, { key }]) => [part, key] as const))
    await writePlainTwin(await readSealedBid(source), keys, twin, options)
  } finally {
    await source.close()
  }
}

/** A new sealId: a UUID of version 4. */
export function makeSealId({ randomness }: SealOptions): string {
  const bytes = randomness.bytes(16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
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
function composeTail(
  { entries }: MadeEnvelopes,
  headerBytes: Uint8Array,
  signature: Uint8Array,
  stamp: SealStamp | null,
): Uint8Array {
  const names = [...entries.keys()].sort()
  const keys = names.map(name => [name, entries.get(name) ?? new Uint8Array()] as const)
  return writeHeaderArchive(
    new Map([
      [entryNames.mimetype, Uint8Array.from(Buffer.from(mimetype))],
      ...keys,
      [entryNames.header, headerBytes],
      [entryNames.signature, signature],
      ...(stamp === null ? [] : [[entryNames.timestamp, stamp.response] as const]),
    ]),
  )
}

function requireSizes({ tender }: SealOptions, plaintexts: readonly PartPlaintext[]): void {
  if (plaintexts.some(part => sealedSizeOf(part.size) > maxEntrySize)) throw tooLarge()
  if (lengthThroughParts(plaintexts) > tender.fields.limits.bidBytes) throw tooLarge()
}

/** More than the entries after the parts can take; for the free space to be looked at before anything is written. */
function tailBound({ recipients }: SealPlan): number {
  return 2 * (recipients.length + 1) * maxEnvelopeBytes + 2 * 65_536
}

function tooLarge(): CryptoFailure {
  return new CryptoFailure('seal.too-large', 'the sealed bid is larger than the format or the tender allows')
}
