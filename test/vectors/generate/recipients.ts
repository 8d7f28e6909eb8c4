import { parseCertificate } from '../../../crypto/cert/certificate.ts'
import type { PartName } from '../../../crypto/envelope/header.ts'
import { toHex } from '../../../crypto/json/hex.ts'
import type { Suite } from '../../../crypto/suite.ts'

/** A recipient as the header describes it, and the entries of its envelopes. */
export function recipientOf(
  suite: Suite,
  certificate: Uint8Array,
  role: 'main' | 'backup' | 'agency',
  envelopes: readonly (readonly [PartName, Uint8Array])[],
) {
  const parsed = parseCertificate(certificate)
  const certificateDigest = toHex(suite.digest(parsed.der))
  const id = certificateDigest.slice(0, 16)
  const described = {
    id,
    role,
    subject: toHex(parsed.subject),
    issuer: toHex(parsed.issuer),
    serial: toHex(parsed.serial),
    notAfter: parsed.notAfter.toISOString(),
    certificateDigest,
    publicKeyDigest: toHex(suite.digest(parsed.publicKeyInfo)),
    envelopes: envelopes.map(([part, envelope]) => ({ part, digest: toHex(suite.digest(envelope)) })),
  }
  const entries = Object.fromEntries(envelopes.map(([part, envelope]) => [`keys/${part}.${id}.p7m`, envelope]))
  return { id, described, entries }
}
