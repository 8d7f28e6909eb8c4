import { checkTimestampReply, CryptoFailure, maxTimestampLength } from '../../../crypto/index.ts'
import { TimestampRefused, timestampRequest } from '../../../crypto/index.ts'
import type { Imprint, TimestampReply } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { type HttpResponse, retrying, type RetryPolicy } from '../../http/index.ts'
import type { Ports } from '../ports.ts'

/** A time-stamp server and what is asked of it. */
export interface TimeStampServer {
  /** http or https, without a user name in it. */
  readonly url: string
  /** Dotted; its own when it is not told. */
  readonly policy?: string | undefined
}

/** Asks for a time stamp of these 32 bytes. */
export type AskTimeStamp = (imprint: Imprint) => Promise<TimestampReply>

export interface TimeStampLimits {
  /** Milliseconds from the first connection to the last byte. */
  readonly oneAnswer: number
  readonly retry: RetryPolicy
}

export const usualTimeStampLimits: TimeStampLimits = {
  oneAnswer: 20_000,
  retry: { tries: 2, firstWait: 500, longestWait: 2_000 },
}

const maxAddress = 2048

/** RFC 3161, 3.4. */
const queryType = 'application/timestamp-query'
const replyType = 'application/timestamp-reply'

/** What a server may call its answer: some name nothing, or an older name. The signature in it decides. */
const replyTypes: readonly string[] = [replyType, 'application/timestamp-response', 'application/octet-stream', '']

/**
 * Time stamps of a server over HTTP. Redirects are not followed. The address is judged at once: `arguments.bad`. What is
 * answered throws `platform.unreachable` when no whole answer comes in time, `platform.refused` for anything that is no time
 * stamp of this question, with the server's words where it has some, and `cancelled`.
 */
export function timeStampsOf(
  { http, randomness }: Pick<Ports, 'http' | 'randomness'>,
  { url, policy }: TimeStampServer,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
  limits: TimeStampLimits = usualTimeStampLimits,
): AskTimeStamp {
  const address = requireAddress(url)
  if (policy !== undefined && !/^[0-2](\.(0|[1-9][0-9]{0,38})){1,30}$/.test(policy)) {
    throw new AppFailure('arguments.bad', 'a policy of a time-stamp server is a dotted number')
  }

  async function ask(body: Uint8Array, ending: AbortSignal): Promise<Uint8Array> {
    const headers = { 'content-type': queryType, accept: replyType }
    const response = await http.request({ method: 'POST', url: address, headers, body, signal: ending })
    const trouble = troubleWith(response)
    if (trouble === null) return response.bytes(maxTimestampLength)
    response.discard()
    // A server that is out of order may be in order again; what it says of a question stays so.
    throw new AppFailure(response.status >= 500 ? 'platform.unreachable' : 'platform.refused', trouble)
  }

  return async imprint => {
    const request = timestampRequest(imprint, { randomness, ...(policy === undefined ? {} : { policy }) })
    const answer = await retrying(
      limits.retry,
      () => within(limits.oneAnswer, signal, end => ask(request.der, end)),
      signal,
    )
    try {
      return checkTimestampReply(answer, request)
    } catch (error) {
      if (!(error instanceof CryptoFailure)) throw error
      const says = error instanceof TimestampRefused ? error.authoritySays : null
      throw new AppFailure('platform.refused', error.detail, {
        cause: error,
        ...(says === null ? {} : { platformSays: says }),
      })
    }
  }
}

function requireAddress(url: string): string {
  const parsed = url.length > maxAddress ? null : urlOf(url)
  const isWeb = parsed?.protocol === 'http:' || parsed?.protocol === 'https:'
  if (parsed === null || !isWeb)
    throw new AppFailure('arguments.bad', 'a time-stamp server has an http or https address')
  // SECURITY: an address ends up in logs and process lists.
  if (parsed.username !== '' || parsed.password !== '') {
    throw new AppFailure('arguments.bad', 'a password does not belong into the address of a time-stamp server')
  }
  return parsed.href
}

function urlOf(text: string): URL | null {
  try {
    return new URL(text)
  } catch {
    return null
  }
}

/** Why an answer is none, by its head; null when it may be one. */
function troubleWith({ status, headers }: HttpResponse): string | null {
  if (status >= 300 && status < 400) return 'the time-stamp server sends elsewhere (a redirect is not followed)'
  if (status !== 200) return `the time-stamp server answered with HTTP status ${status}`
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (!replyTypes.includes(type))
    return `the time-stamp server answered something else than a time stamp (${type.slice(0, 80)})`
  if (Number(headers['content-length'] ?? 0) > maxTimestampLength) return 'the time-stamp server’s answer is too long'
  return null
}

async function within<T>(
  milliseconds: number,
  signal: AbortSignal | undefined,
  work: (ending: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController()
  const end = (): void => {
    ending.abort()
  }
  const timer = setTimeout(end, milliseconds)
  signal?.addEventListener('abort', end, { once: true })
  if (signal?.aborted === true) end()
  try {
    return await work(ending.signal)
  } catch (error) {
    if (signal?.aborted === true) throw new AppFailure('cancelled', 'stopped at the request of the caller')
    if (ending.signal.aborted)
      throw new AppFailure('platform.unreachable', 'the time-stamp server did not answer in time')
    throw named(error)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', end)
  }
}

/** The port's failures say nothing of whom was asked. */
function named(error: unknown): unknown {
  if (!(error instanceof AppFailure) || (error.failure.detail ?? '').includes('time-stamp')) return error
  return new AppFailure(error.code, `time-stamp server: ${error.failure.detail ?? ''}`, { cause: error })
}
