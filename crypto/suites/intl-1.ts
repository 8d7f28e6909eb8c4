import { hkdfSync } from 'node:crypto'
import { type Certificate, publicKeyOf } from '../cert/certificate.ts'
import { signDetachedCms, verifyDetachedCms } from '../cms/detached.ts'
import { checkEnvelopeCms, openEnvelopeCms, wrapKeyCms } from '../cms/envelope.ts'
import { CryptoFailure } from '../errors.ts'
import type { Suite } from '../suite.ts'
import { intl1Bulk } from './intl-1-bulk.ts'

/** The suite `intl-1` (seal-format, "Suites"): SHA-256, HKDF, AES-256-GCM, CMS AuthEnvelopedData and SignedData. */
export const intl1: Suite = {
  ...intl1Bulk,
  hkdf: (key, salt, info, length) => new Uint8Array(hkdfSync('sha256', key, salt, info, length)),
  wrapKey: wrapKeyCms,
  checkEnvelope: checkEnvelopeCms,
  openEnvelope: openEnvelopeCms,
  signDetached: signDetachedCms,
  verifyDetached: verifyDetachedCms,
  requireKey,
}

/**
 * RSA from 2,048 bits signs and receives; P-256 and P-384 sign. Envelopes to EC certificates are read and checked, but
 * nobody may be made a recipient whom no lock of this program could open for.
 */
function requireKey(certificate: Certificate, use: 'sign' | 'decrypt'): void {
  publicKeyOf(certificate)
  if (use === 'decrypt' && certificate.key.kind !== 'rsa') {
    throw new CryptoFailure('cert.unsupported', 'envelopes are made to RSA certificates')
  }
}
