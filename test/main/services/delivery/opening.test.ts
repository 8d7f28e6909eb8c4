import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { certificatesFromPem, decodeDocument, sha256Hex, signDocument, softSigner } from '../../../../crypto/index.ts'
import type { Release, SignedDocument } from '../../../../crypto/index.ts'
import type { Platform, ReleaseAnswer } from '../../../../main/platform/index.ts'
import { attendOpening, submitBid } from '../../../../main/services/index.ts'
import { type BidderHome, bidderHome, yes } from '../../../fixtures/bidder-home.ts'
import { practiceCa, practiceNotBefore } from '../../../fixtures/practice-ca.ts'
import {
  type Bench,
  codeOf,
  type PublishedTender,
  sealFor,
  type TestBid,
  untilOpening,
  startBenchWithBid,
} from '../../../fixtures/practice-platform.ts'

let bench: Bench
let published: PublishedTender
let bid: TestBid
let own: BidderHome

beforeEach(async () => {
  ;({ bench, published, bid } = await startBenchWithBid())
  own = bidderHome(bench, 'home')
})

afterEach(async () => {
  await bench.close()
})

const submit = () => submitBid(own.ports, own.locks, { ...own.request, file: bid.path }, {})
const open = ({ ports, locks, request } = own, change: { name?: string; follow?: boolean } = {}) => {
  const { name = bid.bid.header.sealId, follow = true } = change
  return attendOpening(ports, locks, { ...request, bid: name, follow, confirm: true, questions: yes }, {})
}
/** The home with a platform that differs in one act. */
const through = (home: BidderHome, change: (real: Platform) => Partial<Platform>): BidderHome => ({
  ...home,
  ports: {
    ...home.ports,
    platformAt: (url, signal) => {
      const real = home.ports.platformAt(url, signal)
      return Object.assign(Object.create(real) as Platform, change(real))
    },
  },
})
const counted = (releases: string[]) => (real: Platform) => ({
  release: (openingId: string, release: Release) => {
    releases.push(sha256Hex(release.bytes))
    return real.release(openingId, release)
  },
})

test('two programs that open at once release once', async () => {
  await submit()
  await bench.advance(untilOpening)
  const releases: string[] = []
  const both = await Promise.all([
    open(through(own, counted(releases))),
    open(through(bidderHome(bench, 'home'), counted(releases))),
  ])
  expect(releases).toHaveLength(1)
  expect(both.map(({ record }) => record?.own.state)).toEqual(['opened', 'opened'])
  const kinds = (await own.ports.journal.entries()).map(({ kind }) => kind)
  for (const once of ['signed-in', 'released', 'confirmed']) {
    expect(kinds.filter(kind => kind === once)).toHaveLength(1)
  }
})

test('goes on to the record when another release was written down after the receipt', async () => {
  await submit()
  await bench.advance(untilOpening)
  await open(own, { follow: false })
  const { sealId } = bid.bid.header
  const kept = await own.ports.deliveries.document(sealId, 'release')
  if (kept === null) throw new Error('no release was kept')
  const later = decodeDocument('release', kept.bytes)
  const other = { ...later, releasedAt: bench.clock.now().toISOString() }
  const signed = await signDocument('release', other, practiceCa().bidder.sign.signer(), bid.bid.suite, bench.clock)
  await own.ports.deliveries.keepDocument(sealId, 'release', signed)
  const releases: string[] = []
  expect((await open(through(own, counted(releases)))).record?.own.state).toBe('opened')
  expect(releases).toEqual([])
})

test('makes another release after the platform could not use the first', async () => {
  await submit()
  await bench.advance(untilOpening)
  const releases: Release[] = []
  const refusing = through(own, () => ({
    release: async (openingId: string, release: Release): Promise<ReleaseAnswer> => {
      releases.push(release)
      return { state: 'receipt', receipt: await refusal(openingId, release) }
    },
  }))
  expect(await codeOf(open(refusing))).toBe('seal.key-mismatch')
  expect((await open()).record?.own.state).toBe('opened')
  const kept = await own.ports.deliveries.document(bid.bid.header.sealId, 'release')
  const digests = [...releases, kept].map(each => sha256Hex(each?.bytes ?? new Uint8Array(0)))
  expect(new Set(digests).size).toBe(2)
})

test('opens on another computer when a certificate has expired since, judged at the receipt', async () => {
  const soon = new Date(bench.clock.now().getTime() + 70 * 60_000)
  const expiring = practiceCa().issue('bidder-sign', {
    profile: 'sign',
    creditCode: practiceCa().bidder.creditCode,
    notBefore: practiceNotBefore,
    notAfter: soon,
  })
  bid = await sealFor(bench, published.tender, { bidder: { ...practiceCa().bidder, sign: expiring } })
  await submit()
  await bench.advance(untilOpening)
  const elsewhere = bidderHome(bench, 'elsewhere', { named: true })
  expect((await open(elsewhere, { name: bid.path })).record?.own.state).toBe('opened')
  expect((await open(elsewhere)).record?.own.state).toBe('opened')
})

/** What a platform signs that could use no part. */
async function refusal(openingId: string, release: Release): Promise<SignedDocument> {
  const key = (ending: string): string => readFileSync(join(bench.dir, 'keys', `opening.${ending}`), 'utf8')
  const [certificate = new Uint8Array(0), ...intermediates] = certificatesFromPem(key('pem'))
  const signer = softSigner({ certificate, intermediates, privateKey: createPrivateKey(key('key')) })
  const parts = decodeDocument('release', release.bytes).parts.map(({ name }) => ({ name, result: 'refused' as const }))
  const serverTime = bench.clock.now().toISOString()
  const fields = { releaseDigest: sha256Hex(release.bytes), openingId, parts, serverTime }
  return signDocument('releaseReceipt', fields, signer, bid.bid.suite, bench.clock)
}
