import { parseCertificate, readableCertificate, requireNotRevoked, toHex } from '../../../crypto/index.ts'
import type { Certificate, JudgedCertificate, LeafUse, RecipientRequest, Tender } from '../../../crypto/index.ts'
import type { Ports } from '../ports.ts'
import { type RevocationFacts, revocationFacts } from '../revocation/facts.ts'
import { judgeKept } from '../revocation/judge-chain.ts'

/** A recipient whose encryption certificate was taken back. Its lock opens the bid all the same. */
export interface RevokedRecipient {
  readonly role: RecipientRequest['role']
  readonly label: string
  /** Hex. */
  readonly serial: string
  readonly since: string
  readonly reason: string
  /** When the authority said so. */
  readonly asOf: string
}

/**
 * Refuses to seal with a signing certificate that was taken back, as far as what is at hand tells: nobody would accept the
 * bid. Nothing is fetched. Answers what is known of its chain; null where none is found with the certificates `around` it:
 * then the checks of sealing have the last word. Throws `cert.revoked`.
 */
export async function requireSignerNotRevoked(
  ports: Ports,
  tender: Tender,
  signer: Uint8Array,
  around: readonly Uint8Array[],
): Promise<readonly RevocationFacts[] | null> {
  const judged = await judgeNow(ports, tender, parseCertificate(signer), around, 'sign')
  if (judged === null) return null
  requireNotRevoked(judged, { unknown: 'accept' })
  return revocationFacts(judged)
}

/** Which recipients' certificates, or authorities', were taken back: something to tell, because a lost lock opens nothing. */
export async function revokedRecipients(
  ports: Ports,
  tender: Tender,
  recipients: readonly Pick<RecipientRequest, 'role' | 'label' | 'certificate'>[],
  around: readonly Uint8Array[],
): Promise<readonly RevokedRecipient[]> {
  const revoked: RevokedRecipient[] = []
  for (const { role, label = '', certificate } of recipients) {
    const parsed = parseCertificate(certificate)
    const judged = await judgeNow(ports, tender, parsed, around, 'decrypt')
    const verdict = judged?.find(({ status }) => status === 'revoked')
    if (verdict?.status !== 'revoked') continue
    revoked.push({
      role,
      label,
      serial: toHex(parsed.serial),
      since: verdict.since.toISOString(),
      reason: verdict.reason,
      asOf: verdict.asOf.toISOString(),
    })
  }
  return revoked
}

function judgeNow(
  ports: Ports,
  { anchors }: Tender,
  certificate: Certificate,
  around: readonly Uint8Array[],
  use: LeafUse,
): Promise<readonly JudgedCertificate[] | null> {
  const intermediates = around.flatMap(each => readableCertificate(each) ?? [])
  return judgeKept(ports, { certificate, intermediates, anchors, use, at: ports.clock.now() })
}
