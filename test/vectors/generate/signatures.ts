import { createHash, sign as signBytes } from 'node:crypto'
import { parseCertificate } from '../../../crypto/cert/certificate.ts'
import { rsaSignature, sha256Algorithm } from '../../../crypto/cms/algorithms.ts'
import { profileAttributes } from '../../../crypto/cms/attributes.ts'
import { attributesToSign, encodeSignedData, type SignedAttribute } from '../../../crypto/cms/signed-data.ts'
import { oids } from '../../../crypto/der/oids.ts'
import { oid, sequence, tlv } from '../../../crypto/der/writer.ts'
import type { PracticeIdentity } from '../../fixtures/practice-ca.ts'
import { at, derBytes, type DerTree, derTree } from '../../fixtures/der-edit.ts'
import { intermediate, people, sealingTime } from './world.ts'

// Signatures no honest program makes: everything can be another one, and the mathematics still holds.

/** Places inside a signature. */
export const body = [1, 0]
export const listed = [...body, 3]
export const info = [...body, 4, 0]
export const attributes = [...info, 3]

export interface SignatureOptions {
  readonly by?: PracticeIdentity
  /** Certificates beside the signer's. */
  readonly listed?: readonly Uint8Array[]
  readonly attributes?: (usual: readonly SignedAttribute[]) => readonly SignedAttribute[]
  readonly hash?: 'sha256' | 'sha1'
  readonly digestAlgorithm?: Uint8Array
  readonly signatureAlgorithm?: Uint8Array
  /** Signs what the attributes come to; RSA PKCS#1 v1.5 or ECDSA with `hash` unless given. */
  readonly sign?: (attributes: Uint8Array) => Uint8Array
}

/** A signature of any content by any certificate. */
export function signatureOf(content: Uint8Array, options: SignatureOptions = {}): Uint8Array {
  const { by = people['bidder-sign'], hash = 'sha256', digestAlgorithm = sha256Algorithm } = options
  // Certificates no reader takes are named as they stand: they may not be parsed.
  const tree = derTree(by.certificate)
  const named = { ...parseCertificate(people['bidder-sign'].certificate), der: by.certificate }
  const usual = profileAttributes(named, createHash(hash).update(content).digest(), sealingTime)
  const list = options.attributes?.(usual) ?? usual
  return encodeSignedData({
    version: 1,
    digestAlgorithm,
    contentType: oids.data,
    content: null,
    certificates: [by.certificate, ...(options.listed ?? [intermediate])],
    signer: {
      version: 1,
      issuer: derBytes(at(tree, [0, 3])),
      serial: at(tree, [0, 1]).content,
      digestAlgorithm,
      attributes: list,
      signatureAlgorithm: options.signatureAlgorithm ?? rsaSignature,
      signature: (options.sign ?? (bytes => signBytes(hash, bytes, by.privateKey)))(attributesToSign(list)),
    },
  })
}

/** A signature with its tree changed, its attributes sorted unless told otherwise, and signed again. */
export function resigned(
  signature: Uint8Array,
  change: (tree: DerTree) => void,
  order: 'sorted' | 'as is' = 'sorted',
  by: PracticeIdentity = people['bidder-sign'],
): Uint8Array {
  const tree = derTree(signature)
  change(tree)
  const set = at(tree, attributes)
  if (order === 'sorted') set.children.sort((one, other) => Buffer.compare(derBytes(one), derBytes(other)))
  at(tree, [...info, 5]).content = signBytes('sha256', derBytes({ ...set, tag: 0x31 }), by.privateKey)
  return derBytes(tree)
}

/** An attribute of a signature's tree. */
export function attributeOf(tree: DerTree, type: string): DerTree {
  const found = at(tree, attributes).children.find(one => Buffer.compare(derBytes(at(one, [0])), oid(type)) === 0)
  if (found === undefined) throw new Error(`no attribute ${type}`)
  return found
}

/** An attribute with any number of values. */
export function attributeWith(type: string, ...values: readonly Uint8Array[]): DerTree {
  return derTree(sequence(oid(type), tlv(0x31, ...values)))
}

/** Content octets of an object identifier. */
export function oidContent(dotted: string): Uint8Array {
  return oid(dotted).slice(2)
}

/** Sets the content of a primitive element. */
export function setContent(bytes: Uint8Array): (node: DerTree) => void {
  return node => {
    node.content = bytes
  }
}
