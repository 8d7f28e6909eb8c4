import { AppFailure, isFailureCode } from '../contract/failure.ts'
import type { FailureCode } from '../contract/failure.ts'

/** Areas whose codes a platform may name; whatever else it says is a plain refusal (a platform can't lock a PIN). */
const platformAreas = ['platform', 'seal', 'document', 'cert', 'tender', 'opening']

/**
 * The failure an answer other than 2xx stands for. `body` is `{code, detail, says}`. A code we don't know is
 * `platform.refused`, in a 5xx, 408 or 429 `platform.unreachable`. An answer that names none is not the platform's but that of
 * something on the way (a proxy's 502, the redirect or the page of a network that wants a login first), and is
 * `platform.unreachable`: who waits hears from the platform later.
 */
export function refusalOf(status: number, body: Uint8Array): AppFailure {
  const named = namedRefusal(status, body)
  if (named !== null) return named
  const refusal = parse(body)
  if (!namesCode(refusal)) return notThePlatform(`HTTP ${status}`)
  return new AppFailure(
    status >= 500 || status === 429 || status === 408 ? 'platform.unreachable' : 'platform.refused',
    `the platform answered HTTP ${status}`,
    wordsOf(refusal),
  )
}

/** The failure an answer names by one of our codes, with the platform's words; null when it names none. */
export function namedRefusal(status: number, body: Uint8Array): AppFailure | null {
  const refusal = parse(body)
  const code = codeOf(refusal)
  return code === null ? null : new AppFailure(code, line(refusal, 'detail') ?? `HTTP ${status}`, wordsOf(refusal))
}

/** The failure of an answer that something on the way to the platform has given in its place. */
export function notThePlatform(what: string, cause?: unknown): AppFailure {
  return new AppFailure('platform.unreachable', `the answer is not the platform's (${what})`, { cause })
}

function wordsOf(refusal: object | null): { readonly platformSays?: string } {
  const says = line(refusal, 'says')
  return says === null ? {} : { platformSays: says }
}

function namesCode(refusal: object | null): boolean {
  return refusal !== null && 'code' in refusal && typeof refusal.code === 'string'
}

function parse(body: Uint8Array): object | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    return typeof value === 'object' ? value : null
  } catch {
    return null
  }
}

function codeOf(refusal: object | null): FailureCode | null {
  if (refusal === null || !('code' in refusal) || !isFailureCode(refusal.code)) return null
  return platformAreas.includes(refusal.code.split('.')[0] ?? '') ? refusal.code : null
}

/** A sentence for people: bounded, and without characters that could draw on a terminal. */
function line(refusal: object | null, name: string): string | null {
  const value: unknown = refusal === null ? undefined : (refusal as Readonly<Record<string, unknown>>)[name]
  return typeof value === 'string' ? value.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ').slice(0, 300) : null
}
