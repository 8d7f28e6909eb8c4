import { displayName, findCreditCode, gm1, intl1, readableCertificate, toHex } from '../../../crypto/index.ts'
import type { Certificate, Suite, TokenSummary } from '../../../crypto/index.ts'
import { toFailure } from '../failure.ts'
import type { ModuleReference, Ports } from '../ports.ts'
import { judgeKept, keptPath } from '../revocation/judge-chain.ts'
import { driverOf } from '../tokens/loadable.ts'
import type { KeyHere, LockHere } from './facts.ts'
import type { GatheredBid } from './gather-bids.ts'

/** A module that could not be looked into. */
export interface UnseenModule {
  readonly path: string
  readonly code: string
}

/** The locks that can be seen now. */
export interface GatheredLocks {
  readonly locks: readonly LockHere[]
  readonly unseen: readonly UnseenModule[]
}

/** Looks at every lock, without a PIN; a module that fails hides no other. What is asked of certificates is asked for each bid. */
export async function gatherLocks(
  ports: Ports,
  modules: readonly ModuleReference[],
  bids: readonly GatheredBid[],
): Promise<GatheredLocks> {
  const unseen: UnseenModule[] = []
  const found = await Promise.all(
    modules.map(async module => {
      try {
        return await driverOf(ports.tokens, module).list()
      } catch (error) {
        unseen.push({ path: module.path, code: toFailure(error).code })
        return []
      }
    }),
  )
  return { locks: await Promise.all(found.flat().map(token => lockOf(ports, token, bids))), unseen }
}

async function lockOf(ports: Ports, token: TokenSummary, bids: readonly GatheredBid[]): Promise<LockHere> {
  const around = token.certificates.flatMap(({ certificate }) => readableCertificate(certificate) ?? [])
  const keys = await Promise.all(
    token.certificates.flatMap(({ certificate, uses }) => {
      const parsed = readableCertificate(certificate)
      return parsed === null ? [] : uses.map(use => keyOf(ports, parsed, use, around, bids))
    }),
  )
  return { uri: token.uri, label: token.label, pin: token.pin.state, keys }
}

async function keyOf(
  ports: Ports,
  certificate: Certificate,
  use: KeyHere['use'],
  intermediates: readonly Certificate[],
  bids: readonly GatheredBid[],
): Promise<KeyHere> {
  const creditCode = findCreditCode(certificate)?.code ?? null
  const accepted = new Map<string, boolean>()
  const revokedSince = new Map<string, string>()
  const now = ports.clock.now()
  // Judged while it is valid: its dates are another rule's.
  const at =
    now > certificate.notAfter ? certificate.notAfter : now < certificate.notBefore ? certificate.notBefore : now
  for (const { bid, tender } of bids) {
    if (tender === null || (creditCode !== null && creditCode !== bid.creditCode)) continue
    const question = { certificate, intermediates, anchors: tender.anchors, use, at }
    accepted.set(bid.sealId, (await keptPath(ports, question)) !== null)
    const revoked = (await judgeKept(ports, question))?.find(({ status }) => status === 'revoked')
    if (revoked?.status === 'revoked') revokedSince.set(bid.sealId, revoked.since.toISOString())
  }
  return {
    use,
    subject: displayName(certificate.subject),
    issuer: toHex(certificate.issuer),
    issuerName: displayName(certificate.issuer),
    notAfter: certificate.notAfter,
    creditCode,
    digests: { 'intl-1': digestsBy(intl1, certificate), 'gm-1': digestsBy(gm1, certificate) },
    accepted,
    revokedSince,
  }
}

function digestsBy(suite: Suite, { der, publicKeyInfo }: Certificate): KeyHere['digests']['intl-1'] {
  return { certificate: toHex(suite.digest(der)), publicKey: toHex(suite.digest(publicKeyInfo)) }
}
