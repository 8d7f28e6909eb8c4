import { Agent, request } from 'node:http'
import { decodeDocument, sha256Hex, verifyPlatformDocument } from '../../../../crypto/index.ts'
import type { Release, Tender } from '../../../../crypto/index.ts'
import { decodeReleaseAnswer, encodeRelease, fieldsOf, pathOf, platformRoutes } from '../../../platform/index.ts'

/** A release as it goes over the wire, made beforehand. */
export interface PreparedRelease {
  readonly body: Uint8Array
  readonly releaseDigest: string
}

/** Makes the body of a release's request. */
export function preparedRelease(release: Release): PreparedRelease {
  return { body: Buffer.from(JSON.stringify(encodeRelease(release))), releaseDigest: sha256Hex(release.bytes) }
}

/** What sending them came to; milliseconds from the moment one was due to the end of its answer. */
export interface LoadOutcome {
  readonly p50: number
  readonly p99: number
  readonly longest: number
}

/**
 * Sends releases at even distances within so many milliseconds, each over a connection of its own, as from many bidders.
 * Throws unless each was answered by a releaseReceipt of its own that holds.
 */
export async function sendAll(
  url: string,
  openingId: string,
  tender: Tender,
  releases: readonly PreparedRelease[],
  within: number,
): Promise<LoadOutcome> {
  const address = `${url}${pathOf(platformRoutes.release, { openingId })}`
  const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY })
  const began = performance.now() + 50
  const answers = await Promise.all(
    releases.map(async ({ body }, index) => {
      const due = began + (index * within) / releases.length
      await new Promise(resolve => setTimeout(resolve, Math.max(0, due - performance.now())))
      const text = await post(address, body, agent)
      return { text, milliseconds: performance.now() - due }
    }),
  )
  for (const [index, { text }] of answers.entries()) requireReceipt(tender, releases[index], text)
  const times = answers.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b)
  const at = (share: number): number => times[Math.ceil(share * times.length) - 1] ?? Number.NaN
  return { p50: at(0.5), p99: at(0.99), longest: at(1) }
}

function requireReceipt(tender: Tender, release: PreparedRelease | undefined, text: string): void {
  const answer = decodeReleaseAnswer(fieldsOf(JSON.parse(text), 'platform.refused'))
  if (answer.state !== 'receipt') throw new Error('a release waits in the queue')
  const at = new Date(decodeDocument('releaseReceipt', answer.receipt.bytes).serverTime)
  const fields = verifyPlatformDocument('releaseReceipt', answer.receipt, tender, 'opening', at)
  if (fields.releaseDigest !== release?.releaseDigest) throw new Error('a receipt is for another release')
  if (fields.parts.some(part => part.result !== 'matched')) throw new Error('a release did not match')
}

function post(address: string, body: Uint8Array, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length }
    const sent = request(address, { method: 'POST', headers, agent }, response => {
      const pieces: Uint8Array[] = []
      response.on('data', (piece: Uint8Array) => pieces.push(piece))
      response.once('error', reject)
      response.once('end', () => {
        const text = Buffer.concat(pieces).toString()
        if (response.statusCode === 200) resolve(text)
        else reject(new Error(`a release was answered ${response.statusCode ?? 0}: ${text}`))
      })
    })
    sent.once('error', reject)
    sent.end(body)
  })
}
