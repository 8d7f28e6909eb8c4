import { CryptoFailure, lookForCreditCode, readableCertificate, suiteById, usesOf } from '../../../crypto/index.ts'
import type { Certificate, KeyUse, TokenCertificate } from '../../../crypto/index.ts'
import { certificateFacts } from '../certificate-facts.ts'
import type { RevocationStanding } from '../revocation/facts.ts'
import { type HalfOfPair, pairsOf } from './pairs.ts'
import type { CertificatePair, ExaminedCertificate, Reason } from './report.ts'

/** The way of a certificate to a root, as far as it can be judged here. */
export interface JudgedTrust {
  readonly chain: ExaminedCertificate['chain']
  readonly revocation: RevocationStanding | null
}

/** Judges chain and revocation of a certificate; `others` are the other certificates of its token. */
export type JudgeLeaf = (leaf: Certificate, use: KeyUse, others: readonly Certificate[]) => Promise<JudgedTrust>

/** What certificates are examined with. */
export interface CertificateQuestion {
  readonly certificates: readonly TokenCertificate[]
  readonly at: Date
  readonly judge: JudgeLeaf
  /** Where a certificate's authority writes the credit code; undefined where that is not known. */
  readonly places: (certificate: Certificate) => readonly string[] | undefined
  /** Whether a certificate that leads to no known root counts as unusable: the user has named the roots. */
  readonly strict: boolean
}

/** Every certificate of a token with what it is good for and why not, and which belong together. */
export async function examineCertificates(question: CertificateQuestion): Promise<{
  readonly certificates: readonly ExaminedCertificate[]
  readonly pairs: readonly CertificatePair[]
}> {
  const { certificates } = question
  const halves = certificates.map(halfOf)
  const readable = halves.filter(half => half !== null)
  const pairs = pairsOf(readable)
  const codes = new Map(readable.map(({ certificate }) => [certificate, codeOf(question, certificate)] as const))
  const examined: ExaminedCertificate[] = []
  for (const [index, { keyId, label, uses }] of certificates.entries()) {
    const half = halves[index] ?? null
    if (half === null) {
      examined.push({ ...unreadable, keyId, label })
      continue
    }
    const pair = pairs.find(({ sign, decrypt }) => sign === keyId || decrypt === keyId)
    const partner = partnerOf(half, pair, readable)
    const code = codes.get(half.certificate) ?? { code: null, at: null, several: false }
    const others = readable.filter(each => each !== half).map(({ certificate }) => certificate)
    const [use = 'sign'] = half.intended
    const trust: JudgedTrust =
      half.intended.length === 0
        ? { chain: 'not-judged', revocation: null }
        : await question.judge(half.certificate, use, others)
    const partnerCode = partner === null ? null : (codes.get(partner.certificate)?.code ?? null)
    const reasons = reasonsOf({ half, uses, code, partnerCode, trust, at: question.at })
    examined.push({
      keyId,
      label,
      facts: { ...certificateFacts(half.certificate), creditCode: code.code },
      intended: half.intended,
      usableFor: usableFor(half, uses, reasons, question.strict),
      reasons,
      creditCodeAt: code.at,
      pairedWith: partner?.keyId ?? null,
      ...trust,
      deviation: null,
    })
  }
  return { certificates: examined, pairs }
}

const unreadable: Omit<ExaminedCertificate, 'keyId' | 'label'> = {
  ...{ facts: null, intended: [], usableFor: [], reasons: ['unreadable'], creditCodeAt: null, pairedWith: null },
  ...{ chain: 'not-judged', revocation: null, deviation: null },
}

function halfOf({ keyId, label, certificate }: TokenCertificate): HalfOfPair | null {
  const parsed = readableCertificate(certificate)
  return parsed === null ? null : { keyId, label, certificate: parsed, intended: usesOf(parsed) }
}

interface FoundCode {
  readonly code: string | null
  readonly at: string | null
  readonly several: boolean
}

function codeOf({ places }: CertificateQuestion, certificate: Certificate): FoundCode {
  const { counts, found } = lookForCreditCode(certificate, places(certificate))
  return { code: counts?.code ?? null, at: counts?.where ?? null, several: counts === null && found.length > 1 }
}

/** The ids of a pair may be one and the same: then the other half is the one for the other use. */
function partnerOf(half: HalfOfPair, pair: CertificatePair | undefined, all: readonly HalfOfPair[]): HalfOfPair | null {
  if (pair === undefined) return null
  const wanted: KeyUse = half.intended.includes('sign') ? 'decrypt' : 'sign'
  return all.find(each => each !== half && each.keyId === pair[wanted] && each.intended.includes(wanted)) ?? null
}

interface ReasonsQuestion {
  readonly half: HalfOfPair
  readonly uses: readonly KeyUse[]
  readonly code: FoundCode
  readonly partnerCode: string | null
  readonly trust: JudgedTrust
  readonly at: Date
}

function reasonsOf({ half, uses, code, partnerCode, trust, at }: ReasonsQuestion): readonly Reason[] {
  const { certificate, intended } = half
  const { keyUsage, basicConstraints } = certificate
  if (basicConstraints?.ca === true || keyUsage?.has('keyCertSign') === true) return ['authority']
  if (intended.length === 0) return ['wrong-usage']
  const reasons: Reason[] = []
  if (at > certificate.notAfter) reasons.push('expired')
  if (at < certificate.notBefore) reasons.push('not-yet-valid')
  if (uses.length === 0) reasons.push('no-key')
  if (intended.every(use => !isSupported(certificate, use))) reasons.push('unsupported-key')
  if (code.several) reasons.push('ambiguous-credit-code')
  else if (code.code === null && intended.includes('sign')) reasons.push('no-credit-code')
  if (code.code !== null && partnerCode !== null && code.code !== partnerCode) reasons.push('other-credit-code')
  if (trust.revocation?.status === 'revoked') reasons.push('revoked')
  if (trust.chain === 'untrusted') reasons.push('untrusted')
  return reasons
}

/** Reasons that leave no use at all, and those that only keep it from signing. */
const forAll: readonly Reason[] = ['expired', 'not-yet-valid', 'no-key', 'other-credit-code', 'revoked']
const forSigning: readonly Reason[] = ['no-credit-code', 'ambiguous-credit-code']

function usableFor(
  { certificate, intended }: HalfOfPair,
  uses: readonly KeyUse[],
  reasons: readonly Reason[],
  strict: boolean,
): readonly KeyUse[] {
  const blocked = (list: readonly Reason[]): boolean => reasons.some(reason => list.includes(reason))
  if (blocked(forAll) || (strict && blocked(['untrusted']))) return []
  return intended.filter(
    use => uses.includes(use) && isSupported(certificate, use) && !(use === 'sign' && blocked(forSigning)),
  )
}

/** Whether one of the suites takes the key. */
function isSupported(certificate: Certificate, use: KeyUse): boolean {
  return (['intl-1', 'gm-1'] as const).some(id => {
    try {
      suiteById(id)?.requireKey(certificate, use)
      return true
    } catch (error) {
      if (error instanceof CryptoFailure) return false
      throw error
    }
  })
}
