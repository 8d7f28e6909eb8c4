import { CryptoFailure, findCreditCode, readableCertificate, suiteById } from '../../../../crypto/index.ts'
import type { Certificate, Tender } from '../../../../crypto/index.ts'
import type { Ports } from '../../ports.ts'
import { keptPath } from '../../revocation/judge-chain.ts'
import { findRecipients } from '../../sealing/recipients.ts'
import type { NamedRecipients } from '../../sealing/recipients.ts'
import type { Locks } from '../../tokens/locks.ts'
import type { LockFacts } from '../facts.ts'

/** The locks a bid shall be signed and opened with, as the command names them. */
export interface LockQuestion extends NamedRecipients {
  readonly locks: Locks
}

/** Looks at the certificates; no PIN is asked for wherever a lock shows them without. Throws `token.*`. */
export async function gatherLocks(ports: Ports, tender: Tender, question: LockQuestion): Promise<readonly LockFacts[]> {
  const { token, certificate } = await question.locks.key(question.sign, 'sign')
  const around = token.certificates.flatMap(each => readableCertificate(each.certificate) ?? [])
  const signing = await factsOf(ports, tender, 'sign', token.label, certificate.certificate, around)
  const recipients = await findRecipients(question.locks, question)
  const opening = await Promise.all(
    recipients.map(({ label, certificate: der }) => factsOf(ports, tender, 'decrypt', label, der, [])),
  )
  return [signing, ...opening]
}

async function factsOf(
  ports: Ports,
  tender: Tender,
  use: LockFacts['use'],
  label: string,
  der: Uint8Array,
  intermediates: readonly Certificate[],
): Promise<LockFacts> {
  const certificate = readableCertificate(der)
  if (certificate === null) return { use, label, certificate, creditCode: null, fits: false, accepted: null }
  return {
    use,
    label,
    certificate,
    creditCode: findCreditCode(certificate)?.code ?? null,
    fits: tender.fields.suites.some(id => canDo(id, certificate, use)),
    accepted: use === 'sign' ? await isAccepted(ports, tender, certificate, intermediates) : null,
  }
}

/** Whether the authority is one of the tender's; dates are another rule's. */
async function isAccepted(
  ports: Ports,
  { anchors }: Tender,
  certificate: Certificate,
  intermediates: readonly Certificate[],
): Promise<boolean> {
  const now = ports.clock.now()
  const at =
    now < certificate.notBefore ? certificate.notBefore : now > certificate.notAfter ? certificate.notAfter : now
  return (await keptPath(ports, { certificate, intermediates, anchors, use: 'sign', at })) !== null
}

function canDo(id: string, certificate: Certificate, use: LockFacts['use']): boolean {
  try {
    suiteById(id)?.requireKey(certificate, use)
    return suiteById(id) !== null
  } catch (error) {
    if (error instanceof CryptoFailure) return false
    throw error
  }
}
