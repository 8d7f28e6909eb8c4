import { createCipheriv } from 'node:crypto'
import { deriveShareCommitment, deriveStreamKey } from '../../../../crypto/envelope/key-schedule.ts'
import { toHex } from '../../../../crypto/json/hex.ts'
import { sm3 } from '../../../../crypto/sm/sm3.ts'
import { gm1 } from '../../../../crypto/suites/gm-1.ts'
import { intl1 } from '../../../../crypto/suites/intl-1.ts'
import { edited } from '../../../fixtures/der-edit.ts'
import type { BrokenVector } from '../../library.ts'
import { baseNamed } from '../bids.ts'
import {
  type Base,
  type Changes,
  type ChunkSealer,
  derivationOf,
  entryNamed,
  forge,
  type Header,
  innerEntries,
  plaintextOf,
} from '../forge.ts'
import { encryptedFor, gmEnvelopeTo, recipient } from '../gm/envelopes.ts'
import { gmSignatureOf } from '../gm/signatures.ts'
import { gmPeople } from '../gm/world.ts'
import { editBid, editOpening, innerText } from '../inner.ts'
import { setContent, signatureOf } from '../signatures.ts'
import { twoKeyChunk } from '../two-key.ts'
import { collect } from '../vector.ts'
import { bytesFor } from '../world.ts'

// Checks 7 to 11 in suite gm-1, where the suite makes a difference: SM3 trees of four pieces, HKDF-SM3, SM4-GCM. Streams
// of several chunks are in streams-gm-1.json.

