import { AppFailure } from '../../contract/failure.ts'
import type { HttpPort, HttpRequest, HttpResponse } from '../../http/index.ts'

/** Why nothing came of an address. */
export type FetchTrouble =
  /** The address itself is refused: another scheme, a password in it, absurdly long. */
  | 'address'
  /** No whole answer came, or not in time. */
  | 'unreachable'
  /** An answer that is none: an error, or a redirect that is not followed. */
  | 'refused'
  | 'too-long'

export type Fetched =
  { readonly ok: true; readonly bytes: Uint8Array } | { readonly ok: false; readonly trouble: FetchTrouble }

export interface FetchLimits {
  /** Longest answer, in bytes. */
  readonly bytes: number
  /** From the first connection to the last byte, redirects included. */
  readonly milliseconds: number
  readonly signal?: AbortSignal | undefined
}

/** What is asked; the address is separate, because it comes from a certificate. */
export type Question = Pick<HttpRequest, 'method' | 'headers' | 'body'>

const maxAddress = 2048
const maxRedirects = 3

/**
 * Asks an address that stands in a certificate. SECURITY: whoever issues certificates chooses it, so it is asked for little:
 * http and https only, no user name or password in it, nothing of ours sent along (no cookies, no credentials), at most three
 * redirects under the same rules, a bounded answer in a bounded time; and the caller keeps an answer only if an authority
 * signed it, and shows nobody its bytes. Addresses of private networks are asked like others: authorities of companies and of
 * trading platforms publish their lists inside, and this program has no powers there that the user has not. Fails with
 * `cancelled` alone.
 */
export async function fetchBounded(
  http: HttpPort,
  address: string,
  question: Question,
  limits: FetchLimits,
): Promise<Fetched> {
  const { signal } = limits
  const ending = new AbortController()
  const end = (): void => ending.abort()
  const timer = setTimeout(end, limits.milliseconds)
  signal?.addEventListener('abort', end, { once: true })
  if (signal?.aborted === true) end()
  try {
    return await follow(http, address, question, limits.bytes, ending.signal)
  } catch (error) {
    if (signal?.aborted === true) throw new AppFailure('cancelled', 'stopped at the request of the caller')
    if (!(error instanceof AppFailure)) throw error
    return { ok: false, trouble: error.code === 'platform.refused' ? 'too-long' : 'unreachable' }
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', end)
  }
}

async function follow(
  http: HttpPort,
  address: string,
  question: Question,
  limit: number,
  signal: AbortSignal,
): Promise<Fetched> {
  let url = askable(address)
  for (let redirects = 0; url !== null; redirects += 1) {
    const response = await http.request({ ...question, url: url.href, signal })
    if (response.status === 200) return await bodyOf(response, limit)
    response.discard()
    const target: string | undefined = response.headers['location']
    // A POST that is sent elsewhere (302) would become a GET: only what may be asked again as it is, is.
    const again = question.method === 'GET' ? [301, 302, 303, 307, 308] : [307, 308]
    if (target === undefined || !again.includes(response.status) || redirects >= maxRedirects) {
      return { ok: false, trouble: 'refused' }
    }
    url = askable(target, url)
  }
  return { ok: false, trouble: 'address' }
}

/** Longer ones are not begun where the answer says its length. */
async function bodyOf(response: HttpResponse, limit: number): Promise<Fetched> {
  if (Number(response.headers['content-length'] ?? 0) > limit) {
    response.discard()
    return { ok: false, trouble: 'too-long' }
  }
  return { ok: true, bytes: await response.bytes(limit) }
}

/** The address if it may be asked, else null. */
function askable(address: string, base?: URL): URL | null {
  if (address.length > maxAddress) return null
  try {
    const url = new URL(address, base)
    const web = url.protocol === 'http:' || url.protocol === 'https:'
    return web && url.username === '' && url.password === '' ? url : null
  } catch {
    return null
  }
}
