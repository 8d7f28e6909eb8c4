import { expect, it } from 'vitest'
import { brokenFile } from './generate/broken/index.ts'
import { openingFile } from './generate/opening.ts'
import { streamFile } from './generate/streams.ts'
import { tenderNamed, tenderNames } from './generate/tenders.ts'
import { people } from './generate/world.ts'
import { brokenGroups, vectorBytes, vectorCertificate, vectorJson } from './library.ts'

// The vectors are what their generator makes of the keys and bids that are kept.

it.each(brokenGroups)('the generator makes the vectors of %s that are there', async group => {
  expect(await brokenFile(group)).toEqual(vectorJson(`broken/${group}.json`))
})

it('the generator makes the part streams that are there', () => {
  expect(streamFile()).toEqual(vectorJson('streams.json'))
})

it('the generator makes the challenges and releases that are there', async () => {
  expect(await openingFile()).toEqual(vectorJson('opening.json'))
})

it('the generator makes the certificates and tenders that are there', async () => {
  for (const [name, { certificate }] of Object.entries(people)) {
    expect(Buffer.from(vectorCertificate(name)).equals(certificate), name).toBe(true)
  }
  for (const name of tenderNames) {
    const { document } = await tenderNamed(name)
    expect(Buffer.from(vectorBytes(`tenders/${name}.json`)).equals(document.bytes), name).toBe(true)
    expect(Buffer.from(vectorBytes(`tenders/${name}.p7s`)).equals(document.signature), name).toBe(true)
  }
})
