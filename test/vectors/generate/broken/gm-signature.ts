import { createHash } from 'node:crypto'
import { sm3Algorithm } from '../../../../crypto/cms/gm/algorithms.ts'
import { oids } from '../../../../crypto/der/oids.ts'
import { context, derNull, octetString, oid, sequence, tlv } from '../../../../crypto/der/writer.ts'
import { toHex } from '../../../../crypto/json/hex.ts'
import { readSm2Signature, sm2Digest, sm2SignDigest, writeSm2Signature } from '../../../../crypto/sm/sm2/index.ts'
import { sm3 } from '../../../../crypto/sm/sm3.ts'
import { gm1 } from '../../../../crypto/suites/gm-1.ts'
import { intl1 } from '../../../../crypto/suites/intl-1.ts'
import { at, derBytes, type DerTree, derTree, edited, leaf } from '../../../fixtures/der-edit.ts'
import type { BrokenVector } from '../../library.ts'
import { baseNamed } from '../bids.ts'
import { entryNamed, forge, type Header } from '../forge.ts'
import { body, contentInfo, type GmSignatureOptions, gmSignatureOf, info, listed, signers } from '../gm/signatures.ts'
import { gmTimestampOf, type GmTimestampOptions, sha256Imprint } from '../gm/timestamps.ts'
import { gmIntermediate, gmPeople, gmRoot, pointOf } from '../gm/world.ts'
import { oidContent, setContent, signatureOf } from '../signatures.ts'
import { collect } from '../vector.ts'
import { bytesFor, rival } from '../world.ts'

// Check 3 in suite gm-1: GB/T 35275 SignedData, detached, SM2 with SM3, no attributes.

const code = 'seal.signature'
const signer = gmPeople['gm-bidder-sign']

