import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decodeDocument, intl1, makeRelease, sha256Hex, signDocument, verifySealedBid } from '../../../crypto/index.ts'
import type { DocumentFields, Release, SignedDocument } from '../../../crypto/index.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'
import {
  attend,
  awaitRecord,
  begin,
  type Bench,
  codeOf,
  pastWindow,
  prepareRelease,
  receiptIn,
  publishTender,
  type PublishedTender,
  sealFor,
  submit,
  type TestBid,
  untilDeadline,
  untilOpening,
  uploadParts,
  withdrawal,
  startBenchWithBid,
} from '../../fixtures/practice-platform.ts'

let bench: Bench
let published: PublishedTender
let bid: TestBid
let receipt: SignedDocument

beforeEach(async () => {
  ;({ bench, published, bid } = await startBenchWithBid())
  receipt = await submit(bench, bid)
})

afterEach(async () => {
  await bench.close()
})

function recorded(record: SignedDocument): DocumentFields<'record'> {
  return decodeDocument('record', record.bytes)
}

/** A second bidder whose bid stays unreleased, so that the opening stays open. */
async function rivalStands(): Promise<TestBid> {
  const rival = await sealFor(bench, published.tender, { bidder: practiceCa().rival })
  await submit(bench, rival)
  return rival
}

async function anotherRelease(): Promise<Release> {
  const challenge = await bench.platform.challenge(published.openingId, bid.bid.sealDigest)
  const { tender } = published
  const verified = await verifySealedBid(bid.bid, {
    anchors: tender.anchors,
    tender,
    at: bench.clock.now(),
    skipParts: true,
  })
  const { bidder } = bid
  const opener = bidder.decrypt.opener()
  return makeRelease({ verified, tender, challenge, receipt, opener, signer: bidder.sign.signer(), clock: bench.clock })
}

describe('a submission whose end was asked for in time, but whose bytes the disk did not give', () => {
  /** Another bidder's bid, asked for before the deadline, while a part's file (`stored`) is out of the way. */
  async function stranded() {
    const rival = await sealFor(bench, published.tender, { bidder: practiceCa().rival })
    const submission = await begin(bench, rival)
    await uploadParts(bench, rival, submission)
    const { submissionId } = submission
    const record = join(bench.dir, 'bids', `${rival.bid.sealDigest}.json`)
    const known = JSON.parse(readFileSync(record, 'utf8')) as object
    // As a run leaves it that was killed between the asking and the checks.
    writeFileSync(record, JSON.stringify({ ...known, completeAskedAt: bench.clock.now().toISOString() }))
    const stored = join(bench.dir, 'uploads', `${submissionId}.body`)
    renameSync(stored, `${stored}.away`)
    await bench.restart()
    expect(await codeOf(bench.platform.completeSubmission(submissionId))).toBe('platform.unreachable')
    return { rival, submissionId, stored }
  }

  it('is tried once more when the opening begins, and stands', async () => {
    const { submissionId, stored } = await stranded()
    renameSync(`${stored}.away`, stored)
    await bench.advance(untilOpening)
    expect(await bench.platform.opening(published.openingId)).toMatchObject({ state: 'open', bids: 2 })
    expect(await codeOf(bench.platform.completeSubmission(submissionId))).toBe('')
  })

  it('gets no receipt once the opening has begun without it', async () => {
    const { rival, submissionId, stored } = await stranded()
    await bench.advance(untilOpening)
    expect(await bench.platform.opening(published.openingId)).toMatchObject({ state: 'open', bids: 1 })
    renameSync(`${stored}.away`, stored)
    expect(await codeOf(bench.platform.completeSubmission(submissionId))).toBe('platform.late')
    expect(await codeOf(bench.platform.completeSubmission(submissionId))).toBe('platform.late')
    expect(await codeOf(begin(bench, rival))).toBe('platform.late')
  })
})

describe('before the opening time', () => {
  it('nothing is challenged, released or told', async () => {
    const { openingId } = published
    await bench.advance(untilDeadline)
    expect(await codeOf(attend(bench, openingId, bid))).toBe('platform.not-open')
    expect(await codeOf(bench.platform.challenge(openingId, bid.bid.sealDigest))).toBe('platform.not-open')
    expect(await codeOf(bench.platform.sealedDigests(openingId))).toBe('platform.not-open')
    expect(await bench.platform.record(openingId)).toBeNull()
    expect(await bench.platform.opening(openingId)).toMatchObject({ state: 'waiting', closesAt: null, bids: 0 })
  })
})

