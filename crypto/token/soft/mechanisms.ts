import { readableCertificate, usesOf } from '../key-use.ts'
import type { SoftCertificate } from './pkcs12-read.ts'

/** SM2 has no names in PKCS #11; these are the identifiers of GM/T 0006 that SKF locks speak of. */
const names: Readonly<Partial<Record<string, readonly string[]>>> = {
  rsa: ['CKM_RSA_PKCS', 'CKM_RSA_PKCS_PSS', 'CKM_RSA_PKCS_OAEP', 'CKM_RSA_X_509'],
  ec: ['CKM_ECDSA', 'CKM_ECDH1_DERIVE'],
  sm2: ['SGD_SM2_1', 'SGD_SM2_3', 'SGD_SM3', 'SGD_SM4_CBC'],
}

/** What the keys behind a soft lock's certificates can do here; nothing while it has no certificate that is used. */
export function softMechanisms(certificates: readonly SoftCertificate[]): readonly string[] {
  const kinds = new Set<string>()
  for (const { certificate } of certificates) {
    const parsed = readableCertificate(certificate)
    if (parsed !== null && usesOf(parsed).length > 0) kinds.add(parsed.key.kind)
  }
  return [...kinds].flatMap(kind => names[kind] ?? [])
}
