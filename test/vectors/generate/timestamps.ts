import { createHash, sign as signBytes } from 'node:crypto'
import { parseCertificate } from '../../../crypto/cert/certificate.ts'
import { rsaSignature, sha256Algorithm } from '../../../crypto/cms/algorithms.ts'
import { profileAttributes } from '../../../crypto/cms/attributes.ts'
import { attributesToSign, encodeSignedData, type SignedAttribute } from '../../../crypto/cms/signed-data.ts'
import { oids } from '../../../crypto/der/oids.ts'
import { integer, octetString, oid, sequence, tlv } from '../../../crypto/der/writer.ts'
import type { PracticeIdentity } from '../../fixtures/practice-ca.ts'
import { at, derTree } from '../../fixtures/der-edit.ts'
import { info } from './signatures.ts'
import { intermediate, people } from './world.ts'

// Time stamps (RFC 3161) as an authority, honest or not, could make them.

export interface TimestampOptions {
  readonly by?: PracticeIdentity
  readonly listed?: readonly Uint8Array[]
  /** `YYYYMMDDhhmmssZ`. */
  readonly time?: string
  /** Digest algorithm of the imprint, and the imprint. */
  readonly imprint?: { readonly algorithm: Uint8Array; readonly digest: Uint8Array }
  readonly status?: Uint8Array
  readonly version?: number
  readonly attributes?: (usual: readonly SignedAttribute[]) => readonly SignedAttribute[]
  /** More fields of TSTInfo. */
  readonly more?: readonly Uint8Array[]
}

/** A time stamp over the signature octets of a detached signature. */
export function timestampOf(signature: Uint8Array, options: TimestampOptions = {}): Uint8Array {
  const { by = people.timestamp, time = '20260302013000Z' } = options
  const certificate = parseCertificate(by.certificate)
  const octets = at(derTree(signature), [...info, 5]).content
  const imprint = options.imprint ?? {
    algorithm: sha256Algorithm,
    digest: createHash('sha256').update(octets).digest(),
  }
  const content = sequence(
    integer(1),
    oid('1.2.3.4.1'),
    sequence(imprint.algorithm, octetString(imprint.digest)),
    integer(7),
    tlv(0x18, Buffer.from(time)),
    ...(options.more ?? []),
  )
  const usual = profileAttributes(certificate, createHash('sha256').update(content).digest(), null).map(each =>
    each.type === oids.contentType ? { ...each, value: oid(oids.tstInfo) } : each,
  )
  const list = options.attributes?.(usual) ?? usual
  const token = encodeSignedData({
    version: options.version ?? 3,
    digestAlgorithm: sha256Algorithm,
    contentType: oids.tstInfo,
    content,
    certificates: [by.certificate, ...(options.listed ?? [intermediate])],
    signer: {
      version: 1,
      issuer: certificate.issuer,
      serial: certificate.serial,
      digestAlgorithm: sha256Algorithm,
      attributes: list,
      signatureAlgorithm: rsaSignature,
      signature: signBytes('sha256', attributesToSign(list), by.privateKey),
    },
  })
  return sequence(options.status ?? sequence(integer(0)), token)
}
