import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeHeaderArchive } from '../../../crypto/envelope/container.ts'
import {
  bytesSource,
  decodeDocument,
  encodeHeader,
  intl1,
  readSealedBid,
  signDocument,
  toHex,
  verifyPlatformDocument,
} from '../../../crypto/index.ts'
import { writeTenderPackage } from '../../../main/platform/index.ts'
import { uploadPart } from '../../../main/upload/index.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'
import {
  authorise,
  begin,
  type Bench,
  codeOf,
  publishTender,
  type PublishedTender,
  quickRetry,
  sealFor,
  startBench,
  submit,
  type TestBid,
  tenderSpec,
  untilDeadline,
  uploadParts,
  withdrawal,
} from '../../fixtures/practice-platform.ts'
import { makeTender } from '../../fixtures/sealed-bid.ts'

let bench: Bench
let published: PublishedTender

beforeEach(async () => {
  bench = await startBench()
  published = await publishTender(bench)
})

afterEach(async () => {
  await bench.close()
})

async function submitHeader(headerArchive: Uint8Array, bid: TestBid): Promise<string> {
  const authorisation = await authorise(bench, bid)
  return codeOf(bench.platform.beginSubmission({ headerArchive, authorisation }))
}

describe('beginning a submission', () => {
  it('refuses what is not a sealed bid as unsealed, in the words of the law', async () => {
    const bid = await sealFor(bench, published.tender)
    const pdf = Buffer.from(`%PDF-1.7\n${'x'.repeat(2000)}`)
    expect(await submitHeader(pdf, bid)).toBe('platform.unsealed')
    const failure: unknown = await bench.platform
      .beginSubmission({ headerArchive: pdf, authorisation: await authorise(bench, bid) })
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ failure: { platformSays: expect.stringContaining('第二十六条') as string } })
  })

  it('refuses a damaged header archive with the code of the check that failed', async () => {
    const bid = await sealFor(bench, published.tender)
    const damaged = Uint8Array.from(bid.headerArchive)
    damaged[bid.headerArchive.length - 3] = 1
    expect(await submitHeader(damaged, bid)).toBe('seal.container')
    const edited = (from: string, to: string): Uint8Array =>
      Buffer.from(Buffer.from(bid.headerArchive).toString('latin1').replace(from, to), 'latin1')
    expect(await submitHeader(edited('"format":1', '"format":2'), bid)).toBe('seal.header')
    expect(await submitHeader(edited('"keyPolicy":"bidder"', '"keyPolicy":"xidder"'), bid)).toBe('seal.header')
    // The authorisation names the sealDigest; a changed header is another one.
    expect(await submitHeader(edited('YN-2026-0302', 'YN-2026-0303'), bid)).toBe('document.signature')
  })

  it('refuses a bid for a tender it does not run', async () => {
    const bid = await sealFor(bench, published.tender)
    const elsewhere = await startBench()
    try {
      await publishTender(elsewhere, { tenderId: 'YN-2026-9999' })
      const authorisation = await authorise(elsewhere, bid)
      const request = { headerArchive: bid.headerArchive, authorisation }
      expect(await codeOf(elsewhere.platform.beginSubmission(request))).toBe('seal.foreign-tender')
    } finally {
      await elsewhere.close()
    }
  })

  it('refuses a bid that comes after the deadline', async () => {
    const bid = await sealFor(bench, published.tender)
    await bench.advance(untilDeadline)
    expect(await codeOf(begin(bench, bid))).toBe('platform.late')
  })

  it('refuses a bid that is larger than the tender allows', async () => {
    const { tender } = await publishTender(bench, { tenderId: 'small', limits: { fileBytes: 1, bidBytes: 100_000 } })
    // Our own sealing minds the limits; another program may not.
    const careless = { ...tender, fields: { ...tender.fields, limits: { fileBytes: 2 ** 30, bidBytes: 2 ** 30 } } }
    expect(await codeOf(begin(bench, await sealFor(bench, careless)))).toBe('seal.too-large')
  })

  it('refuses a whole archive where the header archive belongs', async () => {
    const bid = await sealFor(bench, published.tender)
    expect(await submitHeader(readFileSync(bid.path), bid)).toBe('platform.refused')
  })

  it('refuses a second bid of a bidder that does not replace the first', async () => {
    await submit(bench, await sealFor(bench, published.tender))
    expect(await codeOf(begin(bench, await sealFor(bench, published.tender)))).toBe('platform.refused')
  })

  it('refuses a bid for a package that has been superseded', async () => {
    const bid = await sealFor(bench, published.tender)
    await publishTender(bench, { supersedes: published.tender.packageDigest, title: '第一次澄清' })
    expect(await codeOf(begin(bench, bid))).toBe('tender.addendum-newer')
  })

  it('refuses an authorisation for another bid, of another bidder, or of another kind', async () => {
    const bid = await sealFor(bench, published.tender)
    const { headerArchive } = bid
    const attempt = async (authorisation: ReturnType<typeof authorise>): Promise<string> =>
      codeOf(bench.platform.beginSubmission({ headerArchive, authorisation: await authorisation }))
    expect(await attempt(authorise(bench, bid, { sealDigest: 'ab'.repeat(32) }))).toBe('document.signature')
    expect(await attempt(authorise(bench, { ...bid, bidder: practiceCa().rival }))).toBe('document.signature')
    expect(await attempt(withdrawal(bench, bid))).toBe('document.wrong-type')
  })

  it('takes a nonce once, and the same authorisation again', async () => {
    const one = await sealFor(bench, published.tender)
    const other = await sealFor(bench, published.tender, { bidder: practiceCa().rival })
    const authorisation = await authorise(bench, one)
    const { nonce } = decodeDocument('submit', authorisation.bytes)
    const first = await bench.platform.beginSubmission({ headerArchive: one.headerArchive, authorisation })
    const again = await bench.platform.beginSubmission({ headerArchive: one.headerArchive, authorisation })
    expect(again.submissionId).toBe(first.submissionId)
    await bench.restart()
    const replayed = await authorise(bench, other, { nonce })
    const request = { headerArchive: other.headerArchive, authorisation: replayed }
    expect(await codeOf(bench.platform.beginSubmission(request))).toBe('platform.nonce')
    const invented = await authorise(bench, other, { nonce: '00'.repeat(32) })
    expect(await codeOf(bench.platform.beginSubmission({ ...request, authorisation: invented }))).toBe('platform.nonce')
  })
})

