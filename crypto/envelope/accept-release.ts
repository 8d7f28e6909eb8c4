import { randomBytes } from 'node:crypto'
import { parseCertificate } from '../cert/certificate.ts'
import { verifyBidderDocument } from '../documents/authority.ts'
import { sha256Hex } from '../documents/digest.ts'
import { decodeDocument } from '../documents/encoding.ts'
import type { DocumentFields } from '../documents/kinds.ts'
import type { SignedDocument } from '../documents/signed-document.ts'
import type { Tender } from '../documents/tender.ts'
import { CryptoFailure } from '../errors.ts'
import { maxEnvelopeBytes } from './container.ts'
import type { PartName } from './header.ts'
import type { KeyOpener } from './key-opener.ts'
import { type HeldKeys, type Holds, matchesCommitment } from './part-keys.ts'
import type { Release } from './release.ts'
import type { VerifiedBid } from './verify.ts'

/** A release and everything the opening component holds it against. */
export interface AcceptReleaseOptions {
  /** The bid the platform has stored (its header archive is enough). */
  readonly verified: VerifiedBid
  readonly tender: Tender
  /** The challenge the platform itself gave. */
  readonly challenge: SignedDocument
  readonly release: Release
  /** The opening certificate and its key. */
  readonly opener: KeyOpener
  /** Server time: when the release's signature is judged. */
  readonly at: Date
}

/** A bidder's own answer to the challenge, and what its envelopes were worth. */
export interface AcceptedRelease {
  readonly fields: DocumentFields<'release'>
  /** SHA-256 of `release.json`, hex. */
  readonly digest: string
  /** In the header's order, for the receipt. */
  readonly parts: readonly { readonly name: PartName; readonly result: 'matched' | 'refused' }[]
  /** The keys when every part matched, else null. The caller owns and wipes them. */
  readonly held: HeldKeys | null
}

/**
 * The opening component's side of a release. Throws `document.*` and `cert.*` for a release that is not the bidder's,
 * `opening.challenge` for one that answers another challenge or not all parts. From an envelope's bytes to the
 * commitment nothing is thrown: the part is `refused` whatever went wrong, after the same work (→ no padding oracle).
 */
export async function acceptRelease(options: AcceptReleaseOptions): Promise<AcceptedRelease> {
  const { verified, tender, release, opener } = options
  const trust = { anchors: tender.anchors, creditCode: verified.creditCode, at: options.at }
  const fields = verifyBidderDocument('release', release, trust)
  requireAnswer(options, fields)
  const keys = new Map<PartName, Uint8Array>()
  const parts: AcceptedRelease['parts'][number][] = []
  for (const part of verified.bid.header.parts) {
    const expected = fields.parts.find(each => each.name === part.name)?.envelopeDigest
    const envelope = release.envelopes.get(part.name)
    const sound = envelope !== undefined && isSound(verified, opener, envelope, expected)
    const key = sound ? await verified.bid.suite.openEnvelope(envelope, opener) : randomBytes(32)
    const matched = matchesCommitment(verified, part, fields.holds, key)
    if (matched) keys.set(part.name, key)
    parts.push({ name: part.name, result: matched ? 'matched' : 'refused' })
  }
  const complete = keys.size === parts.length
  return { fields, digest: sha256Hex(release.bytes), parts, held: complete ? { holds: fields.holds, keys } : null }
}

function requireAnswer({ verified, challenge, opener }: AcceptReleaseOptions, fields: DocumentFields<'release'>): void {
  const { header, sealDigest } = verified.bid
  const asked = decodeDocument('challenge', challenge.bytes)
  const expectedHolds: Holds = header.keyPolicy === 'bidder' ? 'partKey' : 'shareA'
  if (fields.sealDigest !== sealDigest || asked.sealDigest !== sealDigest) throw wrong('it is for another bid')
  if (fields.challengeDigest !== sha256Hex(challenge.bytes)) throw wrong('it answers another challenge')
  if (fields.openingId !== asked.openingId) throw wrong('it is for another opening')
  if (fields.recipient !== asked.recipient || fields.recipient !== sha256Hex(opener.certificate)) {
    throw wrong('it is for another recipient')
  }
  if (fields.holds !== expectedHolds) throw wrong(`it holds ${fields.holds}`)
  if (fields.parts.map(part => part.name).join() !== header.parts.map(part => part.name).join()) {
    throw wrong('it is not for all parts')
  }
}

function isSound(verified: VerifiedBid, opener: KeyOpener, envelope: Uint8Array, digest: string | undefined): boolean {
  if (envelope.length > maxEnvelopeBytes || sha256Hex(envelope) !== digest) return false
  const { issuer, serial } = parseCertificate(opener.certificate)
  try {
    // The opening's envelopes follow the agency's rule: with RSA, OAEP only.
    verified.bid.suite.checkEnvelope(envelope, { role: 'agency', issuer, serial })
    return true
  } catch (error) {
    if (error instanceof CryptoFailure && error.code === 'seal.envelope') return false
    throw error
  }
}

function wrong(detail: string): CryptoFailure {
  return new CryptoFailure('opening.challenge', `the release does not answer the challenge: ${detail}`)
}
