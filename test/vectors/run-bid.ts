import type { Tender } from '../../crypto/documents/tender.ts'
import { openSealedBid } from '../../crypto/envelope/open.ts'
import { type HeldKeys, joinShares, unwrapPartKeys } from '../../crypto/envelope/part-keys.ts'
import { headerArchive, readSealedBid } from '../../crypto/envelope/read.ts'
import { type VerifiedBid, verifySealedBid } from '../../crypto/envelope/verify.ts'
import { CryptoFailure } from '../../crypto/errors.ts'
import { bytesSource } from '../../crypto/io/source.ts'
import { memorySink } from '../fixtures/sealed-bid.ts'
import { vectorOpener, vectorTender } from './library.ts'

/** How far a reader came with a file. */
export interface Reading {
  /** The failure's code; null when everything held. */
  readonly code: string | null
  /** Whether checks 1 to 7 held. */
  readonly verified: boolean
  /** Documents by name, once everything held. */
  readonly documents: ReadonlyMap<string, Uint8Array>
}

export interface ReadRequest {
  readonly file: Uint8Array
  readonly tender: Tender
  readonly at: Date
  /** Names of keys; two are the two shares. */
  readonly open: readonly string[]
}

const tenders = new Map<string, Tender>()

/** A tender of the vectors, read once. */
export function tenderOf(name: string): Tender {
  const tender = tenders.get(name) ?? vectorTender(name)
  tenders.set(name, tender)
  return tender
}

/** All eleven checks. Anything that is no failure of ours passes through. */
export async function readVector({ file, tender, at, open }: ReadRequest): Promise<Reading> {
  let verified: VerifiedBid | null = null
  try {
    const bid = await readSealedBid(bytesSource(file))
    verified = await verifySealedBid(bid, { anchors: tender.anchors, tender, at })
    const sink = memorySink()
    const { keys } = await heldBy(verified, open)
    await openSealedBid(verified, keys, sink)
    return { code: null, verified: true, documents: sink.received }
  } catch (error) {
    if (!(error instanceof CryptoFailure)) throw error
    return { code: error.code, verified: verified !== null, documents: new Map() }
  }
}

/** Checks 1 to 6 on the header archive of a file whose container is sound: what a platform does first. */
export async function readHeaderArchive({ file, tender, at }: Omit<ReadRequest, 'open'>): Promise<string | null> {
  const whole = await readContainerOnly(file)
  try {
    const bid = await readSealedBid(bytesSource(whole))
    await verifySealedBid(bid, { anchors: tender.anchors, tender, at, skipParts: true })
    return null
  } catch (error) {
    if (!(error instanceof CryptoFailure)) throw error
    return error.code
  }
}

/** Keys or, from two openers, both shares joined. */
async function heldBy(verified: VerifiedBid, open: readonly string[]): Promise<HeldKeys> {
  const held: HeldKeys[] = []
  for (const name of open) held.push(await unwrapPartKeys(verified, vectorOpener(name)))
  const [one, other] = held
  if (one === undefined) throw new Error('nobody to open with')
  return other === undefined ? one : joinShares(verified, one, other)
}

async function readContainerOnly(file: Uint8Array): Promise<Uint8Array> {
  return headerArchive(await readSealedBid(bytesSource(file)))
}
