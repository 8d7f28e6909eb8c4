import { describe, expect, it } from 'vitest'
import { type BidVector, type BrokenFile, brokenGroups, type BrokenVector, vectorBytes, vectorJson } from './library.ts'
import { assemble } from './pieces.ts'
import { readHeaderArchive, readVector, tenderOf } from './run-bid.ts'

const bases = new Map(vectorJson<{ readonly bids: readonly BidVector[] }>('bids.json').bids.map(bid => [bid.name, bid]))
const files = new Map([...bases.keys()].map(name => [name, vectorBytes(`bids/${name}.sbid`)]))

/** Codes of checks 1 to 7: found without a key. */
const withoutKey = [
  'seal.container',
  'seal.header',
  'seal.signature',
  'seal.tender',
  'seal.entries',
  'seal.envelope',
  'seal.root',
]
/** Codes of the checks a platform makes on the header archive, once the container has held. */
const onHeader = ['seal.signature', 'seal.tender', 'seal.envelope']

function requestOf(vector: BrokenVector, at: string) {
  const base = bases.get(vector.base)
  const file = files.get(vector.base)
  if (base === undefined || file === undefined) return expect.fail(`no bid ${vector.base}`)
  return {
    file: assemble(file, vector.file),
    tender: tenderOf(vector.tender ?? base.tender),
    at: new Date(vector.at ?? at),
    open: vector.open ?? base.open,
  }
}

describe.each(brokenGroups)('the vectors of %s', group => {
  const { at, vectors } = vectorJson<BrokenFile>(`broken/${group}.json`)
  it.each(vectors)('$name: $comment', async vector => {
    const request = requestOf(vector, at)
    const { code, verified } = await readVector(request)
    expect(code).toBe(vector.code)
    expect(verified).toBe(code === null || !withoutKey.includes(code))
    if (code === null || !withoutKey.includes(code)) expect(await readHeaderArchive(request)).toBeNull()
    else if (onHeader.includes(code)) expect(await readHeaderArchive(request)).toBe(code)
  })
})
