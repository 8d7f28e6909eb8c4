import { CryptoFailure, judgeRevocation } from '../../../crypto/index.ts'
import type { Certificate, JobControl, JudgedCertificate } from '../../../crypto/index.ts'
import { type ChainQuestion, findChain, type FoundChain } from './chain.ts'
import { keptEvidence } from './evidence.ts'
import { type RevocationFacts, revocationFacts } from './facts.ts'
import { type FetchPorts, refreshRevocation, type RefreshLimits, usualLimits } from './refresh.ts'
import { shelfAt } from './shelf.ts'

/** The way of a certificate to an authority, and what is known of the revocation of those on it. */
export interface JudgedChain extends FoundChain {
  /** Of every certificate of the path but the anchor; one that was revoked is told, not thrown. */
  readonly revocation: readonly RevocationFacts[]
}

/**
 * Judges a certificate as the user has it, for a diagnosis: its chain, and its revocation by what is at hand, fetched before
 * where `fetch` says so. Throws `cert.*` where there is no chain, `cancelled`, `output.*`; addresses that fail are told in
 * `sources`.
 */
export async function judgeChain(
  ports: FetchPorts,
  question: ChainQuestion,
  control: JobControl,
  limits: RefreshLimits = usualLimits,
): Promise<JudgedChain> {
  const found = await findChain(ports, question, control, limits)
  const { path } = found
  const fetched = question.fetch ? await refreshRevocation(ports, [path], control, limits) : []
  const evidence = await keptEvidence(shelfAt(ports.home.revocation), path, question.at)
  const revocation = revocationFacts(judgeRevocation(path, evidence, question.at))
  return { path, sources: [...found.sources, ...fetched], revocation }
}

/** The way to an anchor by what is at hand; null where none leads there. Fetches nothing. */
export async function keptPath(
  ports: FetchPorts,
  question: Omit<ChainQuestion, 'fetch'>,
): Promise<readonly Certificate[] | null> {
  try {
    return (await findChain(ports, { ...question, fetch: false }, {})).path
  } catch (error) {
    if (error instanceof CryptoFailure && error.code.startsWith('cert.')) return null
    throw error
  }
}

/** What is at hand about the revocation of those on the way to an anchor; null where there is no way. Fetches nothing. */
export async function judgeKept(
  ports: FetchPorts,
  question: Omit<ChainQuestion, 'fetch'>,
): Promise<readonly JudgedCertificate[] | null> {
  const path = await keptPath(ports, question)
  if (path === null) return null
  return judgeRevocation(path, await keptEvidence(shelfAt(ports.home.revocation), path, question.at), question.at)
}
