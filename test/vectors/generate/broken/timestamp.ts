import { createHash } from 'node:crypto'
import { oids } from '../../../../crypto/der/oids.ts'
import {
  bitString,
  context,
  integer,
  octetString,
  oid,
  sequence,
  tlv,
  utf8String,
} from '../../../../crypto/der/writer.ts'
import { sm3 } from '../../../../crypto/sm/sm3.ts'
import { at, derTree, edited, reissued } from '../../../fixtures/der-edit.ts'
import { practiceIdentity } from '../../../fixtures/practice-ca.ts'
import type { BrokenVector } from '../../library.ts'
import { baseNamed } from '../bids.ts'
import { entryNamed, forge } from '../forge.ts'
import { info, oidContent } from '../signatures.ts'
import { timestampOf, type TimestampOptions } from '../timestamps.ts'
import { collect } from '../vector.ts'
import { foreignRoot, intermediate, issue, keyNamed, organisation, people } from '../world.ts'

// Check 3, META-INF/seal.tsr.

/** Vectors of the time stamp. */
export async function timestampVectors(): Promise<readonly BrokenVector[]> {
  const { vectors, from } = collect()
  const base = await baseNamed('recovery')
  const add = from(base)
  const signature = entryNamed(base.entries, 'META-INF/seal.p7s')
  const sound = timestampOf(signature)
  const refuse = (name: string, comment: string, stamp: Uint8Array) =>
    add(`timestamp-${name}`, 'seal.signature', comment, forge(base, { entries: { 'META-INF/seal.tsr': stamp } }))
  const refuseMade = (name: string, comment: string, options: TimestampOptions) =>
    refuse(name, comment, timestampOf(signature, options))

  await refuse('empty', 'an empty time stamp', new Uint8Array())
  await refuse(
    'of-another-signature',
    'a time stamp of another signature',
    timestampOf(entryNamed((await baseNamed('bidder')).entries, 'META-INF/seal.p7s')),
  )
  await refuse('trailing-byte', 'a byte after the end', Buffer.concat([sound, Uint8Array.of(0)]))
  await refuseMade('status-1', 'status 1, granted with changes', { status: sequence(integer(1)) })
  await refuseMade('status-text', 'a text beside status 0', {
    status: sequence(integer(0), sequence(utf8String('ok'))),
  })
  await refuseMade('failure-info', 'failure information beside status 0', {
    status: sequence(integer(0), bitString(Uint8Array.of(0x80))),
  })
  await refuse('without-token', 'a status without a token', sequence(sequence(integer(0))))
  await refuseMade('version-1', 'SignedData version 1', { version: 1 })
  await refuseMade('imprint-sm3', 'an imprint with SM3, which only gm-1 has', {
    imprint: { algorithm: sequence(oid(oids.sm3)), digest: sm3(at(derTree(signature), [...info, 5]).content) },
  })
  await refuseMade('imprint-sha-1', 'an imprint with SHA-1', {
    imprint: { algorithm: sequence(oid(oids.sha1)), digest: createHash('sha1').update('x').digest() },
  })
  await refuseMade('imprint-named-sha-1', 'the right imprint under the name of SHA-1', {
    imprint: {
      algorithm: sequence(oid(oids.sha1)),
      digest: createHash('sha256')
        .update(at(derTree(signature), [...info, 5]).content)
        .digest(),
    },
  })
  await refuseMade('imprint-of-signature-file', 'an imprint of the whole seal.p7s, not of the signature octets', {
    imprint: { algorithm: sequence(oid(oids.sha256)), digest: createHash('sha256').update(signature).digest() },
  })
  await refuseMade('extensions', 'extensions in TSTInfo', {
    more: [context(1, sequence(oid('1.2.3'), octetString(new Uint8Array())))],
  })
  await refuseMade('unused-certificate', 'a certificate that is not on the path', {
    listed: [intermediate, people['rival-sign'].certificate],
  })
  await refuseMade('intermediate-missing', 'the intermediate certificate missing', { listed: [] })
  await refuseMade('without-signing-certificate', 'no signing certificate among the attributes', {
    attributes: usual => usual.filter(each => each.type !== oids.signingCertificateV2),
  })
  await refuseMade('attribute-twice', 'an attribute twice', {
    attributes: usual => [...usual, { type: oids.messageDigest, value: octetString(new Uint8Array(32)) }],
  })
  await refuseMade('not-for-timestamps', "by the platform's receipt certificate", { by: people.receipt })
  const second = reissued(people.timestamp.certificate, keyNamed('intermediate'), tbs => {
    at(tbs, [-1, 0, 4, -1]).content = sequence(oid(oids.timeStamping), oid('1.3.6.1.5.5.7.3.2'))
  })
  await refuseMade('second-purpose', 'by a certificate with a second purpose', {
    by: practiceIdentity(second, people.timestamp.privateKey, []),
  })
  const notCritical = reissued(people.timestamp.certificate, keyNamed('intermediate'), tbs => {
    at(tbs, [-1, 0, 4]).children.splice(1, 1)
  })
  await refuseMade('purpose-not-critical', 'by a certificate whose purpose is not critical', {
    by: practiceIdentity(notCritical, people.timestamp.privateKey, []),
  })
  const foreign = issue('foreign-timestamp', {
    profile: 'timestamp',
    key: 'timestamp',
    subject: organisation('无人认可时间戳'),
    issuer: { certificate: foreignRoot, privateKey: keyNamed('foreign-root') },
  })
  await refuseMade('foreign-root', 'by an authority the tender does not accept: anybody could backdate', {
    by: foreign,
    listed: [],
  })
  await refuseMade('before-authority', "at a time when the authority's certificate was not valid", {
    time: '20251231235959Z',
  })
  await refuseMade('after-certificates', 'at a time when all certificates have expired', { time: '20370101000000Z' })
  const signedData = [1, 1, 0]
  await refuse(
    'unsigned-attributes',
    'unsigned attributes',
    edited(sound, [...signedData, 4, 0], node => {
      const attribute = sequence(oid('1.2.840.113549.1.9.16.2.14'), tlv(0x31, utf8String('x')))
      node.children.push({ tag: 0xa1, content: new Uint8Array(), children: [derTree(attribute)] })
    }),
  )
  await refuse(
    'sid-of-nobody',
    'a sid that names no certificate it holds',
    edited(sound, [...signedData, 4, 0, 1, 1], node => {
      node.content = Uint8Array.of(0x11, ...node.content.slice(1, -1), 0x55)
    }),
  )
  await refuse(
    'another-content',
    'a token of another type of content',
    edited(sound, [...signedData, 2, 0], node => {
      node.content = oidContent(oids.data)
    }),
  )
  await refuse(
    'certificates-order',
    'certificates out of the order of a SET',
    edited(sound, [...signedData, 3], node => {
      node.children.reverse()
    }),
  )
  await refuse(
    'signature',
    "the authority's signature does not hold",
    edited(sound, [...signedData, 4, 0, 5], node => {
      node.content[9] = (node.content[9] ?? 0) ^ 1
    }),
  )
  return vectors
}
