import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { gm1, intl1, sha256Hex, verifyPlatformDocument } from '../../../crypto/index.ts'
import type { DocumentFields, SignedDocument } from '../../../crypto/index.ts'
import {
  begin,
  type Bench,
  codeOf,
  publishTender,
  type PublishedTender,
  sealFor,
  startBench,
  submit,
  tenderSpec,
  untilDeadline,
  untilOpening,
  uploadParts,
  withdrawal,
} from '../../fixtures/practice-platform.ts'

let bench: Bench
let published: PublishedTender

beforeEach(async () => {
  bench = await startBench()
  published = await publishTender(bench)
})

afterEach(async () => {
  await bench.close()
})

const minute = 60_000

function noticeOf(notice: SignedDocument): DocumentFields<'notice'> {
  return verifyPlatformDocument('notice', notice, published.tender, 'notice', bench.clock.now())
}

/** Later by so many minutes than the tender says. */
function later(minutes: number): { packageDigest: string; deadline: Date; openingTime: Date } {
  const { packageDigest, fields } = published.tender
  const by = (time: string): Date => new Date(new Date(time).getTime() + minutes * minute)
  return { packageDigest, deadline: by(fields.deadline), openingTime: by(fields.openingTime) }
}

describe('signed time', () => {
  it.each([intl1, gm1])('is the platform’s clock over the nonce that was asked with, in suite $id', async suite => {
    const own = await startBench(suite)
    try {
      const { tender } = await publishTender(own)
      await own.advance(5 * minute)
      const nonce = randomBytes(32).toString('hex')
      const notice = await own.platform.signedTime(tender.packageDigest, nonce)
      const fields = verifyPlatformDocument('notice', notice, tender, 'notice', own.clock.now())
      expect(fields).toMatchObject({ nonce, packageDigest: tender.packageDigest })
      expect(Math.abs(new Date(fields.publishedAt).getTime() - own.clock.now().getTime())).toBeLessThan(2_000)
    } finally {
      await own.close()
    }
  })

  it('is given for packages of this platform and for whole nonces only, and is no notice to anybody else', async () => {
    const { packageDigest } = published.tender
    const nonce = randomBytes(32).toString('hex')
    expect(await codeOf(bench.platform.signedTime('0'.repeat(64), nonce))).toBe('platform.unknown')
    expect(await codeOf(bench.platform.signedTime(packageDigest, 'abc'))).toBe('platform.refused')
    await bench.platform.signedTime(packageDigest, nonce)
    expect(await bench.platform.notices(packageDigest)).toEqual([])
    expect(await codeOf(bench.platform.notices('0'.repeat(64)))).toBe('platform.unknown')
  })
})

describe('an extension', () => {
  it('is a signed notice with the later dates, in the list, once, and also after a restart', async () => {
    const notice = await bench.admin.extend(later(30))
    expect(noticeOf(notice)).toMatchObject({
      deadline: later(30).deadline.toISOString(),
      openingTime: later(30).openingTime.toISOString(),
    })
    expect(sha256Hex((await bench.admin.extend(later(30))).bytes)).toBe(sha256Hex(notice.bytes))
    await bench.restart()
    const listed = await bench.platform.notices(published.tender.packageDigest)
    expect(listed.map(each => sha256Hex(each.bytes))).toEqual([sha256Hex(notice.bytes)])
    const opening = await bench.platform.opening(published.openingId)
    expect(opening.openingTime).toEqual(later(30).openingTime)
  })

  it('lets a bid sealed for the package be begun, uploaded, completed and withdrawn after the first deadline', async () => {
    const bid = await sealFor(bench, published.tender)
    await bench.admin.extend(later(120))
    await bench.advance(untilDeadline)
    const receipt = await submit(bench, bid)
    expect(receipt.bytes.length).toBeGreaterThan(0)
    await bench.platform.withdraw(await withdrawal(bench, bid))
    expect(await bench.admin.bids()).toMatchObject([{ state: 'withdrawn' }])
  })

  it('is obeyed by an upload that was under way when it came', async () => {
    const bid = await sealFor(bench, published.tender)
    const submission = await begin(bench, bid)
    await bench.advance(untilDeadline)
    expect(await codeOf(uploadParts(bench, bid, submission))).toBe('platform.late')
    await bench.admin.extend(later(120))
    await uploadParts(bench, bid, submission)
    expect(await codeOf(bench.platform.completeSubmission(submission.submissionId))).toBe('')
  })

  it('moves the opening: it begins at the later time and not before', async () => {
    await submit(bench, await sealFor(bench, published.tender))
    await bench.admin.extend(later(30))
    await bench.advance(untilOpening)
    expect((await bench.platform.opening(published.openingId)).state).toBe('waiting')
    await bench.advance(30 * minute)
    expect((await bench.platform.opening(published.openingId)).state).toBe('open')
  })

  it('is refused when it shortens, turns dates round, comes too late, or is for a superseded package', async () => {
    const { packageDigest, deadline, openingTime } = later(10)
    expect(await codeOf(bench.admin.extend(later(-1)))).toBe('tender.invalid')
    expect(await codeOf(bench.admin.extend({ packageDigest, deadline: openingTime, openingTime: deadline }))).toBe(
      'tender.invalid',
    )
    expect(await codeOf(bench.admin.extend({ ...later(10), packageDigest: '0'.repeat(64) }))).toBe('platform.unknown')
    const addendum = tenderSpec(bench.clock.now(), { supersedes: packageDigest })
    await bench.admin.makeTender(addendum)
    expect(await codeOf(bench.admin.extend(later(10)))).toBe('tender.invalid')
    const other = await publishTender(bench, { tenderId: 'YN-2026-0400' })
    await bench.advance(untilOpening)
    expect(await codeOf(bench.admin.extend({ ...later(600), packageDigest: other.tender.packageDigest }))).toBe(
      'tender.invalid',
    )
  })
})