describe('the challenge', () => {
  it('can be asked for before the sign-in and stays the same, over a restart too', async () => {
    const { openingId } = published
    await bench.advance(untilOpening)
    const { sealDigest } = bid.bid
    const challenge = await bench.platform.challenge(openingId, sealDigest)
    expect(await bench.platform.challenge(openingId, sealDigest)).toEqual(challenge)
    await bench.restart()
    expect(await bench.platform.challenge(openingId, sealDigest)).toEqual(challenge)
    expect(decodeDocument('challenge', challenge.bytes).receiptDigest).toBe(sha256Hex(receipt.bytes))
  })

  it('is only for bids that stand', async () => {
    const rival = await rivalStands()
    await bench.platform.withdraw(await withdrawal(bench, rival))
    await bench.advance(untilOpening)
    expect(await codeOf(attend(bench, published.openingId, rival))).toBe('platform.unknown')
    expect(await codeOf(bench.platform.challenge(published.openingId, rival.bid.sealDigest))).toBe('platform.unknown')
  })

  it('is answered by a release only after the sign-in, and only of the bidder itself', async () => {
    await bench.advance(untilOpening)
    expect(await codeOf(bench.platform.release(published.openingId, await anotherRelease()))).toBe('platform.refused')
    const stranger = { ...bid, bidder: practiceCa().rival }
    expect(await codeOf(attend(bench, published.openingId, stranger))).toBe('document.signature')
  })
})

describe('a release', () => {
  it('sent again answers the same receipt and is recorded once', async () => {
    await rivalStands()
    await bench.advance(untilOpening)
    const { openingId } = published
    const release = await prepareRelease(bench, openingId, bid, receipt)
    const [one, two] = await Promise.all([
      bench.platform.release(openingId, release),
      bench.platform.release(openingId, release),
    ])
    expect(two).toEqual(one)
    await bench.restart()
    expect(await bench.platform.release(openingId, release)).toEqual(one)
    const stored = JSON.parse(readFileSync(join(bench.dir, 'attendances', `${bid.bid.sealDigest}.json`), 'utf8')) as {
      releases: unknown[]
    }
    expect(stored.releases).toHaveLength(1)
    expect(await bench.platform.opening(openingId)).toMatchObject({ state: 'open', released: 1, bids: 2 })
  })

  it('with envelopes of another key is refused in its receipt, and the bidder may try again', async () => {
    await rivalStands()
    await bench.advance(untilOpening)
    const { openingId } = published
    const release = await prepareRelease(bench, openingId, bid, receipt)
    const wrong = await withKeys(release, new Uint8Array(32))
    const answer = decodeDocument('releaseReceipt', receiptIn(await bench.platform.release(openingId, wrong)).bytes)
    expect(answer.parts.map(part => part.result)).toEqual(['refused', 'refused'])
    expect((await bench.platform.opening(openingId)).released).toBe(0)
    await bench.platform.release(openingId, release)
    expect((await bench.platform.opening(openingId)).released).toBe(1)
  })

  it('is accepted at most twenty times', async () => {
    await rivalStands()
    await bench.advance(untilOpening)
    const { openingId } = published
    const first = await prepareRelease(bench, openingId, bid, receipt)
    for (let count = 0; count < 20; count++) {
      const wrong = await withKeys(first, new Uint8Array(32).fill(count))
      await bench.platform.release(openingId, wrong)
    }
    expect(await codeOf(bench.platform.release(openingId, first))).toBe('platform.refused')
  })

  it('hurt on the way, unsigned, incomplete or for another challenge does not count', async () => {
    await rivalStands()
    await bench.advance(untilOpening)
    const { openingId } = published
    const release = await prepareRelease(bench, openingId, bid, receipt)
    const body = release.envelopes.get('body') ?? new Uint8Array()
    const hurt = Uint8Array.from(body)
    hurt[hurt.length - 1] = (hurt[hurt.length - 1] ?? 0) ^ 1
    const envelopes = new Map(release.envelopes).set('body', hurt)
    expect(await codeOf(bench.platform.release(openingId, { ...release, envelopes }))).toBe('document.malformed')
    const unsigned = { ...release, signature: receipt.signature }
    expect(await codeOf(bench.platform.release(openingId, unsigned))).toBe('document.signature')
    const partial = await resigned(release, fields => ({ ...fields, parts: fields.parts.slice(0, 1) }))
    expect(await codeOf(bench.platform.release(openingId, partial))).toBe('opening.challenge')
    const stale = await resigned(release, fields => ({ ...fields, challengeDigest: '00'.repeat(32) }))
    expect(await codeOf(bench.platform.release(openingId, stale))).toBe('opening.challenge')
    const rivals = await resigned(release, fields => fields, practiceCa().rival.sign.signer())
    expect(await codeOf(bench.platform.release(openingId, rivals))).toBe('document.signature')
    expect((await bench.platform.opening(openingId)).released).toBe(0)
  })

  it('after the close is recorded and never opened', async () => {
    const { openingId } = published
    await bench.advance(untilOpening)
    const release = await prepareRelease(bench, openingId, bid, receipt)
    await bench.advance(pastWindow)
    expect(await bench.platform.opening(openingId)).toMatchObject({ state: 'closed', released: 0, bids: 1 })
    expect(await codeOf(bench.platform.release(openingId, release))).toBe('platform.closed')
    expect(await codeOf(bench.platform.release(openingId, release))).toBe('platform.closed')
    const record = await awaitRecord(bench, openingId)
    expect(recorded(record).bids).toEqual([
      { sealDigest: bid.bid.sealDigest, bidder: expect.anything() as unknown, state: 'not-released' },
    ])
    expect(readdirSync(bench.opened)).toEqual([])
    const stored = readFileSync(join(bench.dir, 'attendances', `${bid.bid.sealDigest}.json`), 'utf8')
    expect(stored).toContain('"late": true')
  })
})

