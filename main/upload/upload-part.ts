import { AppFailure } from '../contract/failure.ts'
import type { ByteSource, JobControl } from '../../crypto/index.ts'
import { isUnreachable, jitteredWait, patientRetry } from '../http/index.ts'
import type { HttpPort, RetryPolicy } from '../http/index.ts'
import { attempt, LineCut } from './attempt.ts'
import { openChunkSize, uploadChunkBytes } from './chunk-size.ts'
import { watchLine } from './line-watch.ts'
import type { LineSenses } from './line-watch.ts'
import { openPace } from './pace.ts'
import { readAhead } from './read-ahead.ts'
import { watchSource } from './source-watch.ts'
import type { RequireUnchanged } from './source-watch.ts'
import { NotNow, readOffset, sendChunk } from './tus-protocol.ts'
import { waitOnLine } from './wait-on-line.ts'

export interface UploadPartOptions extends JobControl {
  /** The upload's own address, made by the platform. */
  readonly url: string
  readonly source: ByteSource
  readonly http: HttpPort
  readonly retry?: RetryPolicy | undefined
  /** Bytes a second at most. */
  readonly limit?: number | undefined
  /** Asked before each request; begins here unless it is given. */
  readonly unchanged?: RequireUnchanged | undefined
  /** Milliseconds without a byte taken, or confirmed, after which a connection counts as dead. */
  readonly patience?: number | undefined
  readonly senses?: LineSenses | undefined
}

const usualPatience = 30_000

/**
 * Uploads one part (tus 1.0.0 core), going on where the platform's offset stands. Progress counts bytes the platform
 * has confirmed, never bytes sent; of those at most {@link uploadChunkBytes} are unconfirmed at any time. Faults of the
 * network, 5xx, 409, 423 and 429 are waited out with full jitter; the count of tries starts again whenever more bytes are
 * confirmed than ever before. After a sleep or a change of the network the offset is asked at once. Aborting is a pause: what
 * the platform has it keeps, and the same call goes on. Throws `platform.unreachable` or `platform.proxy` when the patience
 * ends, `platform.storage` when the platform's disk stays full, `platform.refused` or `platform.unknown` when it won't have
 * the part, `input.changed` when the file was written to, `cancelled`.
 */
export async function uploadPart(options: UploadPartOptions): Promise<void> {
  const { source, http, url, signal, senses = {}, patience = usualPatience } = options
  const policy = options.retry ?? patientRetry
  const unchanged = options.unchanged ?? (await watchSource(source))
  const monotonic = senses.monotonic ?? (() => performance.now())
  const pace = openPace(options.limit, monotonic)
  const size = openChunkSize(patience)
  const ahead = readAhead(source, uploadChunkBytes)
  const line = watchLine(senses)
  let furthest = -1
  let repetition = 0

  function report(offset: number): void {
    if (offset > furthest) {
      furthest = offset
      repetition = 0
    }
    options.onProgress?.({ stage: 'upload', done: offset, total: source.size })
  }

  /** One request with the bytes at an offset; answers the platform's new offset. */
  async function send(offset: number): Promise<number> {
    const bytes = await ahead.take(offset, Math.min(size.bytes, source.size - offset))
    const next = offset + bytes.length
    if (next < source.size) ahead.expect(next, Math.min(uploadChunkBytes, size.bytes * 2, source.size - next))
    // After the reading, so that what leaves is what was there before.
    await unchanged()
    const began = monotonic()
    const confirmed = await attempt({ signal, line }, ({ signal: ending, within }) => {
      const piece = Math.min(pace.piece, Math.max(16_384, Math.ceil(bytes.length / 8)))
      async function* pieces(): AsyncGenerator<Uint8Array> {
        for (let start = 0; start < bytes.length; start += piece) {
          const part = bytes.subarray(start, start + piece)
          await pace.take(part.length, ending)
          within(patience)
          yield part
        }
        within(size.patience)
      }
      within(patience)
      return sendChunk(http, url, { offset, length: bytes.length, body: pieces() }, ending)
    })
    size.confirmed(confirmed - offset, monotonic() - began)
    return confirmed
  }

  try {
    for (;;) {
      try {
        let offset = await attempt({ signal, line }, ({ signal: ending, within }) => {
          within(patience)
          return readOffset(http, url, source.size, ending)
        })
        report(offset)
        while (offset < source.size) {
          offset = await send(offset)
          report(offset)
        }
        return
      } catch (error) {
        if (!worthAnotherTry(error)) throw error
        if (!(error instanceof NotNow)) size.lost()
        // Neither a sleep nor another network says anything of the platform; idle connections lead nowhere after both.
        if (error instanceof LineCut) {
          http.refresh?.()
          continue
        }
        if (++repetition >= policy.tries) throw error
        const asked = error instanceof NotNow ? (error.after ?? 0) : 0
        await waitOnLine(Math.max(asked, jitteredWait(policy, repetition - 1)), { signal, line })
      }
    }
  } finally {
    line.close()
  }
}

function worthAnotherTry(error: unknown): boolean {
  return isUnreachable(error) || (error instanceof AppFailure && error.code === 'platform.storage')
}
