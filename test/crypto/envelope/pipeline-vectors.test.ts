import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { nowhere, openBid } from '../../../crypto/envelope/open-bid.ts'
import { type HeldKeys, joinShares, unwrapPartKeys } from '../../../crypto/envelope/part-keys.ts'
import { readSealedBid } from '../../../crypto/envelope/read.ts'
import type { VerifiedBid } from '../../../crypto/envelope/verify.ts'
import { CryptoFailure } from '../../../crypto/errors.ts'
import { nodeFiles } from '../../../crypto/io/node-files.ts'
import { testPipeline } from '../../fixtures/pipeline.ts'
import {
  type BidVector,
  type BrokenFile,
  brokenGroups,
  type BrokenVector,
  hasVector,
  vectorBytes,
  vectorJson,
  vectorOpener,
} from '../../vectors/library.ts'
import { assemble } from '../../vectors/pieces.ts'
import { tenderOf } from '../../vectors/run-bid.ts'

const bases = new Map(vectorJson<{ readonly bids: readonly BidVector[] }>('bids.json').bids.map(bid => [bid.name, bid]))
const folder = mkdtempSync(join(tmpdir(), 'bidseal-vectors-'))
const pipeline = testPipeline()
afterAll(async () => {
  await pipeline.close()
  rmSync(folder, { recursive: true, force: true })
})

async function keysOf(verified: VerifiedBid, names: readonly string[]) {
  const held: HeldKeys[] = []
  for (const name of names) held.push(await unwrapPartKeys(verified, vectorOpener(name)))
  const [one, other] = held
  if (one === undefined) return expect.fail('nobody to open with')
  return (other === undefined ? one : joinShares(verified, one, other)).keys
}

/** What a reader with threads says of a vector: a code, or null. */
async function readWithThreads(vector: BrokenVector, at: string): Promise<string | null> {
  const base = bases.get(vector.base)
  if (base === undefined) return expect.fail(`no bid ${vector.base}`)
  const path = join(folder, 'vector.sbid')
  writeFileSync(path, assemble(vectorBytes(`bids/${vector.base}.sbid`), vector.file))
  const tender = tenderOf(vector.tender ?? base.tender)
  const source = await nodeFiles.open(path)
  try {
    const options = { anchors: tender.anchors, tender, at: new Date(vector.at ?? at), pipeline }
    const bid = await readSealedBid(source)
    await openBid(bid, options, verified => keysOf(verified, vector.open ?? base.open), nowhere)
    return null
  } catch (error) {
    if (error instanceof CryptoFailure) return error.code
    throw error
  } finally {
    await source.close()
  }
}

const groups = brokenGroups.filter(group => hasVector(`broken/${group}.json`))

describe('a reader with threads', () => {
  it.each(groups)('refuses every vector of %s with its code', async group => {
    const { at, vectors } = vectorJson<BrokenFile>(`broken/${group}.json`)
    for (const vector of vectors) {
      expect({ name: vector.name, code: await readWithThreads(vector, at) }).toEqual({
        name: vector.name,
        code: vector.code,
      })
    }
  })
})
