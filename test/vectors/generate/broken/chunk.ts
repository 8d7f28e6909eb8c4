import { createCipheriv } from 'node:crypto'
import { deriveKeyCommitment } from '../../../../crypto/envelope/key-schedule.ts'
import { toHex } from '../../../../crypto/json/hex.ts'
import type { BrokenVector } from '../../library.ts'
import { baseNamed } from '../bids.ts'
import { type Changes, type ChunkSealer, derivationOf, forge } from '../forge.ts'
import { collect } from '../vector.ts'
import { bytesFor } from '../world.ts'
import { swapParts } from './keys.ts'

// Check 9: tags. The roots are always those of the bytes, the commitments those of the keys. streams.json has those of
// several chunks.

const code = 'seal.chunk'

/** Vectors of the chunks. */
export async function chunkVectors(): Promise<readonly BrokenVector[]> {
  const { vectors, from } = collect()
  const base = await baseNamed('bidder')
  const refuse = (name: string, comment: string, changes: Changes) =>
    from(base)(`chunk-${name}`, code, comment, forge(base, changes))
  const body = (change: (seal: ChunkSealer) => Uint8Array): Changes => ({
    chunk: (part, _index, seal) => (part === 'body' ? change(seal) : seal.sealed),
  })
  const flip = (at: number) =>
    body(({ sealed }) => {
      const copy = Uint8Array.from(sealed)
      const place = at < 0 ? copy.length + at : at
      copy[place] = (copy[place] ?? 0) ^ 1
      return copy
    })
  await refuse('ciphertext', 'a bit of the ciphertext', flip(1000))
  await refuse('tag', 'a bit of the tag', flip(-1))
  await refuse(
    'tag-zero',
    'a tag of zeros',
    body(({ sealed }) => Buffer.concat([sealed.subarray(0, -16), new Uint8Array(16)])),
  )
  await refuse(
    'not-last',
    'the nonce of a chunk that is not the last: more followed, or should have',
    body(seal => encrypted(seal, notLast(seal))),
  )
  await refuse(
    'additional-data',
    'additional data',
    body(seal => encrypted(seal, seal.nonce, seal.streamKey, Buffer.from('body'))),
  )
  const { suite, salt } = derivationOf(base.header, 'body')
  const partKey = base.partKeys.get('body') ?? new Uint8Array()
  const streamKey = (info: string, ...more: readonly Uint8Array[]) =>
    suite.hkdf(partKey, salt, Buffer.concat([Buffer.from(info), ...more]), 32)
  await refuse(
    'stream-key-without-context',
    'sealed under a stream key that is bound to nothing',
    body(seal => encrypted(seal, seal.nonce, streamKey('bidseal/1 stream\0body\0'))),
  )
  await refuse('in-opening', 'a bit of the opening data; the body is whole', {
    chunk: (part, _index, { sealed }) =>
      part === 'body' ? sealed : Buffer.concat([sealed.subarray(0, -16), bytesFor('opening tag', 16)]),
  })
  const swapped = swapParts(base)
  const crossed = { opening: 'body', body: 'opening' } as const
  await refuse(
    'parts-swapped',
    'opening data and body exchanged with their keys, the commitments made to fit: the stream keys name the part',
    {
      ...swapped,
      header: header => {
        const moved = swapped.header?.(header) as typeof header
        return {
          ...moved,
          parts: moved.parts.map(part => {
            const key = base.partKeys.get(crossed[part.name]) ?? new Uint8Array()
            return { ...part, keyCommitment: toHex(deriveKeyCommitment(derivationOf(moved, part.name), key)) }
          }),
        }
      },
    },
  )
  return vectors
}

function notLast({ nonce }: ChunkSealer): Uint8Array {
  return Uint8Array.from([...nonce.subarray(0, 11), 0])
}

function encrypted(
  seal: ChunkSealer,
  nonce: Uint8Array,
  key = seal.streamKey,
  additional = new Uint8Array(),
): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(additional)
  const bytes = Buffer.concat([cipher.update(seal.plaintext), cipher.final()])
  return Buffer.concat([bytes, cipher.getAuthTag()])
}