/** Vectors of the roots of a gm bid. */
export async function gmRootVectors(): Promise<readonly BrokenVector[]> {
  const { vectors, from } = collect()
  const base = await baseNamed('gm-whole')
  const sealed = entryNamed(base.entries, 'parts/body.enc')
  const refuse = (name: string, comment: string, root: Uint8Array) =>
    from(base)(
      `gm-root-${name}`,
      'seal.root',
      comment,
      forge(base, { header: header => withPart(header, { root: toHex(root) }) }),
    )
  const [zero, one, two, three] = [0, 1, 2, 3].map(prefix => Uint8Array.of(prefix)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  const quarter = sealed.length / 4
  const quarters = [0, 1, 2, 3].map(index => sm3(sealed.subarray(index * quarter, (index + 1) * quarter)))
  await from(base)(
    'gm-root-last-byte',
    'seal.root',
    'a bit of the last byte of the tag',
    forge(base, { entries: { 'parts/body.enc': flipped(sealed, sealed.length - 1) } }),
  )
  await refuse('undivided', 'leaves of undivided chunks, as in intl-1', sm3(one, sm3(zero, sealed)))
  await refuse(
    'pieces-backwards',
    'the digests of the four pieces backwards',
    sm3(one, sm3(zero, ...[...quarters].reverse())),
  )
  await refuse(
    'two-pieces',
    'chunks cut into two pieces',
    sm3(one, sm3(zero, halfDigest(sealed, 0), halfDigest(sealed, 1))),
  )
  await refuse('leaf-prefix', 'the leaf prefix of a plain twin', sm3(one, sm3(two, ...quarters)))
  await refuse('root-prefix', 'the root prefix of a plain twin', sm3(three, sm3(zero, ...quarters)))
  await refuse('sha-256', 'a tree of SHA-256', intl1.digest(one, intl1.leaf(0, sealed)))
  return vectors
}

/** Vectors of the commitments of gm bids. */
export async function gmKeysVectors(): Promise<readonly BrokenVector[]> {
  const { vectors, from } = collect()
  const base = await baseNamed('gm-whole')
  const add = from(base)
  const code = 'seal.key-mismatch'
  const entryOf = (of: Base, role: string, part = 'body') =>
    `keys/${part}.${of.header.recipients.find(each => each.role === role)?.id ?? ''}.p7m`
  const main = gmPeople['gm-bidder-decrypt']
  const key = base.partKeys.get('body') ?? new Uint8Array()
  const envelope = (name: string, comment: string, made: Uint8Array) =>
    add(`gm-keys-${name}`, code, comment, forge(base, { envelopes: { [entryOf(base, 'main')]: made } }))
  await envelope('another-key', 'an envelope of another key', gmEnvelopeTo('other', main, bytesFor('other key', 32)))
  const crossed = encryptedFor('crossed', gmPeople['gm-rival-decrypt'], bytesFor('SM4 key crossed', 16))
  await envelope(
    'key-of-another-lock',
    'an envelope whose SM4 key is encrypted to another lock',
    edited(gmEnvelopeTo('crossed', main, key), [...recipient, 3], setContent(crossed)),
  )
  const padding = (name: string, comment: string, last: readonly number[]) =>
    envelope(
      `padding-${name}`,
      comment,
      gmEnvelopeTo(`padding ${name}`, main, key, { content: (k, iv) => unpadded(k, iv, [...key, ...last]) }),
    )
  await padding('zeros', 'the content padded with zeros', new Array<number>(16).fill(0))
  await padding('one', 'the content padded with 0x01 at its end only', [...new Array<number>(15).fill(0), 1])
  await padding('first', 'padding whose first byte is another', [0, ...new Array<number>(15).fill(16)])
  const derivation = derivationOf(base.header, 'body')
  const commitment = intl1.hkdf(key, derivation.salt, infoOf('bidseal/1 commit', derivation.context), 32)
  await add(
    'gm-keys-commitment-sha-256',
    code,
    'the commitment derived with HKDF-SHA-256',
    forge(base, { header: header => withPart(header, { keyCommitment: toHex(commitment) }) }),
  )
  const split = await baseNamed('gm-split')
  const share = bytesFor('share B', 32)
  await from(split)(
    'gm-keys-wrong-b',
    code,
    'a share B of the body that does not belong to A; its own commitment holds',
    forge(split, {
      envelopes: { [entryOf(split, 'agency')]: gmEnvelopeTo('wrong B', gmPeople['gm-agency'], share) },
      header: header => ({
        ...header,
        parts: header.parts.map(part => {
          if (part.name !== 'body' || part.shareCommitment === undefined) return part
          const b = toHex(deriveShareCommitment(derivationOf(split.header, 'body'), share, 'b'))
          return { ...part, shareCommitment: { ...part.shareCommitment, b } }
        }),
      }),
    }),
  )
  const second = bytesFor('second part key', 32)
  await add(
    'gm-keys-two-keys',
    code,
    'one SM4-GCM ciphertext that two part keys open: the main lock is given one, the backup lock the other; opened with the backup lock',
    forge(base, {
      chunk: (_part, _index, seal) => twoKeys(seal, deriveStreamKey(derivation, second)),
      envelopes: { [entryOf(base, 'backup')]: gmEnvelopeTo('second key', gmPeople['gm-bidder-backup'], second) },
    }),
    { open: ['gm-bidder-backup'] },
  )
  return vectors
}

/** Vectors of the chunks of a gm bid. */
export async function gmChunkVectors(): Promise<readonly BrokenVector[]> {
  const { vectors, from } = collect()
  const base = await baseNamed('gm-whole')
  const refuse = (name: string, comment: string, change: (seal: ChunkSealer) => Uint8Array) =>
    from(base)(`gm-chunk-${name}`, 'seal.chunk', comment, forge(base, { chunk: (_part, _index, seal) => change(seal) }))
  await refuse('ciphertext', 'a bit of the ciphertext', ({ sealed }) => flipped(sealed, 1000))
  await refuse('tag', 'a bit of the tag', ({ sealed }) => flipped(sealed, sealed.length - 1))
  await refuse('tag-zero', 'a tag of zeros', ({ sealed }) => {
    return sealed.map((byte, index) => (index < sealed.length - 16 ? byte : 0))
  })
  // The counter block of the tag is an AES block: GHASH and ciphertext are those of SM4-GCM.
  await refuse('tag-aes', 'a tag masked with an AES block under the same key', ({ streamKey, nonce, sealed }) => {
    const counter = Buffer.concat([nonce, Uint8Array.of(0, 0, 0, 1)])
    const [sm4, aes] = ['sm4-ecb', 'aes-128-ecb'].map(name => createCipheriv(name, streamKey, null).update(counter))
    const from = sealed.length - 16
    return sealed.map(
      (byte, index) => byte ^ (index < from ? 0 : (sm4?.[index - from] ?? 0) ^ (aes?.[index - from] ?? 0)),
    )
  })
  return vectors
}

/** Vectors of what stands inside the parts of a gm bid. */
export async function gmInnerVectors(): Promise<readonly BrokenVector[]> {
  const { vectors, from } = collect()
  const base = await baseNamed('gm-whole')
  const refuse = async (name: string, code: string, comment: string, changes: Changes | Promise<Changes>) =>
    from(base)(`gm-inner-${name}`, code, comment, forge(base, await changes))
  await refuse(
    'signer',
    'seal.inner',
    'bid.json signed by another bidder',
    editBid(base, { sign: bytes => gmSignatureOf(bytes, { by: gmPeople['gm-rival-sign'] }) }),
  )
  await refuse(
    'signature-of-intl-1',
    'seal.inner',
    'opening.json signed in suite intl-1 with the same bidder’s RSA certificate',
    editOpening(base, { sign: bytes => signatureOf(bytes) }),
  )
  await refuse(
    'signature-bit',
    'seal.inner',
    'a signature of bid.json that is over another text',
    editBid(base, { sign: () => gmSignatureOf(Buffer.from('{}')) }),
  )
  const openingDigest = toHex(intl1.digest(Buffer.from(innerText(base, 'opening'))))
  await refuse(
    'opening-digest-sha-256',
    'seal.inner',
    'bid.json names opening.json by its SHA-256',
    editBid(base, { fields: fields => ({ ...fields, openingDigest }) }),
  )
  await refuse(
    'document-digest-sha-256',
    'seal.document',
    'bid.json names the documents by their SHA-256',
    editBid(base, {
      fields: fields => ({ ...fields, documents: namedBySha256(base, fields['documents'] as readonly object[]) }),
    }),
  )
  return vectors
}

function withPart(header: Header, change: object): object {
  return { ...header, parts: header.parts.map(part => (part.name === 'body' ? { ...part, ...change } : part)) }
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))
}

