import { CryptoFailure, decodeDocument, makeRelease, sha256Hex, verifyPlatformDocument } from '../../../crypto/index.ts'
import type { DocumentFields, Release, SignedDocument } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Platform } from '../../platform/index.ts'
import { recordedWork } from '../evidence/recorded-platform.ts'
import type { Ports } from '../ports.ts'
import type { Locks } from '../tokens/locks.ts'
import { requireOpeningLock } from '../tokens/needed-lock.ts'
import type { AttendedBid, JudgedBid } from './attended-bid.ts'
import type { LazySigner } from './attendance.ts'
import { dropRelease, keepRelease, keptRelease } from './kept-release.ts'
import type { OpeningKeys } from './keys.ts'
import { isRefused } from './passing.ts'
import { keepingRefused } from './refused-document.ts'
import { sendRelease } from './send-release.ts'
import type { SendOptions } from './send-release.ts'

export interface ReleaseRequest {
  readonly attended: JudgedBid
  readonly challenge: SignedDocument
  readonly receipt: SignedDocument
  readonly openingId: string
  /** The lock that opens, where the keys come from one. */
  readonly token: string
  readonly keys: Exclude<OpeningKeys, { kind: 'plain-twin' }>
  readonly signer: LazySigner
}

/** A release that is on record at the platform. */
export interface Released {
  readonly fields: DocumentFields<'releaseReceipt'>
  /** The release that was answered, in this run or before; null where it is no longer kept. */
  readonly sent: Release | null
}

/**
 * Releases the keys and answers the checked releaseReceipt. A receipt that is there already settles it: nothing is made or
 * sent again. What was released without an answer is sent again as it was, without the lock, until it is answered; what
 * the platform refused or could not use is dropped, so that the next run makes another. Until then the bid counts as not released.
 * Call it under the bid's lock. Throws `opening.*`, `token.*`, `platform.*`, `seal.key-mismatch`.
 */
export async function releaseKeys(
  ports: Ports,
  platform: Pick<Platform, 'release'>,
  locks: Locks,
  request: ReleaseRequest,
  send: Omit<SendOptions, 'openingId'>,
): Promise<Released> {
  const { sealId } = request.attended.bid.header
  const settled = await settledRelease(ports, request)
  if (settled !== null) return settled
  const release = (await sameRelease(ports, request)) ?? (await newRelease(ports, locks, request))
  const receipt = await sendRelease(platform, release, { ...send, openingId: request.openingId }).catch(
    async (error: unknown) => {
      if (isRefused(error)) await dropRelease(ports.deliveries, sealId, release)
      throw error
    },
  )
  const fields = await requireReleaseReceipt(ports, receipt, release, request)
  await ports.deliveries.keepDocument(sealId, 'release-receipt', receipt)
  return { fields, sent: release }
}

/**
 * The receipt of an earlier run, checked against its release then and kept only because every part matched. It settles this
 * opening even if another release was written down afterwards.
 */
export async function settledRelease(
  ports: Ports,
  request: Pick<ReleaseRequest, 'attended' | 'openingId'>,
): Promise<Released | null> {
  const { sealId } = request.attended.bid.header
  const kept = await ports.deliveries.document(sealId, 'release-receipt')
  if (kept === null) return null
  try {
    const fields = readReleaseReceipt(kept, request.attended)
    if (fields.openingId !== request.openingId || !allMatched(fields, request)) return null
    const release = await keptRelease(ports.deliveries, sealId)
    return { fields, sent: release !== null && sha256Hex(release.bytes) === fields.releaseDigest ? release : null }
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
  const { attended, challenge, receipt, keys, token } = request
  const { sealDigest, header } = attended.bid
  const { sealId } = header
  const signer = await request.signer.get()
  // A lock or a PIN that fails is on the bidder's side, and the evidence says so.
  const release = await recordedWork(ports, { sealId, sealDigest }, 'open-envelopes', async () => {
    const lock = keys.kind === 'lock' ? await requireOpeningLock(locks, token, attended.bid) : null
    return makeRelease({
      verified: attended.verified,
      tender: attended.tender,
      challenge,
      receipt,
      signer,
      // SECURITY: the code goes into the key derivation and nowhere else.
      opener: keys.kind === 'lock' ? await locks.opener(lock?.uri ?? token) : { recoveryCode: keys.code },
      clock: ports.clock,
    })
  })
  await ports.deliveries.keepDocument(sealId, 'challenge', challenge)
  await keepRelease(ports.deliveries, sealId, release)
  return release
}

/** Also one that does not hold, or that refuses a part, is evidence: it is kept, and the journal says what it came to. */
function requireReleaseReceipt(
  ports: Ports,
  receipt: SignedDocument,
  release: Release,
  request: ReleaseRequest,
): Promise<DocumentFields<'releaseReceipt'>> {
  const { attended, openingId } = request
  const { sealDigest, header } = attended.bid
  const { sealId } = header
  return recordedWork(ports, { sealId, sealDigest }, 'check-release-receipt', () =>
    keepingRefused(ports, sealId, 'release-receipt', receipt, async () => {
      const fields = readReleaseReceipt(receipt, attended)
      if (fields.releaseDigest !== sha256Hex(release.bytes) || fields.openingId !== openingId) {
        throw new AppFailure('platform.receipt', 'the release receipt is for another release')
      }
      if (allMatched(fields, request)) return fields
      await dropRelease(ports.deliveries, sealId, release)
      throw new CryptoFailure('seal.key-mismatch', 'the platform could not use the released keys')
    }),
  )
}

function allMatched(
  { parts }: DocumentFields<'releaseReceipt'>,
  { attended }: Pick<ReleaseRequest, 'attended'>,
): boolean {
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
