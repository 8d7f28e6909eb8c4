import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openPromise } from 'yauzl'
import { ZipFile } from 'yazl'
import {
  exportCarry,
  exportReceipt,
  importCarry,
  importReceipt,
  submitBid,
  withdrawBid,
} from '../../../../main/services/index.ts'
import { AppFailure } from '../../../../main/contract/failure.ts'
import { type BidderHome, bidderHome } from '../../../fixtures/bidder-home.ts'
import {
  type Bench,
  codeOf,
  type PublishedTender,
  sealFor,
  startBenchWithBid,
  type TestBid,
} from '../../../fixtures/practice-platform.ts'
import { through } from '../../../fixtures/through-platform.ts'

let bench: Bench
let published: PublishedTender
let bid: TestBid
let first: BidderHome
let second: BidderHome

beforeEach(async () => {
  ;({ bench, published, bid } = await startBenchWithBid())
  first = bidderHome(bench, 'first')
  second = bidderHome(bench, 'second')
})

afterEach(async () => {
  await bench.close()
})

const path = (name: string): string => join(bench.folder, name)
const submit = ({ ports, locks, request }: BidderHome, file: string) =>
  submitBid(ports, locks, { ...request, file }, {})
/** Begins a submission that breaks off after the first part; this home then knows bid, tender and submissionId. */
const beginAt = (home: BidderHome, of = bid) => {
  const breaking = through(home, real => ({
    sendPart: (part, source, control) =>
      part.name === 'body'
        ? Promise.reject(new AppFailure('platform.unreachable', 'the line is gone'))
        : real.sendPart(part, source, control),
  }))
  return codeOf(submit(breaking, of.path))
}
const carry = ({ ports, request }: BidderHome, output: string, which = bid.path) =>
  exportCarry(ports, { bid: which, output: path(output), trust: request.trust }, {})
const take = ({ ports, request }: BidderHome, file: string) =>
  importCarry(ports, { file: path(file), trust: request.trust }, {})
const stateAt = async ({ ports }: BidderHome) => (await ports.deliveries.get(bid.bid.header.sealId))?.state

test('carried to another computer it goes on at the platform’s offset, and the receipt comes home', async () => {
  const { sealId } = bid.bid.header
  await beginAt(first)
  const exported = await carry(first, 'bid.carry')
  expect(exported).toMatchObject({ sealId, submissionId: expect.any(String) })
  const taken = await take(second, 'bid.carry')
  expect(taken).toMatchObject({ sealId, platform: bench.url, deadline: published.tender.fields.deadline })
  expect(readFileSync(taken.file)).toEqual(readFileSync(bid.path))
  const sent: string[] = []
  const watched = through(second, real => ({
    sendPart(part, source, control) {
      if (part.offset < part.size) sent.push(part.name)
      return real.sendPart(part, source, control)
    },
  }))
  const { receipt } = await submit(watched, taken.file)
  expect(sent).toEqual(['body'])

  expect(await codeOf(exportReceipt(first.ports, sealId, path('early.receipt')))).toBe('bid.not-delivered')
  await exportReceipt(second.ports, sealId, path('back.receipt'))
  expect(await stateAt(first)).toBe('submitting')
  expect((await importReceipt(first.ports, path('back.receipt'))).receipt).toEqual(receipt)
  expect(await stateAt(first)).toBe('received')
  // Whatever is changed in it, it proves nothing.
  const other = JSON.parse(readFileSync(path('back.receipt'), 'utf8')) as Record<string, string>
  const document = Buffer.from(other['document'] ?? '', 'base64')
    .toString('latin1')
    .replace(/"size":\d/, '"size":9')
  writeFileSync(
    path('forged'),
    JSON.stringify({ ...other, document: Buffer.from(document, 'latin1').toString('base64') }),
  )
  expect(await codeOf(importReceipt(first.ports, path('forged')))).toBe('platform.receipt')
  expect(await codeOf(importReceipt(bidderHome(bench, 'third').ports, path('back.receipt')))).toBe('bid.not-delivered')
})

test('a bid that was never sent travels too, and counts as on its way from then on', async () => {
  const tenderOnly = bidderHome(bench, 'first')
  await beginAt(tenderOnly, await sealFor(bench, published.tender))
  expect(await carry(tenderOnly, 'fresh.carry')).toMatchObject({ submissionId: null })
  expect(await stateAt(tenderOnly)).toBe('submitting')
  const taken = await take(second, 'fresh.carry')
  expect((await submit(second, taken.file)).already).toBe(false)
  // The first computer learns it from the platform as well.
  expect((await submit(tenderOnly, bid.path)).receipt.sealId).toBe(taken.sealId)
})

test('holds the sealed bid, the package, digests and a note in both languages, and any unzip shows them', async () => {
  await beginAt(first)
  // By its sealId only where this home knows the file.
  expect(await codeOf(carry(first, 'bid.carry', bid.bid.header.sealId))).toBe('bid.not-delivered')
  await carry(first, 'bid.carry')
  const entries = await unzip('bid.carry')
  const text = (name: string): string => entries.get(name)?.toString('utf8') ?? ''
  expect([...entries.keys()]).toEqual(['README.txt', 'carry.json', 'tender.tender', 'bid.sbid'])
  const manifest = JSON.parse(text('carry.json')) as { bid: { sha256: string } }
  const sealed = entries.get('bid.sbid') ?? Buffer.alloc(0)
  expect(createHash('sha256').update(sealed).digest('hex')).toBe(manifest.bid.sha256)
  expect(text('README.txt')).toMatch(/携带文件[^]*HOW TO SUBMIT IT/)
  expect(await codeOf(carry(first, 'bid.carry'))).toBe('output.exists')
})

