import { constants, type KeyObject, verify } from 'node:crypto'
import { CryptoFailure } from '../errors.ts'
import { oids } from '../der/oids.ts'
import { contextTag, type DerFields, type DerNode, readDer, tags } from '../der/reader.ts'
import { oidString, requireNull, smallInteger } from '../der/values.ts'
import { sm2Digest, sm2VerifyDigest } from '../sm/sm2/index.ts'
import { type Certificate, publicKeyOf, sm2PointOf } from './certificate.ts'

export type HashName = 'sha256' | 'sha384' | 'sha512'

/** How a signature was made that node's functions verify, as its AlgorithmIdentifier says it. */
export type SignatureScheme =
  | { readonly kind: 'rsa-pkcs1'; readonly hash: HashName }
  | { readonly kind: 'rsa-pss'; readonly hash: HashName; readonly saltLength: number }
  | { readonly kind: 'ecdsa'; readonly hash: HashName }

/** How a certificate may be signed: SM2 over SM3(Z ‖ tbs) with the default identifier too. */
export type CertificateScheme = SignatureScheme | { readonly kind: 'sm2' }

const hashes: ReadonlyMap<string, HashName> = new Map([
  [oids.sha256, 'sha256'],
  [oids.sha384, 'sha384'],
  [oids.sha512, 'sha512'],
])

const simpleSchemes: ReadonlyMap<string, CertificateScheme> = new Map([
  [oids.sha256WithRsa, { kind: 'rsa-pkcs1', hash: 'sha256' }],
  [oids.sha384WithRsa, { kind: 'rsa-pkcs1', hash: 'sha384' }],
  [oids.sha512WithRsa, { kind: 'rsa-pkcs1', hash: 'sha512' }],
  [oids.ecdsaWithSha256, { kind: 'ecdsa', hash: 'sha256' }],
  [oids.ecdsaWithSha384, { kind: 'ecdsa', hash: 'sha384' }],
  [oids.ecdsaWithSha512, { kind: 'ecdsa', hash: 'sha512' }],
  [oids.sm2WithSm3, { kind: 'sm2' }],
])

const weak: ReadonlySet<string> = new Set([oids.sha1WithRsa, oids.md5WithRsa, oids.ecdsaWithSha1])

/**
 * Reads a certificate's signature algorithm. SHA-1 and MD5 are `cert.untrusted`, what this program does not know
 * `cert.unsupported`, a broken identifier `document.malformed`.
 */
export function signatureScheme(algorithm: Uint8Array): CertificateScheme {
  const fields = readDer(algorithm).fields()
  const id = oidString(fields.take(tags.oid))
  if (weak.has(id)) throw new CryptoFailure('cert.untrusted', 'a certificate signed with SHA-1 or MD5')
  if (id === oids.rsassaPss) return pssScheme(fields.take(tags.sequence), fields)
  const scheme = simpleSchemes.get(id)
  if (scheme === undefined) throw new CryptoFailure('cert.unsupported', `the signature algorithm ${id}`)
  const parameters = fields.optional(tags.null)
  fields.end()
  if (parameters !== null) requireNull(parameters)
  return scheme
}

/** The digest an AlgorithmIdentifier names (parameters absent or NULL), or null for any but SHA-256, -384 and -512. */
export function digestName(algorithm: DerNode): HashName | null {
  const fields = algorithm.fields()
  const id = oidString(fields.take(tags.oid))
  const parameters = fields.optional(tags.null)
  fields.end()
  if (parameters !== null) requireNull(parameters)
  return hashes.get(id) ?? null
}

/** Whether a signature holds under this key; a key of another kind than the scheme's never does. */
export function verifySignature(
  scheme: SignatureScheme,
  key: KeyObject,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (key.asymmetricKeyType !== (scheme.kind === 'ecdsa' ? 'ec' : 'rsa')) return false
  try {
    if (scheme.kind === 'rsa-pss') {
      const { saltLength } = scheme
      return verify(scheme.hash, message, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }, signature)
    }
    return verify(scheme.hash, message, key, signature)
  } catch {
    return false
  }
}

/**
 * Whether a signature of `message` holds under an authority's key; one of another kind than the scheme's never does. Throws
 * `cert.unsupported` for a key this program cannot use.
 */
export function verifySignedBy(
  issuer: Certificate,
  scheme: CertificateScheme,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (issuer.key.kind === 'sm2') {
    const point = sm2PointOf(issuer)
    return scheme.kind === 'sm2' && sm2VerifyDigest(point, sm2Digest(point, message), signature)
  }
  const key = publicKeyOf(issuer)
  return scheme.kind !== 'sm2' && verifySignature(scheme, key, message, signature)
}

/** What an authority signs: certificates, lists, answers. */
export interface SignedStatement {
  readonly tbs: Uint8Array
  /** AlgorithmIdentifier, DER. */
  readonly signatureAlgorithm: Uint8Array
  readonly signature: Uint8Array
}

/** Whether an authority's key signed this; false also for algorithms and keys this program refuses. */
export function isSignedBy(issuer: Certificate, { tbs, signatureAlgorithm, signature }: SignedStatement): boolean {
  try {
    return verifySignedBy(issuer, signatureScheme(signatureAlgorithm), tbs, signature)
  } catch (error) {
    if (!(error instanceof CryptoFailure)) throw error
    return false
  }
}

/** RFC 4055, 3.1; only what says SHA-2 for both digests (the defaults are SHA-1). */
function pssScheme(parameters: DerNode, outer: DerFields): SignatureScheme {
  outer.end()
  const fields = parameters.fields()
  const hash = fields.optional(contextTag(0))
  const mask = fields.optional(contextTag(1))
  const salt = fields.optional(contextTag(2))
  fields.end()
  const name = hash === null ? null : digestName(hash.only(tags.sequence))
  if (name === null || mask === null || maskDigest(mask.only(tags.sequence)) !== name) {
    throw new CryptoFailure('cert.unsupported', 'RSASSA-PSS with other digests than SHA-2')
  }
  return { kind: 'rsa-pss', hash: name, saltLength: salt === null ? 20 : smallInteger(salt.only(tags.integer)) }
}

function maskDigest(algorithm: DerNode): HashName | null {
  const fields = algorithm.fields()
  const id = oidString(fields.take(tags.oid))
  const digest = digestName(fields.take(tags.sequence))
  fields.end()
  return id === oids.mgf1 ? digest : null
}
