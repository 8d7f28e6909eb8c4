import { AppFailure } from '../contract/failure.ts'
import type { ByteSource, JobControl } from '../../crypto/index.ts'
import { isUnreachable, jitteredWait, patientRetry, waitOrStop } from '../http/index.ts'
import type { HttpPort, RetryPolicy } from '../http/index.ts'
import { readOffset, sendChunk } from './tus-protocol.ts'

/** Bytes of one PATCH: what a fault can cost at most, and all the memory an upload takes. */
export const uploadChunkBytes = 4 * 1024 * 1024

export interface UploadPartOptions extends JobControl {
  /** The upload's own address, made by the platform. */
  readonly url: string
  readonly source: ByteSource
  readonly http: HttpPort
  readonly retry?: RetryPolicy
}

/**
 * Uploads one part (tus 1.0.0 core), going on where the platform's offset stands. Progress counts bytes the platform
 * has confirmed, never bytes sent. Faults of the network, 5xx and 423 are waited out with full jitter; the count of tries
 * starts again whenever more bytes are confirmed than ever before. Throws `platform.unreachable` when the patience ends,
 * `platform.storage` when the platform's disk stays full, `platform.refused` or `platform.unknown` when it won't have the part, `input.changed` from the source, `cancelled`.
 */
export async function uploadPart(options: UploadPartOptions): Promise<void> {
  const { source, signal } = options
  const policy = options.retry ?? patientRetry
  const chunk = new Uint8Array(Math.min(uploadChunkBytes, Math.max(source.size, 1)))
  let furthest = -1
  let repetition = 0
  for (;;) {
    try {
      let offset = await readOffset(options.http, options.url, source.size, signal)
      report(offset)
      while (offset < source.size) {
        const bytes = chunk.subarray(0, Math.min(chunk.length, source.size - offset))
        await source.read(offset, bytes)
        offset = await sendChunk(options.http, options.url, offset, bytes, signal)
        report(offset)
      }
      return
    } catch (error) {
      if (!worthAnotherTry(error) || ++repetition >= policy.tries) throw error
      if (signal?.aborted) throw new AppFailure('cancelled', 'stopped at the request of the caller', { cause: error })
    }
    await waitOrStop(jitteredWait(policy, repetition - 1), signal)
  }

  function report(offset: number): void {
    if (offset > furthest) {
      furthest = offset
      repetition = 0
    }
    options.onProgress?.({ stage: 'upload', done: offset, total: source.size })
  }
}

function worthAnotherTry(error: unknown): boolean {
  return isUnreachable(error) || (error instanceof AppFailure && error.code === 'platform.storage')
}