test('damaged anywhere, or mixed from two, it is refused with nothing left behind', async () => {
  await beginAt(first)
  await carry(first, 'bid.carry')
  const whole = readFileSync(path('bid.carry'))
  const starts = ['README.txt', 'carry.json', 'tender.tender', 'bid.sbid'].map(name => whole.indexOf(name))
  const places = [...starts.slice(1).map(at => at + 400), (starts[3] ?? 0) + 100_000, whole.length - 60]
  for (const [index, at] of places.entries()) {
    const broken = Buffer.from(whole)
    broken[at] = (broken[at] ?? 0) ^ 1
    writeFileSync(path(`broken-${index}`), broken)
    expect([at, await codeOf(take(second, `broken-${index}`))]).toEqual([
      at,
      expect.stringMatching(/^(input|tender)\./),
    ])
  }
  writeFileSync(path('cut'), whole.subarray(0, whole.length / 2))
  expect(await codeOf(take(second, 'cut'))).toBe('input.unreadable')
  expect(await codeOf(take(second, 'nothing'))).toBe('input.unreadable')

  const other = await sealFor(bench, published.tender)
  await beginAt(first, other)
  await carry(first, 'other.carry', other.path)
  const [own, others] = [await unzip('bid.carry'), await unzip('other.carry')]
  for (const name of ['bid.sbid', 'carry.json']) {
    await zip('mixed', new Map([...own].map(([each, bytes]) => [each, each === name ? others.get(each) : bytes])))
    expect(await codeOf(take(second, 'mixed'))).toBe('input.unreadable')
  }
  const carried = join(second.ports.home.root, 'carried')
  expect(existsSync(carried) ? readdirSync(carried) : []).toEqual([])
  expect(await stateAt(second)).toBeUndefined()
})

test('a receipt that was brought back makes nothing of a bid that was withdrawn or replaced', async () => {
  const { sealId } = bid.bid.header
  await submit(first, bid.path)
  await exportReceipt(first.ports, sealId, path('own.receipt'))
  const next = await sealFor(bench, published.tender, { replaces: bid.bid.sealDigest })
  const { receipt } = await submit(second, next.path)
  await exportReceipt(second.ports, receipt.sealId, path('next.receipt'))
  // This home knows the later bid, and a run that was killed had not written down what it replaced.
  await submit(first, next.path)
  const known = await first.ports.deliveries.get(sealId)
  if (known === null) throw new Error('not known')
  await first.ports.deliveries.save({ ...known, state: 'received' })
  await importReceipt(first.ports, path('next.receipt'))
  expect(await stateAt(first)).toBe('replaced')
  expect(await codeOf(importReceipt(first.ports, path('own.receipt')))).toBe('platform.seal-known')
  const { ports, locks, request } = first
  await withdrawBid(ports, locks, { ...request, sealId: receipt.sealId }, {})
  expect(await codeOf(importReceipt(first.ports, path('next.receipt')))).toBe('platform.seal-known')
})

test('a receipt file is a plain file of at most a mebibyte', async () => {
  await submit(first, bid.path)
  await exportReceipt(first.ports, bid.bid.header.sealId, path('good'))
  symlinkSync(path('good'), path('link'))
  writeFileSync(path('long'), `${readFileSync(path('good'), 'utf8')}${' '.repeat(1024 * 1024)}`)
  for (const name of ['link', 'long', 'nothing', '.']) {
    expect([name, await codeOf(importReceipt(first.ports, path(name)))]).toEqual([name, 'input.unreadable'])
  }
})

test('another short code, a compressed entry and an exchange folder’s address do not travel', async () => {
  await beginAt(first)
  const known = await first.ports.deliveries.get(bid.bid.header.sealId)
  if (known === null) throw new Error('not known')
  await first.ports.deliveries.save({ ...known, platform: 'file:///exchange' })
  expect(await carry(first, 'bid.carry')).toMatchObject({ submissionId: null })
  const entries = await unzip('bid.carry')
  const manifest = entries.get('carry.json')?.toString('utf8') ?? ''
  expect(JSON.parse(manifest)).toMatchObject({ platform: null, submissionId: null })
  const code = bid.bid.shortCode
  const other = Buffer.from(manifest.replace(code, code === 'AAAAAAAA' ? 'BBBBBBBB' : 'AAAAAAAA'))
  await zip('renamed', new Map([...entries, ['carry.json', other]]))
  expect(await codeOf(take(second, 'renamed'))).toBe('input.unreadable')
  await zip('squeezed', entries, true)
  expect(await codeOf(take(second, 'squeezed'))).toBe('input.unreadable')
  expect((await take(second, 'bid.carry')).platform).toBeNull()
})

async function unzip(name: string): Promise<Map<string, Buffer>> {
  const archive = await openPromise(path(name), { autoClose: false })
  const entries = new Map<string, Buffer>()
  for await (const entry of archive.eachEntry()) {
    const pieces: Buffer[] = []
    for await (const piece of await archive.openReadStreamPromise(entry)) pieces.push(piece as Buffer)
    entries.set(entry.fileName, Buffer.concat(pieces))
  }
  archive.close()
  return entries
}

async function zip(name: string, entries: ReadonlyMap<string, Buffer | undefined>, compress = false): Promise<void> {
  const archive = new ZipFile()
  for (const [each, bytes = Buffer.alloc(0)] of entries) archive.addBuffer(bytes, each, { compress })
  archive.end()
  const pieces: Buffer[] = []
  for await (const piece of archive.outputStream) pieces.push(piece as Buffer)
  writeFileSync(path(name), Buffer.concat(pieces))
}
