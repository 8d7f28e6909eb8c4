import type { BidFacts, DocumentFacts, SignatureFacts } from '../facts.ts'
import { bidderOf } from '../facts.ts'
import { finding } from '../finding.ts'
import type { Finding } from '../finding.ts'
import { placeOf } from './documents.ts'

/** Seals and signatures the tender asks for, and signatures that do not hold. */
export function signatureRules(facts: BidFacts): readonly Finding[] {
  const { creditCode } = bidderOf(facts)
  return facts.documents.flatMap(each => [...asked(each, creditCode), ...doubtful(each)])
}

function asked(each: DocumentFacts, creditCode: string | null): readonly Finding[] {
  const { asked: place, signatures, document, name } = each
  if (place === null || document.file.size === 0) return []
  const good = signatures.filter(({ verdict }) => verdict === 'valid')
  const trusted = good.filter(one => one.trusted)
  const found: Finding[] = []
  const sealed = trusted.some(one => isBidders(one, creditCode))
  if (place.seal === true && !sealed) {
    const untrusted = good.find(one => isBidders(one, creditCode))
    found.push(
      untrusted === undefined
        ? finding('seal-missing', name, placeOf(each))
        : finding('seal-untrusted', `${name} ${untrusted.signer?.name ?? ''}`, placeOf(each)),
    )
  }
  const wanted = place.signers ?? []
  const signers = new Set(trusted.map(({ signer }) => signer?.digest)).size
  if (signers < wanted.length) {
    found.push(finding('signers-missing', `${name} ${signers}/${wanted.length} ${wanted.join('、')}`, placeOf(each)))
  }
  return found
}

/** A signature that is there must hold where the tender asks for one; elsewhere it is the bidder's to judge. */
function doubtful(each: DocumentFacts): readonly Finding[] {
  const { asked: place, signatures, name } = each
  const needed = place?.seal === true || (place?.signers ?? []).length > 0
  return signatures.flatMap(({ verdict, trusted, name: field }) => {
    const about = `${name} ${field}`
    if (verdict === 'altered' || verdict === 'broken') {
      return [finding(needed ? 'signature-invalid' : 'signature-doubtful', about, placeOf(each))]
    }
    return verdict === 'not-read' || !trusted ? [finding('signature-doubtful', about, placeOf(each))] : []
  })
}

/** Without a lock and a credit code in the draft nobody knows whose bid it is: any company's seal will do for now. */
function isBidders({ signer }: SignatureFacts, creditCode: string | null): boolean {
  if (signer === null) return false
  return creditCode === null ? signer.creditCode !== null : signer.creditCode === creditCode
}