describe('the close and the record', () => {
  it('tell of bids that were withdrawn and not released, and close when the window ends', async () => {
    const rival = await rivalStands()
    await bench.platform.withdraw(await withdrawal(bench, rival))
    await bench.advance(untilOpening)
    const { openingId } = published
    expect(await bench.platform.opening(openingId)).toMatchObject({ state: 'open', bids: 1 })
    expect(await codeOf(bench.platform.sealedDigests(openingId))).toBe('platform.not-open')
    await bench.advance(pastWindow)
    const states = recorded(await awaitRecord(bench, openingId)).bids.map(each => each.state)
    expect(states).toEqual(['not-released', 'withdrawn'])
  })

  it('let nothing leave before every bid is released', async () => {
    await rivalStands()
    await bench.advance(untilOpening)
    const { openingId } = published
    await bench.platform.release(openingId, await prepareRelease(bench, openingId, bid, receipt))
    expect(readdirSync(bench.opened)).toEqual([])
    expect(await bench.platform.record(openingId)).toBeNull()
    expect(await codeOf(bench.platform.sealedDigests(openingId))).toBe('platform.not-open')
  })

  it('records a bid whose stored bytes went bad, with the code of the check', async () => {
    await rivalStands()
    const { submissionId } = JSON.parse(
      readFileSync(join(bench.dir, 'bids', `${bid.bid.sealDigest}.json`), 'utf8'),
    ) as { submissionId: string }
    const stored = join(bench.dir, 'uploads', `${submissionId}.body`)
    const bytes = readFileSync(stored)
    bytes[100] = (bytes[100] ?? 0) ^ 1
    writeFileSync(stored, bytes)
    await bench.advance(untilOpening)
    const { openingId } = published
    await bench.platform.release(openingId, await prepareRelease(bench, openingId, bid, receipt))
    await bench.advance(pastWindow)
    const entry = recorded(await awaitRecord(bench, openingId)).bids.find(
      each => each.sealDigest === bid.bid.sealDigest,
    )
    expect(entry).toMatchObject({ state: 'failed', code: 'seal.root' })
    expect(existsSync(join(bench.opened, bid.outcome.sealId))).toBe(false)
    expect(readdirSync(bench.opened)).toEqual([])
  })

  it('names a bid whose stored bytes are gone, and opens the others', async () => {
    const rival = await sealFor(bench, published.tender, { bidder: practiceCa().rival })
    const rivalsReceipt = await submit(bench, rival)
    const record = join(bench.dir, 'bids', `${bid.bid.sealDigest}.json`)
    const { submissionId } = JSON.parse(readFileSync(record, 'utf8')) as { submissionId: string }
    rmSync(join(bench.dir, 'uploads', `${submissionId}.body`))
    await bench.advance(untilOpening)
    const { openingId } = published
    await bench.platform.release(openingId, await prepareRelease(bench, openingId, bid, receipt))
    await bench.platform.release(openingId, await prepareRelease(bench, openingId, rival, rivalsReceipt))
    const { bids } = recorded(await awaitRecord(bench, openingId))
    const entryOf = (each: TestBid) => bids.find(({ sealDigest }) => sealDigest === each.bid.sealDigest)
    expect(entryOf(bid)).toMatchObject({ state: 'failed', code: 'input.unreadable' })
    expect(entryOf(rival)).toMatchObject({ state: 'opened' })
    expect(readdirSync(bench.opened)).toEqual([rival.outcome.sealId])
  })

  it('take confirmations and objections over the record’s digest, from those who bid', async () => {
    const { openingId } = published
    await bench.advance(untilOpening)
    await bench.platform.release(openingId, await prepareRelease(bench, openingId, bid, receipt))
    const record = await awaitRecord(bench, openingId)
    const said = async (): Promise<DocumentFields<'confirm'>> => ({
      openingId,
      recordDigest: sha256Hex(record.bytes),
      creditCode: bid.bidder.creditCode,
      nonce: await bench.platform.nonce(),
      at: bench.clock.now().toISOString(),
    })
    const sign = bid.bidder.sign.signer()
    const confirmation = await signDocument('confirm', await said(), sign, intl1, bench.clock)
    await bench.platform.confirm(openingId, confirmation)
    await bench.platform.confirm(openingId, confirmation)
    const objection = await signDocument('objection', { ...(await said()), text: '报价有误' }, sign, intl1, bench.clock)
    await bench.platform.object(openingId, objection)
    expect(readdirSync(join(bench.dir, 'responses'))).toHaveLength(2)
    const wrong = await signDocument(
      'confirm',
      { ...(await said()), recordDigest: '00'.repeat(32) },
      sign,
      intl1,
      bench.clock,
    )
    expect(await codeOf(bench.platform.confirm(openingId, wrong))).toBe('document.signature')
    const stranger = practiceCa().rival
    const fields = { ...(await said()), creditCode: stranger.creditCode }
    const strangers = await signDocument('confirm', fields, stranger.sign.signer(), intl1, bench.clock)
    expect(await codeOf(bench.platform.confirm(openingId, strangers))).toBe('platform.unknown')
  })

  it('close an opening nobody has bid for at once', async () => {
    const { openingId } = await publishTender(bench, { tenderId: 'nobody' })
    await bench.advance(untilOpening)
    expect(await bench.platform.opening(openingId)).toMatchObject({ state: 'closed', bids: 0 })
    expect(recorded(await awaitRecord(bench, openingId)).bids).toEqual([])
  })
})