/** Vectors of the gm signature. */
export async function gmSignatureVectors(): Promise<readonly BrokenVector[]> {
  const { vectors, from } = collect()
  const base = await baseNamed('gm-whole')
  const add = from(base)
  const headerBytes = entryNamed(base.entries, 'META-INF/seal.json')
  const sound = entryNamed(base.entries, 'META-INF/seal.p7s')
  const refuse = (name: string, comment: string, signature: Uint8Array) =>
    add(`gm-signature-${name}`, code, comment, forge(base, { entries: { 'META-INF/seal.p7s': signature } }))
  const edit = (name: string, comment: string, place: readonly number[], change: (node: DerTree) => void) =>
    refuse(name, comment, edited(sound, place, change))
  const make = (name: string, comment: string, options: GmSignatureOptions) =>
    refuse(name, comment, gmSignatureOf(headerBytes, options))
  const digestOf = (content: Uint8Array, id?: Uint8Array) => sm2Digest(pointOf(signer), content, id)

  // Form
  await edit('embedded-content', 'the content inside the signature', contentInfo, node => {
    node.children.push(derTree(context(0, octetString(headerBytes))))
  })
  await edit('two-signers', 'two signers, both signatures hold', body, node => {
    const other = derTree(gmSignatureOf(headerBytes, { by: gmPeople['gm-rival-sign'] }))
    at(node, [4]).children = sortedTrees([at(node, [4, 0]), at(other, info)])
    at(node, [3]).children = sortedTrees([...at(node, [3]).children, derTree(gmPeople['gm-rival-sign'].certificate)])
  })
  await edit('no-signer', 'no SignerInfo', signers, node => {
    node.children = []
  })
  await edit('no-certificates', 'no certificates', body, node => {
    node.children.splice(3, 1)
  })
  await edit('crls', 'a list of revoked certificates', body, node => {
    node.children.splice(4, 0, derTree(context(1, sequence())))
  })
  await edit('key-identifier', 'the signer named by key identifier', [...info, 1], node => {
    Object.assign(node, { tag: 0x80, content: bytesFor('key identifier', 20), children: [] })
  })
  await edit('version-3', 'SignedData version 3', [...body, 0], setContent(Uint8Array.of(3)))
  await edit('signer-version-0', 'SignerInfo version 0', [...info, 0], setContent(Uint8Array.of(0)))
  await edit('type-of-cms', 'SignedData by the number of RFC 5652', [0], setContent(oidContent(oids.signedData)))
  await edit(
    'content-type-of-cms',
    'data by the number of RFC 5652',
    [...contentInfo, 0],
    setContent(oidContent(oids.data)),
  )
  await edit('certificates-order', 'certificates out of the order of a SET', listed, node => {
    node.children.reverse()
  })
  await refuse('trailing-byte', 'a byte after the end', Buffer.concat([sound, Uint8Array.of(0)]))
  await refuse('empty', 'an empty signature', new Uint8Array())

  // Attributes
  const attribute = (type: string, value: Uint8Array) => sequence(oid(type), tlv(0x31, value))
  const attributes = [
    attribute(oids.contentType, oid(oids.gmData)),
    attribute(oids.messageDigest, octetString(sm3(headerBytes))),
  ]
  await refuse(
    'signed-attributes',
    'content-type and message-digest as signed attributes; the signature over them holds',
    edited(gmSignatureOf(headerBytes, { digest: () => digestOf(tlv(0x31, ...attributes)) }), info, node => {
      node.children.splice(3, 0, derTree(context(0, ...attributes)))
    }),
  )
  await edit('empty-attributes', 'an empty set of signed attributes', info, node => {
    node.children.splice(3, 0, leaf(0xa0, new Uint8Array()))
  })
  await edit('unsigned-attributes', 'unsigned attributes', info, node => {
    node.children.push(derTree(context(1, attribute('1.2.840.113549.1.9.16.2.14', octetString(new Uint8Array(4))))))
  })

  // Algorithms
  await make('sha-256', 'SHA-256 by its name', { digestAlgorithm: sequence(oid(oids.sha256)) })
  await edit('sha-256-outside', 'SHA-256 in digestAlgorithms alone', [...body, 1], node => {
    node.children = [derTree(sequence(oid(oids.sha256)))]
  })
  await make('digest-parameters', 'SM3 with parameters that are an empty SEQUENCE', {
    digestAlgorithm: sequence(oid(oids.sm3), sequence()),
  })
  await make('algorithm-301', 'the number of the curve for the signature', {
    signatureAlgorithm: sequence(oid(oids.sm2)),
  })
  await make('algorithm-301-3', 'the number of SM2 encryption for the signature', {
    signatureAlgorithm: sequence(oid(oids.sm2Encryption)),
  })
  await make('algorithm-null', 'SM2 signature with NULL', {
    signatureAlgorithm: sequence(oid(oids.sm2Signature), derNull),
  })
  await make('ecdsa-named', 'ecdsa-with-SHA256 by its name', {
    signatureAlgorithm: sequence(oid(oids.ecdsaWithSha256)),
  })

  // What is signed
  await make('of-another-document', "the signature of the tender's own text", {
    digest: () => digestOf(base.tender.bytes),
  })
  await make('without-z', 'SM3 of the content without Z', { digest: sm3 })
  await make('digest-twice', 'the digest of the content signed as a content', { digest: each => digestOf(sm3(each)) })
  await make('empty-id', 'Z with the empty id, as openssl has it without distid', {
    digest: each => digestOf(each, new Uint8Array()),
  })
  await make('other-id', 'Z with another id', { digest: each => digestOf(each, Buffer.from('bidder@example.com')) })
  await make('gmssl', "GmSSL's input: SM3 of the DER of the content info, without Z", {
    digest: each => sm3(sequence(oid(oids.gmData), context(0, octetString(each)))),
  })

  // r and s
  const parts = readSm2Signature(at(derTree(sound), [...info, 4]).content, 'der')
  await make('raw', 'r ‖ s without DER', { signature: each => writeSm2Signature(readSm2Signature(each, 'der'), 'raw') })
  await make('s-padded', 's with a zero byte it does not need', {
    signature: () =>
      sequence(tlv(0x02, minimal(parts.r)), tlv(0x02, Buffer.concat([Uint8Array.of(0), minimal(parts.s)]))),
  })
  await make('s-bit', 'a bit of s', {
    signature: () =>
      writeSm2Signature({ r: parts.r, s: parts.s.map((byte, index) => (index === 20 ? byte ^ 1 : byte)) }, 'der'),
  })
  await make('r-zero', 'r is zero', {
    signature: () => sequence(tlv(0x02, Uint8Array.of(0)), tlv(0x02, minimal(parts.s))),
  })
  await make('s-order', 's is the order of the group', {
    signature: () => sequence(tlv(0x02, minimal(parts.r)), tlv(0x02, Buffer.from(`00${order}`, 'hex'))),
  })

  // Whose
  const signedBy = (
    name: string,
    comment: string,
    sign: (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>,
    change: (header: Header) => object = each => each,
  ) => add(`gm-signature-${name}`, code, comment, forge(base, { header: change, sign }))
  const signerIs = (certificate: Uint8Array) => ({ signer: { certificateDigest: toHex(gm1.digest(certificate)) } })
  await signedBy('another-signer', 'signed by another bidder; the header names the first', bytes =>
    gmSignatureOf(bytes, { by: gmPeople['gm-rival-sign'] }),
  )
  await signedBy(
    'encryption-certificate',
    'signed with an encryption certificate',
    bytes => gmSignatureOf(bytes, { by: gmPeople['gm-bidder-decrypt'] }),
    header => ({ ...header, ...signerIs(gmPeople['gm-bidder-decrypt'].certificate) }),
  )
  await signedBy(
    'copied-bid',
    'a copied bid under a second signer; the credit code is still the first’s',
    bytes => gmSignatureOf(bytes, { by: gmPeople['gm-rival-sign'] }),
    header => ({
      ...header,
      ...signerIs(gmPeople['gm-rival-sign'].certificate),
      bidder: { ...header.bidder, name: rival.name },
    }),
  )
  await signedBy(
    'certificate-digest-sha-256',
    'the signer named by the SHA-256 of the certificate',
    bytes => gmSignatureOf(bytes),
    header => ({ ...header, signer: { certificateDigest: toHex(intl1.digest(signer.certificate)) } }),
  )
  await signedBy('of-suite-intl-1', 'a signature of suite intl-1, by the same bidder’s RSA certificate', bytes =>
    signatureOf(bytes),
  )
  await signedBy(
    'header-of-intl-1',
    'a header of suite intl-1 with a signature of gm-1',
    bytes => gmSignatureOf(bytes),
    header => ({ ...header, suite: 'intl-1' }),
  )
  await signedBy('root-listed', 'the root among the certificates', bytes =>
    gmSignatureOf(bytes, { listed: [gmIntermediate, gmRoot] }),
  )
  await signedBy('unused-certificate', 'a certificate that is not on the path', bytes =>
    gmSignatureOf(bytes, { listed: [gmIntermediate, gmPeople['gm-rival-sign'].certificate] }),
  )
  await signedBy('intermediate-missing', 'the intermediate certificate missing', bytes =>
    gmSignatureOf(bytes, { listed: [] }),
  )
  const key = gmPeople['gm-rival-sign'].privateKey
  await signedBy('other-key', "made with another bidder's key", bytes => {
    const made = sm2SignDigest(key.d, digestOf(bytes), { bytes: length => bytesFor('other key', length) })
    return gmSignatureOf(bytes, { signature: () => made })
  })
  return vectors
}

/** Vectors of the time stamp of a gm bid. */
export async function gmTimestampVectors(): Promise<readonly BrokenVector[]> {
  const { vectors, from } = collect()
  const base = await baseNamed('gm-whole')
  const signature = entryNamed(base.entries, 'META-INF/seal.p7s')
  const refuse = (name: string, comment: string, stamp: Uint8Array) =>
    from(base)(`gm-timestamp-${name}`, code, comment, forge(base, { entries: { 'META-INF/seal.tsr': stamp } }))
  const make = (name: string, comment: string, options: GmTimestampOptions) =>
    refuse(name, comment, gmTimestampOf(signature, options))
  await refuse(
    'of-another-signature',
    'a time stamp of another signature',
    gmTimestampOf(gmSignatureOf(Buffer.from('x'))),
  )
  await make('imprint-sha-384', 'an imprint with SHA-384', {
    imprint: octets => [sequence(oid(oids.sha384)), createHash('sha384').update(octets).digest()],
  })
  await make('imprint-named-sm3', 'an imprint with SHA-256 under the name of SM3', {
    imprint: octets => [sm3Algorithm, sha256Imprint(octets)[1]],
  })
  await make('without-z', 'SM3 of the attributes without Z', { digest: sm3 })
  await make('signer', 'made with a certificate that is not for time stamps', { by: signer })
  return vectors
}

const order = 'fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123'

/** Content octets of an INTEGER. */
function minimal(number: Uint8Array): Uint8Array {
  const start = number.findIndex(byte => byte !== 0)
  const digits = number.subarray(start)
  return (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Uint8Array.of(0), digits]) : digits
}

function sortedTrees(trees: readonly DerTree[]): DerTree[] {
  return [...trees].sort((one, other) => Buffer.compare(derBytes(one), derBytes(other)))
}
