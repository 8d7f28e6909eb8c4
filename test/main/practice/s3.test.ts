import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decodeDocument } from '../../../crypto/index.ts'
import { s3PlaceOf } from '../../../main/practice/storage.ts'
import {
  awaitRecord,
  begin,
  type Bench,
  codeOf,
  prepareRelease,
  publishTender,
  receiptIn,
  sealFor,
  startBench,
  submit,
  untilOpening,
  uploadParts,
} from '../../fixtures/practice-platform.ts'
import { startS3 } from '../../fixtures/s3.ts'
import type { TestS3 } from '../../fixtures/s3.ts'

let s3: TestS3
let bench: Bench

beforeEach(async () => {
  s3 = await startS3()
  bench = await startBench(undefined, { s3: s3PlaceOf(s3.address) })
})

afterEach(async () => {
  await bench.close()
  await s3.close()
})

/** More than one part of a multipart upload, and more than one block when it is read. */
const large = { name: '技术方案.pdf', bytes: Buffer.alloc(9 * 1024 * 1024, 'bidseal') }

describe('a practice platform whose uploads go to an S3-compatible store', () => {
  it('receives a bid, checks and gives back the stored bytes, and opens them', async () => {
    const { tender, openingId } = await publishTender(bench)
    const bid = await sealFor(bench, tender, { documents: [large] })
    const receipt = await submit(bench, bid)
    expect(s3.objects().filter(name => !name.endsWith('.info'))).toHaveLength(2)

    const archive: Uint8Array[] = []
    for await (const piece of await bench.admin.archive(bid.bid.sealDigest)) archive.push(piece)
    expect(Buffer.compare(Buffer.concat(archive), readFileSync(bid.path))).toBe(0)

    await bench.advance(untilOpening)
    const release = await prepareRelease(bench, openingId, bid, receipt)
    receiptIn(await bench.platform.release(openingId, release))
    const record = decodeDocument('record', (await awaitRecord(bench, openingId)).bytes)
    expect(record.bids).toMatchObject([{ state: 'opened' }])
    const opened = join(bench.opened, bid.outcome.sealId, 'documents', large.name)
    expect(Buffer.compare(readFileSync(opened), large.bytes)).toBe(0)
  })

  it('goes on with an upload that was cut off in the middle, after a restart and without being told again where', async () => {
    const { tender } = await publishTender(bench)
    const bid = await sealFor(bench, tender, { documents: [large] })
    const submission = await begin(bench, bid)
    const [opening, body] = submission.parts
    if (opening === undefined || body === undefined) throw new Error('unreachable')
    const half = new Uint8Array(6 * 1024 * 1024)
    await bid.bid.partSource('body').read(0, half)
    const sent = await bench.http.request({
      method: 'PATCH',
      url: body.uploadUrl,
      headers: { 'tus-resumable': '1.0.0', 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' },
      body: half,
    })
    expect(sent.status).toBe(204)
    await bench.restart()
    const again = await begin(bench, bid)
    expect(again.parts.map(part => part.offset)).toEqual([0, half.length])
    await uploadParts(bench, bid, again)
    expect(await codeOf(bench.platform.completeSubmission(again.submissionId))).toBe('')
  })

  it('drops bytes that are not the header’s and takes the parts again', async () => {
    const { tender } = await publishTender(bench)
    const bid = await sealFor(bench, tender)
    const submission = await begin(bench, bid)
    for (const part of submission.parts) {
      const bytes = new Uint8Array(part.size)
      await bid.bid.partSource(part.name).read(0, bytes)
      bytes[part.size >> 1] = (bytes[part.size >> 1] ?? 0) ^ 1
      const sent = await bench.http.request({
        method: 'PATCH',
        url: part.uploadUrl,
        headers: { 'tus-resumable': '1.0.0', 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' },
        body: bytes,
      })
      expect(sent.status).toBe(204)
    }
    expect(await codeOf(bench.platform.completeSubmission(submission.submissionId))).toBe('seal.root')
    const again = await begin(bench, bid)
    expect(again.parts.map(part => part.offset)).toEqual([0, 0])
    await uploadParts(bench, bid, again)
    expect(await codeOf(bench.platform.completeSubmission(again.submissionId))).toBe('')
    expect(await codeOf(uploadParts(bench, bid, again))).toBe('platform.unknown')
  })

  it('is remembered by the folder, and cannot be changed once there are bids', async () => {
    const storage = readFileSync(join(bench.dir, 'storage.json'), 'utf8')
    expect(JSON.parse(storage)).toMatchObject({ kind: 's3', bucket: 'bids' })
    expect(storage).not.toContain('S3RVER')
    const { tender } = await publishTender(bench)
    await submit(bench, await sealFor(bench, tender))
    await bench.restart()
    expect(await bench.admin.bids()).toMatchObject([{ state: 'received' }])
  })
})

describe('the address of a store', () => {
  it('is a host and a bucket', () => {
    expect(s3PlaceOf('http://127.0.0.1:9000/bids')).toEqual({
      endpoint: 'http://127.0.0.1:9000',
      bucket: 'bids',
      region: 'us-east-1',
    })
    for (const wrong of [
      '',
      'bids',
      'ftp://host/bids',
      'http://host',
      'http://host/a/b',
      'http://u:p@host/bids',
      'http://host/BIDS',
    ]) {
      expect(() => s3PlaceOf(wrong)).toThrow('arguments.bad')
    }
  })
})
