import { AppFailure } from '../contract/failure.ts'
import { namedRefusal, refusalOf } from '../http/index.ts'
import type { HttpPort, HttpResponse } from '../http/index.ts'

const version = { 'tus-resumable': '1.0.0' }

/** Longest wait that is granted to a platform that asks for one, in milliseconds. */
const longestAsked = 60_000

/** The upload cannot be gone on with now: 409, 423, 429. It may have been said how long to wait, in milliseconds. */
export class NotNow extends AppFailure {
  readonly after: number | null

  constructor(status: number, after: number | null) {
    super('platform.unreachable', `the platform cannot take the part now (HTTP ${status})`)
    this.after = after
  }
}

/**
 * Bytes the platform has of an upload. Throws `platform.refused` when it expects another length than ours, and as
 * {@link sendChunk} does.
 */
export async function readOffset(http: HttpPort, url: string, size: number, signal: AbortSignal): Promise<number> {
  const response = await http.request({ method: 'HEAD', url, headers: version, signal })
  if (response.status !== 200) throw await refusal(response)
  response.discard()
  const length = integerHeader(response, 'upload-length')
  if (length !== size) throw new AppFailure('platform.refused', 'the platform expects another length for this part')
  const offset = integerHeader(response, 'upload-offset')
  if (offset > size) throw new AppFailure('platform.refused', 'the platform claims more bytes than the part has')
  return offset
}

/** Bytes to be appended to an upload. */
export interface Chunk {
  readonly offset: number
  readonly length: number
  readonly body: AsyncIterable<Uint8Array>
}

/**
 * Appends bytes at an offset and answers the platform's new offset. Throws `platform.unreachable` for what is worth
 * asking the offset again: network faults, 409 (the offsets differ), 423 (locked), 429, and any other answer that is not
 * the platform's; `platform.storage` for 507, `platform.unknown` when the upload is gone (404, 410), and whatever other refusal
 * the platform names, with its words (`platform.late`).
 */
export async function sendChunk(http: HttpPort, url: string, chunk: Chunk, signal: AbortSignal): Promise<number> {
  const { offset, length, body } = chunk
  const response = await http.request({
    method: 'PATCH',
    url,
    headers: { ...version, 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' },
    ...{ body, length, signal },
  })
  if (response.status !== 204 && response.status !== 200) throw await refusal(response)
  response.discard()
  const confirmed = integerHeader(response, 'upload-offset')
  // No progress would loop for ever, more than was sent is not ours: both are settled by asking for the offset.
  if (confirmed <= offset || confirmed > offset + length) {
    throw new AppFailure('platform.unreachable', 'the platform confirmed an offset that was not sent')
  }
  return confirmed
}

async function refusal(response: HttpResponse): Promise<AppFailure> {
  const { status } = response
  const body = await response.bytes(65_536).catch(() => new Uint8Array())
  const named = namedRefusal(status, body)
  const vague = named === null || named.code === 'platform.unreachable'
  // The protocol's own meaning of 409 is that the offsets differ; a platform that refuses names why.
  if (vague && (status === 409 || status === 423 || status === 429)) return new NotNow(status, askedWait(response))
  if (!vague && named.code !== 'platform.refused') return named
  const failure = refusalOf(status, body)
  const { platformSays } = failure.failure
  const says = platformSays === undefined ? {} : { platformSays }
  if (status === 507) return new AppFailure('platform.storage', 'the platform has no space left for the part', says)
  return status === 404 || status === 410
    ? new AppFailure('platform.unknown', 'the platform no longer knows this upload', says)
    : failure
}

/** `retry-after` in seconds, as far as it is sensible. */
function askedWait({ headers }: HttpResponse): number | null {
  const text = headers['retry-after'] ?? ''
  return /^\d{1,6}$/.test(text) ? Math.min(longestAsked, Number(text) * 1000) : null
}

function integerHeader(response: HttpResponse, name: string): number {
  const text = response.headers[name] ?? ''
  if (!/^(0|[1-9][0-9]{0,15})$/.test(text)) {
    throw new AppFailure('platform.unreachable', `the answer has no readable ${name}`)
  }
  return Number(text)
}
