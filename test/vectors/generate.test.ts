import { expect, it } from 'vitest'
import { brokenFile } from './generate/broken/index.ts'
import { gmOpeningFile } from './generate/gm/opening.ts'
import { openingFile } from './generate/opening.ts'
import type { SuiteId } from '../../crypto/suite.ts'
import { skfFile } from './generate/skf.ts'
import { streamFile } from './generate/streams.ts'
import { tenderNamed, tenderNames } from './generate/tenders.ts'
import { everybody } from './generate/everybody.ts'
import { brokenGroups, vectorBytes, vectorCertificate, vectorJson } from './library.ts'
import { streamFiles } from './stream-file.ts'

// The vectors are what their generator makes of the keys and bids that are kept.

it.each(brokenGroups)('the generator makes the vectors of %s that are there', async group => {
  expect(await brokenFile(group)).toEqual(vectorJson(`broken/${group}.json`))
})

it.each(Object.entries(streamFiles))('the generator makes the part streams of %s that are there', (suite, file) => {
  expect(streamFile(suite as SuiteId)).toEqual(vectorJson(file))
})

it('the generator makes the results of locks that are there', () => {
  expect(skfFile()).toEqual(vectorJson('skf.json'))
})

it('the generator makes the challenges and releases that are there', async () => {
  expect(await openingFile()).toEqual(vectorJson('opening.json'))
  expect(await gmOpeningFile()).toEqual(vectorJson('opening-gm-1.json'))
})

it('the generator makes the certificates and tenders that are there', async () => {
  for (const [name, { certificate }] of Object.entries(everybody)) {
    expect(Buffer.from(vectorCertificate(name)).equals(certificate), name).toBe(true)
  }
  for (const name of tenderNames) {
    const { document } = await tenderNamed(name)
    expect(Buffer.from(vectorBytes(`tenders/${name}.json`)).equals(document.bytes), name).toBe(true)
    expect(Buffer.from(vectorBytes(`tenders/${name}.p7s`)).equals(document.signature), name).toBe(true)
  }
})
