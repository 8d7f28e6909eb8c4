import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { publicKeyInfoOfSm2 } from '../cert/public-key.ts'
import { oids } from '../der/oids.ts'
import { contextTag, type DerNode, readDer, tags } from '../der/reader.ts'
import { bitString, octetString, oidString, smallInteger } from '../der/values.ts'
import {
  bitString as writeBitString,
  context,
  integer,
  octetString as writeOctetString,
  oid,
  sameBytes,
  sequence,
} from '../der/writer.ts'
import { CryptoFailure, recode } from '../errors.ts'
import { generateSm2Key, sm2PublicOf } from '../sm/sm2/index.ts'

/** An SM2 private key in this process. It never reaches node:crypto: Electron's library aborts on the curve. */
export interface Sm2PrivateKey {
  readonly kind: 'sm2'
  /** 32 bytes, big-endian; overwritten by {@link wipePrivateKey}. */
  readonly d: Uint8Array
}

/** A private key in this process: node's own for RSA, P-256 and P-384, ours for SM2. */
export type PrivateKey = KeyObject | Sm2PrivateKey

/** What {@link generatePrivateKey} makes. */
export type PrivateKeyKind = 'rsa-2048' | 'p-256' | 'sm2'

/** Whether this is an SM2 key. */
export function isSm2Key(privateKey: PrivateKey): privateKey is Sm2PrivateKey {
  return 'kind' in privateKey
}

/** SubjectPublicKeyInfo of the key's public half, DER. Throws `cert.unsupported` for a number that is no SM2 key. */
export function publicKeyInfoOf(privateKey: PrivateKey): Uint8Array {
  if (isSm2Key(privateKey)) return publicKeyInfoOfSm2(sm2PublicOf(privateKey.d))
  return Uint8Array.from(createPublicKey(privateKey).export({ format: 'der', type: 'spki' }))
}

/**
 * Reads a PKCS#8 PrivateKeyInfo (RFC 5208, RFC 5958) or, as openssl also writes them, a bare ECPrivateKey (RFC 5915) that
 * names its curve; DER. Our own reader decides what it is before node sees anything. Throws `cert.unsupported` for what is
 * no key or a key of another kind than RSA, P-256, P-384, SM2.
 */
export function readPrivateKey(der: Uint8Array): PrivateKey {
  return recode('cert.unsupported', () => {
    const root = readDer(der)
    const fields = root.fields()
    if (smallInteger(fields.take(tags.integer)) > 1) throw unsupported('a private key of another version')
    const next = fields.take()
    if (next.tag === tags.octetString) {
      return isSm2(fields.take(contextTag(0)).only(tags.oid)) ? readSm2(root) : importKey(der, 'sec1')
    }
    const algorithm = next.fields()
    const type = oidString(algorithm.take(tags.oid))
    if (type !== oids.rsaEncryption && type !== oids.ecPublicKey) throw unsupported(`a private key of type ${type}`)
    const inner = octetString(fields.take(tags.octetString))
    return type === oids.ecPublicKey && isSm2(algorithm.take(tags.oid))
      ? readSm2(readDer(inner))
      : importKey(der, 'pkcs8')
  })
}

/** PKCS#8, DER, without a password; for SM2 with the public key beside it, as openssl writes it. The caller wipes it. */
export function writePrivateKey(privateKey: PrivateKey): Uint8Array {
  if (!isSm2Key(privateKey)) return Uint8Array.from(privateKey.export({ format: 'der', type: 'pkcs8' }))
  const publicPoint = sm2PublicOf(privateKey.d)
  const inner = sequence(integer(1), writeOctetString(privateKey.d), context(1, writeBitString(publicPoint)))
  return sequence(integer(0), sequence(oid(oids.ecPublicKey), oid(oids.sm2)), writeOctetString(inner))
}

/** A fresh private key. RSA takes its time, off this thread. */
export async function generatePrivateKey(kind: PrivateKeyKind): Promise<PrivateKey> {
  if (kind === 'sm2') return { kind, d: generateSm2Key() }
  const generate = promisify(generateKeyPair)
  const pair =
    kind === 'rsa-2048'
      ? await generate('rsa', { modulusLength: 2048 })
      : await generate('ec', { namedCurve: 'prime256v1' })
  return pair.privateKey
}

/** Overwrites an SM2 key; node's keys cannot be, they go with the last reference. */
export function wipePrivateKey(privateKey: PrivateKey): void {
  if (isSm2Key(privateKey)) privateKey.d.fill(0)
}

/** Whether a curve is SM2's. Throws for curves neither we nor node are to use. */
function isSm2(curve: DerNode): boolean {
  const name = oidString(curve)
  if (name === oids.sm2 || name === oids.p256 || name === oids.p384) return name === oids.sm2
  throw unsupported(`a private key of the curve ${name}`)
}

function importKey(der: Uint8Array, type: 'pkcs8' | 'sec1'): KeyObject {
  try {
    return createPrivateKey({ key: Buffer.from(der), format: 'der', type })
  } catch (error) {
    throw new CryptoFailure('cert.unsupported', 'the private key is not valid', error)
  }
}

/** ECPrivateKey (RFC 5915, 3). Where the public key stands beside it, it must be this key's. */
function readSm2(root: DerNode): Sm2PrivateKey {
  const fields = root.fields()
  if (smallInteger(fields.take(tags.integer)) !== 1) throw unsupported('an EC key of another version')
  const secret = octetString(fields.take(tags.octetString))
  const parameters = fields.optional(contextTag(0))
  const publicKey = fields.optional(contextTag(1))
  fields.end()
  if (parameters !== null && oidString(parameters.only(tags.oid)) !== oids.sm2) throw unsupported('a key of two curves')
  if (secret.length > 32) throw unsupported('an SM2 private key above 32 bytes')
  const d = new Uint8Array(32)
  d.set(secret, 32 - secret.length)
  const point = sm2PublicOf(d)
  if (publicKey !== null && !sameBytes(bitString(publicKey.only(tags.bitString)), point)) {
    throw unsupported('an SM2 private key with the public key of another')
  }
  return { kind: 'sm2', d }
}

function unsupported(detail: string): CryptoFailure {
  return new CryptoFailure('cert.unsupported', detail)
}
