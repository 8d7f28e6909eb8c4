import { parseCertificate } from '../../../../crypto/cert/certificate.ts'
import { sm2SignatureAlgorithm, sm3Algorithm } from '../../../../crypto/cms/gm/algorithms.ts'
import { encodeGmSignedData } from '../../../../crypto/cms/gm/signed-data.ts'
import { sm2Digest } from '../../../../crypto/sm/sm2/index.ts'
import type { GmIdentity } from '../../../fixtures/gm-ca.ts'
import { gmIntermediate, gmPeople, pointOf, steadySignature } from './world.ts'

// GB/T 35275 signatures no honest program makes: everything can be another one, and the mathematics still holds.

/** Places inside a signature. */
export const body = [1, 0]
export const digestSet = [...body, 1]
export const contentInfo = [...body, 2]
export const listed = [...body, 3]
export const signers = [...body, 4]
export const info = [...signers, 0]

export interface GmSignatureOptions {
  readonly by?: GmIdentity
  /** Certificates beside the signer's. */
  readonly listed?: readonly Uint8Array[]
  readonly digestAlgorithm?: Uint8Array
  readonly signatureAlgorithm?: Uint8Array
  /** What SM2 signs; SM3(Z ‖ content) unless given. */
  readonly digest?: (content: Uint8Array) => Uint8Array
  /** The encryptedDigest, instead of the signature. */
  readonly signature?: (signature: Uint8Array) => Uint8Array
}

/** A signature of any content by any certificate. */
export function gmSignatureOf(content: Uint8Array, options: GmSignatureOptions = {}): Uint8Array {
  const { by = gmPeople['gm-bidder-sign'], digestAlgorithm = sm3Algorithm } = options
  const { issuer, serial } = parseCertificate(by.certificate)
  const signature = steadySignature(by, options.digest?.(content) ?? sm2Digest(pointOf(by), content))
  return encodeGmSignedData({
    digestAlgorithm,
    certificates: [by.certificate, ...(options.listed ?? [gmIntermediate])],
    signer: {
      issuer,
      serial,
      digestAlgorithm,
      signatureAlgorithm: options.signatureAlgorithm ?? sm2SignatureAlgorithm,
      signature: options.signature?.(signature) ?? signature,
    },
  })
}
