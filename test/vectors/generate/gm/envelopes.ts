import { parseCertificate } from '../../../../crypto/cert/certificate.ts'
import { sm2TransportAlgorithm } from '../../../../crypto/cms/gm/algorithms.ts'
import { encodeGmEnveloped } from '../../../../crypto/cms/gm/enveloped-data.ts'
import { sm2Encrypt } from '../../../../crypto/sm/sm2/index.ts'
import { sm4CbcEncrypt } from '../../../../crypto/sm/sm4.ts'
import type { GmIdentity } from '../../../fixtures/gm-ca.ts'
import { bytesFor } from '../world.ts'
import { pointOf } from './world.ts'

// GB/T 35275 envelopes whose every byte follows from a name, so that a vector comes out the same each time.

/** Places inside an envelope. */
export const body = [1, 0]
export const recipientSet = [...body, 1]
export const recipient = [...recipientSet, 0]
export const encrypted = [...body, 2]

export interface GmEnvelopeOptions {
  /** The transported key; 16 bytes unless given. */
  readonly contentKey?: Uint8Array
  /** The encrypted content, made of content key and IV, instead of SM4-CBC with padding. */
  readonly content?: (contentKey: Uint8Array, iv: Uint8Array) => Uint8Array
}

/** An envelope of `key`, sound unless told otherwise; a key of another length than 32 bytes is one of the ways. */
export function gmEnvelopeTo(
  name: string,
  to: GmIdentity,
  key: Uint8Array,
  options: GmEnvelopeOptions = {},
): Uint8Array {
  const contentKey = options.contentKey ?? bytesFor(`SM4 key ${name}`, 16)
  const iv = bytesFor(`SM4 vector ${name}`, 16)
  const { issuer, serial } = parseCertificate(to.certificate)
  return encodeGmEnveloped({
    issuer,
    serial,
    keyAlgorithm: sm2TransportAlgorithm,
    encryptedKey: encryptedFor(name, to, contentKey),
    iv,
    content: options.content?.(contentKey, iv) ?? sm4CbcEncrypt(contentKey, iv, key),
  })
}

/** SM2Cipher of any message with an ephemeral key that follows from the name. */
export function encryptedFor(name: string, to: GmIdentity, message: Uint8Array): Uint8Array {
  return sm2Encrypt(pointOf(to), message, { bytes: length => bytesFor(`ephemeral ${name}`, length) })
}
