import { timingSafeEqual } from 'node:crypto'
import { fromHex } from '../json/hex.ts'
import type { Suite } from '../suite.ts'
import type { PartName, SealHeader, SealPart } from './header.ts'

/** What a part is bound to. */
export type ContextValues = Pick<SealHeader, 'suite' | 'sealId' | 'keyPolicy' | 'tender' | 'bidder' | 'signer'>

/**
 * What binds a part to its bid: H over suite, sealId, keyPolicy, tender, lot, package, credit code and signer, as the
 * header spells them (seal-format, "Part stream"). A part under another header does not open.
 */
export function partContext(header: ContextValues, suite: Suite): Uint8Array {
  const values = [
    'bidseal/1 context',
    header.suite,
    header.sealId,
    header.keyPolicy,
    header.tender.tenderId,
    header.tender.lotId,
    header.tender.packageDigest,
    header.bidder.creditCode,
    header.signer.certificateDigest,
  ]
  return suite.digest(Buffer.from(values.join('\0'), 'utf8'))
}

/** What all derivations of one part share. */
export interface PartDerivation {
  readonly suite: Suite
  readonly part: PartName
  /** 16 bytes. */
  readonly salt: Uint8Array
  readonly context: Uint8Array
}

/** The derivation of a part a header describes. */
export function partDerivation(header: SealHeader, suite: Suite, part: SealPart): PartDerivation {
  return { suite, part: part.name, salt: fromHex(part.salt), context: partContext(header, suite) }
}

/** The cipher key of a part's chunks. */
export function deriveStreamKey(derivation: PartDerivation, partKey: Uint8Array): Uint8Array {
  return derive(derivation, partKey, 'bidseal/1 stream', derivation.suite.streamKeyLength)
}

/** What the header says of the part key without telling it, 32 bytes. */
export function deriveKeyCommitment(derivation: PartDerivation, partKey: Uint8Array): Uint8Array {
  return derive(derivation, partKey, 'bidseal/1 commit', 32)
}

/** What the header says of a share in policy `split`, 32 bytes. */
export function deriveShareCommitment(derivation: PartDerivation, share: Uint8Array, which: 'a' | 'b'): Uint8Array {
  return derive(derivation, share, `bidseal/1 share ${which}`, 32)
}

/** Compares two secrets or commitments in constant time. */
export function sameSecret(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}

/** One key xor another, both 32 bytes. */
export function xorKeys(one: Uint8Array, other: Uint8Array): Uint8Array {
  return one.map((byte, index) => byte ^ (other[index] ?? 0))
}

function derive(derivation: PartDerivation, key: Uint8Array, label: string, length: number): Uint8Array {
  const { suite, part, salt, context } = derivation
  const info = Buffer.concat([Buffer.from(`${label}\0${part}\0`, 'latin1'), context])
  return suite.hkdf(key, salt, info, length)
}
