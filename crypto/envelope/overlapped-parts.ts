import { CryptoFailure } from '../errors.ts'
import { toHex } from '../json/hex.ts'
import type { BulkSuite } from '../suite.ts'
import type { PlacedFile } from '../worker/protocol.ts'
import type { RunGroup } from '../worker/run-group.ts'
import { blockSize, entrySize } from './archive.ts'
import { mimetypeEntrySize } from './container.ts'
import type { DigestedDocument, MeasuredDocument } from './digest-documents.ts'
import { digestedDocuments, digestGroups } from './digest-threaded.ts'
import type { PartPlaintext } from './inner-documents.ts'
import { partContext } from './key-schedule.ts'
import { chunkCount, chunkSize, sealedSizeOf } from './part-layout.ts'
import { derivationOf } from './part-secrets.ts'
import type { SealJob } from './seal-draft.ts'
import { startThreadedPart } from './seal-part-threaded.ts'
import { describePart, frame, type StreamedParts } from './stream-parts.ts'

/** The parts of a bid while threads seal them into the draft. */
export interface OverlappedParts {
  /**
   * Seals everything that does not share a chunk with the body's head, which is not known yet, and digests the documents
   * with the same reading.
   */
  sealBehindHead(
    measured: readonly MeasuredDocument[],
    onDigested: (bytes: number) => void,
  ): Promise<readonly DigestedDocument[]>
  /** Seals the chunks of the body's head. Throws {@link Unforeseen} when it has another length than it was to have. */
  sealHead(complete: readonly PartPlaintext[]): Promise<void>
  /** Everything at once, when all is known. */
  sealAll(): Promise<void>
  /** When all is sealed. */
  finish(): StreamedParts
  /** Overwrites the keys; only when no run is under way. */
  wipe(): void
}

/** The body's head came out longer or shorter than it was foreseen; what has been sealed is in the wrong place. */
export class Unforeseen extends Error {}

/** Writes what stands around the parts, and derives their keys. */
export async function startParts(
  job: SealJob,
  runs: RunGroup,
  plaintexts: readonly PartPlaintext[],
  onSealed: (bytes: number) => void,
): Promise<OverlappedParts> {
  const { options, secrets, draft } = job
  const { descriptor } = draft
  if (descriptor === undefined) throw new CryptoFailure('internal', 'a draft of a plain file system has no descriptor')
  const context = partContext(job.identity, options.suite)
  const plainTwin = options.plainTwin === true
  const parts: Part[] = []
  let offset = mimetypeEntrySize
  for (const plaintext of plaintexts) {
    const { name, size } = plaintext
    const partSecrets = secrets.get(name)
    if (partSecrets === undefined) throw new CryptoFailure('internal', 'a part has no key')
    const output = { descriptor, offset: await frame(draft, { name, size, offset }) }
    const derivation = derivationOf(options.suite, name, partSecrets, context)
    const sealed = startThreadedPart({
      ...{ runs, derivation, partKey: partSecrets.key, size, output, plainTwin, onSealed },
    })
    parts.push({ plaintext, sealed, describe: root => describePart(size, partSecrets, derivation, root) })
    offset += entrySize(sealedSizeOf(size))
  }
  return partsOf(parts, offset, options.suite)
}

interface Part {
  readonly plaintext: PartPlaintext
  readonly sealed: ReturnType<typeof startThreadedPart>
  readonly describe: (root: Uint8Array) => StreamedParts['parts'][number]
}

function partsOf(parts: readonly Part[], end: number, suite: BulkSuite): OverlappedParts {
  const sealAs = async (range: (part: Part) => readonly [number, number, PartPlaintext]): Promise<void> => {
    const runs = parts.map(part => {
      const [first, until, { segments }] = range(part)
      return part.sealed.seal(first, until, segments)
    })
    await Promise.all(runs)
  }
  return {
    async sealBehindHead(measured, onDigested) {
      const { groups, digests } = digestGroups(measured, suite)
      const sealing = parts.map(({ plaintext, sealed }) => {
        const { name, size, segments } = plaintext
        if (name !== 'body') return sealed.seal(0, chunkCount(size), segments)
        const documents = placeDocuments(plaintext, measured)
        return sealed.sealDocuments(headChunks(plaintext), segments, { documents, groups, digests, onDigested })
      })
      await Promise.all(sealing)
      return digestedDocuments(measured, digests)
    },
    sealAll: () => sealAs(part => [0, chunkCount(part.plaintext.size), part.plaintext]),
    sealHead: complete =>
      sealAs(({ plaintext }) => {
        const now = complete.find(({ name }) => name === plaintext.name)
        if (now?.size !== plaintext.size || now.headSize !== plaintext.headSize) throw new Unforeseen()
        return [0, headChunks(plaintext), now]
      }),
    finish() {
      const digests = parts.map(part => ({ part, name: part.plaintext.name, ...part.sealed.finish() }))
      return {
        parts: digests.map(({ part, root }) => part.describe(root)),
        plainTwin: digests.flatMap(({ name, plainRoot }) => {
          return plainRoot === null ? [] : [{ name, root: toHex(plainRoot) }]
        }),
        end,
      }
    },
    wipe() {
      for (const { sealed } of parts) sealed.wipe()
    },
  }
}

/** Where the documents lie in the body: behind its head, each with its archive header before it. */
function placeDocuments({ headSize }: PartPlaintext, measured: readonly MeasuredDocument[]): readonly PlacedFile[] {
  let offset = headSize
  return measured.map(({ document, size }) => {
    const at = offset + blockSize
    offset += entrySize(size)
    return { path: document.path, size, at }
  })
}

/** Chunks that hold a byte of the body's head. The opening part is known from the start. */
function headChunks({ name, headSize }: PartPlaintext): number {
  return name === 'opening' ? 0 : Math.ceil(headSize / chunkSize)
}
