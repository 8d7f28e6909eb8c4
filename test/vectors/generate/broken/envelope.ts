import { oids } from '../../../../crypto/der/oids.ts'
import { context, derNull, integer, octetString, oid, sequence } from '../../../../crypto/der/writer.ts'
import { at, derBytes, type DerTree, derTree, edited, leaf } from '../../../fixtures/der-edit.ts'
import type { BrokenVector } from '../../library.ts'
import { baseNamed } from '../bids.ts'
import { aes128Envelope, body, encrypted, envelopeTo, recipient, recipientSet, tag, withContent } from '../envelopes.ts'
import { type Base, entryNamed, forge } from '../forge.ts'
import { oidContent, setContent } from '../signatures.ts'
import { collect } from '../vector.ts'
import { bytesFor, people } from '../world.ts'

// Check 6: every envelope's digest and CMS profile. The header always names the envelope as it is, but for the first.

const code = 'seal.envelope'
type From = ReturnType<typeof collect>['from']

/** Vectors of the envelopes. */
export async function envelopeVectors(): Promise<readonly BrokenVector[]> {
  const { vectors, from } = collect()
  await rsa(from)
  await agreement(from)
  await recovery(from)
  return vectors
}

/** What an envelope's entry is called, and how to put another in its place. */
function slot(from: From, base: Base, role: string) {
  const id = base.header.recipients.find(each => each.role === role)?.id ?? ''
  const name = `keys/body.${id}.p7m`
  const sound = entryNamed(base.entries, name)
  return {
    name,
    sound,
    refuse: async (vector: string, comment: string, envelope: Uint8Array | Promise<Uint8Array>) =>
      from(base)(`envelope-${vector}`, code, comment, forge(base, { envelopes: { [name]: await envelope } })),
    edit: (vector: string, comment: string, place: readonly number[], change: (node: DerTree) => void) =>
      from(base)(
        `envelope-${vector}`,
        code,
        comment,
        forge(base, { envelopes: { [name]: edited(sound, place, change) } }),
      ),
  }
}

