import { type Certificate, parseCertificate, publicKeyOf } from '../../cert/certificate.ts'
import {
  digestName,
  type HashName,
  type SignatureScheme,
  signatureScheme,
  verifySignature,
} from '../../cert/signature-algorithm.ts'
import { oids } from '../../der/oids.ts'
import { contextTag, type DerNode, readDer, tags } from '../../der/reader.ts'
import { integerOctets, octetString as octets, oidString } from '../../der/values.ts'
import { sameBytes, setOf } from '../../der/writer.ts'
import { CryptoFailure, recode } from '../../errors.ts'

/** A signature in a form this program names and does not judge. */
export class NotRead extends CryptoFailure {
  constructor(detail: string, cause?: unknown) {
    super('document.signature', detail, cause)
  }
}

/** A CMS SignedData as others write it: one signer, everything DER, whatever else is listed passed over. */
export interface ForeignCms {
  readonly contentType: string
  /** The content inside, or null for a detached signature. */
  readonly content: Uint8Array | null
  readonly signer: Certificate
  /** The other certificates listed that can be read. */
  readonly others: readonly Certificate[]
  readonly digest: HashName
  readonly scheme: SignatureScheme
  readonly messageDigest: Uint8Array
  readonly signature: Uint8Array
  /** Values of the attributes by type; an attribute has one value at least. */
  readonly signed: ReadonlyMap<string, readonly DerNode[]>
  readonly unsigned: ReadonlyMap<string, readonly DerNode[]>
  /** Whether the signature holds over the signed attributes. */
  readonly holds: boolean
}

/** Most certificates looked at in one message. */
const maxCertificates = 32

/** Longest message, in bytes; what follows its end must be the zeros of a PDF's placeholder. */
const maxLength = 4 * 2 ** 20

/**
 * Reads a message that others made and checks its mathematics but for the digest of the content. Throws {@link NotRead} for
 * forms that are named (BER, SHA-1, SM2, no signed attributes …), `document.signature` for what is broken.
 */
export function readForeignCms(padded: Uint8Array): ForeignCms {
  return recodeBroken(() => read(withoutPadding(padded)))
}

function read(der: Uint8Array): ForeignCms {
  const outer = readDer(der).fields()
  const type = oidString(outer.take(tags.oid))
  if (type === oids.gmSignedData) throw new NotRead('a GB/T 35275 signature (SM2)')
  if (type !== oids.signedData) throw new CryptoFailure('document.signature', 'no SignedData')
  const body = outer.take(contextTag(0)).only(tags.sequence).fields()
  outer.end()
  body.take(tags.integer)
  body.take(tags.set)
  const encapsulated = body.take(tags.sequence).fields()
  const contentType = oidString(encapsulated.take(tags.oid))
  const content = encapsulated.optional(contextTag(0))
  encapsulated.end()
  const listed = body.optional(contextTag(0))?.children() ?? []
  body.optional(contextTag(1))
  const signers = body.take(tags.set).children()
  body.end()
  const [signerInfo, ...more] = signers
  if (signerInfo === undefined) throw new CryptoFailure('document.signature', 'nobody has signed')
  if (more.length > 0) throw new NotRead('several signers in one signature')
  return readSigner(signerInfo, {
    contentType,
    content: content === null ? null : octets(content.only(tags.octetString)),
    certificates: readable(listed),
  })
}

interface Message {
  readonly contentType: string
  readonly content: Uint8Array | null
  readonly certificates: readonly Certificate[]
}

function readSigner(node: DerNode, { certificates, ...message }: Message): ForeignCms {
  const fields = node.fields()
  fields.take(tags.integer)
  const signer = findSigner(fields.take(), certificates)
  const digestAlgorithm = fields.take(tags.sequence)
  const attributes = fields.optional(contextTag(0))
  const signatureAlgorithm = fields.take(tags.sequence)
  const signature = octets(fields.take(tags.octetString))
  const unsigned = fields.optional(contextTag(1))
  fields.end()
  const digest = digestName(digestAlgorithm)
  if (digest === null) throw new NotRead('a digest other than SHA-256, SHA-384 and SHA-512')
  if (attributes === null) throw new NotRead('a signature without signed attributes')
  const scheme = schemeOf(signatureAlgorithm, digest)
  const signed = readAttributes(attributes)
  const [messageDigest] = signed.get(oids.messageDigest) ?? []
  const [contentType] = signed.get(oids.contentType) ?? []
  if (messageDigest === undefined) throw new CryptoFailure('document.signature', 'no message digest')
  if (contentType !== undefined && oidString(contentType) !== message.contentType) {
    throw new CryptoFailure('document.signature', 'the content type is another one')
  }
  return {
    ...message,
    signer,
    others: certificates.filter(one => one !== signer),
    digest,
    scheme,
    messageDigest: octets(messageDigest),
    signature,
    signed,
    unsigned: unsigned === null ? new Map() : readAttributes(unsigned),
    holds: holdsOver(signer, scheme, attributes, signature),
  }
}

