import { createHash } from 'node:crypto'
import { parseCertificate } from '../../../../crypto/cert/certificate.ts'
import { sha256Algorithm } from '../../../../crypto/cms/algorithms.ts'
import { sm2SignatureAlgorithm, sm3Algorithm } from '../../../../crypto/cms/gm/algorithms.ts'
import { attributesToSign, encodeSignedData } from '../../../../crypto/cms/signed-data.ts'
import { oids } from '../../../../crypto/der/oids.ts'
import { integer, octetString, oid, sequence, tlv } from '../../../../crypto/der/writer.ts'
import { sm2Digest } from '../../../../crypto/sm/sm2/index.ts'
import { sm3 } from '../../../../crypto/sm/sm3.ts'
import { at, derTree } from '../../../fixtures/der-edit.ts'
import type { GmIdentity } from '../../../fixtures/gm-ca.ts'
import { info } from './signatures.ts'
import { gmIntermediate, gmPeople, pointOf, steadySignature } from './world.ts'

// Time stamps (RFC 3161) of an authority with an SM2 key.

export interface GmTimestampOptions {
  readonly by?: GmIdentity
  /** Digest algorithm of the imprint, and the imprint of the signature octets; SM3 unless given. */
  readonly imprint?: (octets: Uint8Array) => readonly [algorithm: Uint8Array, digest: Uint8Array]
  /** What SM2 signs; SM3(Z ‖ attributes) unless given. */
  readonly digest?: (attributes: Uint8Array) => Uint8Array
}

/** An imprint with SHA-256. */
export function sha256Imprint(octets: Uint8Array): readonly [Uint8Array, Uint8Array] {
  return [sha256Algorithm, createHash('sha256').update(octets).digest()]
}

/** A time stamp over the signature octets of a gm signature. */
export function gmTimestampOf(signature: Uint8Array, options: GmTimestampOptions = {}): Uint8Array {
  const { by = gmPeople['gm-timestamp'] } = options
  const { issuer, serial } = parseCertificate(by.certificate)
  const octets = at(derTree(signature), [...info, 4]).content
  const [algorithm, imprint] = options.imprint?.(octets) ?? [sm3Algorithm, sm3(octets)]
  const content = sequence(
    integer(1),
    oid('1.2.3.4.1'),
    sequence(algorithm, octetString(imprint)),
    integer(7),
    tlv(0x18, Buffer.from('20260302013000Z')),
  )
  const named = createHash('sha256').update(by.certificate).digest()
  const attributes = [
    { type: oids.contentType, value: oid(oids.tstInfo) },
    { type: oids.messageDigest, value: octetString(sm3(content)) },
    { type: oids.signingCertificateV2, value: sequence(sequence(sequence(octetString(named)))) },
  ]
  const signed = attributesToSign(attributes)
  const token = encodeSignedData({
    version: 3,
    digestAlgorithm: sm3Algorithm,
    contentType: oids.tstInfo,
    content,
    certificates: [by.certificate, gmIntermediate],
    signer: {
      version: 1,
      issuer,
      serial,
      digestAlgorithm: sm3Algorithm,
      attributes,
      signatureAlgorithm: sm2SignatureAlgorithm,
      signature: steadySignature(by, options.digest?.(signed) ?? sm2Digest(pointOf(by), signed)),
    },
  })
  return sequence(sequence(integer(0)), token)
}
