import { hkdfSync } from 'node:crypto'
import { type Certificate, publicKeyOf } from '../cert/certificate.ts'
import { signDetachedCms, verifyDetachedCms } from '../cms/detached.ts'
import { checkEnvelopeCms, openEnvelopeCms, wrapKeyCms } from '../cms/envelope.ts'
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

/** RSA from 2,048 bits, P-256 and P-384 sign and receive. */
function requireKey(certificate: Certificate): void {
  publicKeyOf(certificate)
}
