import { CryptoFailure, judgeRevocation, parseCertificate, requireNotRevoked } from '../../../crypto/index.ts'
import type { Certificate } from '../../../crypto/index.ts'
import type { Ports } from '../ports.ts'
import { findChain } from '../revocation/chain.ts'
import { keptEvidence } from '../revocation/evidence.ts'
import { shelfAt } from '../revocation/shelf.ts'
import type { LockKey } from '../tokens/locks.ts'

/**
 * Refuses a signing certificate nobody would accept today: out of its dates, or known to have been revoked as far as what
 * is at hand tells. Nothing is fetched; where no chain to an anchor is found nothing is known of revocation. Answers the
 * certificate. Throws `cert.expired`, `cert.revoked`.
 */
export async function requireUsableSigner(
  ports: Ports,
  { token, certificate }: LockKey,
  anchors: readonly Certificate[],
): Promise<Certificate> {
  const signer = parseCertificate(certificate.certificate)
  const at = ports.clock.now()
  if (at < signer.notBefore || at > signer.notAfter) {
    throw new CryptoFailure('cert.expired', 'the signing certificate is not valid today')
  }
  const path = await pathOf(ports, signer, around(token), anchors, at)
  if (path === null) return signer
  const evidence = await keptEvidence(shelfAt(ports.home.revocation), path, at)
  requireNotRevoked(judgeRevocation(path, evidence, at), { unknown: 'accept' })
  return signer
}

async function pathOf(
  ports: Ports,
  certificate: Certificate,
  intermediates: readonly Certificate[],
  anchors: readonly Certificate[],
  at: Date,
): Promise<readonly Certificate[] | null> {
  try {
    const question = { certificate, intermediates, anchors, use: 'sign', at, fetch: false } as const
    return (await findChain(ports, question, {})).path
  } catch (error) {
    if (error instanceof CryptoFailure && error.code.startsWith('cert.')) return null
    throw error
  }
}

/** What stands on the token beside the signer's certificate, as far as it can be read. */
function around({ certificates }: LockKey['token']): readonly Certificate[] {
  return certificates.flatMap(({ certificate }) => {
    try {
      return [parseCertificate(certificate)]
    } catch (error) {
      if (error instanceof CryptoFailure) return []
      throw error
    }
  })
}
