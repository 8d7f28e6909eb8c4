import { parseCertificate, suiteById } from '../../../crypto/index.ts'
import type { Suite } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'

/** The suite whose signatures a certificate's key makes. Throws `cert.unsupported` for a key of none. */
export function suiteOfSigner(certificate: Uint8Array): Suite {
  const parsed = parseCertificate(certificate)
  const suite = suiteById(parsed.key.kind === 'sm2' ? 'gm-1' : 'intl-1')
  if (suite === null) throw new AppFailure('cert.unsupported', 'there is no suite for this kind of key')
  suite.requireKey(parsed, 'sign')
  return suite
}
