import { oids } from '../der/oids.ts'
import { context, derNull, integer, oid, sameBytes, sequence } from '../der/writer.ts'
import type { HashName, SignatureScheme } from '../cert/signature-algorithm.ts'

/**
 * The algorithm identifiers of the CMS profile as exact bytes. A reader compares; it never interprets, so nothing but
 * these encodings can mean anything.
 */
export interface KnownAlgorithm<Meaning> {
  readonly der: Uint8Array
  readonly meaning: Meaning
}

const sha256Absent = sequence(oid(oids.sha256))
const sha256Null = sequence(oid(oids.sha256), derNull)

/** SHA-256 as it is written: parameters absent (RFC 5754, 2). */
export const sha256Algorithm = sha256Absent

/** SHA-256 as it is read: parameters absent or NULL. */
export const digestAlgorithms: readonly KnownAlgorithm<HashName>[] = both(oids.sha256, 'sha256')

/** The digests of a time stamp's signature, which its authority chooses. */
export const timestampDigests: readonly KnownAlgorithm<HashName>[] = [
  ...digestAlgorithms,
  ...both(oids.sha384, 'sha384'),
  ...both(oids.sha512, 'sha512'),
]

const pss: SignatureScheme = { kind: 'rsa-pss', hash: 'sha256', saltLength: 32 }
const pkcs1: SignatureScheme = { kind: 'rsa-pkcs1', hash: 'sha256' }
const ecdsa: SignatureScheme = { kind: 'ecdsa', hash: 'sha256' }

/** Signature algorithms as they are written. */
export const rsaSignature = sequence(oid(oids.rsaEncryption), derNull)
export const pssSignature = pssIdentifier(sha256Absent, sha256Absent)
export const ecdsaSignature = sequence(oid(oids.ecdsaWithSha256))

/** Signature algorithms as they are read; the digest is SHA-256 for P-384 too. */
export const signatureAlgorithms: readonly KnownAlgorithm<SignatureScheme>[] = [
  { der: rsaSignature, meaning: pkcs1 },
  { der: sequence(oid(oids.sha256WithRsa), derNull), meaning: pkcs1 },
  { der: pssSignature, meaning: pss },
  { der: pssIdentifier(sha256Null, sha256Null), meaning: pss },
  { der: pssIdentifier(sha256Absent, sha256Null), meaning: pss },
  { der: pssIdentifier(sha256Null, sha256Absent), meaning: pss },
  { der: ecdsaSignature, meaning: ecdsa },
]

export type KeyPadding = 'oaep' | 'pkcs1'

/** RSA key transport as it is written. */
export const pkcs1Transport = sequence(oid(oids.rsaEncryption), derNull)
export const oaepTransport = oaepIdentifier(sha256Absent, sha256Absent)

/** RSA key transport as it is read: OAEP only with SHA-256 for both digests and the empty label left out. */
export const transportAlgorithms: readonly KnownAlgorithm<KeyPadding>[] = [
  { der: pkcs1Transport, meaning: 'pkcs1' },
  { der: oaepTransport, meaning: 'oaep' },
  { der: oaepIdentifier(sha256Null, sha256Null), meaning: 'oaep' },
  { der: oaepIdentifier(sha256Absent, sha256Null), meaning: 'oaep' },
  { der: oaepIdentifier(sha256Null, sha256Absent), meaning: 'oaep' },
]

/** What an AlgorithmIdentifier means, or null for any other bytes. */
export function meaningOf<Meaning>(known: readonly KnownAlgorithm<Meaning>[], der: Uint8Array): Meaning | null {
  return known.find(one => sameBytes(one.der, der))?.meaning ?? null
}

function both(dotted: string, meaning: HashName): readonly KnownAlgorithm<HashName>[] {
  return [
    { der: sequence(oid(dotted)), meaning },
    { der: sequence(oid(dotted), derNull), meaning },
  ]
}

/** RFC 4055, 3.1; trailerField is its default and left out. */
function pssIdentifier(hash: Uint8Array, maskHash: Uint8Array): Uint8Array {
  const mask = sequence(oid(oids.mgf1), maskHash)
  return sequence(oid(oids.rsassaPss), sequence(context(0, hash), context(1, mask), context(2, integer(32))))
}

/** RFC 4055, 4.1. */
function oaepIdentifier(hash: Uint8Array, maskHash: Uint8Array): Uint8Array {
  const mask = sequence(oid(oids.mgf1), maskHash)
  return sequence(oid(oids.rsaesOaep), sequence(context(0, hash), context(1, mask)))
}
