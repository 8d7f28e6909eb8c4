import {
  acceptableCrl,
  acceptableOcspResponse,
  authorityAddresses,
  encodeOcspRequest,
  maxCrlLength,
  maxOcspResponseLength,
  throwIfCancelled,
} from '../../../crypto/index.ts'
import type { Certificate, JobControl } from '../../../crypto/index.ts'
import type { Ports } from '../ports.ts'
import { fetchBounded, type FetchTrouble, type Question } from './fetch-bounded.ts'
import { digestOf, shelfAt } from './shelf.ts'

/** What came of one address. */
export interface RefreshedSource {
  readonly kind: 'crl' | 'ocsp' | 'issuer'
  /** As it stands in the certificate: a stranger's words. */
  readonly address: string
  /**
   * `newer`, `same`: kept; `older`: the kept one is newer, this one was not taken; `unusable`: nothing an authority of the
   * path has signed for this; else why there was no answer.
   */
  readonly outcome: 'newer' | 'same' | 'older' | 'unusable' | FetchTrouble
}

/** What fetching needs of the ports. */
export type FetchPorts = Pick<Ports, 'http' | 'home' | 'clock' | 'randomness'>

/** Bounds of one refresh. Times are in milliseconds. */
export interface RefreshLimits {
  readonly oneAnswer: number
  readonly altogether: number
}

export const usualLimits: RefreshLimits = { oneAnswer: 15_000, altogether: 60_000 }

/** Most distribution points of a certificate, most addresses of one, most questions of one refresh, and how many at a time. */
const maxPoints = 4
const maxAddresses = 3
const maxQuestions = 48
const atOnce = 4

/**
 * Fetches what the authorities of these valid paths (leaf to anchor) publish of their certificates now: lists from the
 * distribution points, answers from the OCSP responders. What is signed by who may goes into the home and serves offline
 * from then on. Addresses that fail are told, not thrown. Throws `cancelled` and `output.*` alone.
 */
export async function refreshRevocation(
  ports: FetchPorts,
  paths: readonly (readonly Certificate[])[],
  { signal }: JobControl,
  limits: RefreshLimits = usualLimits,
): Promise<readonly RefreshedSource[]> {
  const ending = new AbortController()
  const end = (): void => ending.abort()
  const timer = setTimeout(end, limits.altogether)
  signal?.addEventListener('abort', end, { once: true })
  try {
    throwIfCancelled(signal)
    const sources: RefreshedSource[] = []
    const waiting = [...questionsOf(ports, paths).values()].slice(0, maxQuestions)
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        for (const address of next.addresses.slice(0, maxAddresses)) {
          const source = await askOne(ports, next, address, ending.signal, limits)
          throwIfCancelled(signal)
          sources.push(source)
          if (['newer', 'same', 'older'].includes(source.outcome)) break
        }
      }
    }
    // Nobody is left at work behind the caller's back, whatever happens to one of them.
    for (const end of await Promise.allSettled(Array.from({ length: atOnce }, worker))) {
      if (end.status === 'rejected') throw end.reason
    }
    return sources
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', end)
  }
}

/** One thing to be found out; its addresses are as good as one another. */
interface RevocationQuestion {
  readonly kind: 'crl' | 'ocsp'
  /** The certificate it is about, to the anchor. */
  readonly path: readonly Certificate[]
  readonly addresses: readonly string[]
  readonly place: Uint8Array | string
  readonly question: Question
  readonly limit: number
  readonly accept: (bytes: Uint8Array, now: Date) => ReturnType<typeof acceptableCrl>
}

/** By what is asked for: certificates of one authority share its lists. */
function questionsOf(
  ports: FetchPorts,
  paths: readonly (readonly Certificate[])[],
): ReadonlyMap<string, RevocationQuestion> {
  const questions = new Map<string, RevocationQuestion>()
  for (const whole of paths) {
    for (const [index, certificate] of whole.slice(0, -1).entries()) {
      const path = whole.slice(index)
      const { crls, ocsp } = authorityAddresses(certificate)
      for (const addresses of crls.slice(0, maxPoints)) {
        const list = listQuestion(path, addresses)
        questions.set(`${digestOf(certificate.issuer)} ${addresses.join(' ')}`, list)
      }
      if (ocsp.length > 0) questions.set(digestOf(certificate.der), answerQuestion(ports, path, certificate, ocsp))
    }
  }
  return questions
}

function listQuestion(path: readonly Certificate[], addresses: readonly string[]): RevocationQuestion {
  return {
    kind: 'crl',
    path,
    addresses,
    place: addresses.join('\n'),
    question: { method: 'GET' },
    limit: maxCrlLength,
    accept: (bytes, now) => acceptableCrl(bytes, path, now),
  }
}

function answerQuestion(
  { randomness }: FetchPorts,
  path: readonly Certificate[],
  certificate: Certificate,
  addresses: readonly string[],
): RevocationQuestion {
  const [, issuer = certificate] = path
  const nonce = randomness.bytes(16)
  // Responders of the national algorithms know certificates by SM3; SHA-1 is what every other one knows.
  const hash = issuer.key.kind === 'sm2' ? 'sm3' : 'sha1'
  return {
    kind: 'ocsp',
    path,
    addresses,
    place: certificate.der,
    question: {
      method: 'POST',
      headers: { 'content-type': 'application/ocsp-request', accept: 'application/ocsp-response' },
      body: encodeOcspRequest({ certificate, issuer, hash, nonce }),
    },
    limit: maxOcspResponseLength,
    accept: (bytes, now) => acceptableOcspResponse(bytes, path, now, nonce),
  }
}

async function askOne(
  ports: FetchPorts,
  { kind, path, place, question, limit, accept }: RevocationQuestion,
  address: string,
  signal: AbortSignal,
  limits: RefreshLimits,
): Promise<RefreshedSource> {
  const [certificate] = path
  // The time for all is over: the rest is not begun.
  if (certificate === undefined || signal.aborted) return { kind, address, outcome: 'unreachable' }
  const bounds = { bytes: limit, milliseconds: limits.oneAnswer }
  const fetched = await fetchBounded(ports.http, address, question, { ...bounds, signal }).catch((error: unknown) => {
    if (signal.aborted) return { ok: false, trouble: 'unreachable' } as const
    throw error
  })
  if (!fetched.ok) return { kind, address, outcome: fetched.trouble }
  const span = accept(fetched.bytes, ports.clock.now())
  if (span === null) return { kind, address, outcome: 'unusable' }
  const series = { kind, issuer: certificate.issuer, place }
  return { kind, address, outcome: await shelfAt(ports.home.revocation).put(series, span, fetched.bytes) }
}
