import { CryptoFailure, parseCertificate, readableCertificate, requireNotRevoked } from '../../../crypto/index.ts'
import type { Certificate } from '../../../crypto/index.ts'
import type { Ports } from '../ports.ts'
import { judgeKept } from '../revocation/judge-chain.ts'
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
  const question = { certificate: signer, intermediates: around(token), anchors, use: 'sign', at } as const
  const judged = await judgeKept(ports, question)
  if (judged !== null) requireNotRevoked(judged, { unknown: 'accept' })
  return signer
}

/** What stands on the token beside the signer's certificate, as far as it can be read. */
function around({ certificates }: LockKey['token']): readonly Certificate[] {
  return certificates.flatMap(({ certificate }) => readableCertificate(certificate) ?? [])
}