/** SM4-CBC of whole blocks, padded by whoever calls. */
function unpadded(key: Uint8Array, iv: Uint8Array, blocks: readonly number[]): Uint8Array {
  const cipher = createCipheriv('sm4-cbc', key, iv).setAutoPadding(false)
  return Buffer.concat([cipher.update(Uint8Array.from(blocks)), cipher.final()])
}

/** Both blocks lie inside the last document, whose content is free. */
function twoKeys({ streamKey, nonce, plaintext }: ChunkSealer, secondKey: Uint8Array): Uint8Array {
  const block = (Buffer.from(plaintext).indexOf('xxxxxxxxxxxxxxxx') + 32) >> 4
  const message = Buffer.from('98,000,000.00 CN')
  const keys = { suite: gm1, firstKey: streamKey, secondKey, nonce }
  return twoKeyChunk({ ...keys, plaintext, messageBlock: block, message, freeBlock: block + 4 })
}

function namedBySha256(base: Base, documents: readonly object[]): readonly object[] {
  const entries = new Map(innerEntries(plaintextOf(base, 'body')))
  return documents.map((each, index) => {
    const bytes = entries.get(`documents/${String(index + 1).padStart(4, '0')}`) ?? new Uint8Array()
    return { ...each, digest: toHex(intl1.digest(bytes)) }
  })
}

function halfDigest(bytes: Uint8Array, half: 0 | 1): Uint8Array {
  const length = bytes.length / 2
  return sm3(bytes.subarray(half * length, (half + 1) * length))
}

function infoOf(label: string, context: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${label}\0body\0`, 'latin1'), context])
}
