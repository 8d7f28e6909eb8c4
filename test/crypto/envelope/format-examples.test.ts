import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { entryHeader } from '../../../crypto/envelope/archive.ts'
import { mimetype } from '../../../crypto/envelope/container.ts'
import { shortCode } from '../../../crypto/envelope/header.ts'
import {
  deriveKeyCommitment,
  deriveShareCommitment,
  deriveStreamKey,
  partContext,
  type PartDerivation,
  xorKeys,
} from '../../../crypto/envelope/key-schedule.ts'
import { listDigest } from '../../../crypto/envelope/list-digest.ts'
import { padLength } from '../../../crypto/envelope/pad.ts'
import { chunkNonce } from '../../../crypto/envelope/part-layout.ts'
import { sealPart } from '../../../crypto/envelope/seal-part.ts'
import { nodeFiles } from '../../../crypto/io/node-files.ts'
import { startMeter } from '../../../crypto/io/progress.ts'
import { readSegments } from '../../../crypto/io/segments.ts'
import { fromHex, toHex } from '../../../crypto/json/hex.ts'
import { intl1 } from '../../../crypto/suites/intl-1.ts'

interface Examples {
  readonly context: Readonly<
    Record<'sealId' | 'tenderId' | 'lotId' | 'packageDigest' | 'creditCode' | 'certificateDigest' | 'context', string>
  >
  readonly derivation: Readonly<Record<string, string>>
  readonly streams: readonly {
    plaintext: string
    sealed?: string
    sealedSize?: number
    root: string
    twinRoot?: string
  }[]
  readonly nonces: readonly { chunk: number; last: boolean; nonce: string }[]
  readonly shortCode: { sealDigest: string; shortCode: string }
  readonly list: { sealDigests: readonly string[]; list: string }
  readonly pad: readonly { before: number; pad: number }[]
}

const text = readFileSync(fileURLToPath(new URL('../../../crypto/envelope/FORMAT.md', import.meta.url)), 'utf8')
const examples = JSON.parse(/```json\n([^`]*)```/.exec(text)?.[1] ?? '') as Examples
const { derivation: keys } = examples
const hexOf = (name: string) => fromHex(keys[name] ?? '')
const derivation: PartDerivation = {
  suite: intl1,
  part: 'body',
  salt: hexOf('salt'),
  context: fromHex(examples.context.context),
}

describe('the byte examples of FORMAT.md', () => {
  it('hold for the context', () => {
    const { sealId, tenderId, lotId, packageDigest, creditCode, certificateDigest, context } = examples.context
    const times = { deadline: '', openingTime: '' }
    const header = {
      suite: 'intl-1',
      sealId,
      keyPolicy: 'split',
      tender: { platform: 'not in the context', tenderId, lotId, projectCode: '', packageDigest, ...times },
      bidder: { name: '', creditCode },
      signer: { certificateDigest },
    } as const
    expect(toHex(partContext(header, intl1))).toBe(context)
  })

  it('hold for the keys and commitments', () => {
    expect(toHex(deriveStreamKey(derivation, hexOf('partKey')))).toBe(keys['streamKey'])
    expect(toHex(deriveKeyCommitment(derivation, hexOf('partKey')))).toBe(keys['keyCommitment'])
    expect(toHex(deriveShareCommitment(derivation, hexOf('shareA'), 'a'))).toBe(keys['shareCommitmentA'])
    expect(toHex(deriveShareCommitment(derivation, hexOf('shareB'), 'b'))).toBe(keys['shareCommitmentB'])
    expect(toHex(xorKeys(hexOf('shareA'), hexOf('shareB')))).toBe(keys['partKey'])
  })

  it('hold for the streams, roots and plain twin roots', async () => {
    const plaintexts: Record<string, Uint8Array> = {
      empty: new Uint8Array(),
      abc: Buffer.from('abc'),
      '1048577 zero bytes': new Uint8Array(1_048_577),
    }
    expect(examples.streams.map(each => each.plaintext)).toEqual(Object.keys(plaintexts))
    for (const example of examples.streams) {
      const bytes = plaintexts[example.plaintext] ?? new Uint8Array()
      const written: Uint8Array[] = []
      const { root, plainRoot } = await sealPart({
        derivation,
        partKey: hexOf('partKey'),
        size: bytes.length,
        plaintext: readSegments([{ kind: 'bytes', bytes }], nodeFiles),
        write: (_offset, sealed) => Promise.resolve(void written.push(sealed.slice())),
        meter: startMeter({}, 'seal', bytes.length),
        plainTwin: true,
      })
      const sealed = Buffer.concat(written)
      expect(toHex(root)).toBe(example.root)
      if (example.sealed !== undefined) expect(toHex(sealed)).toBe(example.sealed)
      if (example.sealedSize !== undefined) expect(sealed.length).toBe(example.sealedSize)
      if (example.twinRoot !== undefined) expect(toHex(plainRoot ?? sealed)).toBe(example.twinRoot)
    }
  })

  it('hold for nonces, short code, list and pad', () => {
    for (const { chunk, last, nonce } of examples.nonces) expect(toHex(chunkNonce(chunk, last))).toBe(nonce)
    expect(shortCode(fromHex(examples.shortCode.sealDigest))).toBe(examples.shortCode.shortCode)
    expect(listDigest(examples.list.sealDigests)).toBe(examples.list.list)
    for (const { before, pad } of examples.pad) expect(padLength(before)).toBe(pad)
  })

  it('hold for the header block', () => {
    const block = new Uint8Array(512)
    const rows = [...text.matchAll(/^ {4}(\d{3}) {2}([0-9a-f ]+?)(?: {2,}.*)?$/gm)]
    expect(rows.length).toBe(8)
    for (const [, offset, bytes] of rows) block.set(fromHex((bytes ?? '').replaceAll(' ', '')), Number(offset))
    expect(toHex(block)).toBe(toHex(entryHeader('mimetype', mimetype.length)))
  })
})
