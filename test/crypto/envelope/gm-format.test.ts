import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import {
  deriveKeyCommitment,
  deriveShareCommitment,
  deriveStreamKey,
  partContext,
  type PartDerivation,
} from '../../../crypto/envelope/key-schedule.ts'
import { chunkAt, chunkCount, chunkNonce, chunkSize } from '../../../crypto/envelope/part-layout.ts'
import { treeLeaf, treeRoot } from '../../../crypto/envelope/tree.ts'
import { fromHex, toHex } from '../../../crypto/json/hex.ts'
import { gm1 } from '../../../crypto/suites/gm-1.ts'

const file = (path: string) => readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8')
const text = file('../../../crypto/envelope/FORMAT.md')
const [intl, gm] = [...text.matchAll(/```json\n([^`]*)```/g)].map(([, json]) => JSON.parse(json ?? '') as Examples)

interface Examples {
  readonly context: unknown
  readonly derivation: Readonly<Record<string, string>>
  readonly streams: readonly {
    readonly plaintext: string
    readonly sealed?: string
    readonly sealedSize?: number
    readonly root: string
    readonly twinRoot?: string
  }[]
}

const values = intl?.context as Readonly<Record<string, string>>
const given = (name: string) => fromHex(intl?.derivation[name] ?? '')
const derivation: PartDerivation = {
  suite: gm1,
  part: 'body',
  salt: given('salt'),
  context: fromHex(String(gm?.context)),
}

describe('the byte examples of FORMAT.md for gm-1', () => {
  it('hold for the context', () => {
    const {
      sealId = '',
      tenderId = '',
      lotId = '',
      packageDigest = '',
      creditCode = '',
      certificateDigest = '',
    } = values
    const others = { platform: '', projectCode: '', deadline: '', openingTime: '' }
    const header = {
      suite: 'gm-1',
      sealId,
      keyPolicy: 'split',
      tender: { ...others, tenderId, lotId, packageDigest },
      bidder: { name: '', creditCode },
      signer: { certificateDigest },
    } as const
    expect(toHex(partContext(header, gm1))).toBe(gm?.context)
  })

  it('hold for the keys and commitments', () => {
    expect(gm?.derivation).toEqual({
      streamKey: toHex(deriveStreamKey(derivation, given('partKey'))),
      keyCommitment: toHex(deriveKeyCommitment(derivation, given('partKey'))),
      shareCommitmentA: toHex(deriveShareCommitment(derivation, given('shareA'), 'a')),
      shareCommitmentB: toHex(deriveShareCommitment(derivation, given('shareB'), 'b')),
    })
  })

  it('hold for the streams, roots and plain twin roots', () => {
    const plaintexts: Readonly<Record<string, Uint8Array>> = {
      empty: new Uint8Array(),
      abc: Buffer.from('abc'),
      '1048577 zero bytes': new Uint8Array(1_048_577),
    }
    expect(gm?.streams.map(each => each.plaintext)).toEqual(Object.keys(plaintexts))
    for (const example of gm?.streams ?? []) {
      const bytes = plaintexts[example.plaintext] ?? new Uint8Array()
      const pieces = Array.from({ length: chunkCount(bytes.length) }, (_, index) =>
        bytes.subarray(index * chunkSize, (index + 1) * chunkSize),
      )
      const streamKey = deriveStreamKey(derivation, given('partKey'))
      const chunks = pieces.map((piece, index) =>
        gm1.sealChunk(streamKey, chunkNonce(index, chunkAt(index, bytes.length).last), piece),
      )
      const sealed = Buffer.concat(chunks)
      const rootOver = (kind: 'sealed' | 'plain', list: readonly Uint8Array[]) =>
        toHex(
          treeRoot(
            gm1,
            kind,
            list.map(each => treeLeaf(gm1, kind, each)),
          ),
        )
      expect(rootOver('sealed', chunks)).toBe(example.root)
      if (example.sealed !== undefined) expect(sealed.toString('hex')).toBe(example.sealed)
      if (example.sealedSize !== undefined) expect(sealed).toHaveLength(example.sealedSize)
      if (example.twinRoot !== undefined) expect(rootOver('plain', pieces)).toBe(example.twinRoot)
    }
  })
})

describe('the reader of FORMAT.md for gm-1', () => {
  // The vectors run it: it needs a Node that knows SM3 and SM4.
  it('is the program that opens the sealed bids of the vectors', () => {
    expect(text).toContain(file('../../vectors/stranger-reader-gm.mjs').trim())
  })
})