async function rsa(from: From): Promise<void> {
  const base = await baseNamed('bidder')
  const { name, sound, refuse, edit } = slot(from, base, 'main')
  const main = people['bidder-decrypt']
  const key = base.partKeys.get('body') ?? new Uint8Array()
  const backup = base.header.recipients.find(each => each.role === 'backup')?.id ?? ''
  await from(base)(
    'envelope-digest',
    code,
    'an envelope of the same key to the same lock, which the header does not name',
    forge(base, {
      entries: { [name]: envelopeTo('another', main, key) },
    }),
  )
  await from(base)(
    'envelope-exchanged',
    code,
    'the envelopes of two recipients exchanged; the header names them so',
    forge(base, {
      envelopes: { [name]: entryNamed(base.entries, `keys/body.${backup}.p7m`), [`keys/body.${backup}.p7m`]: sound },
    }),
  )
  await refuse(
    'to-a-stranger',
    "addressed to another bidder's certificate",
    envelopeTo('stranger', people['rival-decrypt'], key),
  )
  await edit('another-issuer', 'the right serial of another issuer', [...recipient, 1], node => {
    node.children[0] = derTree(sequence())
  })
  await edit('another-serial', 'the right issuer with another serial', [...recipient, 1, 1], node => {
    node.content[5] = (node.content[5] ?? 0) ^ 1
  })
  await refuse('content-31', 'a content of 31 bytes', withContent(sound, main, key.subarray(0, 31)))
  await refuse('content-33', 'a content of 33 bytes', withContent(sound, main, Buffer.concat([key, Uint8Array.of(0)])))
  await refuse('content-empty', 'an empty content', withContent(sound, main, new Uint8Array()))
  await refuse('tag-4', 'a tag of 4 bytes, announced as such', withContent(sound, main, key, 4))
  await edit('tag-4-of-16', 'a tag cut to 4 bytes where 16 are announced', tag, node => {
    node.content = node.content.slice(0, 4)
  })
  await edit('tag-length-absent', 'the length of the tag left out: 12 by default', [...encrypted, 1, 1], node => {
    node.children.pop()
  })
  await refuse('aes-128', 'AES-128-GCM; it opens to the same 32 bytes', aes128Envelope('aes-128', main, key))
  await edit(
    'aes-192',
    'AES-192-GCM by its name',
    [...encrypted, 1, 0],
    setContent(oidContent('2.16.840.1.101.3.4.1.26')),
  )
  await edit('ccm', 'AES-256-CCM by its name', [...encrypted, 1, 0], setContent(oidContent('2.16.840.1.101.3.4.1.47')))
  await edit('cbc', 'AES-256-CBC by its name', [...encrypted, 1, 0], setContent(oidContent(oids.aes256Cbc)))
  await edit('nonce-16', 'a nonce of 16 bytes', [...encrypted, 1, 1, 0], setContent(bytesFor('nonce-16', 16)))
  await edit('nonce-8', 'a nonce of 8 bytes', [...encrypted, 1, 1, 0], setContent(bytesFor('nonce-8', 8)))
  await edit('enveloped-data', 'EnvelopedData by its type', [0], setContent(oidContent('1.2.840.113549.1.7.3')))
  await edit('content-type', 'another type of content', [...encrypted, 0], setContent(oidContent(oids.signedData)))
  await edit('version-2', 'AuthEnvelopedData version 2', [...body, 0], setContent(Uint8Array.of(2)))
  await edit('recipient-version-2', 'RecipientInfo version 2', [...recipient, 0], setContent(Uint8Array.of(2)))
  await edit('two-recipients', 'two recipients: the lock and a stranger', recipientSet, node => {
    node.children = [at(node, [0]), at(derTree(envelopeTo('second', people['rival-decrypt'], key)), recipient)].sort(
      (one, other) => Buffer.compare(derBytes(one), derBytes(other)),
    )
  })
  await edit('no-recipient', 'no recipient', recipientSet, node => {
    node.children = []
  })
  await edit('key-identifier', 'the recipient named by key identifier', [...recipient, 1], node => {
    Object.assign(node, { tag: 0x80, content: bytesFor('key identifier', 20), children: [] })
  })
  await edit('other-recipient-info', 'a RecipientInfo of a kind nobody knows', recipient, node => {
    node.tag = 0xa4
  })
  const insert = (vector: string, comment: string, index: number, tagByte: number) =>
    edit(vector, comment, body, node => {
      node.children.splice(index, 0, { tag: tagByte, content: new Uint8Array(), children: [] })
    })
  await insert('originator-info', 'originatorInfo', 1, 0xa0)
  await insert('authenticated-attributes', 'authenticated attributes', 3, 0xa1)
  await insert('unauthenticated-attributes', 'unauthenticated attributes', 4, 0xa2)
  await edit('content-missing', 'no content', encrypted, node => {
    node.children.pop()
  })
  await edit('content-constructed', 'BER: a content in pieces', [...encrypted, 2], node => {
    Object.assign(node, { tag: 0xa0, children: [leaf(4, node.content.slice(0, 16)), leaf(4, node.content.slice(16))] })
  })
  const transport = (vector: string, comment: string, der: Uint8Array) =>
    edit(vector, comment, recipient, node => {
      node.children[2] = derTree(der)
    })
  const digest = (dotted: string) => context(0, sequence(oid(dotted)))
  const mask = (dotted: string) => context(1, sequence(oid(oids.mgf1), sequence(oid(dotted))))
  const label = (bytes: Uint8Array) => context(2, sequence(oid('1.2.840.113549.1.1.9'), octetString(bytes)))
  const oaep = (...parameters: readonly Uint8Array[]) => sequence(oid(oids.rsaesOaep), sequence(...parameters))
  await transport('oaep-sha-1', 'OAEP with SHA-1, its default', oaep())
  await transport('oaep-mask-sha-1', 'OAEP with SHA-256 and a mask of SHA-1', oaep(digest(oids.sha256)))
  await transport('oaep-sha-384', 'OAEP with SHA-384', oaep(digest(oids.sha384), mask(oids.sha384)))
  await transport(
    'oaep-label',
    'OAEP with a label',
    oaep(digest(oids.sha256), mask(oids.sha256), label(Uint8Array.of(1))),
  )
  await transport(
    'oaep-label-written',
    'OAEP with the empty label written out',
    oaep(digest(oids.sha256), mask(oids.sha256), label(new Uint8Array())),
  )
  await transport('rsa-without-null', 'rsaEncryption without NULL', sequence(oid(oids.rsaEncryption)))
  await edit(
    'encrypted-key-short',
    'a transported key of 128 bytes',
    [...recipient, 3],
    setContent(bytesFor('short', 128)),
  )
  await refuse('trailing-byte', 'a byte after the end', Buffer.concat([sound, Uint8Array.of(0)]))
  await refuse('cut-short', 'the last byte missing', sound.subarray(0, -1))
  await refuse('empty', 'an empty envelope', new Uint8Array())
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

  const split = await baseNamed('split')
  await slot(from, split, 'agency').refuse(
    'pkcs1-to-agency',
    'PKCS#1 v1.5 to an agency',
    envelopeTo('pkcs1', people.agency, key, 'pkcs1'),
  )
}

