import { type Certificate, parseCertificate } from '../cert/certificate.ts'
import { sameBytes } from '../der/writer.ts'
import type { KeyOpener } from '../envelope/key-opener.ts'
import { CryptoFailure } from '../errors.ts'
import type { Signer } from '../sign/signer.ts'
import { readableCertificate } from './key-use.ts'
import type { KeyUse, TokenCertificate, TokenSession } from './port.ts'

/** Which of a token's certificates is meant, when it has several for one use. */
export interface IdentityChoice {
  /** From the token's URI, `id=`. */
  readonly keyId?: string | undefined
  /** From the token's URI, `object=`: the certificate's label. */
  readonly object?: string | undefined
}

/**
 * The signer that a logged-in token holds. `issuerPool` are certificates (DER) from elsewhere that may lead to the root;
 * those on the token are looked at anyway. Throws `token.wrong-lock` when no certificate fits or more than one does, and
 * `token.*` of the session.
 */
export async function signerFromToken(
  session: TokenSession,
  certificates: readonly TokenCertificate[],
  options: IdentityChoice & { readonly issuerPool?: readonly Uint8Array[] } = {},
): Promise<Signer> {
  const { keyId, certificate } = chooseCertificate(certificates, 'sign', options)
  const algorithms = await session.algorithms(keyId)
  if (algorithms.length === 0) {
    throw new CryptoFailure('token.unsupported', 'the token has no signature algorithm that is known here')
  }
  const pool = [...certificates.map(one => one.certificate), ...(options.issuerPool ?? [])]
  return {
    certificate,
    intermediates: intermediatesOf(parseCertificate(certificate), pool),
    algorithms,
    sign: (algorithm, digest, message) => session.sign(keyId, algorithm, digest, message),
  }
}

/** The opener of envelopes that a logged-in token holds. Throws as {@link signerFromToken} does. */
export function keyOpenerFromToken(
  session: TokenSession,
  certificates: readonly TokenCertificate[],
  choice: IdentityChoice = {},
): KeyOpener {
  const { keyId, certificate } = chooseCertificate(certificates, 'decrypt', choice)
  return { certificate, open: transport => session.open(keyId, transport) }
}

/**
 * The one certificate for a use. Never a guess: to sign or seal with the wrong one of two is found out when it is too
 * late. Throws `token.wrong-lock` telling how many there are.
 */
export function chooseCertificate(
  certificates: readonly TokenCertificate[],
  use: KeyUse,
  { keyId, object }: IdentityChoice = {},
): TokenCertificate {
  const fitting = certificates.filter(
    one =>
      one.uses.includes(use) &&
      one.keyId === (keyId?.toLowerCase() ?? one.keyId) &&
      one.label === (object ?? one.label),
  )
  const [only] = fitting
  if (only !== undefined && fitting.length === 1) return only
  const what = use === 'sign' ? 'signing' : 'encryption'
  throw new CryptoFailure(
    'token.wrong-lock',
    only === undefined
      ? `the token has no ${what} certificate that fits`
      : `the token has ${fitting.length} ${what} certificates that fit: add id= to its name`,
  )
}

/** Longest chain that is followed. */
const chainLimit = 8

/** The issuers of a certificate found in the pool, upwards, without the root. */
function intermediatesOf(leaf: Certificate, pool: readonly Uint8Array[]): readonly Uint8Array[] {
  const candidates = pool.flatMap(der => {
    const parsed = readableCertificate(der)
    return parsed === null || sameBytes(parsed.subject, parsed.issuer) ? [] : [parsed]
  })
  const chain: Certificate[] = []
  let current = leaf
  while (chain.length < chainLimit) {
    const issuer = candidates.find(one => sameBytes(one.subject, current.issuer) && !chain.includes(one))
    if (issuer === undefined) break
    chain.push(issuer)
    current = issuer
  }
  return chain.map(({ der }) => der)
}
