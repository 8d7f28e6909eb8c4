import type { Attribute, Handle, Mechanism, PKCS11 } from 'pkcs11js'
import { publicKeyInfoOfSm2 } from '../../cert/public-key.ts'
import { oids } from '../../der/oids.ts'
import { oid } from '../../der/writer.ts'
import { CryptoFailure } from '../../errors.ts'
import { isSm2PublicKey } from '../../sm/sm2/index.ts'
import type { KeyUse, PracticeKeyKind } from '../port.ts'
import type { Pkcs11Profile } from '../profiles/driver-profile.ts'
import { rsaPublicKeyInfo } from './certificates.ts'
import { CKA, CKK, CKM, CKO } from './constants.ts'
import { readEcPoint } from './ec-point.ts'
import { readAttribute } from './objects.ts'

/** Ids of the two key pairs on a practice lock. */
const ids: Readonly<Record<KeyUse, Uint8Array>> = { sign: Uint8Array.of(1), decrypt: Uint8Array.of(2) }

/** How a kind of key pair is made and how its public half is read. */
export interface PracticeKeyMaker {
  readonly mechanism: Mechanism
  readonly keyType: number
  /** What the public key's template holds besides what every key's does. */
  readonly publicTemplate: Attribute[]
  /** SPKI DER; null where the token does not show it. */
  publicKeyOf(read: (type: number) => Uint8Array | null): Uint8Array | null
}

/**
 * How a kind of key is made on this library's tokens. Throws `token.unsupported` for SM2 where the profile has no mechanism
 * for it: no standard numbers them.
 */
export function practiceKeyMaker(kind: PracticeKeyKind, profile: Pkcs11Profile): PracticeKeyMaker {
  if (kind === 'rsa-2048') return rsa
  const { sm2, ecPoint } = profile
  if (sm2?.generate === undefined) {
    throw new CryptoFailure(
      'token.unsupported',
      'SM2 keys are made through PKCS #11 only with a vendor’s profile that says how',
    )
  }
  return {
    mechanism: { mechanism: sm2.generate },
    keyType: sm2.keyType,
    publicTemplate: sm2.ecParams === 'oid' ? [{ type: CKA.ecParams, value: Buffer.from(oid(oids.sm2)) }] : [],
    publicKeyOf(read) {
      const value = read(CKA.ecPoint)
      const point = value === null ? null : readEcPoint(value, 65, ecPoint)
      return point === null || !isSm2PublicKey(point) ? null : publicKeyInfoOfSm2(point)
    },
  }
}

const rsa: PracticeKeyMaker = {
  mechanism: { mechanism: CKM.rsaPkcsKeyPairGen },
  keyType: CKK.rsa,
  publicTemplate: [
    { type: CKA.modulusBits, value: 2048 },
    { type: CKA.publicExponent, value: Buffer.from([1, 0, 1]) },
  ],
  publicKeyOf(read) {
    const [modulus, exponent] = [read(CKA.modulus), read(CKA.publicExponent)]
    return modulus === null || exponent === null ? null : rsaPublicKeyInfo(modulus, exponent)
  },
}

/** Makes one pair on the token, in a session for writing with the user logged in. Throws what the library throws. */
export function makePracticeKey(
  functions: PKCS11,
  session: Handle,
  maker: PracticeKeyMaker,
  use: KeyUse,
): { readonly keyId: string; readonly publicKey: Uint8Array } {
  const id = Buffer.from(ids[use])
  const common = [
    { type: CKA.token, value: true },
    { type: CKA.id, value: id },
    { type: CKA.label, value: use },
    { type: CKA.keyType, value: maker.keyType },
  ]
  const pair = functions.C_GenerateKeyPair(
    session,
    maker.mechanism,
    [
      ...common,
      { type: CKA.class, value: CKO.publicKey },
      ...maker.publicTemplate,
      { type: use === 'sign' ? CKA.verify : CKA.encrypt, value: true },
    ],
    [
      ...common,
      { type: CKA.class, value: CKO.privateKey },
      { type: CKA.private, value: true },
      { type: CKA.sensitive, value: true },
      { type: CKA.extractable, value: false },
      { type: CKA.sign, value: use === 'sign' },
      { type: CKA.decrypt, value: use === 'decrypt' },
    ],
  )
  const publicKey = maker.publicKeyOf(type => readAttribute(functions, session, pair.publicKey, type))
  if (publicKey === null) {
    throw new CryptoFailure('token.unsupported', 'the token does not show the public key it has made')
  }
  return { keyId: id.toString('hex'), publicKey }
}
