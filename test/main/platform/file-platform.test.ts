import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bytesSource, decodeDocument, readSealedBid } from '../../../crypto/index.ts'
import type { PartName, Release, SignedDocument } from '../../../crypto/index.ts'
import { openPlatform } from '../../../main/platform/index.ts'
import { attendOpening, submitBid, withdrawBid } from '../../../main/services/index.ts'
import { type BidderHome, bidderHome, yes } from '../../fixtures/bidder-home.ts'
import {
  awaitRecord,
  type Bench,
  codeOf,
  type PublishedTender,
  receiptIn,
  startBenchWithBid,
  type TestBid,
  untilOpening,
  uploadParts,
} from '../../fixtures/practice-platform.ts'

let bench: Bench
let published: PublishedTender
let bid: TestBid
let own: BidderHome
let folder: string

const inbox = (name: string): string => join(folder, 'in', name)
const outbox = (name: string): string => join(folder, 'out', bid.bid.header.sealId, name)

beforeEach(async () => {
  ;({ bench, published, bid } = await startBenchWithBid())
  folder = join(bench.folder, '交换 文件夹')
  mkdirSync(join(folder, 'in'), { recursive: true })
  const home = bidderHome(bench, 'home')
  const ports = { ...home.ports, platformAt: (url: string) => openPlatform(url, bench.http) }
  own = { ...home, ports, request: { ...home.request, platformUrl: pathToFileURL(folder).href } }
  await newNonce()
  writeFileSync(inbox('招标文件.tender'), await bench.platform.tenderPackage(published.tender.packageDigest))
})

afterEach(async () => {
  await bench.close()
})

// The person at the platform's page: what lies in `out` is handed in over HTTP, what comes back is put into `in`.
const newNonce = async (): Promise<void> => writeFileSync(inbox('nonce.txt'), `${await bench.platform.nonce()}\n`)
const put = (name: string, { bytes, signature }: SignedDocument): void => {
  writeFileSync(inbox(`${name}.json`), bytes)
  writeFileSync(inbox(`${name}.p7s`), signature)
}
const taken = (name: string): SignedDocument => ({
  bytes: new Uint8Array(readFileSync(outbox(`${name}.json`))),
  signature: new Uint8Array(readFileSync(outbox(`${name}.p7s`))),
})
const handIn = async (): Promise<void> => {
  const file = await readSealedBid(bytesSource(readFileSync(outbox(`${bid.bid.header.sealId}.sbid`))))
  expect(file.sealDigest).toBe(bid.bid.sealDigest)
  const headerArchive = new Uint8Array(readFileSync(outbox('bid.header')))
  const submission = await bench.platform.beginSubmission({ headerArchive, authorisation: taken('submit') })
  await uploadParts(bench, { ...bid, bid: file }, submission)
  put('回执', await bench.platform.completeSubmission(submission.submissionId))
}
const submit = () => submitBid(own.ports, own.locks, { ...own.request, file: bid.path }, {})
const open = (follow = true) =>
  attendOpening(
    own.ports,
    own.locks,
    { ...own.request, bid: bid.bid.header.sealId, follow, confirm: false, questions: yes },
    {},
  )

test('a bid goes out as files, and counts as delivered when the platform’s receipt has been put in', async () => {
  expect(await codeOf(submit())).toBe('platform.awaiting')
  expect(readdirSync(join(folder, 'out', bid.bid.header.sealId)).sort()).toEqual(
    [`${bid.bid.header.sealId}.sbid`, 'bid.header', 'submit.json', 'submit.p7s'].sort(),
  )
  expect(readFileSync(outbox(`${bid.bid.header.sealId}.sbid`)).equals(readFileSync(bid.path))).toBe(true)
  expect((await own.ports.deliveries.get(bid.bid.header.sealId))?.state).toBe('submitting')
  await handIn()
  expect((await submit()).receipt).toMatchObject({ kind: 'received', sealDigest: bid.bid.sealDigest })
  expect((await own.ports.deliveries.get(bid.bid.header.sealId))?.state).toBe('received')
})

test('a receipt of another bid, and one that was changed, do not count', async () => {
  expect(await codeOf(submit())).toBe('platform.awaiting')
  await handIn()
  const receipt = readFileSync(inbox('回执.json'), 'utf8')
  writeFileSync(inbox('回执.json'), receipt.replace(bid.bid.sealDigest, '0'.repeat(64)))
  expect(await codeOf(submit())).toBe('platform.awaiting')
  writeFileSync(inbox('回执.json'), receipt.replace('"received"', '"received" '))
  expect(await codeOf(submit())).not.toBe('none')
  expect((await own.ports.deliveries.get(bid.bid.header.sealId))?.state).toBe('submitting')
})

test('the opening goes through files too: challenge in, release out, receipt and record in', async () => {
  await codeOf(submit())
  await handIn()
  await submit()
  await bench.advance(untilOpening)
  const { openingId } = published
  expect(await codeOf(open())).toBe('opening.early')
  put('解密通知', await bench.platform.challenge(openingId, bid.bid.sealDigest))
  await newNonce()
  expect(await codeOf(open())).toBe('platform.awaiting')
  await bench.platform.signIn(openingId, taken('sign-in'))
  const document = taken('release')
  const names = decodeDocument('release', document.bytes).parts.map(({ name }) => name)
  const envelopes = new Map<PartName, Uint8Array>(
    names.map(name => [name, new Uint8Array(readFileSync(outbox(`release.${name}.p7m`)))]),
  )
  const release: Release = { ...document, envelopes }
  put('解密回执', receiptIn(await bench.platform.release(openingId, release)))
  put('开标记录', await awaitRecord(bench, openingId))
  expect((await open()).record?.own).toMatchObject({ state: 'opened', sealDigest: bid.bid.sealDigest })
})

