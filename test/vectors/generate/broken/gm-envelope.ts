import { oids } from '../../../../crypto/der/oids.ts'
import { derNull, oid, sequence } from '../../../../crypto/der/writer.ts'
import { readSm2Cipher, type Sm2Cipher, type Sm2CipherLayout, writeSm2Cipher } from '../../../../crypto/sm/sm2/index.ts'
import { at, derBytes, type DerTree, derTree, edited, leaf } from '../../../fixtures/der-edit.ts'
import type { BrokenVector } from '../../library.ts'
import { baseNamed } from '../bids.ts'
import { envelopeTo } from '../envelopes.ts'
import { entryNamed, forge } from '../forge.ts'
import { body, encrypted, encryptedFor, gmEnvelopeTo, recipient, recipientSet } from '../gm/envelopes.ts'
import { gmPeople } from '../gm/world.ts'
import { oidContent, setContent } from '../signatures.ts'
import { collect } from '../vector.ts'
import { bytesFor, people } from '../world.ts'

// Check 6 in suite gm-1: GB/T 35275 EnvelopedData with one SM2 recipient and 48 bytes of SM4-CBC.

const code = 'seal.envelope'

/** Vectors of the gm envelopes. */
export async function gmEnvelopeVectors(): Promise<readonly BrokenVector[]> {
  const { vectors, from } = collect()
  const base = await baseNamed('gm-whole')
  const add = from(base)
  const main = gmPeople['gm-bidder-decrypt']
  const key = base.partKeys.get('body') ?? new Uint8Array()
  const entryOf = (role: string) => `keys/body.${base.header.recipients.find(each => each.role === role)?.id ?? ''}.p7m`
  const name = entryOf('main')
  const sound = entryNamed(base.entries, name)
  const refuse = (vector: string, comment: string, envelope: Uint8Array) =>
    add(`gm-envelope-${vector}`, code, comment, forge(base, { envelopes: { [name]: envelope } }))
  const edit = (vector: string, comment: string, place: readonly number[], change: (node: DerTree) => void) =>
    refuse(vector, comment, edited(sound, place, change))
  const transport = at(derTree(sound), [...recipient, 3]).content
  const parts = readSm2Cipher(transport, 'asn1')
  const carrying = (vector: string, comment: string, bytes: Uint8Array) =>
    edit(vector, comment, [...recipient, 3], setContent(bytes))

  await add(
    'gm-envelope-digest',
    code,
    'an envelope of the same key to the same lock, which the header does not name',
    forge(base, { entries: { [name]: gmEnvelopeTo('another', main, key) } }),
  )
  await refuse('exchanged', "the backup lock's envelope in its place", entryNamed(base.entries, entryOf('backup')))
  await refuse(
    'to-a-stranger',
    "addressed to another bidder's certificate",
    gmEnvelopeTo('stranger', gmPeople['gm-rival-decrypt'], key),
  )
  await refuse('of-suite-intl-1', 'an envelope of suite intl-1', envelopeTo('intl', people['bidder-decrypt'], key))

  // Content
  await refuse('content-31', 'a content of 31 bytes: 32 with padding', gmEnvelopeTo('31', main, key.subarray(0, 31)))
  await refuse(
    'content-33-in-48',
    'a content of 48 bytes: 64 with padding',
    gmEnvelopeTo('48', main, Buffer.concat([key, bytesFor('more', 16)])),
  )
  await refuse(
    'content-unpadded',
    '32 bytes without padding',
    gmEnvelopeTo('unpadded', main, key, { content: () => bytesFor('unpadded', 32) }),
  )
  await refuse(
    'content-47',
    '47 bytes of ciphertext',
    gmEnvelopeTo('47', main, key, { content: () => bytesFor('47', 47) }),
  )
  await refuse(
    'content-empty',
    'an empty content',
    gmEnvelopeTo('empty', main, key, { content: () => new Uint8Array() }),
  )
  await edit('content-constructed', 'BER: a content in pieces', [...encrypted, 2], node => {
    Object.assign(node, { tag: 0xa0, children: [leaf(4, node.content.slice(0, 32)), leaf(4, node.content.slice(32))] })
  })
  await edit('content-missing', 'no content', encrypted, node => {
    node.children.pop()
  })
  await edit('shared-info', 'shared information behind the content', encrypted, node => {
    node.children.push(leaf(0x81, bytesFor('shared', 8)))
  })

  // Cipher
  const cipher = (vector: string, comment: string, dotted: string) =>
    edit(vector, comment, [...encrypted, 1, 0], setContent(oidContent(dotted)))
  await cipher('sm4-bare', 'SM4 without a mode', oids.sm4)
  await cipher('sm4-ecb', 'SM4-ECB by its name', '1.2.156.10197.1.104.1')
  await cipher('sm4-ctr', 'SM4-CTR by its name', '1.2.156.10197.1.104.7')
  await cipher('sm4-gcm', 'SM4-GCM by its name', '1.2.156.10197.1.104.8')
  await cipher('aes-256-cbc', 'AES-256-CBC by its name', oids.aes256Cbc)
  await edit('iv-12', 'an IV of 12 bytes', [...encrypted, 1, 1], setContent(bytesFor('iv', 12)))
  await edit('iv-absent', 'no IV', [...encrypted, 1], node => {
    node.children.pop()
  })

  // Recipient
  await edit('two-recipients', 'two recipients: the lock and a stranger', recipientSet, node => {
    const second = at(derTree(gmEnvelopeTo('second', gmPeople['gm-rival-decrypt'], key)), recipient)
    node.children = [at(node, [0]), second].sort((one, other) => Buffer.compare(derBytes(one), derBytes(other)))
  })
  await edit('no-recipient', 'no recipient', recipientSet, node => {
    node.children = []
  })
  await edit('key-identifier', 'the recipient named by key identifier', [...recipient, 1], node => {
    Object.assign(node, { tag: 0x80, content: bytesFor('key identifier', 20), children: [] })
  })
  await edit('another-serial', 'the right issuer with another serial', [...recipient, 1, 1], node => {
    node.content[5] = (node.content[5] ?? 0) ^ 1
  })
  await edit('version-0', 'EnvelopedData version 0', [...body, 0], setContent(Uint8Array.of(0)))
  await edit('recipient-version-0', 'RecipientInfo version 0', [...recipient, 0], setContent(Uint8Array.of(0)))
  await edit(
    'type-of-cms',
    'EnvelopedData by the number of RFC 5652',
    [0],
    setContent(oidContent('1.2.840.113549.1.7.3')),
  )
  await edit(
    'content-type-of-cms',
    'data by the number of RFC 5652',
    [...encrypted, 0],
    setContent(oidContent(oids.data)),
  )
  const algorithm = (vector: string, comment: string, der: Uint8Array) =>
    edit(vector, comment, recipient, node => {
      node.children[2] = derTree(der)
    })
  await algorithm('algorithm-301', 'the number of the curve for the key encryption', sequence(oid(oids.sm2)))
  await algorithm('algorithm-null', 'SM2 encryption with NULL', sequence(oid(oids.sm2Encryption), derNull))

  // SM2Cipher
  const layout = (vector: string, comment: string, as: Sm2CipherLayout) =>
    carrying(`layout-${vector}`, comment, writeSm2Cipher(parts, as))
  await layout('c1c3c2', 'C1 ‖ C3 ‖ C2 without DER', 'C1C3C2')
  await layout('04c1c3c2', '04 ‖ C1 ‖ C3 ‖ C2 without DER', '04C1C3C2')
  await layout('c1c2c3', 'C1 ‖ C2 ‖ C3 without DER', 'C1C2C3')
  await layout('skf', 'the block an SKF library takes', 'ECCCIPHERBLOB')
  const older = { ...parts, hash: parts.cipher, cipher: parts.hash }
  await carrying('c2-before-c3', 'a SEQUENCE with ciphertext before digest', writeSm2Cipher(older, 'asn1'))
  await carrying('key-15', 'a transported key of 15 bytes', encryptedFor('15', main, bytesFor('15', 15)))
  await carrying('key-32', 'a transported key of 32 bytes', encryptedFor('32', main, bytesFor('32', 32)))
  await carrying('hash-31', 'a digest of 31 bytes', withField(transport, 2, parts.hash.slice(1)))
  await carrying(
    'off-curve',
    'an ephemeral key that is not on the curve',
    writeSm2Cipher({ ...parts, y: flippedLast(parts) }, 'asn1'),
  )
  await carrying(
    'point-zero',
    'an ephemeral key of zeros',
    writeSm2Cipher({ ...parts, x: new Uint8Array(32), y: new Uint8Array(32) }, 'asn1'),
  )
  const zero = Uint8Array.of(0)
  const x = at(derTree(transport), [0]).content
  await carrying('x-padded', 'x with a zero byte it does not need', withField(transport, 0, Buffer.concat([zero, x])))
  await carrying('x-34', 'x of 34 bytes', withField(transport, 0, Buffer.concat([Uint8Array.of(1, 2), parts.x])))
  await carrying(
    'x-fixed',
    'an x of 31 bytes written in 32',
    withField(shortCoordinate, 0, Buffer.concat([zero, at(derTree(shortCoordinate), [0]).content])),
  )
  await carrying('cipher-trailing', 'a byte after the SM2Cipher', Buffer.concat([transport, zero]))
  await carrying(
    'cipher-five',
    'a fifth field in the SM2Cipher',
    edited(transport, [], node => node.children.push(derTree(derNull))),
  )
  await carrying('cipher-empty', 'no transported key', new Uint8Array())
  await refuse('trailing-byte', 'a byte after the end', Buffer.concat([sound, zero]))
  await refuse('empty', 'an empty envelope', new Uint8Array())
  const recovery = entryNamed(base.entries, entryOf('recovery'))
  await refuse('recovery-for-lock', "the recovery code's envelope in the place of a lock's", recovery)
  await add(
    'gm-envelope-lock-for-recovery',
    code,
    "a lock's envelope in the place of the recovery code's",
    forge(base, { envelopes: { [entryOf('recovery')]: sound } }),
  )
  return vectors
}

/** An SM2Cipher to the main lock whose x takes 31 bytes: the first of a series. */
export const shortCoordinate = findShort()

function findShort(): Uint8Array {
  for (let turn = 0; ; turn += 1) {
    const made = encryptedFor(`short ${turn}`, gmPeople['gm-bidder-decrypt'], bytesFor('SM4 key short', 16))
    if (at(derTree(made), [0]).content.length === 31) return made
  }
}

function withField(cipher: Uint8Array, place: number, content: Uint8Array): Uint8Array {
  return edited(cipher, [place], setContent(content))
}

function flippedLast({ y }: Sm2Cipher): Uint8Array {
  return y.map((byte, index) => (index === 31 ? byte ^ 1 : byte))
}