describe('completing a submission', () => {
  it('refuses while a part is not whole', async () => {
    const submission = await begin(bench, await sealFor(bench, published.tender))
    expect(await codeOf(bench.platform.completeSubmission(submission.submissionId))).toBe('platform.refused')
    expect(await codeOf(bench.platform.completeSubmission('00000000-0000-4000-8000-000000000000'))).toBe(
      'platform.unknown',
    )
  })

  it('answers the same receipt each time, after the deadline and a restart too', async () => {
    const bid = await sealFor(bench, published.tender)
    const receipt = await submit(bench, bid)
    await bench.advance(untilDeadline)
    await bench.restart()
    const submission = await begin(bench, bid)
    expect(submission).toMatchObject({ state: 'received', receipt })
    expect(await bench.platform.completeSubmission(submission.submissionId)).toEqual(receipt)
  })

  it('asked twice at once, works once', async () => {
    const bid = await sealFor(bench, published.tender)
    const submission = await begin(bench, bid)
    await uploadParts(bench, bid, submission)
    const { submissionId } = submission
    const receipts = await Promise.all([1, 2, 3].map(() => bench.platform.completeSubmission(submissionId)))
    expect(receipts[1]).toEqual(receipts[0])
    expect(receipts[2]).toEqual(receipts[0])
  })

  it('finds a flipped bit, drops the upload, and takes the right bytes afterwards', async () => {
    const bid = await sealFor(bench, published.tender)
    const submission = await begin(bench, bid)
    for (const part of submission.parts) {
      const bytes = new Uint8Array(part.size)
      await bid.bid.partSource(part.name).read(0, bytes)
      if (part.name === 'body') bytes[40_000] = (bytes[40_000] ?? 0) ^ 0x10
      await uploadPart({ url: part.uploadUrl, source: bytesSource(bytes), http: bench.http })
    }
    expect(await codeOf(bench.platform.completeSubmission(submission.submissionId))).toBe('seal.root')
    const again = await begin(bench, bid)
    expect(again.submissionId).toBe(submission.submissionId)
    expect(again.parts.map(part => part.offset)).toEqual([0, 0])
    await uploadParts(bench, bid, again)
    const receipt = await bench.platform.completeSubmission(again.submissionId)
    expect(decodeDocument('receipt', receipt.bytes).sealDigest).toBe(bid.bid.sealDigest)
  })

  it('opens every share of the agency before it gives a receipt, and refuses a wrong one', async () => {
    const { tender } = await publishTender(bench, { tenderId: 'split', keyPolicy: 'split' })
    const bid = await withWrongShare(await sealFor(bench, tender))
    const submission = await begin(bench, bid)
    await uploadParts(bench, bid, submission)
    expect(await codeOf(bench.platform.completeSubmission(submission.submissionId))).toBe('seal.key-mismatch')
    await submit(bench, await sealFor(bench, tender))
  })

  it('judges the bytes on its disk, not those it remembers', async () => {
    const bid = await sealFor(bench, published.tender)
    const submission = await begin(bench, bid)
    await uploadParts(bench, bid, submission)
    const stored = join(bench.dir, 'uploads', `${submission.submissionId}.opening`)
    const bytes = readFileSync(stored)
    bytes[5] = (bytes[5] ?? 0) ^ 1
    writeFileSync(stored, bytes)
    expect(await codeOf(bench.platform.completeSubmission(submission.submissionId))).toBe('seal.root')
  })

  it('refuses a submission that ends after the deadline', async () => {
    const bid = await sealFor(bench, published.tender)
    const submission = await begin(bench, bid)
    await uploadParts(bench, bid, submission)
    await bench.advance(untilDeadline)
    expect(await codeOf(bench.platform.completeSubmission(submission.submissionId))).toBe('platform.late')
    expect(await codeOf(begin(bench, bid))).toBe('platform.late')
  })

  it('lets only the first of two bids of one bidder stand', async () => {
    const bids = [await sealFor(bench, published.tender), await sealFor(bench, published.tender)]
    const submissions = []
    for (const bid of bids) {
      const submission = await begin(bench, bid)
      await uploadParts(bench, bid, submission)
      submissions.push(submission)
    }
    const codes = await Promise.all(
      submissions.map(each => codeOf(bench.platform.completeSubmission(each.submissionId))),
    )
    expect(codes.sort()).toEqual(['', 'platform.refused'])
  })

  it('takes no byte for a part once there is a receipt', async () => {
    const bid = await sealFor(bench, published.tender)
    const submission = await begin(bench, bid)
    await uploadParts(bench, bid, submission)
    await bench.platform.completeSubmission(submission.submissionId)
    const [part] = submission.parts
    if (part === undefined) throw new Error('unreachable')
    const upload = uploadPart({
      url: part.uploadUrl,
      source: bid.bid.partSource(part.name),
      http: bench.http,
      retry: quickRetry,
    })
    expect(await codeOf(upload)).toBe('platform.unknown')
  })
})

