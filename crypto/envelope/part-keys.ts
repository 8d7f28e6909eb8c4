import { parseCertificate } from '../cert/certificate.ts'
import { openRecoveryEnvelope } from '../cms/recovery-envelope.ts'
import { CryptoFailure } from '../errors.ts'
import { fromHex, toHex } from '../json/hex.ts'
import type { Suite } from '../suite.ts'
import type { PartName, SealHeader, SealPart, SealRecipient } from './header.ts'
import type { KeyOpener } from './key-opener.ts'
import { deriveKeyCommitment, deriveShareCommitment, partDerivation, sameSecret, xorKeys } from './key-schedule.ts'
import { readRecoveryCode } from '../cms/recovery-code.ts'
import type { VerifiedBid } from './verify.ts'

/** What an envelope holds: the part key (`bidder`), or a share of it (`split`: A the bidder's side, B the agency). */
export type Holds = 'partKey' | 'shareA' | 'shareB'

/** Keys or shares that have matched their commitments. The caller owns the bytes and wipes them. */
export interface HeldKeys {
  readonly holds: Holds
  readonly keys: ReadonlyMap<PartName, Uint8Array>
}

/**
 * Opens this lock's envelopes of every part and holds each against its commitment. Throws `token.wrong-lock` when the
 * bid has no envelope for this lock, `token.*`, and `seal.key-mismatch` for whatever else goes wrong.
 */
export async function unwrapPartKeys(verified: VerifiedBid, opener: KeyOpener): Promise<HeldKeys> {
  const { header, suite } = verified.bid
  const recipient = recipientOf(header, suite, opener.certificate)
  if (recipient === null) throw new CryptoFailure('token.wrong-lock', 'the bid has no envelope for this lock')
  return collect(verified, recipient, envelope => suite.openEnvelope(envelope, opener))
}

/** Like {@link unwrapPartKeys}, with the printed recovery code. Throws `arguments.bad`, `seal.key-mismatch`. */
export async function unwrapWithRecoveryCode(verified: VerifiedBid, code: string): Promise<HeldKeys> {
  const password = readRecoveryCode(code)
  if (password === null) throw new CryptoFailure('arguments.bad', 'not a recovery code of 40 characters')
  const recipient = verified.bid.header.recipients.find(each => each.role === 'recovery')
  if (recipient === undefined) throw new CryptoFailure('token.wrong-lock', 'the bid has no recovery code')
  return collect(verified, recipient, envelope => openRecoveryEnvelope(envelope, password))
}

/** The part keys from both shares, held against the key commitments. Throws `seal.key-mismatch`. */
export function joinShares(verified: VerifiedBid, one: HeldKeys, other: HeldKeys): HeldKeys {
  const [a, b] = one.holds === 'shareA' ? [one, other] : [other, one]
  if (a.holds !== 'shareA' || b.holds !== 'shareB')
    throw new CryptoFailure('seal.key-mismatch', 'not one share of each side')
  const keys = verified.bid.header.parts.map(part => {
    const key = xorKeys(heldKey(a, part.name), heldKey(b, part.name))
    requireCommitment(verified, part, 'partKey', key)
    return [part.name, key] as const
  })
  return { holds: 'partKey', keys: new Map(keys) }
}

/** The recipient a certificate belongs to, or null; a renewed certificate on the same key is as good. */
export function recipientOf(header: SealHeader, suite: Suite, certificate: Uint8Array): SealRecipient | null {
  const locks = header.recipients.filter(recipient => recipient.role !== 'recovery')
  const digest = toHex(suite.digest(certificate))
  const named = locks.find(recipient => recipient.certificateDigest === digest)
  if (named !== undefined) return named
  const keyDigest = toHex(suite.digest(parseCertificate(certificate).publicKeyInfo))
  return locks.find(recipient => recipient.publicKeyDigest === keyDigest) ?? null
}

/** What the envelopes of a recipient hold. */
export function holdsOf(header: SealHeader, recipient: SealRecipient): Holds {
  if (header.keyPolicy === 'bidder') return 'partKey'
  return recipient.role === 'agency' ? 'shareB' : 'shareA'
}

/** Whether a key or share is the one a part's header entry commits to. Constant time in the key. */
export function matchesCommitment(
  verified: Pick<VerifiedBid, 'bid'>,
  part: SealPart,
  holds: Holds,
  key: Uint8Array,
): boolean {
  const derivation = partDerivation(verified.bid.header, verified.bid.suite, part)
  if (holds === 'partKey') return sameSecret(deriveKeyCommitment(derivation, key), fromHex(part.keyCommitment))
  if (part.shareCommitment === undefined) return false
  const which = holds === 'shareA' ? 'a' : 'b'
  return sameSecret(deriveShareCommitment(derivation, key, which), fromHex(part.shareCommitment[which]))
}

/** {@link matchesCommitment} as a check. Throws `seal.key-mismatch`. */
export function requireCommitment(verified: VerifiedBid, part: SealPart, holds: Holds, key: Uint8Array): void {
  if (key.length === 32 && matchesCommitment(verified, part, holds, key)) return
  throw new CryptoFailure('seal.key-mismatch', `the key of part ${part.name} is not the one the header commits to`)
}

/** A part's key among held ones. */
export function heldKey(held: HeldKeys, part: PartName): Uint8Array {
  const key = held.keys.get(part)
  if (key === undefined) throw new CryptoFailure('seal.key-mismatch', `no key for part ${part}`)
  return key
}

async function collect(
  verified: VerifiedBid,
  recipient: SealRecipient,
  open: (envelope: Uint8Array) => Promise<Uint8Array>,
): Promise<HeldKeys> {
  const { header } = verified.bid
  const holds = holdsOf(header, recipient)
  const keys = new Map<PartName, Uint8Array>()
  for (const part of header.parts) {
    const key = await open(verified.bid.envelope(part.name, recipient.id))
    requireCommitment(verified, part, holds, key)
    keys.set(part.name, key)
  }
  return { holds, keys }
}
