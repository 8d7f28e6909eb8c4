import { AppFailure, isFailureCode } from '../contract/failure.ts'
import type { FailureCode } from '../contract/failure.ts'

/** Areas whose codes a platform may name; whatever else it says is a plain refusal (a platform can't lock a PIN). */
const platformAreas = ['platform', 'seal', 'document', 'cert', 'tender', 'opening']

/**
 * The failure an answer other than 2xx stands for. `body` is `{code, detail, says}`; anything unreadable is
 * `platform.refused`, or `platform.unreachable` for a 5xx that no platform of ours would send (a proxy's 502, say).
 */
export function refusalOf(status: number, body: Uint8Array): AppFailure {
  const refusal = parse(body)
  const code = codeOf(refusal)
  if (code === null) {
    return status >= 500 || status === 429 || status === 408
      ? new AppFailure('platform.unreachable', `the platform answered HTTP ${status}`)
      : new AppFailure('platform.refused', `the platform answered HTTP ${status}`)
  }
  const says = line(refusal, 'says')
  return new AppFailure(code, line(refusal, 'detail') ?? `HTTP ${status}`, says === null ? {} : { platformSays: says })
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
