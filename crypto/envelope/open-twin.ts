import { CryptoFailure } from '../errors.ts'
import type { JobControl } from '../io/ports.ts'
import { type Meter, startMeter } from '../io/progress.ts'
import type { ByteSource } from '../io/source.ts'
import type { PartName } from './header.ts'
import { type BidSink, nothingFound, type OpenedBid, openedBid, readPart } from './open.ts'
import { chunkAt, chunkCount, chunkSize } from './part-layout.ts'
import { createCursor } from './plain-cursor.ts'
import { requireTwinPart } from './plain-twin.ts'
import type { SealedBid } from './read.ts'
import { partBytes, type VerifiedBid } from './verify.ts'

/**
 * Requires that bytes are the plaintext of one part of a bid, as its signed header binds it; the bid's own checks are the
 * caller's. Throws `seal.inner` for another twin, and for a bid that binds none; `cancelled`.
 */
export async function verifyTwinPart(
  bid: SealedBid,
  part: PartName,
  source: ByteSource,
  control: JobControl = {},
): Promise<void> {
  await requireTwinPart(bid, part, source, startMeter(control, 'verify', source.size))
}

/**
 * Opens a bid by its plain twin, where its keys have not come: the roots the header binds, then checks 10 and 11 of
 * {@link openSealedBid} on the plaintext. The header has passed checks 1 to 6; the sealed parts are not looked at. The
 * documents reach the sink before the last check has held. Throws `seal.inner`, `seal.document`, `cancelled`.
 */
export async function openByTwin(
  verified: VerifiedBid,
  parts: ReadonlyMap<PartName, ByteSource>,
  sink: BidSink,
  control: JobControl = {},
): Promise<OpenedBid> {
  const { bid } = verified
  const meter = startMeter(control, 'open', 2 * partBytes(bid))
  const given = bid.header.parts.map(({ name }) => {
    const source = parts.get(name)
    if (source === undefined) throw new CryptoFailure('seal.inner', 'a part of the plain twin is missing')
    return { name, source }
  })
  for (const { name, source } of given) await requireTwinPart(bid, name, source, meter)
  const found = nothingFound()
  for (const { name, source } of given) {
    const chunks = chunksOf(source, meter)
    await readPart(verified, name, createCursor(chunks), sink, found).finally(() => chunks.return())
  }
  return openedBid(found)
}

async function* chunksOf(source: ByteSource, meter: Meter): AsyncGenerator<Uint8Array, void, undefined> {
  for (let index = 0; index < chunkCount(source.size); index += 1) {
    const chunk = new Uint8Array(chunkAt(index, source.size).length)
    await source.read(index * chunkSize, chunk)
    meter.advance(chunk.length)
    yield chunk
  }
}
