import { sm2PointOf } from '../cert/certificate.ts'
import { signDetachedGm, verifyDetachedGm } from '../cms/gm/detached.ts'
import { checkEnvelopeGm, openEnvelopeGm, wrapKeyGm } from '../cms/gm/envelope.ts'
import { hkdfSm3 } from '../sm/hkdf-sm3.ts'
import type { Suite } from '../suite.ts'
import { gm1Bulk } from './gm-1-bulk.ts'

/** The suite `gm-1` (seal-format, "Suites"): SM3, HKDF-SM3, SM4-GCM, GB/T 35275 EnvelopedData and SignedData with SM2. */
export const gm1: Suite = {
  ...gm1Bulk,
  hkdf: hkdfSm3,
  wrapKey: wrapKeyGm,
  checkEnvelope: checkEnvelopeGm,
  openEnvelope: openEnvelopeGm,
  // GB/T 35275 as the profile has it signs the content itself: there is no place for a time.
  signDetached: (content, signer) => signDetachedGm(content, signer),
  verifyDetached: verifyDetachedGm,
  requireKey(certificate) {
    sm2PointOf(certificate)
  },
}