test('a bid is withdrawn by files', async () => {
  await codeOf(submit())
  await handIn()
  await submit()
  await newNonce()
  const withdraw = () => withdrawBid(own.ports, own.locks, { ...own.request, sealId: bid.bid.header.sealId }, {})
  expect(await codeOf(withdraw())).toBe('platform.awaiting')
  put('撤回回执', await bench.platform.withdraw(taken('withdraw')))
  expect((await withdraw()).receipt.kind).toBe('withdrawn')
})

test('an export that was interrupted goes on behind what is there, and a folder of rubbish is no answer', async () => {
  writeFileSync(inbox('x.json'), '{"type":"bidseal/1 receipt"')
  writeFileSync(inbox('x.p7s'), 'rubbish')
  writeFileSync(inbox('y.json'), new Uint8Array(100))
  expect(await codeOf(submit())).toBe('platform.awaiting')
  rmSync(outbox(`${bid.bid.header.sealId}.sbid`))
  for (const { name } of bid.bid.header.parts) {
    const source = bid.bid.partSource(name)
    const half = new Uint8Array(Math.floor(source.size / 2))
    await source.read(0, half)
    writeFileSync(outbox(`${name}.enc.part`), half)
  }
  expect(await codeOf(submit())).toBe('platform.awaiting')
  expect(readFileSync(outbox(`${bid.bid.header.sealId}.sbid`)).equals(readFileSync(bid.path))).toBe(true)
})

test('parts that are not those that were sealed are never put together, and are taken again', async () => {
  expect(await codeOf(submit())).toBe('platform.awaiting')
  rmSync(outbox(`${bid.bid.header.sealId}.sbid`))
  const [part] = bid.bid.header.parts
  if (part === undefined) throw new Error('a bid has parts')
  writeFileSync(outbox(`${part.name}.enc.part`), new Uint8Array(part.sealedSize))
  const platform = openPlatform(pathToFileURL(folder).href, bench.http)
  const submission = await platform.beginSubmission({
    headerArchive: new Uint8Array(readFileSync(outbox('bid.header'))),
    authorisation: taken('submit'),
  })
  const send = async (): Promise<void> => {
    for (const each of submission.parts) await platform.sendPart(each, bid.bid.partSource(each.name), {})
  }
  await send()
  expect(await codeOf(platform.completeSubmission(submission.submissionId))).toBe('seal.root')
  expect(readdirSync(join(folder, 'out', bid.bid.header.sealId)).sort()).toEqual([
    'bid.header',
    'submit.json',
    'submit.p7s',
  ])
  await send()
  expect(await codeOf(platform.completeSubmission(submission.submissionId))).toBe('platform.awaiting')
  expect(readFileSync(outbox(`${bid.bid.header.sealId}.sbid`)).equals(readFileSync(bid.path))).toBe(true)
})

test('a file that was cut short is no export', async () => {
  expect(await codeOf(submit())).toBe('platform.awaiting')
  truncateSync(outbox(`${bid.bid.header.sealId}.sbid`), 1000)
  expect(await codeOf(submit())).toBe('platform.awaiting')
  expect(readFileSync(outbox(`${bid.bid.header.sealId}.sbid`)).equals(readFileSync(bid.path))).toBe(true)
})

test('what somebody may be copying stays as it is, until the platform gives another nonce', async () => {
  expect(await codeOf(submit())).toBe('platform.awaiting')
  const first = taken('submit')
  expect(await codeOf(submit())).toBe('platform.awaiting')
  expect(taken('submit')).toEqual(first)
  rmSync(inbox('nonce.txt'))
  expect(await codeOf(submit())).toBe('platform.awaiting')
  expect(taken('submit')).toEqual(first)
  await newNonce()
  expect(await codeOf(submit())).toBe('platform.awaiting')
  expect(taken('submit')).not.toEqual(first)
  rmSync(outbox('submit.p7s'))
  expect(await codeOf(submit())).toBe('platform.awaiting')
  await handIn()
  expect((await submit()).receipt).toMatchObject({ kind: 'received' })
})

test('a package that cannot be read, and a folder or a link of its name, hide no other', async () => {
  writeFileSync(inbox('a.tender'), 'half copied')
  mkdirSync(inbox('b.tender'))
  symlinkSync(inbox('招标文件.tender'), inbox('c.tender'))
  const platform = openPlatform(pathToFileURL(folder).href, bench.http)
  const { packageDigest } = published.tender
  expect((await platform.tenders()).map(each => each.packageDigest)).toEqual([packageDigest])
  expect(await platform.tenderPackage(packageDigest)).toEqual(await bench.platform.tenderPackage(packageDigest))
})

test('of several receipts the one that the tender’s certificates vouch for counts', async () => {
  expect(await codeOf(submit())).toBe('platform.awaiting')
  await handIn()
  const receipt = readFileSync(inbox('回执.json'), 'utf8')
  writeFileSync(inbox('0.json'), receipt.replace('"received"', '"received" '))
  writeFileSync(inbox('0.p7s'), readFileSync(inbox('回执.p7s')))
  expect((await submit()).receipt).toMatchObject({ kind: 'received', sealDigest: bid.bid.sealDigest })
})
