import { bytesSource, CryptoFailure, readSealedBid, sha256Hex } from '../../../crypto/index.ts'
import type { SealedBid, SignedDocument } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Platform } from '../../platform/index.ts'
import type { ReceiptFields } from '../delivery/receipt.ts'
import { recordedWork } from '../evidence/recorded-platform.ts'
import type { Ports } from '../ports.ts'
import type { OpeningNews } from './news.ts'

/**
 * Sealing is checked before the opening (招标投标法 Art. 36): the receipt names this bid's digest, and the header the
 * platform stores, where it shows it, is ours byte for byte. Only the time stamp may differ: the first archive received is
 * kept. Throws `opening.challenge` for another one.
 */
export async function checkStored(
  ports: Ports,
  platform: Platform,
  bid: SealedBid,
  receipt: { readonly document: SignedDocument; readonly fields: ReceiptFields },
): Promise<Extract<OpeningNews, { kind: 'stored' }>> {
  const { sealDigest, header } = bid
  // What the platform does not answer is in the journal already; what its answer is worth is decided here.
  const shown = await shownHeader(platform, sealDigest)
  const stored = await recordedWork(ports, { sealId: header.sealId, sealDigest }, 'check-stored', async () => {
    if (shown === null) return null
    const read = await readStored(shown)
    requireSame(read, bid)
    return read
  })
  return {
    kind: 'stored',
    sealDigest: bid.sealDigest,
    receiptDigest: sha256Hex(receipt.document.bytes),
    receivedAt: new Date(receipt.fields.receivedAt),
    header: stored === null ? 'not-shown' : 'same',
  }
}

/** The bid as the platform stores it, without its parts; null where it shows none. Throws `opening.challenge`. */
export async function storedHeader(platform: Platform, sealDigest: string): Promise<SealedBid | null> {
  const shown = await shownHeader(platform, sealDigest)
  return shown === null ? null : readStored(shown)
}

async function shownHeader(platform: Platform, sealDigest: string): Promise<Uint8Array | null> {
  try {
    return await platform.header(sealDigest)
  } catch (error) {
    const none = error instanceof AppFailure && ['platform.unknown', 'platform.refused'].includes(error.code)
    if (none) return null
    throw error
  }
}

async function readStored(bytes: Uint8Array): Promise<SealedBid> {
  try {
    return await readSealedBid(bytesSource(bytes))
  } catch (error) {
    if (error instanceof CryptoFailure) throw other('what the platform stores under its digest is no sealed bid', error)
    throw error
  }
}

/** Throws `opening.challenge` unless a stored header is our bid's: header, signature and every envelope. */
export function requireSame(stored: SealedBid, bid: SealedBid): void {
  const equal = (one: Uint8Array, two: Uint8Array): boolean => Buffer.compare(one, two) === 0
  if (!equal(stored.headerBytes, bid.headerBytes) || !equal(stored.signature, bid.signature)) {
    throw other('what the platform stores is another bid than ours')
  }
  // The header is the same, and with it the list of envelopes.
  for (const { id, envelopes } of bid.header.recipients) {
    for (const { part } of envelopes) {
      if (!equal(stored.envelope(part, id), bid.envelope(part, id))) {
        throw other('an envelope the platform stores is not ours')
      }
    }
  }
}

function other(detail: string, cause?: unknown): AppFailure {
  return new AppFailure('opening.challenge', detail, cause === undefined ? {} : { cause })
}