async function agreement(from: From): Promise<void> {
  const base = await baseNamed('ec-recipient')
  const { edit } = slot(from, base, 'backup')
  const scheme = [...recipient, 2]
  await edit(
    'kdf-sha-1',
    'key derivation with SHA-1: dhSinglePass-stdDH-sha1kdf-scheme',
    [...scheme, 0],
    setContent(oidContent('1.3.133.16.840.63.0.2')),
  )
  await edit('kdf-sha-384', 'key derivation with SHA-384', [...scheme, 0], setContent(oidContent('1.3.132.1.11.2')))
  await edit('cofactor-dh', 'cofactor Diffie-Hellman', [...scheme, 0], setContent(oidContent('1.3.132.1.14.1')))
  await edit(
    'wrap-aes-128',
    'key wrap with AES-128',
    [...scheme, 1, 0],
    setContent(oidContent('2.16.840.1.101.3.4.1.5')),
  )
  await edit('wrap-parameters', 'key wrap with parameters', [...scheme, 1], node => {
    node.children.push(derTree(derNull))
  })
  await edit('agreement-version', 'KeyAgreeRecipientInfo version 2', [...recipient, 0], setContent(Uint8Array.of(2)))
  await edit('originator-curve', "the originator's key with its curve", [...recipient, 1, 0, 0], node => {
    node.children.push(derTree(oid(oids.p256)))
  })
  await edit('user-key-material', 'ukm', recipient, node => {
    node.children.splice(2, 0, derTree(context(1, octetString(new Uint8Array(8)))))
  })
  await edit('two-encrypted-keys', 'two recipientEncryptedKeys', [...recipient, 3], node => {
    node.children.push(at(node, [0]))
  })
  await edit(
    'wrapped-key-48',
    'a wrapped key of 48 bytes',
    [...recipient, 3, 0, 1],
    setContent(bytesFor('wrapped', 48)),
  )
  const point = (vector: string, comment: string, bytes: readonly number[]) =>
    edit(vector, comment, [...recipient, 1, 0, 1], setContent(Uint8Array.of(0, ...bytes)))
  await point('point-off-curve', 'an ephemeral key that is not on the curve', [4, ...bytesFor('point', 64)])
  await point('point-compressed', 'a compressed ephemeral key', [2, ...bytesFor('x', 32)])
  await point('point-at-infinity', 'the point at infinity', [0])
}

async function recovery(from: From): Promise<void> {
  const base = await baseNamed('recovery')
  const { sound, edit, refuse } = slot(from, base, 'recovery')
  const lock = slot(from, base, 'main')
  const derivation = [...recipient, 1]
  const parameters = [...derivation, 1]
  await edit('rounds-599999', '599,999 rounds', [...parameters, 1], setContent(integer(599_999).slice(2)))
  await edit('rounds-5000001', '5,000,001 rounds', [...parameters, 1], setContent(integer(5_000_001).slice(2)))
  await edit('rounds-1', 'one round', [...parameters, 1], setContent(Uint8Array.of(1)))
  await edit(
    'rounds-negative',
    'a negative number of rounds',
    [...parameters, 1],
    setContent(Uint8Array.of(0x80, 0, 0)),
  )
  await edit('salt-8', 'a salt of 8 bytes', [...parameters, 0], setContent(bytesFor('salt', 8)))
  await edit('key-length-16', 'a keyLength of 16', parameters, node => {
    node.children.splice(2, 0, derTree(integer(16)))
  })
  await edit('prf-sha-1', 'prf hmacWithSHA1', [...parameters, 2, 0], setContent(oidContent('1.2.840.113549.2.7')))
  await edit('prf-default', 'prf left out: hmacWithSHA1 by default', parameters, node => {
    node.children.pop()
  })
  await edit('prf-without-null', 'prf without NULL', [...parameters, 2], node => {
    node.children.pop()
  })
  await edit('scrypt', 'scrypt by its name', [...derivation, 0], setContent(oidContent('1.3.6.1.4.1.11591.4.11')))
  await edit(
    'kek-aes-128',
    'id-alg-PWRI-KEK over AES-128-CBC',
    [...recipient, 2, 1, 0],
    setContent(oidContent('2.16.840.1.101.3.4.1.2')),
  )
  await edit('kek-other', 'another key wrap', [...recipient, 2, 0], setContent(oidContent(oids.aes256Wrap)))
  await edit('wrapped-key-32', 'a wrapped key of 32 bytes', [...recipient, 3], setContent(bytesFor('wrapped', 32)))
  await edit('password-version', 'PasswordRecipientInfo version 1', [...recipient, 0], setContent(Uint8Array.of(1)))
  await edit('derivation-absent', 'no key derivation', recipient, node => {
    node.children.splice(1, 1)
  })
  await refuse('lock-for-recovery', "a lock's envelope in the place of the recovery code's", lock.sound)
  await lock.refuse('recovery-for-lock', "the recovery code's envelope in the place of a lock's", sound)
}
