// Makes the vector folder anew: `npx vite-node test/vectors/generate/main.ts`. Keys and sealed bids that are there are
// kept; everything else follows from them, byte for byte.
import { mkdirSync, writeFileSync } from 'node:fs'
import { toPem } from '../../../crypto/cert/pem.ts'
import { sealDigest, shortCode } from '../../../crypto/envelope/header.ts'
import { toHex } from '../../../crypto/json/hex.ts'
import { type BidVector, brokenGroups, vectorPath } from '../library.ts'
import { baseNamed, bidNames, type BidName, bidRecipes, recoveryCode } from './bids.ts'
import { brokenFile } from './broken/index.ts'
import { entryNamed, innerEntries } from './forge.ts'
import { innerText } from './inner.ts'
import { gmOpeningFile } from './gm/opening.ts'
import { jsonText } from './json-text.ts'
import { openingFile } from './opening.ts'
import type { SuiteId } from '../../../crypto/suite.ts'
import { streamFiles } from '../stream-file.ts'
import { skfFile } from './skf.ts'
import { streamFile } from './streams.ts'
import { tenderNamed, tenderNames } from './tenders.ts'
import { everybody } from './everybody.ts'
import { foreignRoot, intermediate, root } from './world.ts'

async function main(): Promise<void> {
  for (const folder of ['certificates', 'tenders', 'bids', 'broken'])
    mkdirSync(vectorPath(`${folder}/`), { recursive: true })
  const certificates = { root, intermediate, 'foreign-root': foreignRoot }
  for (const [name, der] of Object.entries(certificates)) write(`certificates/${name}.pem`, toPem(der, 'CERTIFICATE'))
  for (const [name, { certificate }] of Object.entries(everybody))
    write(`certificates/${name}.pem`, toPem(certificate, 'CERTIFICATE'))
  for (const name of tenderNames) {
    const { document } = await tenderNamed(name)
    write(`tenders/${name}.json`, document.bytes)
    write(`tenders/${name}.p7s`, document.signature)
  }
  write('bids.json', jsonText({ bids: await Promise.all(bidNames.map(describe)) }))
  for (const [suite, file] of Object.entries(streamFiles)) write(file, jsonText(streamFile(suite as SuiteId)))
  write('skf.json', jsonText(skfFile()))
  write('opening.json', jsonText(await openingFile()))
  write('opening-gm-1.json', jsonText(await gmOpeningFile()))
  for (const group of brokenGroups) {
    const file = await brokenFile(group)
    write(`broken/${group}.json`, jsonText(file))
    console.log(`${group}: ${file.vectors.length}`)
  }
}

async function describe(name: BidName): Promise<BidVector> {
  const base = await baseNamed(name)
  const recipe: Partial<Record<'alsoOpen', readonly string[]>> & (typeof bidRecipes)[BidName] = bidRecipes[name]
  const digest = sealDigest(entryNamed(base.entries, 'META-INF/seal.json'), base.suite)
  const listed = (JSON.parse(innerText(base, 'bid')) as { readonly documents: BidVector['documents'] }).documents
  const whole = base.header.parts.length === 1
  const opening = innerEntries(base.plaintexts.get(whole ? 'body' : 'opening') ?? new Uint8Array())
  const digestOf = (bytes: Uint8Array) => toHex(base.suite.digest(bytes))
  return {
    name,
    suite: base.suite.id,
    comment: recipe.comment,
    tender: recipe.tender,
    sealDigest: toHex(digest),
    shortCode: shortCode(digest),
    open: recipe.open,
    alsoOpen: recipe.alsoOpen ?? [],
    ...('recovery' in recipe ? { recoveryCode } : {}),
    parts: base.header.parts.map(part => ({
      name: part.name,
      partKey: toHex(base.partKeys.get(part.name) ?? new Uint8Array()),
      plaintextDigest: digestOf(base.plaintexts.get(part.name) ?? new Uint8Array()),
    })),
    openingDigest: digestOf(entryNamed(opening, 'opening.json')),
    documents: listed.map(({ name: file, size, digest: documentDigest }) => ({
      name: file,
      size,
      digest: documentDigest,
    })),
  }
}

function write(path: string, content: Uint8Array | string): void {
  writeFileSync(vectorPath(path), content)
}

await main()
