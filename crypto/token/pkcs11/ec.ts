import { randomBytes } from 'node:crypto'
import type { Attribute, ECDH1, Handle } from 'pkcs11js'
import { isEcPoint } from '../../cert/public-key.ts'
import { openAgreement } from '../../cms/key-agreement.ts'
import { sequence, unsignedInteger } from '../../der/writer.ts'
import type { EcTransport } from '../../envelope/key-opener.ts'
import { CryptoFailure } from '../../errors.ts'
import { type CurveName, curves } from '../../sign/ec-curve.ts'
import { ecdsaHolds } from '../../sign/ecdsa.ts'
import { bindingParameter, CKA, CKD, CKK, CKM, CKO, CKR } from './constants.ts'
import { isCode, returnCodeName } from './errors.ts'
import { type KeyInUse, leftPad, mayHave, signWith } from './key-in-use.ts'
import { readAttribute } from './objects.ts'
import { type RawSignature, splitSignature } from './raw-signature.ts'

/** An EC key's public half: the curve and 04 ‖ x ‖ y. */
export interface EcPublicKey {
  readonly curve: CurveName
  readonly point: Uint8Array
}

/** Signs a SHA-256 digest; answers the ECDSA-Sig-Value, not yet verified. Throws what the library throws. */
export function signEcdsa(use: KeyInUse, { curve, point }: EcPublicKey, digest: Uint8Array): Uint8Array {
  const answer = signWith(use, { mechanism: CKM.ecdsa }, digest)
  const der = ([r, s]: RawSignature): Uint8Array => sequence(unsignedInteger(r), unsignedInteger(s))
  return der(splitSignature(answer, curves[curve].bytes, halves => ecdsaHolds(point, curve, digest, der(halves))))
}

/**
 * Opens an envelope by key agreement: the token agrees on the secret, everything after is done here. A point that is none,
 * and a wrapped key that does not open, answer 32 random bytes (see `KeyOpener.open`). Throws what the library throws,
 * `token.unsupported` for a token that does not agree or keeps the secret to itself.
 */
export function openEc(use: KeyInUse, curve: CurveName, { ephemeralPoint, wrappedKey }: EcTransport): Uint8Array {
  const fallback = Uint8Array.from(randomBytes(32))
  // SECURITY: tokens that do not look whether a point is on the curve would give away the key, piece by piece.
  if (!isEcPoint(ephemeralPoint, curve)) return fallback
  const secret = agreeSecret(use, curves[curve].bytes, ephemeralPoint)
  try {
    return openAgreement(secret, wrappedKey) ?? fallback
  } finally {
    secret.fill(0)
  }
}

/** CKM_ECDH1_DERIVE with CKD_NULL: the x coordinate, for the caller to wipe. */
function agreeSecret(use: KeyInUse, length: number, point: Uint8Array): Uint8Array {
  if (!mayHave(use, CKM.ecdh1Derive)) throw unsupported('it has no CKM_ECDH1_DERIVE')
  const derived = derive(use, length, point)
  try {
    const value = readAttribute(use.functions, use.session, derived, CKA.value)
    if (value === null || value.length === 0) throw unsupported('it does not give out the secret it has agreed on')
    const secret = leftPad(value, length)
    value.fill(0)
    if (secret === null) throw unsupported(`the secret it has agreed on has ${value.length} bytes`)
    return secret
  } finally {
    destroy(use, derived)
  }
}

/**
 * The secret becomes an object of the session that may be read once; it is gone with the session at the latest. Libraries
 * differ in whether a template must tell its length: those that strip leading zeros refuse the length it then lacks.
 */
function derive(use: KeyInUse, length: number, point: Uint8Array): Handle {
  const told = [{ type: CKA.valueLength, value: length }]
  try {
    return deriveAs(use, point, told)
  } catch (error) {
    if (!isCode(error, ...aboutTemplate)) throw refusalOf(error)
  }
  try {
    return deriveAs(use, point, [])
  } catch (error) {
    throw refusalOf(error)
  }
}

function deriveAs({ functions, session, key }: KeyInUse, point: Uint8Array, length: readonly Attribute[]): Handle {
  const parameter: ECDH1 = { type: bindingParameter.ecdh1, kdf: CKD.null, publicData: Buffer.from(point) }
  return functions.C_DeriveKey(session, { mechanism: CKM.ecdh1Derive, parameter }, key, [
    { type: CKA.class, value: CKO.secretKey },
    { type: CKA.keyType, value: CKK.genericSecret },
    { type: CKA.token, value: false },
    { type: CKA.sensitive, value: false },
    { type: CKA.extractable, value: true },
    ...length,
  ])
}

function destroy({ functions, session }: KeyInUse, object: Handle): void {
  try {
    functions.C_DestroyObject(session, object)
  } catch {
    // Gone with the token.
  }
}

const aboutTemplate = [
  CKR.attributeTypeInvalid,
  CKR.attributeValueInvalid,
  CKR.templateIncomplete,
  CKR.templateInconsistent,
] as const

/** The point is one of the curve: what is refused is not the envelope. */
const refusal = [
  ...aboutTemplate,
  CKR.argumentsBad,
  CKR.functionNotSupported,
  CKR.keyTypeInconsistent,
  CKR.keyFunctionNotPermitted,
  CKR.mechanismInvalid,
  CKR.mechanismParamInvalid,
] as const

function refusalOf(error: unknown): unknown {
  if (!isCode(error, ...refusal)) return error
  return unsupported(`it refuses CKM_ECDH1_DERIVE (${returnCodeName(error)})`, error)
}

function unsupported(why: string, cause?: unknown): CryptoFailure {
  return new CryptoFailure('token.unsupported', `the token cannot open envelopes to this EC key: ${why}`, cause)
}
