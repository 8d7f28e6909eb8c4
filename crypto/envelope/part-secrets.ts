import type { Randomness } from '../io/ports.ts'
import { toHex } from '../json/hex.ts'
import type { Suite } from '../suite.ts'
import type { SealHeader, SealPart } from './header.ts'
import { deriveKeyCommitment, deriveShareCommitment, type PartDerivation, xorKeys } from './key-schedule.ts'

/** The secrets of one part of one sealing. Used once; {@link wipeSecrets} ends them. */
export interface PartSecrets {
  readonly key: Uint8Array
  readonly salt: Uint8Array
  /** In policy `split`: A, and B = key xor A. */
  readonly shares: { readonly a: Uint8Array; readonly b: Uint8Array } | null
}

/** Fresh secrets from the host's generator. */
export function makeSecrets(randomness: Randomness, keyPolicy: SealHeader['keyPolicy']): PartSecrets {
  const key = randomness.bytes(32)
  const salt = randomness.bytes(16)
  if (keyPolicy === 'bidder') return { key, salt, shares: null }
  const a = randomness.bytes(32)
  return { key, salt, shares: { a, b: xorKeys(key, a) } }
}

/** What an envelope to this role holds. */
export function secretFor(secrets: PartSecrets, role: 'main' | 'backup' | 'recovery' | 'agency'): Uint8Array {
  if (secrets.shares === null) return secrets.key
  return role === 'agency' ? secrets.shares.b : secrets.shares.a
}

/** The commitments that stand in the header. */
export function commitmentsOf(
  secrets: PartSecrets,
  derivation: PartDerivation,
): Pick<SealPart, 'keyCommitment' | 'shareCommitment'> {
  const keyCommitment = toHex(deriveKeyCommitment(derivation, secrets.key))
  if (secrets.shares === null) return { keyCommitment }
  const { a, b } = secrets.shares
  const commit = (share: Uint8Array, which: 'a' | 'b') => toHex(deriveShareCommitment(derivation, share, which))
  return { keyCommitment, shareCommitment: { a: commit(a, 'a'), b: commit(b, 'b') } }
}

/** Overwrites the secrets. */
export function wipeSecrets(secrets: PartSecrets): void {
  secrets.key.fill(0)
  secrets.shares?.a.fill(0)
  secrets.shares?.b.fill(0)
}

/** The derivation of a part that is being sealed. */
export function derivationOf(
  suite: Suite,
  part: SealPart['name'],
  secrets: PartSecrets,
  context: Uint8Array,
): PartDerivation {
  return { suite, part, salt: secrets.salt, context }
}
