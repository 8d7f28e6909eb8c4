import { maxSignatureBytes, type SignedDocument } from '../documents/signed-document.ts'
import { CryptoFailure } from '../errors.ts'
import { blockSize, endSize, isZero, paddingAfter, parseEntryHeader } from './archive.ts'
import { padLength } from './pad.ts'
import type { PlainCursor } from './plain-cursor.ts'

// The archives inside the parts (seal-format, "Inside the parts"). What is not canonical is `seal.inner`.

/** Names of the entries inside the parts. */
export const innerNames = {
  openingJson: 'opening.json',
  openingSignature: 'opening.p7s',
  bidJson: 'bid.json',
  bidSignature: 'bid.p7s',
  pad: 'pad',
  /** Place counts from 0; names count from 0001. */
  document: (place: number) => `documents/${String(place + 1).padStart(4, '0')}`,
} as const

const longestJson = 16 * 2 ** 20

/** The next entry's name and size. */
export async function readEntryHeader(cursor: PlainCursor): Promise<{ readonly name: string; readonly size: number }> {
  return parseEntryHeader(await cursor.take(blockSize), 'seal.inner')
}

/** A JSON document and its signature, the next two entries. */
export async function readInnerDocument(
  cursor: PlainCursor,
  jsonName: string,
  signatureName: string,
): Promise<SignedDocument> {
  const bytes = await readSmall(cursor, jsonName, longestJson)
  return { bytes, signature: await readSmall(cursor, signatureName, maxSignatureBytes) }
}

/** The zeros after an entry's content. */
export async function readPadding(cursor: PlainCursor, size: number): Promise<void> {
  if (!isZero(await cursor.take(paddingAfter(size)))) throw inner('padding that is not zero')
}

/** The rest of an archive whose last header has just been read: `pad`, the end, and nothing more. */
export async function readTail(
  cursor: PlainCursor,
  pad: { readonly name: string; readonly size: number },
): Promise<void> {
  if (pad.name !== innerNames.pad) throw inner('an entry that does not belong here')
  if (pad.size !== padLength(cursor.position - blockSize)) throw inner('pad has another length')
  await cursor.each(pad.size + paddingAfter(pad.size) + endSize, piece => {
    if (!isZero(piece)) throw inner('pad or end is not zero')
  })
  await cursor.end()
}

async function readSmall(cursor: PlainCursor, name: string, limit: number): Promise<Uint8Array> {
  const header = await readEntryHeader(cursor)
  if (header.name !== name) throw inner(`${name} is missing`)
  if (header.size > limit) throw inner(`${name} is too long`)
  const bytes = await cursor.take(header.size)
  await readPadding(cursor, header.size)
  return bytes
}

function inner(detail: string): CryptoFailure {
  return new CryptoFailure('seal.inner', detail)
}
