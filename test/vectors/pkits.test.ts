import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../../crypto/cert/certificate.ts'
import { type PathRequest, validatePath } from '../../crypto/cert/path.ts'
import { judgeRevocation, requireNotRevoked } from '../../crypto/cert/revocation/index.ts'
import { CryptoFailure } from '../../crypto/errors.ts'
import { pkits, type PkitsCase } from '../setup/pkits.ts'

// NIST's suite (PKITS 1.0.1): path validation and revocation lists, every case through the functions this library uses.
const at = new Date('2020-01-01T00:00:00Z')

/** Cases without `Valid` or `Invalid` in their name that RFC 5280 accepts where the user asks for no policy. */
const validWithoutPolicies: ReadonlySet<string> = new Set([
  'AllCertificatesSamePolicyTest1',
  'AllCertificatesNoPoliciesTest2',
  'DifferentPoliciesTest3',
  'UserNoticeQualifierTest15',
  'UserNoticeQualifierTest16',
  'UserNoticeQualifierTest17',
  'UserNoticeQualifierTest19',
  'CPSPointerQualifierTest20',
])

/** Valid, or for some settings valid, and refused with `cert.unsupported`: an authority demands an explicit policy. */
const needsPolicies = [
  'AllCertificatesAnyPolicyTest11',
  'AllCertificatesSamePoliciesTest10',
  'AllCertificatesSamePoliciesTest13',
  'AnyPolicyTest14',
  'OverlappingPoliciesTest6',
  'UserNoticeQualifierTest18',
  'ValidPolicyMappingTest1',
  'ValidPolicyMappingTest11',
  'ValidPolicyMappingTest12',
  'ValidPolicyMappingTest13',
  'ValidPolicyMappingTest14',
  'ValidPolicyMappingTest3',
  'ValidPolicyMappingTest5',
  'ValidPolicyMappingTest6',
  'ValidPolicyMappingTest9',
  'ValidRequireExplicitPolicyTest4',
  'ValidSelfIssuedinhibitAnyPolicyTest7',
  'ValidSelfIssuedinhibitAnyPolicyTest9',
  'ValidSelfIssuedinhibitPolicyMappingTest7',
  'ValidinhibitAnyPolicyTest2',
  'ValidinhibitPolicyMappingTest2',
  'ValidinhibitPolicyMappingTest4',
  'inhibitAnyPolicyTest3',
]

/** Valid, and refused with `cert.unsupported`: somebody else than the issuer publishes the revocations. */
const needsIndirectLists = [
  'ValidIDPwithindirectCRLTest22',
  'ValidIDPwithindirectCRLTest24',
  'ValidIDPwithindirectCRLTest25',
  'ValidcRLIssuerTest28',
  'ValidcRLIssuerTest29',
  'ValidcRLIssuerTest30',
  'ValidcRLIssuerTest33',
]

/** Valid, and refused with `cert.unsupported`: the authority publishes delta lists. */
const needsDeltaLists = ['ValiddeltaCRLTest2', 'ValiddeltaCRLTest5', 'ValiddeltaCRLTest7', 'ValiddeltaCRLTest8']

/** Valid, and refused with `cert.unsupported`: signed with DSA. */
const needsDsa = ['ValidDSAParameterInheritanceTest5', 'ValidDSASignaturesTest4']

const unsupported: ReadonlySet<string> = new Set([
  ...needsPolicies,
  ...needsIndirectLists,
  ...needsDeltaLists,
  ...needsDsa,
])

type Outcome = 'accepted' | CryptoFailure['code']

function judge(one: PkitsCase, anchor: Uint8Array, names: PathRequest['names'], crls = one.crls): Outcome {
  try {
    const leaf = parseCertificate(one.leaf)
    const others = one.certificates.filter(der => Buffer.compare(der, one.leaf) !== 0).map(parseCertificate)
    const anchors = [parseCertificate(anchor)]
    const path = validatePath({
      leaf,
      intermediates: others,
      anchors,
      at,
      leafUse: 'any',
      ...(names === undefined ? {} : { names }),
    })
    const judged = judgeRevocation(path, { crls, ocspResponses: [], certificates: others }, at)
    requireNotRevoked(judged, { unknown: 'refuse' })
    return 'accepted'
  } catch (error) {
    // Anything else than a named failure is a fault of ours.
    if (error instanceof CryptoFailure) return error.code
    throw error
  }
}

function isValid({ name }: PkitsCase): boolean {
  return name.startsWith('Valid') || validWithoutPolicies.has(name)
}

describe('PKITS', () => {
  it('is whole', context => {
    const { cases } = pkits(context)
    expect(cases).toHaveLength(224)
    for (const name of unsupported)
      expect(
        cases.some(one => one.name === name),
        name,
      ).toBe(true)
  })

  it('has no invalid path that is accepted', context => {
    const { anchor, cases } = pkits(context)
    const invalid = cases.filter(one => !isValid(one) && !unsupported.has(one.name))
    expect(invalid.length).toBeGreaterThan(110)
    for (const names of ['rfc5280', 'bytes'] as const) {
      const accepted = invalid.filter(one => judge(one, anchor, names) === 'accepted')
      expect(accepted.map(({ name }) => name)).toEqual([])
    }
  })

  it('has no valid path that is refused, but what is listed as not supported', context => {
    const { anchor, cases } = pkits(context)
    for (const one of cases.filter(isValid)) {
      expect(judge(one, anchor, 'rfc5280'), one.name).toBe(unsupported.has(one.name) ? 'cert.unsupported' : 'accepted')
    }
  })

  it('has nothing listed as not supported that is refused for another reason', context => {
    const { anchor, cases } = pkits(context)
    for (const one of cases.filter(({ name }) => unsupported.has(name))) {
      expect(judge(one, anchor, 'rfc5280'), one.name).toBe('cert.unsupported')
    }
  })

  it('has no path that is accepted without its revocation lists', context => {
    const { anchor, cases } = pkits(context)
    for (const one of cases) expect(judge(one, anchor, 'rfc5280', []), one.name).not.toBe('accepted')
  })

  it('tells the revoked ones by their own code', context => {
    const { anchor, cases } = pkits(context)
    const revoked = cases.filter(one => judge(one, anchor, 'rfc5280') === 'cert.revoked').map(({ name }) => name)
    expect(revoked).toEqual(expect.arrayContaining(['InvalidRevokedCATest2', 'InvalidRevokedEETest3']))
    expect(revoked.every(name => name.startsWith('Invalid'))).toBe(true)
  })
})
