import { parseCertificate } from '../cert/certificate.ts'
import { findCreditCode } from '../cert/credit-code.ts'
import { sha256Hex } from '../documents/digest.ts'
import { signDocument, type SignedDocument } from '../documents/signed-document.ts'
import { CryptoFailure } from '../errors.ts'
import type { Clock } from '../io/ports.ts'
import type { Signer } from '../sign/signer.ts'
import { type ChallengeQuestion, checkChallenge } from './challenge.ts'
import type { PartName } from './header.ts'
import type { KeyOpener } from './key-opener.ts'
import { type HeldKeys, heldKey, unwrapPartKeys, unwrapWithRecoveryCode } from './part-keys.ts'

/** Everything a release is made of. */
export interface ReleaseOptions extends ChallengeQuestion {
  /** The lock's decryption key, or the printed code where the lock is lost. */
  readonly opener: KeyOpener | { readonly recoveryCode: string }
  /** A signing certificate with the credit code of the bid's signer. */
  readonly signer: Signer
  readonly clock: Clock
}

/** `release.json` with its signature, and `release.<part>.p7m` for every part. */
export interface Release extends SignedDocument {
  readonly envelopes: ReadonlyMap<PartName, Uint8Array>
}

/**
 * Answers a challenge: checks it, opens this bid's own envelopes, holds the keys against their commitments, wraps them
 * for the opening certificate and signs the release. Nothing is asked of the lock before the challenge has held.
 * Throws `opening.challenge`, `opening.early`, `token.*`, `seal.key-mismatch`.
 */
export async function makeRelease(options: ReleaseOptions): Promise<Release> {
  const { verified, opener, signer, clock } = options
  const challenge = checkChallenge(options)
  requireSameBidder(verified.creditCode, signer)
  const { suite, header, sealDigest } = verified.bid
  const held =
    'recoveryCode' in opener
      ? await unwrapWithRecoveryCode(verified, opener.recoveryCode)
      : await unwrapPartKeys(verified, opener)
  const envelopes = wrapAll(held, header.parts, key =>
    suite.wrapKey(key, { recipient: challenge.recipient, padding: 'oaep' }),
  )
  const fields = {
    sealDigest,
    openingId: challenge.fields.openingId,
    challengeDigest: challenge.digest,
    recipient: challenge.fields.recipient,
    holds: held.holds,
    parts: [...envelopes].map(([name, envelope]) => ({ name, envelopeDigest: sha256Hex(envelope) })),
    releasedAt: clock.now().toISOString(),
  }
  return { ...(await signDocument('release', fields, signer, suite, clock)), envelopes }
}

function wrapAll(
  held: HeldKeys,
  parts: readonly { readonly name: PartName }[],
  wrap: (key: Uint8Array) => Uint8Array,
): ReadonlyMap<PartName, Uint8Array> {
  try {
    return new Map(parts.map(({ name }) => [name, wrap(heldKey(held, name))]))
  } finally {
    for (const key of held.keys.values()) key.fill(0)
  }
}

function requireSameBidder(creditCode: string, signer: Signer): void {
  if (findCreditCode(parseCertificate(signer.certificate))?.code === creditCode) return
  throw new CryptoFailure('token.wrong-lock', "the signing certificate does not bear the bidder's credit code")
}