describe('replacing and withdrawing', () => {
  it('puts a new bid in the place of the standing one', async () => {
    const first = await sealFor(bench, published.tender)
    await submit(bench, first)
    const second = await sealFor(bench, published.tender, { replaces: first.bid.sealDigest })
    const receipt = decodeDocument('receipt', (await submit(bench, second)).bytes)
    expect(receipt).toMatchObject({ kind: 'received', replaces: first.bid.sealDigest })
    const states = new Map((await bench.admin.bids()).map(bid => [bid.sealDigest, bid.state]))
    expect(states.get(first.bid.sealDigest)).toBe('replaced')
    expect(states.get(second.bid.sealDigest)).toBe('received')
    expect(await codeOf(begin(bench, first))).toBe('platform.seal-known')
    const third = await sealFor(bench, published.tender, { replaces: first.bid.sealDigest })
    expect(await codeOf(begin(bench, third))).toBe('platform.refused')
  })

  it('lets nobody replace the bid of another', async () => {
    const first = await sealFor(bench, published.tender)
    await submit(bench, first)
    const rival = await sealFor(bench, published.tender, {
      bidder: practiceCa().rival,
      replaces: first.bid.sealDigest,
    })
    expect(await codeOf(begin(bench, rival))).toBe('platform.refused')
  })

  it('withdraws a standing bid with a receipt, once, and takes another bid afterwards', async () => {
    const bid = await sealFor(bench, published.tender)
    await submit(bench, bid)
    const document = await withdrawal(bench, bid)
    const receipt = await bench.platform.withdraw(document)
    const fields = verifyPlatformDocument('receipt', receipt, published.tender, 'receipt', bench.clock.now())
    expect(fields).toMatchObject({ kind: 'withdrawn', sealDigest: bid.bid.sealDigest })
    expect(await bench.platform.withdraw(document)).toEqual(receipt)
    await bench.restart()
    expect(await bench.platform.withdraw(await withdrawal(bench, bid))).toEqual(receipt)
    expect(await codeOf(begin(bench, bid))).toBe('platform.seal-known')
    await submit(bench, await sealFor(bench, published.tender))
  })

  it('refuses to withdraw after the deadline, for somebody else, and what does not stand', async () => {
    const bid = await sealFor(bench, published.tender)
    await begin(bench, bid)
    expect(await codeOf(bench.platform.withdraw(await withdrawal(bench, bid)))).toBe('platform.refused')
    const standing = await sealFor(bench, published.tender)
    await submit(bench, standing)
    const stranger = await withdrawal(bench, { ...standing, bidder: practiceCa().rival })
    expect(await codeOf(bench.platform.withdraw(stranger))).toBe('document.signature')
    await bench.advance(untilDeadline)
    expect(await codeOf(bench.platform.withdraw(await withdrawal(bench, standing)))).toBe('platform.late')
  })
})

