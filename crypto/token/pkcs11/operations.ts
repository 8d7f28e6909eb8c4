import { type Certificate, requireUsableKey, sm2PointOf } from '../../cert/certificate.ts'
import { publicKeyBits } from '../../cert/public-key.ts'
import type { KeyTransport } from '../../envelope/key-opener.ts'
import { CryptoFailure } from '../../errors.ts'
import type { SignatureAlgorithm } from '../../sign/signer.ts'
import type { Pkcs11Profile, Pkcs11Sm2 } from '../profiles/driver-profile.ts'
import { modulusLength } from './certificates.ts'
import { CKM } from './constants.ts'
import { openEc, signEcdsa } from './ec.ts'
import { type KeyInUse, mayHave } from './key-in-use.ts'
import { canSign, openRsa, signRsa } from './rsa.ts'
import { openSm2, signSm2 } from './sm2.ts'

/** A signature that is wanted; see `TokenSession.sign`. */
export interface Signing {
  readonly algorithm: SignatureAlgorithm
  readonly digest: Uint8Array
  readonly message?: Uint8Array | undefined
}

/** Algorithms for a certificate's key, best first. Throws `token.unsupported` for a key that cannot be used here. */
export function algorithmsOf(
  { key }: Certificate,
  mechanisms: ReadonlySet<number>,
  profile: Pkcs11Profile,
): readonly SignatureAlgorithm[] {
  switch (key.kind) {
    case 'rsa':
      return (['rsa-pkcs1-sha256', 'rsa-pss-sha256'] as const).filter(algorithm => canSign(mechanisms, algorithm))
    case 'ec':
      return mayHave({ mechanisms }, CKM.ecdsa) ? ['ecdsa-sha256'] : []
    case 'sm2':
      // What the profile says is believed: vendors do not all list their own mechanisms.
      requireSm2(profile)
      return ['sm2-sm3']
    case 'other':
      throw unknownKey()
  }
}

/**
 * Signs a digest with a certificate's key; nothing is verified yet. Throws as `signRsa`, `signEcdsa` and `signSm2` do,
 * `cert.unsupported` for a key that is none or too short.
 */
export function signDigest(
  use: KeyInUse,
  certificate: Certificate,
  profile: Pkcs11Profile,
  { algorithm, digest, message }: Signing,
): Uint8Array {
  requireUsableKey(certificate)
  const { key } = certificate
  if (key.kind === 'rsa') return signRsa(use, algorithm, digest, modulusLength(certificate))
  if (key.kind === 'ec' && algorithm === 'ecdsa-sha256')
    return signEcdsa(use, { curve: key.curve, point: publicKeyBits(certificate.publicKeyInfo) }, digest)
  if (key.kind === 'sm2' && algorithm === 'sm2-sm3') {
    return signSm2(use, requireSm2(profile), { point: sm2PointOf(certificate), digest, message })
  }
  throw new CryptoFailure('token.unsupported', `this key cannot do ${algorithm}`)
}

/** Opens a transported key with a certificate's key. Throws as `openRsa`, `openEc` and `openSm2` do, `cert.unsupported`. */
export function openTransported(
  use: KeyInUse,
  certificate: Certificate,
  profile: Pkcs11Profile,
  transport: KeyTransport,
): Uint8Array {
  requireUsableKey(certificate)
  const { key } = certificate
  if (transport.kind === 'sm2-sm4-cbc') {
    if (key.kind === 'sm2') return openSm2(use, requireSm2(profile), transport)
  } else if (transport.kind === 'ecdh-aes256-wrap') {
    if (key.kind === 'ec') return openEc(use, key.curve, transport)
  } else if (key.kind === 'rsa') {
    return openRsa(use, transport, modulusLength(certificate))
  }
  throw new CryptoFailure('token.unsupported', 'the envelope is for another kind of key')
}

function requireSm2({ sm2 }: Pkcs11Profile): Pkcs11Sm2 {
  if (sm2 !== undefined) return sm2
  throw new CryptoFailure(
    'token.unsupported',
    'SM2 through PKCS #11 has other numbers at each vendor: the vendor’s profile for this library is needed',
  )
}

function unknownKey(): CryptoFailure {
  return new CryptoFailure('token.unsupported', 'this kind of key is not supported through PKCS #11')
}
