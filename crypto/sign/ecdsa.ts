import { createECDH, type KeyObject, randomBytes } from 'node:crypto'
import { readDer, tags } from '../der/reader.ts'
import { unsignedInteger } from '../der/values.ts'
import { concat, integer, sequence } from '../der/writer.ts'
import { CryptoFailure } from '../errors.ts'
import { type CurveName, curves, inverse, modulo, toBigInt, toOctets } from './ec-curve.ts'

/** Whether an ECDSA-Sig-Value has r and s in range and s ≤ n/2. Throws `document.malformed` for what is not one. */
export function hasLowS(signature: Uint8Array, curveName: CurveName): boolean {
  const { order } = curves[curveName]
  const [r, s] = parts(signature)
  return r > 0n && r < order && s > 0n && s <= order / 2n
}

/** The same signature with s ≤ n/2: s is replaced by n − s where it is larger. Throws `document.malformed`. */
export function withLowS(signature: Uint8Array, curveName: CurveName): Uint8Array {
  const { order } = curves[curveName]
  const [r, s] = parts(signature)
  return sequence(integer(r), integer(s > order / 2n ? order - s : s))
}

/**
 * Signs a 32-byte digest with a soft key, answering the ECDSA-Sig-Value. Node signs messages only, never a digest; the
 * point is multiplied by its library and the rest done here. The inversion is blinded, yet big integers are not
 * constant-time: soft keys are for practice and for servers of the practice platform.
 */
export function signEcdsaDigest(privateKey: KeyObject, curveName: CurveName, digest: Uint8Array): Uint8Array {
  const { order, name, bytes } = curves[curveName]
  const secret = Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url')
  const d = toBigInt(secret)
  secret.fill(0)
  const z = toBigInt(digest)
  for (;;) {
    const k = randomScalar(order, bytes)
    const ecdh = createECDH(name)
    ecdh.setPrivateKey(toOctets(k, bytes))
    const r = toBigInt(ecdh.getPublicKey().subarray(1, 1 + bytes)) % order
    const blind = randomScalar(order, bytes)
    const s = (((z * blind + ((r * blind) % order) * d) % order) * inverse((k * blind) % order, order)) % order
    if (r !== 0n && s !== 0n) return sequence(integer(r), integer(s))
  }
}

/**
 * Whether an ECDSA-Sig-Value over a 32-byte digest holds under a public key 04 ‖ x ‖ y that is on its curve; any s. Bytes
 * that are no signature never do. Node verifies messages only: the points are multiplied by its library, all values are
 * public.
 */
export function ecdsaHolds(
  publicPoint: Uint8Array,
  curveName: CurveName,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  const { order, prime, name, bytes } = curves[curveName]
  const numbers = partsOrNull(signature)
  if (numbers === null) return false
  const [r, s] = numbers
  if (r === 0n || r >= order || s === 0n || s >= order) return false
  // z/s · G + r/s · Q is r/s · (z/r · G + Q): one sum of two known points, and the rest is what ECDH does.
  const ecdh = createECDH(name)
  const t = (toBigInt(digest) * inverse(r, order)) % order
  if (t === 0n) return false
  ecdh.setPrivateKey(toOctets(t, bytes))
  const sum = addPoints(ecdh.getPublicKey(), publicPoint, prime, bytes)
  if (sum === null) return false
  ecdh.setPrivateKey(toOctets((r * inverse(s, order)) % order, bytes))
  return toBigInt(ecdh.computeSecret(sum)) % order === r
}

/** The sum of two points with different x; null where x is the same, which no honest signature meets. */
function addPoints(a: Uint8Array, b: Uint8Array, prime: bigint, bytes: number): Uint8Array | null {
  const [ax, ay] = coordinates(a, bytes)
  const [bx, by] = coordinates(b, bytes)
  if (ax === bx) return null
  const slope = (modulo(by - ay, prime) * inverse(modulo(bx - ax, prime), prime)) % prime
  const x = modulo(slope * slope - ax - bx, prime)
  const y = modulo(slope * (ax - x) - ay, prime)
  return concat(Uint8Array.of(4), toOctets(x, bytes), toOctets(y, bytes))
}

function coordinates(point: Uint8Array, bytes: number): readonly [bigint, bigint] {
  return [toBigInt(point.subarray(1, 1 + bytes)), toBigInt(point.subarray(1 + bytes))]
}

function partsOrNull(signature: Uint8Array): readonly [bigint, bigint] | null {
  try {
    return parts(signature)
  } catch (error) {
    if (error instanceof CryptoFailure) return null
    throw error
  }
}

function parts(signature: Uint8Array): readonly [bigint, bigint] {
  const fields = readDer(signature).fields()
  const r = unsignedInteger(fields.take(tags.integer))
  const s = unsignedInteger(fields.take(tags.integer))
  fields.end()
  return [r, s]
}

function randomScalar(order: bigint, bytes: number): bigint {
  for (;;) {
    const scalar = toBigInt(randomBytes(bytes))
    if (scalar > 0n && scalar < order) return scalar
  }
}
