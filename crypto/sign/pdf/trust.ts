import type { Certificate } from '../../cert/certificate.ts'
import { validatePath } from '../../cert/path.ts'
import { sameBytes } from '../../der/writer.ts'
import { CryptoFailure, type CryptoFailureCode } from '../../errors.ts'

/** Whether a certificate leads to an authority the caller trusts. Revocation is not looked at here. */
export type Trust =
  | { readonly kind: 'not-judged' }
  | { readonly kind: 'trusted'; readonly path: readonly Certificate[]; readonly at: Date }
  | { readonly kind: 'untrusted'; readonly code: CryptoFailureCode; readonly detail: string; readonly at: Date }

/** Most certificates beside the signer's that are tried. */
const maxIntermediates = 16

/** Judges a signer's chain; roots among what is listed add nothing and are passed over. */
export function judgeTrust(
  leaf: Certificate,
  others: readonly Certificate[],
  anchors: readonly Certificate[],
  at: Date,
  leafUse: 'sign' | 'timestamp',
): Trust {
  const intermediates = others
    .filter(one => !sameBytes(one.issuer, one.subject) && !anchors.some(anchor => sameBytes(anchor.der, one.der)))
    .slice(0, maxIntermediates)
  try {
    return { kind: 'trusted', path: validatePath({ leaf, intermediates, anchors, at, leafUse, names: 'rfc5280' }), at }
  } catch (error) {
    if (!(error instanceof CryptoFailure)) throw error
    return { kind: 'untrusted', code: error.code, detail: error.detail, at }
  }
}