/** The same release signed again with other fields: what a client that breaks the rules would send. */
async function resigned(
  release: Release,
  change: (fields: DocumentFields<'release'>) => DocumentFields<'release'>,
  signer = bid.bidder.sign.signer(),
): Promise<Release> {
  const fields = change(decodeDocument('release', release.bytes))
  return { ...(await signDocument('release', fields, signer, intl1, bench.clock)), envelopes: release.envelopes }
}

/** The release with another key in every envelope, well wrapped and well signed. */
async function withKeys(release: Release, key: Uint8Array): Promise<Release> {
  const [recipient] = published.tender.certificates('opening')
  if (recipient === undefined) throw new Error('unreachable')
  const envelopes = new Map(
    [...release.envelopes.keys()].map(part => [part, intl1.wrapKey(key, { recipient, padding: 'oaep' })]),
  )
  const signed = await resigned(release, fields => ({
    ...fields,
    parts: fields.parts.map(({ name }) => ({
      name,
      envelopeDigest: sha256Hex(envelopes.get(name) ?? new Uint8Array()),
    })),
  }))
  return { ...signed, envelopes }
}

it('makes another release for the same challenge when asked to', async () => {
  await rivalStands()
  await bench.advance(untilOpening)
  const { openingId } = published
  const first = await bench.platform.release(openingId, await prepareRelease(bench, openingId, bid, receipt))
  const second = await bench.platform.release(openingId, await anotherRelease())
  expect(second).not.toEqual(first)
  expect((await bench.platform.opening(openingId)).released).toBe(1)
})
