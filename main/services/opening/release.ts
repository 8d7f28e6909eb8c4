import { CryptoFailure, decodeDocument, makeRelease, sha256Hex, verifyPlatformDocument } from '../../../crypto/index.ts'
import type { DocumentFields, Release, SignedDocument } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { patientRetry, retrying } from '../../http/index.ts'
import type { Platform } from '../../platform/index.ts'
import { bidderSigner } from '../delivery/authorise.ts'
import type { Ports } from '../ports.ts'
import type { Locks } from '../tokens/locks.ts'
import { requireOpeningLock } from '../tokens/needed-lock.ts'
import type { AttendedBid, JudgedBid } from './attended-bid.ts'
import { dropRelease, keepRelease, keptRelease } from './kept-release.ts'

export interface ReleaseRequest {
  readonly attended: JudgedBid
  readonly challenge: SignedDocument
  readonly receipt: SignedDocument
  readonly openingId: string
  readonly token: string
}

/**
 * Releases the keys and answers the checked releaseReceipt. A receipt that is there already settles it: nothing is made or
 * sent again. What was released without an answer is sent again as it was, without the lock; what the platform could not
 * use is dropped, so that the next run makes another. Until then the bid counts as not released. Call it under the bid's
 * lock. Throws `opening.*`, `token.*`, `platform.*`, `seal.key-mismatch`.
 */
export async function releaseKeys(
  ports: Ports,
  platform: Platform,
  locks: Locks,
  request: ReleaseRequest,
  signal: AbortSignal | undefined,
): Promise<DocumentFields<'releaseReceipt'>> {
  const { sealId } = request.attended.bid.header
  const settled = await settledRelease(ports, request)
  if (settled !== null) return settled
  const release = (await sameRelease(ports, request)) ?? (await newRelease(ports, locks, request))
  const answer = await retrying(patientRetry, () => platform.release(request.openingId, release), signal)
  const fields = requireReleaseReceipt(answer, release, request)
  if (!allMatched(fields, request)) {
    await dropRelease(ports.deliveries, sealId, release)
    throw new CryptoFailure('seal.key-mismatch', 'the platform could not use the released keys')
  }
  await ports.deliveries.keepDocument(sealId, 'release-receipt', answer)
  await ports.journal.append('released', {
    sealId,
    sealDigest: request.attended.bid.sealDigest,
    openingId: request.openingId,
    serverTime: fields.serverTime,
  })
  return fields
}

/**
 * The receipt of an earlier run, checked against its release then and kept only because every part matched. It settles this
 * opening even if another release was written down afterwards.
 */
async function settledRelease(ports: Ports, request: ReleaseRequest): Promise<DocumentFields<'releaseReceipt'> | null> {
  const kept = await ports.deliveries.document(request.attended.bid.header.sealId, 'release-receipt')
  if (kept === null) return null
  try {
    const fields = readReleaseReceipt(kept, request.attended)
    return fields.openingId === request.openingId && allMatched(fields, request) ? fields : null
  } catch (error) {
    // One that does not hold proves nothing; the platform answers it again.
    if (error instanceof AppFailure && error.code === 'platform.receipt') return null
    throw error
  }
}

/** A release kept from an earlier run, if it answers this very challenge. */
async function sameRelease(ports: Ports, { attended, challenge }: ReleaseRequest): Promise<Release | null> {
  const release = await keptRelease(ports.deliveries, attended.bid.header.sealId)
  if (release === null) return null
  return decodeDocument('release', release.bytes).challengeDigest === sha256Hex(challenge.bytes) ? release : null
}

async function newRelease(ports: Ports, locks: Locks, request: ReleaseRequest): Promise<Release> {
  const { attended, challenge, receipt, token } = request
  const lock = await requireOpeningLock(locks, token, attended.bid)
  const release = await makeRelease({
    verified: attended.verified,
    tender: attended.tender,
    challenge,
    receipt,
    signer: await bidderSigner(locks, token, attended.bid),
    opener: await locks.opener(lock.uri),
    clock: ports.clock,
  })
  const { sealId } = attended.bid.header
  await ports.deliveries.keepDocument(sealId, 'challenge', challenge)
  await keepRelease(ports.deliveries, sealId, release)
  return release
}

function requireReleaseReceipt(
  receipt: SignedDocument,
  release: Release,
  { attended, openingId }: ReleaseRequest,
): DocumentFields<'releaseReceipt'> {
  const fields = readReleaseReceipt(receipt, attended)
  if (fields.releaseDigest !== sha256Hex(release.bytes) || fields.openingId !== openingId) {
    throw new AppFailure('platform.receipt', 'the release receipt is for another release')
  }
  return fields
}

function allMatched({ parts }: DocumentFields<'releaseReceipt'>, { attended }: ReleaseRequest): boolean {
  const matched = parts.filter(({ result }) => result === 'matched').map(({ name }) => name)
  return attended.bid.header.parts.every(({ name }) => matched.includes(name))
}

function readReleaseReceipt(receipt: SignedDocument, { tender }: AttendedBid): DocumentFields<'releaseReceipt'> {
  try {
    const { serverTime } = decodeDocument('releaseReceipt', receipt.bytes)
    return verifyPlatformDocument('releaseReceipt', receipt, tender, 'opening', new Date(serverTime))
  } catch (error) {
    if (error instanceof CryptoFailure) throw new AppFailure('platform.receipt', error.detail, { cause: error })
    throw error
  }
}
