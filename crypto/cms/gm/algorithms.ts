import { oids } from '../../der/oids.ts'
import { derNull, oid, sequence } from '../../der/writer.ts'
import type { KnownAlgorithm } from '../algorithms.ts'

// The algorithm identifiers of the gm profile (seal-format, "CMS profile") as exact bytes; a reader compares.

/** SM3 as it is written: parameters absent. */
export const sm3Algorithm = sequence(oid(oids.sm3))

/** SM3 as it is read: parameters absent or NULL. */
export const gmDigestAlgorithms: readonly KnownAlgorithm<'sm3'>[] = [
  { der: sm3Algorithm, meaning: 'sm3' },
  { der: sequence(oid(oids.sm3), derNull), meaning: 'sm3' },
]

/** SM2 signature as it is written. */
export const sm2SignatureAlgorithm = sequence(oid(oids.sm2Signature))

/** SM2 signature as it is read: the algorithm alone, or SM3 with SM2 as some libraries name it. */
export const gmSignatureAlgorithms: readonly KnownAlgorithm<'sm2-sm3'>[] = [
  { der: sm2SignatureAlgorithm, meaning: 'sm2-sm3' },
  { der: sequence(oid(oids.sm2WithSm3)), meaning: 'sm2-sm3' },
]

/** SM2 key transport as it is written. */
export const sm2TransportAlgorithm = sequence(oid(oids.sm2Encryption))

/** SM2 key transport as it is read; GmSSL calls it by the number of the key exchange. */
export const gmTransportAlgorithms: readonly KnownAlgorithm<'sm2'>[] = [
  { der: sm2TransportAlgorithm, meaning: 'sm2' },
  { der: sequence(oid(oids.sm2KeyExchange)), meaning: 'sm2' },
]
