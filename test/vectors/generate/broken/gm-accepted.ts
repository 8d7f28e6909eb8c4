import { oids } from '../../../../crypto/der/oids.ts'
import { derNull, oid, sequence } from '../../../../crypto/der/writer.ts'
import { at, derTree, edited } from '../../../fixtures/der-edit.ts'
import type { BrokenVector } from '../../library.ts'
import { baseNamed } from '../bids.ts'
import { entryNamed, forge } from '../forge.ts'
import { encryptedFor, gmEnvelopeTo, recipient } from '../gm/envelopes.ts'
import { gmSignatureOf, info } from '../gm/signatures.ts'
import { gmTimestampOf, sha256Imprint } from '../gm/timestamps.ts'
import { gmPeople } from '../gm/world.ts'
import { setContent } from '../signatures.ts'
import { collect } from '../vector.ts'
import { bytesFor } from '../world.ts'
import { shortCoordinate } from './gm-envelope.ts'

// What the format allows in suite gm-1 and our writer does not write.

/** Gm bids that open. */
export async function gmAcceptedVectors(): Promise<readonly BrokenVector[]> {
  const { vectors, from } = collect()
  const base = await baseNamed('gm-whole')
  const headerBytes = entryNamed(base.entries, 'META-INF/seal.json')
  const signed = (name: string, comment: string, signature: Uint8Array) =>
    from(base)(`gm-accepted-${name}`, null, comment, forge(base, { entries: { 'META-INF/seal.p7s': signature } }))
  await signed(
    'sm2-with-sm3',
    'signature algorithm 1.2.156.10197.1.501',
    gmSignatureOf(headerBytes, { signatureAlgorithm: sequence(oid(oids.sm2WithSm3)) }),
  )
  await signed(
    'digest-null',
    'SM3 with NULL',
    gmSignatureOf(headerBytes, { digestAlgorithm: sequence(oid(oids.sm3), derNull) }),
  )
  await signed(
    'digest-null-outside',
    'SM3 with NULL in the SignerInfo alone',
    edited(gmSignatureOf(headerBytes), info, node => {
      node.children[2] = derTree(sequence(oid(oids.sm3), derNull))
    }),
  )
  const sound = entryNamed(base.entries, 'META-INF/seal.p7s')
  const stamped = (name: string, comment: string, stamp: Uint8Array) =>
    from(base)(`gm-accepted-${name}`, null, comment, forge(base, { entries: { 'META-INF/seal.tsr': stamp } }))
  await stamped('timestamp-sm3', 'a time stamp with an imprint of SM3, signed with SM2', gmTimestampOf(sound))
  await stamped(
    'timestamp-sha-256',
    'a time stamp with an imprint of SHA-256, signed with SM2',
    gmTimestampOf(sound, { imprint: sha256Imprint }),
  )
  const main = gmPeople['gm-bidder-decrypt']
  const key = base.partKeys.get('body') ?? new Uint8Array()
  const id = base.header.recipients.find(each => each.role === 'main')?.id ?? ''
  const enveloped = (name: string, comment: string, envelope: Uint8Array) =>
    from(base)(`gm-accepted-${name}`, null, comment, forge(base, { envelopes: { [`keys/body.${id}.p7m`]: envelope } }))
  await enveloped(
    'key-exchange-number',
    'key encryption 1.2.156.10197.1.301.2',
    edited(gmEnvelopeTo('301.2', main, key), recipient, node => {
      node.children[2] = derTree(sequence(oid(oids.sm2KeyExchange)))
    }),
  )
  const carrying = (transport: Uint8Array, contentKey: string) =>
    edited(gmEnvelopeTo(contentKey, main, key), [...recipient, 3], setContent(transport))
  await enveloped('x-31', 'an ephemeral x of 31 bytes', carrying(shortCoordinate, 'short'))
  await enveloped('x-33', 'an ephemeral x of 33 bytes: its first bit is set', carrying(longCoordinate(), 'long'))
  return vectors
}

/** The first SM2Cipher of a series whose x needs a sign byte. */
function longCoordinate(): Uint8Array {
  for (let turn = 0; ; turn += 1) {
    const made = encryptedFor(`long ${turn}`, gmPeople['gm-bidder-decrypt'], bytesFor('SM4 key long', 16))
    if (at(derTree(made), [0]).content.length === 33) return made
  }
}