/** Signed is the DER of the SET (RFC 5652, 5.4); some programs sign the attributes in the order they wrote them. */
function holdsOver(signer: Certificate, scheme: SignatureScheme, attributes: DerNode, signature: Uint8Array): boolean {
  const key = publicKeyOf(signer)
  const asWritten = Uint8Array.from(attributes.raw)
  asWritten[0] = tags.set
  if (verifySignature(scheme, key, asWritten, signature)) return true
  const asDer = setOf(...attributes.children().map(({ raw }) => raw))
  return !sameBytes(asDer, asWritten) && verifySignature(scheme, key, asDer, signature)
}

function findSigner(identifier: DerNode, certificates: readonly Certificate[]): Certificate {
  const isSigner = (one: Certificate): boolean => {
    if (identifier.tag === contextTag(0, 'primitive')) {
      const extension = one.extensions.get(oids.subjectKeyIdentifier)
      return extension !== undefined && sameBytes(octets(readDer(extension.value)), identifier.content)
    }
    const fields = identifier.fields()
    const issuer = fields.take(tags.sequence).raw
    return sameBytes(issuer, one.issuer) && sameBytes(integerOctets(fields.take(tags.integer)), one.serial)
  }
  const signer = certificates.find(isSigner)
  if (signer === undefined) throw new NotRead('the signer’s certificate is not listed, or in a form that is not read')
  if (signer.key.kind === 'sm2') throw new NotRead('an SM2 signature')
  return signer
}

function schemeOf(algorithm: DerNode, digest: HashName): SignatureScheme {
  const id = oidString(algorithm.fields().take(tags.oid))
  if (id === oids.rsaEncryption) return { kind: 'rsa-pkcs1', hash: digest }
  // Some programs name the kind of the key instead of the algorithm.
  if (id === oids.ecPublicKey) return { kind: 'ecdsa', hash: digest }
  const scheme = named(() => signatureScheme(algorithm.raw))
  if (scheme.kind === 'sm2') throw new NotRead('an SM2 signature')
  if (scheme.hash !== digest) throw new CryptoFailure('document.signature', 'two different digests')
  return scheme
}

function named<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof CryptoFailure) || error.code === 'document.malformed') throw error
    throw new NotRead(error.detail, error)
  }
}

function readAttributes(set: DerNode): ReadonlyMap<string, readonly DerNode[]> {
  const attributes = new Map<string, readonly DerNode[]>()
  for (const attribute of set.children()) {
    const fields = attribute.fields()
    const type = oidString(fields.take(tags.oid))
    const values = fields.take(tags.set).children()
    fields.end()
    if (attributes.has(type) || values.length === 0) {
      throw new CryptoFailure('document.signature', 'an attribute stands twice or has no value')
    }
    attributes.set(type, values)
  }
  return attributes
}

/** Certificates of kinds and forms this program does not read are passed over, the same one twice counts once. */
function readable(nodes: readonly DerNode[]): readonly Certificate[] {
  const certificates: Certificate[] = []
  for (const { tag, raw } of nodes.slice(0, maxCertificates)) {
    if (tag !== tags.sequence || certificates.some(one => sameBytes(one.der, raw))) continue
    try {
      certificates.push(parseCertificate(raw))
    } catch (error) {
      if (!(error instanceof CryptoFailure)) throw error
    }
  }
  return certificates
}

/** The first element alone; after it only zeros. */
function withoutPadding(bytes: Uint8Array): Uint8Array {
  if (bytes.length > maxLength) throw new CryptoFailure('document.signature', 'a signature above 4 MiB')
  const first = bytes[1] ?? 0
  if (first === 0x80) throw new NotRead('a signature in BER')
  let length = first
  let header = 2
  if (first > 0x80) {
    header += first - 0x80
    length = bytes.subarray(2, header).reduce((sum, byte) => sum * 256 + byte, 0)
  }
  const end = header + length
  if (end > bytes.length) throw new CryptoFailure('document.signature', 'a signature cut short')
  if (bytes.subarray(end).some(byte => byte !== 0)) throw new CryptoFailure('document.signature', 'bytes after the end')
  return bytes.subarray(0, end)
}

function recodeBroken<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (error instanceof NotRead) throw error
    if (error instanceof CryptoFailure && error.code === 'cert.unsupported') throw new NotRead(error.detail, error)
    return recode('document.signature', () => {
      throw error
    })
  }
}