describe('tenders', () => {
  it('are listed and served as they were published', async () => {
    const listed = await bench.platform.tenders()
    expect(listed).toMatchObject([
      { packageDigest: published.tender.packageDigest, openingId: published.openingId, lotId: '01', state: 'waiting' },
    ])
    expect(await codeOf(bench.platform.tenderPackage('00'.repeat(32)))).toBe('platform.unknown')
    expect(await codeOf(bench.platform.opening('opening-none'))).toBe('platform.unknown')
  })

  it('are refused when they promise what this platform cannot do', async () => {
    const now = bench.clock.now()
    expect(await codeOf(bench.admin.makeTender(tenderSpec(now, { title: '同一标段' })))).toBe('tender.invalid')
    const both = { tenderId: 'YN-2026-0303', suites: ['intl-1', 'gm-1'] } as const
    expect(await codeOf(bench.admin.makeTender(tenderSpec(now, both)))).toBe('tender.invalid')
    const early = { tenderId: 'x', openingTime: new Date(now.getTime() + 60_000).toISOString() }
    expect(await codeOf(bench.admin.makeTender(tenderSpec(now, early)))).toBe('tender.invalid')
    const backwards = { tenderId: 'y', releaseMinutes: 0 }
    expect(await codeOf(bench.admin.makeTender(tenderSpec(now, backwards)))).toBe('tender.invalid')
  })

  it('refuses a tender signed for another platform', async () => {
    const { document } = await makeTender()
    expect(await codeOf(bench.admin.publishPackage(await writeTenderPackage(document, [])))).toBe('tender.invalid')
    const wrong = await signDocument(
      'confirm',
      {
        openingId: 'x',
        recordDigest: '00'.repeat(32),
        creditCode: 'x',
        nonce: '00'.repeat(32),
        at: '2026-01-01T00:00:00Z',
      },
      practiceCa().notice.signer(),
      intl1,
      bench.clock,
    )
    expect(await codeOf(bench.admin.publishPackage(await writeTenderPackage(wrong, [])))).toBe('tender.invalid')
  })
})

/** The bid with another key in the agency's envelope of the body, well formed and signed again by its bidder. */
async function withWrongShare(sealed: TestBid): Promise<TestBid> {
  const { bid } = sealed
  const [agency] = sealed.tender.certificates('agency')
  const recipient = bid.header.recipients.find(each => each.role === 'agency')
  if (agency === undefined || recipient === undefined) throw new Error('unreachable')
  const envelope = intl1.wrapKey(new Uint8Array(32), { recipient: agency, padding: 'oaep' })
  const digest = toHex(intl1.digest(envelope))
  const envelopes = recipient.envelopes.map(each => (each.part === 'body' ? { ...each, digest } : each))
  const recipients = bid.header.recipients.map(each => (each === recipient ? { ...recipient, envelopes } : each))
  const headerBytes = encodeHeader({ ...bid.header, recipients })
  const small = new Map(bid.container.small)
    .set(`keys/body.${recipient.id}.p7m`, envelope)
    .set('META-INF/seal.json', headerBytes)
    .set('META-INF/seal.p7s', await intl1.signDetached(headerBytes, sealed.bidder.sign.signer(), bench.clock.now()))
  const changed = await readSealedBid(bytesSource(writeHeaderArchive(small)))
  const partSource: typeof bid.partSource = part => bid.partSource(part)
  return { ...sealed, headerArchive: writeHeaderArchive(small), bid: { ...changed, partSource } }
}
