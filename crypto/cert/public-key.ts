import { createPublicKey, type KeyObject } from 'node:crypto'
import { CryptoFailure } from '../errors.ts'
import { oids } from '../der/oids.ts'
import { readDer, tags } from '../der/reader.ts'
import { bitString, oidString, requireNull, unsignedInteger } from '../der/values.ts'
import { bitString as writeBitString, oid, sequence } from '../der/writer.ts'
import { requirePublicPoint } from '../sm/sm2/index.ts'

/** What kind of key a SubjectPublicKeyInfo holds. `bits` is the length of the modulus. */
export type PublicKeyKind =
  | { readonly kind: 'rsa'; readonly bits: number; readonly exponent: bigint }
  | { readonly kind: 'ec'; readonly curve: 'P-256' | 'P-384' }
  | { readonly kind: 'sm2' }
  | { readonly kind: 'other'; readonly oid: string }

/** Reads which key a SubjectPublicKeyInfo holds; its own numbers are judged when it is used. Throws `document.malformed`. */
export function publicKeyKind(publicKeyInfo: Uint8Array): PublicKeyKind {
  const fields = readDer(publicKeyInfo).fields()
  const algorithm = fields.take(tags.sequence).fields()
  const type = oidString(algorithm.take(tags.oid))
  const key = fields.take(tags.bitString)
  fields.end()
  if (type === oids.rsaEncryption) {
    requireNull(algorithm.take())
    algorithm.end()
    return rsaKind(bitString(key))
  }
  if (type !== oids.ecPublicKey) return { kind: 'other', oid: type }
  const parameters = algorithm.take()
  algorithm.end()
  // Explicit parameters are another tag: never followed (they allow curves of the sender's choice).
  if (parameters.tag !== tags.oid) return { kind: 'other', oid: type }
  return ecKind(oidString(parameters), bitString(key))
}

/**
 * The key as node knows it, for RSA of 2,048 to 8,192 bits and points on P-256 or P-384. Anything else is
 * `cert.unsupported`, and never reaches the platform's own parser (Electron aborts on SM2).
 */
export function importPublicKey(publicKeyInfo: Uint8Array, kind: PublicKeyKind): KeyObject {
  if (kind.kind === 'rsa') {
    if (kind.bits < 2048 || kind.bits > 8192) throw unsupported(`an RSA key of ${kind.bits} bits`)
    // Electron's library takes exponents up to 33 bits; 1 and even numbers are no exponents.
    if (kind.exponent < 3n || kind.exponent % 2n === 0n || kind.exponent >= 1n << 33n) {
      throw unsupported('an RSA key with an unusable exponent')
    }
  } else if (kind.kind !== 'ec') {
    throw unsupported(kind.kind === 'sm2' ? 'an SM2 key' : `a key of type ${kind.oid}`)
  }
  try {
    return createPublicKey({ key: Buffer.from(publicKeyInfo), format: 'der', type: 'spki' })
  } catch (error) {
    throw new CryptoFailure('cert.unsupported', 'the public key is not valid', error)
  }
}

/** The point in the SubjectPublicKeyInfo of an SM2 key: 04 ‖ x ‖ y. Throws `cert.unsupported` when it is not on the curve. */
export function sm2Point(publicKeyInfo: Uint8Array): Uint8Array {
  const fields = readDer(publicKeyInfo).fields()
  fields.take(tags.sequence)
  const point = bitString(fields.take(tags.bitString))
  requirePublicPoint(point)
  return point
}

/** SubjectPublicKeyInfo of an SM2 key 04 ‖ x ‖ y, DER (GB/T 20518: id-ecPublicKey with the curve's number). */
export function publicKeyInfoOfSm2(publicPoint: Uint8Array): Uint8Array {
  return sequence(sequence(oid(oids.ecPublicKey), oid(oids.sm2)), writeBitString(publicPoint))
}

/** SubjectPublicKeyInfo of a point of P-256 or P-384, DER. The point is not judged. */
function publicKeyInfoOfEc(point: Uint8Array, curve: 'P-256' | 'P-384'): Uint8Array {
  const name = oid(curve === 'P-256' ? oids.p256 : oids.p384)
  return sequence(sequence(oid(oids.ecPublicKey), name), writeBitString(point))
}

/** Whether bytes are an uncompressed point of this curve, not infinity. */
export function isEcPoint(point: Uint8Array, curve: 'P-256' | 'P-384'): boolean {
  const publicKeyInfo = publicKeyInfoOfEc(point, curve)
  try {
    importPublicKey(publicKeyInfo, publicKeyKind(publicKeyInfo))
    return true
  } catch {
    return false
  }
}

/** What the BIT STRING of a SubjectPublicKeyInfo holds, not judged: an EC key's point, an RSAPublicKey. */
export function publicKeyBits(publicKeyInfo: Uint8Array): Uint8Array {
  const fields = readDer(publicKeyInfo).fields()
  fields.take(tags.sequence)
  return bitString(fields.take(tags.bitString))
}

function rsaKind(key: Uint8Array): PublicKeyKind {
  const fields = readDer(key).fields()
  const modulus = unsignedInteger(fields.take(tags.integer))
  const exponent = unsignedInteger(fields.take(tags.integer))
  fields.end()
  return { kind: 'rsa', bits: modulus.toString(2).length, exponent }
}

function ecKind(curve: string, point: Uint8Array): PublicKeyKind {
  if (curve === oids.sm2) return { kind: 'sm2' }
  const length = curve === oids.p256 ? 65 : curve === oids.p384 ? 97 : 0
  if (length === 0) return { kind: 'other', oid: curve }
  if (point.length !== length || point[0] !== 4) throw unsupported('an EC point that is not in the uncompressed form')
  return { kind: 'ec', curve: curve === oids.p256 ? 'P-256' : 'P-384' }
}

function unsupported(detail: string): CryptoFailure {
  return new CryptoFailure('cert.unsupported', detail)
}
