import type { Certificate } from '../../../../crypto/index.ts'
import type { BidFacts, LockFacts } from '../facts.ts'
import { bidderOf } from '../facts.ts'
import { finding } from '../finding.ts'
import type { Finding } from '../finding.ts'

/** An opening may be put off: a lock that expires within this time after it is worth a word, in milliseconds. */
const margin = 30 * 24 * 3_600_000

/** The certificates of the locks that shall sign and open the bid. */
export function certificateRules(facts: Pick<BidFacts, 'tender' | 'draft' | 'now' | 'locks'>): readonly Finding[] {
  const { creditCode } = bidderOf(facts)
  const { openingTime, releaseMinutes } = facts.tender.fields
  const opened = Date.parse(openingTime) + releaseMinutes * 60_000
  return facts.locks.flatMap(lock => {
    const { use, label, certificate } = lock
    const place = { kind: 'lock', use, label } as const
    if (certificate === null) return [finding('certificate-unsupported', label, place)]
    const until = `${label} ${certificate.notAfter.toISOString().slice(0, 10)}`
    return [
      ...(lock.fits ? [] : [finding('certificate-unsupported', label, place)]),
      ...(mayDo(certificate, use) ? [] : [finding('certificate-wrong-use', label, place)]),
      ...(lock.accepted === false ? [finding('certificate-not-accepted', label, place)] : []),
      ...(isBidders(lock, creditCode, facts.draft.bidder.creditCode)
        ? []
        : [finding('certificate-credit-code', `${label} ${lock.creditCode ?? ''}`.trim(), place)]),
      ...dates(certificate, use, facts.now, opened).map(code => finding(code, until, place)),
    ]
  })
}

/** A signing certificate that expires early can be renewed: any of the bidder's signs at the opening. A key can't. */
function dates(
  { notBefore, notAfter }: Certificate,
  use: LockFacts['use'],
  now: Date,
  opened: number,
): readonly ('certificate-expired' | 'certificate-expires-early' | 'certificate-expires-soon')[] {
  if (now < notBefore || now > notAfter) return ['certificate-expired']
  if (use === 'decrypt' && notAfter.getTime() < opened) return ['certificate-expires-early']
  return notAfter.getTime() < opened + margin ? ['certificate-expires-soon'] : []
}

/** As sealing will judge it (seal-format, "CMS profile"). */
function mayDo({ keyUsage }: Certificate, use: LockFacts['use']): boolean {
  const bits =
    use === 'sign'
      ? (['digitalSignature', 'nonRepudiation'] as const)
      : (['keyEncipherment', 'dataEncipherment', 'keyAgreement'] as const)
  return bits.some(bit => keyUsage?.has(bit) === true)
}

/** A signing certificate must bear the code; an encryption certificate only must not bear another. */
function isBidders({ use, creditCode }: LockFacts, signers: string | null, drafts: string): boolean {
  if (use === 'sign') return creditCode !== null && (drafts === '' || drafts === creditCode)
  return creditCode === null || signers === null || creditCode === signers
}
