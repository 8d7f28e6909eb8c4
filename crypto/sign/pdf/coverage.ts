import type { Hash } from 'node:crypto'
import { type ByteSource, rangeSource } from '../../io/source.ts'
import { sameBytes } from '../../der/writer.ts'
import { throwIfCancelled } from '../../errors.ts'
import { unlessBroken } from './broken.ts'
import { PdfDocument } from './document.ts'
import { type FormField, readForm } from './fields.ts'
import { hexString } from './lexer.ts'
import { limits } from './limits.ts'
import { is, type PdfDictionary } from './objects.ts'

/** Which bytes a signature covers: all but its own value, up to `end`. */
export interface CoveredBytes {
  readonly contentsStart: number
  readonly contentsEnd: number
  readonly end: number
  /** The signature's value with its padding. */
  readonly contents: Uint8Array
}

/** What is wrong with a signature's byte range; nothing of such a signature is believed. */
export interface BrokenCoverage {
  readonly problem: string
}

const block = 1024 * 1024

/**
 * Reads what a signature covers and refuses everything but: from byte 0, one hole that is exactly the signature's own
 * value, no byte twice. A larger hole could hold what nobody has signed.
 */
export async function readCoverage(
  document: PdfDocument,
  signature: PdfDictionary,
): Promise<CoveredBytes | BrokenCoverage> {
  const { source } = document
  const range = await document.arrayAt(signature.entries.get('ByteRange'))
  const numbers = range?.items ?? []
  const [start, contentsStart, contentsEnd, rest] = numbers
  if (
    numbers.length !== 4 ||
    !isOffset(start) ||
    !isOffset(contentsStart) ||
    !isOffset(contentsEnd) ||
    !isOffset(rest)
  ) {
    return { problem: 'the byte range is not four numbers' }
  }
  if (start !== 0) return { problem: 'the byte range does not begin at the first byte' }
  const end = contentsEnd + rest
  if (contentsStart >= contentsEnd || end > source.size) return { problem: 'the byte range does not fit the file' }
  const said = await document.resolve(signature.entries.get('Contents'))
  if (!is(said, 'string')) return { problem: 'there is no signature value' }
  if (contentsEnd - contentsStart > limits.string * 2 + 2) return { problem: 'the byte range leaves out too much' }
  const hole = new Uint8Array(contentsEnd - contentsStart)
  await source.read(contentsStart, hole)
  const value =
    hole[0] === 0x3c && hole.at(-1) === 0x3e ? await unlessBroken(null, async () => hexString(hole, 1)) : null
  if (value?.end !== hole.length || !sameBytes(value.bytes, said.bytes)) {
    return { problem: 'the byte range leaves out more than the signature value' }
  }
  return { contentsStart, contentsEnd, end, contents: value.bytes }
}

/** Feeds the covered bytes to a digest, streamed. */
export async function digestCovered(
  source: ByteSource,
  { contentsStart, contentsEnd, end }: CoveredBytes,
  hash: Hash,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const buffer = new Uint8Array(block)
  for (const [from, to] of [
    [0, contentsStart],
    [contentsEnd, end],
  ] as const) {
    for (let at = from; at < to; at += block) {
      throwIfCancelled(signal)
      const piece = buffer.subarray(0, Math.min(block, to - at))
      await source.read(at, piece)
      hash.update(piece)
    }
  }
  return Uint8Array.from(hash.digest())
}

/**
 * The document as it was when it was signed: what ends at `end` and has this very signature in it. Null when the bytes up
 * to there are no whole document.
 */
export async function signedRevision(
  document: PdfDocument,
  field: FormField,
  { end, contents }: CoveredBytes,
): Promise<PdfDocument | null> {
  return unlessBroken(null, async () => {
    const revision = await PdfDocument.open(rangeSource(document.source, 0, end))
    if (revision.xref.newest === null) return null
    const form = await readForm(revision)
    for (const { name, type, value } of form?.fields ?? []) {
      if (name !== field.name || type !== 'Sig' || !is(value, 'dictionary')) continue
      const own = await revision.resolve(value.entries.get('Contents'))
      if (is(own, 'string') && sameBytes(own.bytes, contents)) return revision
    }
    return null
  })
}

function isOffset(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
