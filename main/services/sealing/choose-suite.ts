import { CryptoFailure, parseCertificate, suiteById } from '../../../crypto/index.ts'
import type { Certificate, Suite, SuiteId, Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { keyName } from '../certificate-facts.ts'

/**
 * The suite a bid is sealed in: the one asked for, else the first the tender accepts that the signing lock's key can do.
 * Throws `seal.tender` for a suite the tender does not accept, `cert.unsupported` where lock and suite do not go together.
 */
export function chooseSuite(tender: Tender, signingCertificate: Uint8Array, asked: SuiteId | null): Suite {
  const { suites } = tender.fields
  if (asked !== null && !suites.includes(asked)) {
    throw new AppFailure('seal.tender', `the tender accepts ${suites.join(', ')}, not ${asked}`)
  }
  const possible = (asked === null ? suites : [asked]).flatMap(id => suiteById(id) ?? [])
  if (possible.length === 0) throw new AppFailure('seal.tender', 'the tender accepts no suite that is known here')
  const certificate = parseCertificate(signingCertificate)
  const chosen = possible.find(suite => canSign(suite, certificate))
  if (chosen !== undefined) return chosen
  const wanted = possible.map(({ id }) => id).join(', ')
  throw new AppFailure(
    'cert.unsupported',
    `the lock signs with ${keyName(certificate)}, which is not a key for ${wanted}`,
  )
}

function canSign(suite: Suite, certificate: Certificate): boolean {
  try {
    suite.requireKey(certificate, 'sign')
    return true
  } catch (error) {
    if (error instanceof CryptoFailure && error.code === 'cert.unsupported') return false
    throw error
  }
}
