import { CryptoFailure } from '../errors.ts'
import type { DraftFile } from '../io/files.ts'
import { startMeter } from '../io/progress.ts'
import { readSegments, type SegmentObserver } from '../io/segments.ts'
import type { Segment } from '../io/source.ts'
import { toHex } from '../json/hex.ts'
import type { RunningDigest } from '../suite.ts'
import { entryHeader, entrySize, paddingAfter } from './archive.ts'
import { entryNames, mimetypeEntrySize } from './container.ts'
import type { DigestedDocument } from './digest-documents.ts'
import type { PartName, SealPart } from './header.ts'
import type { PartPlaintext } from './inner-documents.ts'
import type { PartDerivation } from './key-schedule.ts'
import { sealedSizeOf } from './part-layout.ts'
import { commitmentsOf, derivationOf, type PartSecrets } from './part-secrets.ts'
import type { SealOptions } from './seal-options.ts'
import { sealPart } from './seal-part.ts'

/** The parts as they now stand in the draft. */
export interface StreamedParts {
  /** As they stand in the header. */
  readonly parts: readonly SealPart[]
  /** Plain twin roots in hex, where a twin was asked for. */
  readonly plainTwin: readonly { readonly name: PartName; readonly root: string }[]
  /** Where the archive goes on. */
  readonly end: number
}

/** Bytes the parts will take in the archive, with everything before them. */
export function lengthThroughParts(parts: readonly PartPlaintext[]): number {
  return parts.reduce((sum, part) => sum + entrySize(sealedSizeOf(part.size)), mimetypeEntrySize)
}

/** Encrypts the parts into the draft at the places they have in the archive. */
export async function streamParts(
  options: SealOptions,
  plaintexts: readonly PartPlaintext[],
  secrets: ReadonlyMap<PartName, PartSecrets>,
  context: Uint8Array,
  documents: readonly DigestedDocument[],
  draft: DraftFile,
): Promise<StreamedParts> {
  const meter = startMeter(
    options,
    'seal',
    plaintexts.reduce((sum, part) => sum + part.size, 0),
  )
  const parts: SealPart[] = []
  const plainTwin: { name: PartName; root: string }[] = []
  let offset = mimetypeEntrySize
  for (const { name, size, segments } of plaintexts) {
    const partSecrets = secrets.get(name)
    if (partSecrets === undefined) throw new CryptoFailure('internal', 'a part has no key')
    const derivation = derivationOf(options.suite, name, partSecrets, context)
    const start = await frame(draft, { name, size, offset })
    const plaintext = readSegments(segments, options.files, watchDocuments(options, segments, documents))
    try {
      const write = (at: number, sealed: Uint8Array) => draft.write(start + at, sealed)
      const asked = options.plainTwin === true
      const sealed = await sealPart({
        derivation,
        partKey: partSecrets.key,
        size,
        plaintext,
        write,
        meter,
        plainTwin: asked,
      })
      parts.push(describePart(size, partSecrets, derivation, sealed.root))
      if (sealed.plainRoot !== null) plainTwin.push({ name, root: toHex(sealed.plainRoot) })
    } finally {
      await plaintext.close()
    }
    offset += entrySize(sealedSizeOf(size))
  }
  return { parts, plainTwin, end: offset }
}

/** Writes what stands around a part in the archive; answers where its first sealed byte goes. */
export async function frame(
  draft: DraftFile,
  { name, size, offset }: Pick<PartPlaintext, 'name' | 'size'> & { readonly offset: number },
): Promise<number> {
  const sealedSize = sealedSizeOf(size)
  const header = entryHeader(entryNames.part(name), sealedSize)
  const start = offset + header.length
  await draft.write(offset, header)
  await draft.write(start + sealedSize, new Uint8Array(paddingAfter(sealedSize)))
  return start
}

/** A sealed part as it stands in the header. */
export function describePart(
  size: number,
  secrets: PartSecrets,
  derivation: PartDerivation,
  root: Uint8Array,
): SealPart {
  const { part: name } = derivation
  const described = { name, size, sealedSize: sealedSizeOf(size), salt: toHex(secrets.salt), root: toHex(root) }
  return { ...described, ...commitmentsOf(secrets, derivation) }
}

/**
 * Sees that a document is still what was digested and signed: its length always; its digest too when there is no
 * self-test, which would find out (reading everything twice more would only cost time).
 */
function watchDocuments(
  options: SealOptions,
  segments: readonly Segment[],
  documents: readonly DigestedDocument[],
): SegmentObserver {
  const places = segments.flatMap((segment, index) => (segment.kind === 'file' ? [index] : []))
  const entryOf = (segment: number) => documents[places.indexOf(segment)]?.entry
  let running: RunningDigest | null = null
  return {
    begin(segment, fileSize) {
      if (entryOf(segment)?.size !== fileSize) throw changed()
      running = options.selfTest ? null : options.suite.createDigest()
    },
    bytes(_segment, bytes) {
      running?.update(bytes)
    },
    end(segment) {
      if (running !== null && toHex(running.digest()) !== entryOf(segment)?.digest) throw changed()
      running = null
    },
  }
}

function changed(): CryptoFailure {
  return new CryptoFailure('input.changed', 'a document has changed since sealing began')
}
