import { createHash } from 'node:crypto'
import type { BrokenVector } from '../../library.ts'
import { baseNamed } from '../bids.ts'
import { entryNamed, forge } from '../forge.ts'
import { collect } from '../vector.ts'

// Check 7: the tree digest of every part, from the stored bytes.

const code = 'seal.root'

/** Vectors of the roots. */
export async function rootVectors(): Promise<readonly BrokenVector[]> {
  const { vectors, from } = collect()
  const base = await baseNamed('bidder')
  const add = from(base)
  const [opening, body] = ['parts/opening.enc', 'parts/body.enc'].map(name => entryNamed(base.entries, name))
  if (opening === undefined || body === undefined) throw new Error('two parts are needed')
  const flipped = (bytes: Uint8Array, at: number) => {
    const copy = Uint8Array.from(bytes)
    copy[at] = (copy[at] ?? 0) ^ 1
    return copy
  }
  const sha256 = (...pieces: readonly Uint8Array[]) => createHash('sha256').update(Buffer.concat(pieces)).digest()
  await add(
    'root-first-byte',
    code,
    'a bit of the first sealed byte of the opening data',
    forge(base, { entries: { 'parts/opening.enc': flipped(opening, 0) } }),
  )
  await add(
    'root-last-byte',
    code,
    'a bit of the last byte of the tag of the body',
    forge(base, { entries: { 'parts/body.enc': flipped(body, body.length - 1) } }),
  )
  await add(
    'root-parts-exchanged',
    code,
    'the bytes of two parts of one size exchanged',
    forge(base, { entries: { 'parts/opening.enc': body, 'parts/body.enc': opening } }),
  )
  const withRoot = (name: string, comment: string, root: Uint8Array) =>
    add(
      `root-${name}`,
      code,
      comment,
      forge(base, {
        header: header => ({
          ...header,
          parts: header.parts.map(part => (part.name === 'body' ? { ...part, root: root.toString() } : part)),
        }),
      }),
    )
  const hex = (bytes: Uint8Array) => Buffer.from(Buffer.from(bytes).toString('hex'))
  await withRoot(
    'leaf-prefix',
    'a tree with the leaf prefix of a plain twin',
    hex(sha256(Uint8Array.of(1), sha256(Uint8Array.of(2), body))),
  )
  await withRoot(
    'root-prefix',
    'a tree with the root prefix of a plain twin',
    hex(sha256(Uint8Array.of(3), sha256(Uint8Array.of(0), body))),
  )
  await withRoot('no-prefixes', 'a tree without prefixes', hex(sha256(sha256(body))))
  await withRoot('plain-digest', 'the digest of the part instead of its root', hex(sha256(body)))
  await withRoot(
    'without-tag',
    'a tree over the ciphertext without its tag',
    hex(sha256(Uint8Array.of(1), sha256(Uint8Array.of(0), body.subarray(0, -16)))),
  )
  return vectors
}
