import { authorityAddresses, CryptoFailure, isIssuedBy, parseCertificate, validatePath } from '../../../crypto/index.ts'
import { readableCertificate, readCertificateFile, throwIfCancelled } from '../../../crypto/index.ts'
import type { Certificate, JobControl, LeafUse } from '../../../crypto/index.ts'
import { fetchBounded } from './fetch-bounded.ts'
import { type FetchPorts, type RefreshedSource, type RefreshLimits, usualLimits } from './refresh.ts'
import { shelfAt } from './shelf.ts'

/** A certificate whose way to an authority is looked for. */
export interface ChainQuestion {
  readonly certificate: Certificate
  /** What may stand between, from the token or the message; certificates fetched before are looked at anyway. */
  readonly intermediates: readonly Certificate[]
  readonly anchors: readonly Certificate[]
  readonly use: LeafUse
  readonly at: Date
  /** Whether missing certificates of authorities may be fetched (AIA caIssuers). */
  readonly fetch: boolean
}

/** The way found, and what was asked for on the way. */
export interface FoundChain {
  /** Leaf to anchor. */
  readonly path: readonly Certificate[]
  readonly sources: readonly RefreshedSource[]
}

/** Longest chain that is completed, and longest file of certificates. */
const maxFetched = 4
const maxLength = 256 * 1024
const maxAddresses = 3

/**
 * Finds the path of a certificate to an anchor, fetching missing intermediates where that is allowed. They get no trust by
 * that: the path is judged like any other. What is found is kept for later. Throws what `validatePath` throws, `cancelled`,
 * `output.*`.
 */
export async function findChain(
  ports: FetchPorts,
  question: ChainQuestion,
  control: JobControl,
  limits: RefreshLimits = usualLimits,
): Promise<FoundChain> {
  const pool = [...question.intermediates, ...(await keptIssuers(ports)).map(parseCertificate)]
  const sources: RefreshedSource[] = []
  for (let fetched = 0; ; fetched += 1) {
    const above = issuersAbove(question.certificate, pool)
    try {
      const { certificate: leaf, anchors, at, use: leafUse } = question
      return { path: validatePath({ leaf, intermediates: above, anchors, at, leafUse }), sources }
    } catch (error) {
      const missing = error instanceof CryptoFailure && error.code === 'cert.untrusted'
      if (!missing || !question.fetch || fetched >= maxFetched) throw error
      const issuer = await fetchIssuer(ports, above.at(-1) ?? question.certificate, control, limits, sources)
      if (issuer === null) throw error
      pool.push(issuer)
    }
  }
}

/** Certificates of authorities that were fetched once, DER: they may help to build chains, and have no trust. */
export async function keptIssuers({ home }: Pick<FetchPorts, 'home'>): Promise<readonly Uint8Array[]> {
  const shelf = shelfAt(home.revocation)
  const pieces = (await shelf.list()).filter(({ kind }) => kind === 'issuer')
  const read = await Promise.all(pieces.map(piece => shelf.read(piece)))
  return read.flatMap(bytes => (bytes !== null && readableCertificate(bytes) !== null ? [bytes] : []))
}

/** The issuers of a certificate in a pool, nearest first, self-issued ones apart: those can only be anchors. */
function issuersAbove(leaf: Certificate, pool: readonly Certificate[]): readonly Certificate[] {
  const found: Certificate[] = []
  let below: Certificate | undefined = leaf
  while (below !== undefined && found.length < 8) {
    const child: Certificate = below
    below = pool.find(
      one => Buffer.compare(one.subject, one.issuer) !== 0 && !found.includes(one) && isIssuedBy(child, one),
    )
    if (below !== undefined) found.push(below)
  }
  return found
}

async function fetchIssuer(
  ports: FetchPorts,
  certificate: Certificate,
  { signal }: JobControl,
  limits: RefreshLimits,
  sources: RefreshedSource[],
): Promise<Certificate | null> {
  for (const address of authorityAddresses(certificate).issuers.slice(0, maxAddresses)) {
    throwIfCancelled(signal)
    const bounds = { bytes: maxLength, milliseconds: limits.oneAnswer, signal }
    const answer = await fetchBounded(ports.http, address, { method: 'GET' }, bounds)
    const issuer = answer.ok ? issuerIn(answer.bytes, certificate) : null
    if (issuer === null) {
      sources.push({ kind: 'issuer', address, outcome: answer.ok ? 'unusable' : answer.trouble })
      continue
    }
    const series = { kind: 'issuer' as const, issuer: issuer.subject, place: issuer.der }
    const span = { thisUpdate: issuer.notBefore, nextUpdate: issuer.notAfter }
    const outcome = await shelfAt(ports.home.revocation).put(series, span, issuer.der)
    sources.push({ kind: 'issuer', address, outcome })
    return issuer
  }
  return null
}

/** The certificate in a file that signed this one; null for none, and for a root, which a chain does not need. */
function issuerIn(bytes: Uint8Array, certificate: Certificate): Certificate | null {
  try {
    const issuer = readCertificateFile(bytes).find(one => isIssuedBy(certificate, one))
    return issuer === undefined || Buffer.compare(issuer.subject, issuer.issuer) === 0 ? null : issuer
  } catch (error) {
    if (error instanceof CryptoFailure) return null
    throw error
  }
}
