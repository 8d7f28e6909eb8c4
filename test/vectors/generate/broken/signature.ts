import { createHash, sign } from 'node:crypto'
import { parseCertificate } from '../../../../crypto/cert/certificate.ts'
import { pssSignature } from '../../../../crypto/cms/algorithms.ts'
import { oids } from '../../../../crypto/der/oids.ts'
import {
  context,
  derNull,
  integer,
  octetString,
  oid,
  sequence,
  tlv,
  utf8String,
} from '../../../../crypto/der/writer.ts'
import { at, derBytes, type DerTree, derTree, edited, leaf } from '../../../fixtures/der-edit.ts'
import type { BrokenVector } from '../../library.ts'
import { baseNamed } from '../bids.ts'
import { entryNamed, forge } from '../forge.ts'
import {
  attributeOf,
  attributes,
  attributeWith,
  body,
  info,
  listed,
  oidContent,
  resigned,
  setContent,
  signatureOf,
  type SignatureOptions,
} from '../signatures.ts'
import { collect } from '../vector.ts'
import { foreignRoot, intermediate, issue, organisation, people, rival, bidder, root } from '../world.ts'

// Check 3, the signature of seal.json: its CMS profile and whom it belongs to.

const code = 'seal.signature'

/** SEC 2, 2.4.2. */
const p256Order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** Vectors of the signature's form. */
export async function signatureVectors(): Promise<readonly BrokenVector[]> {
  const { vectors, from } = collect()
  const base = await baseNamed('bidder')
  const add = from(base)
  const headerBytes = entryNamed(base.entries, 'META-INF/seal.json')
  const sound = entryNamed(base.entries, 'META-INF/seal.p7s')
  const refuse = (name: string, comment: string, signature: Uint8Array) =>
    add(`signature-${name}`, code, comment, forge(base, { entries: { 'META-INF/seal.p7s': signature } }))
  const refuseEdit = (name: string, comment: string, place: readonly number[], change: (node: DerTree) => void) =>
    refuse(name, comment, edited(sound, place, change))
  const refuseTree = (name: string, comment: string, change: (tree: DerTree) => void, order?: 'sorted' | 'as is') =>
    refuse(name, comment, resigned(sound, change, order))
  const refuseMade = (name: string, comment: string, options: SignatureOptions) =>
    refuse(name, comment, signatureOf(headerBytes, options))
  const append = (node: Uint8Array) => (tree: DerTree) => {
    tree.children.push(derTree(node))
  }
  const digest = createHash('sha256').update(headerBytes).digest()

  await add(
    'signature-header-changed',
    code,
    'one character of seal.json changed and not signed',
    forge(base, {
      entries: { 'META-INF/seal.json': Buffer.from(Buffer.from(headerBytes).toString().replace('财务-03', '财务-04')) },
    }),
  )
  await refuse('of-another-document', "the signature of the tender's own text", signatureOf(base.tender.bytes))
  await refuse('empty', 'an empty signature', new Uint8Array())
  await refuse('no-der', 'a signature that is no DER', Buffer.from('-----BEGIN CMS-----'))
  await refuse('cut-short', 'the last byte missing', sound.subarray(0, -1))
  await refuse('trailing-byte', 'a byte after the end', Buffer.concat([sound, Uint8Array.of(0)]))

  // Form
  await refuseEdit(
    'embedded-content',
    'the content inside the signature',
    [...body, 2],
    append(context(0, octetString(headerBytes))),
  )
  await refuseEdit('no-signer', 'no SignerInfo', [...body, 4], node => {
    node.children = []
  })
  const second = signatureOf(headerBytes, { by: people['rival-sign'] })
  await refuse('two-signers', 'two signers, both signatures hold', twoSigners(sound, second))
  await refuseEdit('version-3', 'SignedData version 3', [...body, 0], setContent(Uint8Array.of(3)))
  await refuseEdit('signer-version-3', 'SignerInfo version 3', [...info, 0], setContent(Uint8Array.of(3)))
  await refuseEdit('key-identifier', 'the signer named by key identifier', [...info, 1], node => {
    Object.assign(node, { tag: 0x80, content: createHash('sha1').update('key').digest(), children: [] })
  })
  await refuseEdit('another-issuer', 'the signer named by an issuer nobody has', [...info, 1], node => {
    node.children[0] = derTree(parseCertificate(foreignRoot).subject)
  })
  await refuseEdit('content-type', 'another type of content', [...body, 2, 0], setContent(oidContent(oids.tstInfo)))
  await refuseEdit('outer-type', 'EnvelopedData by its type', [0], setContent(oidContent('1.2.840.113549.1.7.3')))
  await refuseEdit('crls', 'a list of revoked certificates', body, node => {
    node.children.splice(4, 0, { tag: 0xa1, content: new Uint8Array(), children: [derTree(sequence())] })
  })
  await refuseEdit('unsigned-attributes', 'unsigned attributes', info, node => {
    const attribute = sequence(oid('1.2.840.113549.1.9.16.2.14'), tlv(0x31, utf8String('x')))
    node.children.push({ tag: 0xa1, content: new Uint8Array(), children: [derTree(attribute)] })
  })
  await refuseEdit('no-certificates', 'no certificates', body, node => {
    node.children.splice(3, 1)
  })

  // BER
  const inner = Buffer.concat(derTree(sound).children.map(derBytes))
  await refuse(
    'indefinite-length',
    'BER: an indefinite length',
    Buffer.concat([Uint8Array.of(0x30, 0x80), inner, Uint8Array.of(0, 0)]),
  )
  await refuse(
    'long-length',
    'BER: a length in more bytes than it needs',
    Buffer.concat([Uint8Array.of(0x30, 0x83, 0, inner.length >> 8, inner.length & 255), inner]),
  )
  await refuseEdit('constructed-string', 'BER: an OCTET STRING in pieces', [...info, 5], node => {
    Object.assign(node, {
      tag: 0x24,
      children: [leaf(4, node.content.slice(0, 128)), leaf(4, node.content.slice(128))],
    })
  })
  await refuseEdit('certificates-order', 'certificates out of the order of a SET', listed, node => {
    node.children.reverse()
  })
  await refuseTree(
    'attributes-order',
    'attributes out of the order of a SET',
    tree => at(tree, attributes).children.reverse(),
    'as is',
  )

  // Algorithms
  const sha1 = sequence(oid(oids.sha1))
  await refuseMade('sha-1', 'SHA-1 throughout; the signature holds', { hash: 'sha1', digestAlgorithm: sha1 })
  await refuseMade('sha-384-named', 'SHA-384 by its name', { digestAlgorithm: sequence(oid(oids.sha384)) })
  await refuseEdit(
    'sha-1-outside',
    'SHA-1 in digestAlgorithms alone',
    [...body, 1, 0, 0],
    setContent(oidContent(oids.sha1)),
  )
  await refuseEdit(
    'digest-parameters',
    'digest parameters that are an empty SEQUENCE',
    [...info, 2],
    append(sequence()),
  )
  await refuseMade('sha-1-with-rsa', 'signature algorithm sha1WithRSAEncryption', {
    signatureAlgorithm: sequence(oid(oids.sha1WithRsa), derNull),
    sign: bytes => sign('sha1', bytes, people['bidder-sign'].privateKey),
  })
  await refuseMade('sha-384-with-rsa', 'signature algorithm sha384WithRSAEncryption', {
    signatureAlgorithm: sequence(oid(oids.sha384WithRsa), derNull),
    sign: bytes => sign('sha384', bytes, people['bidder-sign'].privateKey),
  })
  await refuseMade('rsa-without-null', 'rsaEncryption without NULL', {
    signatureAlgorithm: sequence(oid(oids.rsaEncryption)),
  })
  await refuseMade('pss-named', 'RSASSA-PSS by its name, the signature is PKCS#1 v1.5', {
    signatureAlgorithm: pssSignature,
  })
  await refuseMade('pss-salt-20', 'RSASSA-PSS with a salt of 20 bytes', {
    signatureAlgorithm: pssWith(oids.sha256, 20),
  })
  await refuseMade('pss-sha-1', 'RSASSA-PSS with SHA-1', { signatureAlgorithm: pssWith(oids.sha1, 32) })
  await refuseMade('ecdsa-named', 'ecdsa-with-SHA256 by its name, the key is RSA', {
    signatureAlgorithm: sequence(oid(oids.ecdsaWithSha256)),
  })

  // Attributes
  await refuse(
    'no-attributes',
    'no signed attributes: the content itself is signed',
    (() => {
      const tree = derTree(sound)
      at(tree, info).children.splice(3, 1)
      at(tree, [...info, 4]).content = sign('sha256', headerBytes, people['bidder-sign'].privateKey)
      return derBytes(tree)
    })(),
  )
  const required = {
    'content-type': oids.contentType,
    'message-digest': oids.messageDigest,
    'signing-certificate': oids.signingCertificateV2,
  }
  for (const [name, type] of Object.entries(required)) {
    await refuseMade(`without-${name}`, `no ${name}`, { attributes: usual => usual.filter(each => each.type !== type) })
  }
  const plus = (type: string, value: Uint8Array): SignatureOptions => ({
    attributes: usual => [...usual, { type, value }],
  })
  const instead = (type: string, value: Uint8Array): SignatureOptions => ({
    attributes: usual => usual.map(each => (each.type === type ? { type, value } : each)),
  })
  await refuseMade('more-attributes', 'an attribute outside the profile', plus('1.2.840.113549.1.9.15', sequence()))
  await refuseTree('two-values', 'message-digest with two values', tree => {
    attributeOf(tree, oids.messageDigest).children[1] = derTree(
      tlv(0x31, octetString(digest), octetString(new Uint8Array(32))),
    )
  })
  await refuseTree('no-value', 'message-digest without a value', tree => {
    attributeOf(tree, oids.messageDigest).children[1] = derTree(tlv(0x31))
  })
  await refuseTree('attribute-twice', 'message-digest twice', tree => {
    at(tree, attributes).children.push(attributeWith(oids.messageDigest, octetString(new Uint8Array(32))))
  })
  await refuseMade(
    'message-digest',
    'another message-digest',
    instead(oids.messageDigest, octetString(new Uint8Array(32))),
  )
  await refuseMade(
    'content-type-attribute',
    'content-type of another content',
    instead(oids.contentType, oid(oids.tstInfo)),
  )
  const hash = createHash('sha256').update(people['bidder-sign'].certificate).digest()
  const other = createHash('sha256').update(people['bidder-sign-renewed'].certificate).digest()
  const ess = (...ids: readonly Uint8Array[]) => instead(oids.signingCertificateV2, sequence(sequence(...ids)))
  await refuseMade(
    'signing-certificate-of-another',
    'signing-certificate-v2 names another certificate',
    ess(sequence(octetString(other))),
  )
  await refuseMade(
    'two-signing-certificates',
    'two ESSCertIDv2',
    ess(sequence(octetString(hash)), sequence(octetString(other))),
  )
  await refuseMade(
    'signing-certificate-hash-written',
    'the default hash written out',
    ess(sequence(sequence(oid(oids.sha256)), octetString(hash))),
  )
  await refuseMade('signing-certificate-v1', 'signing-certificate of version 1 instead', {
    attributes: usual =>
      usual.map(each =>
        each.type === oids.signingCertificateV2
          ? {
              type: oids.signingCertificate,
              value: sequence(
                sequence(sequence(octetString(createHash('sha1').update(people['bidder-sign'].certificate).digest()))),
              ),
            }
          : each,
      ),
  })
  await refuseMade(
    'signing-time-generalized',
    'signing-time before 2050 as GeneralizedTime',
    instead(oids.signingTime, tlv(0x18, Buffer.from('20260302010000Z'))),
  )

  // Mathematics
  await refuseEdit('rsa-bit', 'one bit of the RSA signature', [...info, 5], node => {
    node.content[200] = (node.content[200] ?? 0) ^ 1
  })
  await refuseEdit('rsa-short', 'the RSA signature without its last byte', [...info, 5], node => {
    node.content = node.content.slice(0, -1)
  })
  const whole = await baseNamed('whole')
  const ecdsa = entryNamed(whole.entries, 'META-INF/seal.p7s')
  const high = edited(ecdsa, [...info, 5], node => {
    const pair = derTree(node.content)
    const s = BigInt(`0x${Buffer.from(at(pair, [1]).content).toString('hex')}`)
    node.content = sequence(derBytes(at(pair, [0])), integer(p256Order - s))
  })
  await from(whole)(
    'signature-high-s',
    code,
    'ECDSA with s above n/2; it holds as well as the other',
    forge(whole, { entries: { 'META-INF/seal.p7s': high } }),
  )

  // Whose
  const header = base.header
  const signedBy = (name: string, comment: string, by: Parameters<typeof signatureOf>[1], fields: object = {}) =>
    add(
      `signature-${name}`,
      code,
      comment,
      forge(base, { header: () => ({ ...header, ...fields }), sign: bytes => signatureOf(bytes, by) }),
    )
  await signedBy('another-signer', 'signed by another bidder; the header names the first', { by: people['rival-sign'] })
  await signedBy('renewed-signer', "signed with the bidder's renewed certificate; the header names the old one", {
    by: people['bidder-sign-renewed'],
  })
  const signerIs = (certificate: Uint8Array) => ({
    signer: { certificateDigest: createHash('sha256').update(certificate).digest('hex') },
  })
  await signedBy(
    'encryption-certificate',
    'signed with an encryption certificate',
    { by: people['bidder-decrypt'] },
    signerIs(people['bidder-decrypt'].certificate),
  )
  const unshown = await baseNamed('recovery')
  await from(unshown)(
    'signature-credit-code-of-header',
    code,
    "the header's credit code is not the certificate's",
    forge(unshown, { header: each => ({ ...each, bidder: { name: bidder.name, creditCode: rival.creditCode } }) }),
  )
  await signedBy(
    'copied-and-shown',
    'a copied bid under a second signer; the backup certificate shows whose it was',
    { by: people['rival-sign'] },
    { ...signerIs(people['rival-sign'].certificate), bidder: rival },
  )
  const nobody = issue('nobody-sign', { profile: 'sign', subject: organisation(bidder.name), key: 'bidder-sign' })
  await signedBy('no-credit-code', 'a certificate without a credit code', { by: nobody }, signerIs(nobody.certificate))
  const two = issue('two-codes-sign', {
    profile: 'sign',
    subject: organisation(bidder.name, rival.creditCode),
    creditCode: bidder.creditCode,
    key: 'bidder-sign',
  })
  await signedBy('two-credit-codes', 'a certificate with two credit codes', { by: two }, signerIs(two.certificate))
  const weak = issue('weak-sign', {
    profile: 'sign',
    subject: organisation(bidder.name),
    creditCode: bidder.creditCode,
    kind: 'rsa-1024',
  })
  await signedBy('rsa-1024', 'a key of 1,024 bits', { by: weak }, signerIs(weak.certificate))
  await signedBy('root-listed', 'the root among the certificates', { listed: [intermediate, root] })
  await signedBy('unused-certificate', 'a certificate that is not on the path', {
    listed: [intermediate, people['rival-sign'].certificate],
  })
  await signedBy('intermediate-missing', 'the intermediate certificate missing', { listed: [] })
  return vectors
}

function twoSigners(one: Uint8Array, other: Uint8Array): Uint8Array {
  const tree = derTree(one)
  const more = derTree(other)
  const signers = [at(tree, info), at(more, info)]
  const certificates = [...at(tree, listed).children, ...at(more, listed).children]
  const unique = [...new Map(certificates.map(each => [Buffer.from(derBytes(each)).toString('hex'), each])).values()]
  const bySet = (a: DerTree, b: DerTree) => Buffer.compare(derBytes(a), derBytes(b))
  at(tree, listed).children = unique.sort(bySet)
  at(tree, [...body, 4]).children = signers.sort(bySet)
  return derBytes(tree)
}

function pssWith(hash: string, saltLength: number): Uint8Array {
  const algorithm = sequence(oid(hash))
  const mask = sequence(oid(oids.mgf1), algorithm)
  return sequence(
    oid(oids.rsassaPss),
    sequence(context(0, algorithm), context(1, mask), context(2, integer(saltLength))),
  )
}
