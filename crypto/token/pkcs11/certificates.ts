import { createHash, createPublicKey } from 'node:crypto'
import type { Handle, PKCS11 } from 'pkcs11js'
import type { Certificate } from '../../cert/certificate.ts'
import { readableCertificate, usesOf } from '../key-use.ts'
import type { TokenCertificate } from '../port.ts'
import { CKA } from './constants.ts'
import { findCertificates, readAttribute } from './objects.ts'
import { trimmed } from './slots.ts'

/** A certificate on a PKCS #11 token, with what is needed to find its private key. */
export interface Pkcs11Certificate extends TokenCertificate {
  readonly parsed: Certificate
  /** CKA_ID, or null where the object has none. */
  readonly id: Uint8Array | null
}

const certificateLimit = 64

/**
 * The certificates that the session sees: without login the public ones, which is where they stand. What is no readable
 * X.509 certificate is passed over. Throws what the library throws.
 */
export function readCertificates(functions: PKCS11, session: Handle): readonly Pkcs11Certificate[] {
  const found: Pkcs11Certificate[] = []
  for (const object of findCertificates(functions, session)) {
    if (found.length === certificateLimit) break
    const der = readAttribute(functions, session, object, CKA.value)
    const parsed = der === null ? null : readableCertificate(der)
    if (parsed === null) continue
    const id = readAttribute(functions, session, object, CKA.id)
    const label = readAttribute(functions, session, object, CKA.label)
    found.push({
      keyId: keyIdOf(id, parsed),
      label: label === null ? '' : trimmed(new TextDecoder().decode(label)),
      certificate: parsed.der,
      uses: usesOf(parsed),
      parsed,
      id: id === null || id.length === 0 ? null : id,
    })
  }
  return found
}

/** Length of an RSA modulus in bytes; 0 for another kind of key. */
export function modulusLength(certificate: Certificate): number {
  return certificate.key.kind === 'rsa' ? Math.ceil(certificate.key.bits / 8) : 0
}

function keyIdOf(id: Uint8Array | null, certificate: Certificate): string {
  if (id !== null && id.length > 0 && id.length <= 256) return Buffer.from(id).toString('hex')
  return createHash('sha256').update(certificate.der).digest('hex').slice(0, 40)
}

/** SubjectPublicKeyInfo of an RSA public key from its numbers. */
export function rsaPublicKeyInfo(modulus: Uint8Array, exponent: Uint8Array): Uint8Array {
  const key = createPublicKey({
    format: 'jwk',
    key: {
      kty: 'RSA',
      n: Buffer.from(withoutLeadingZeros(modulus)).toString('base64url'),
      e: Buffer.from(withoutLeadingZeros(exponent)).toString('base64url'),
    },
  })
  return new Uint8Array(key.export({ format: 'der', type: 'spki' }))
}

/** A number without the zeros before it. */
export function withoutLeadingZeros(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex(byte => byte !== 0)
  return bytes.subarray(start < 0 ? bytes.length : start)
}
