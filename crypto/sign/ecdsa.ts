import { createECDH, type KeyObject, randomBytes } from 'node:crypto'
import { readDer, tags } from '../der/reader.ts'
import { unsignedInteger } from '../der/values.ts'
import { integer, sequence } from '../der/writer.ts'

export type CurveName = 'P-256' | 'P-384'

interface Curve {
  readonly order: bigint
  /** OpenSSL's name. */
  readonly name: string
  readonly bytes: number
}

/** Orders from SEC 2, 2.4.2 and 2.5.1. */
const curves: Readonly<Record<CurveName, Curve>> = {
  'P-256': {
    order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    name: 'prime256v1',
    bytes: 32,
  },
  'P-384': {
    order: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    name: 'secp384r1',
    bytes: 48,
  },
}

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
    ecdh.setPrivateKey(Buffer.from(k.toString(16).padStart(bytes * 2, '0'), 'hex'))
    const r = toBigInt(ecdh.getPublicKey().subarray(1, 1 + bytes)) % order
    const blind = randomScalar(order, bytes)
    const s = (((z * blind + ((r * blind) % order) * d) % order) * inverse((k * blind) % order, order)) % order
    if (r !== 0n && s !== 0n) return sequence(integer(r), integer(s))
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

/** Extended Euclid; `value` is blinded. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [value, modulus, 1n, 0n]
  while (b !== 0n) {
    const quotient = a / b
    ;[a, b, x, y] = [b, a - quotient * b, y, x - quotient * y]
  }
  return ((x % modulus) + modulus) % modulus
}

function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}
