import type { Handle, PKCS11 } from 'pkcs11js'
import type { Certificate } from '../../cert/certificate.ts'
import { publicKeyBits } from '../../cert/public-key.ts'
import { readDer, tags } from '../../der/reader.ts'
import { sameBytes } from '../../der/writer.ts'
import type { Pkcs11Profile } from '../profiles/driver-profile.ts'
import { type Pkcs11Certificate, withoutLeadingZeros } from './certificates.ts'
import { CKA, CKK } from './constants.ts'
import { readEcPoint } from './ec-point.ts'
import { findPrivateKeys, findPublicKeys, isTrue, readAttribute } from './objects.ts'

/** Where keys are looked for: a session with the user logged in. */
export interface KeyPlace {
  readonly functions: PKCS11
  readonly session: Handle
  readonly profile: Pkcs11Profile
}

/**
 * The private key behind a certificate, or null when the session sees none. By CKA_ID, as the standard wants, and by what
 * the key, or the public key object beside it, shows of the public half; where ids do not agree, by that alone. A key of
 * which nothing is shown is taken for its id, at last for its label and use where only one is left: a wrong guess would be
 * found out, because signatures are verified and a seal is tried before it counts.
 */
export function findPrivateKey(place: KeyPlace, certificate: Pkcs11Certificate): Handle | null {
  const { functions, session, profile } = place
  const keyType = keyTypeOf(certificate.parsed, profile)
  const id = profile.keyPairing === 'public-key' ? null : certificate.id
  const shows = evidence(place, certificate.parsed, keyType)
  const named = id === null ? [] : findPrivateKeys(functions, session, { id, keyType })
  const exact = named.find(key => shows(key) === true)
  if (exact !== undefined) return exact
  const believed = named.filter(key => shows(key) === null)
  if (believed.length > 0) return onlyOne(place, believed, certificate)
  const all = findPrivateKeys(functions, session, { keyType })
  const elsewhere = all.find(key => shows(key) === true)
  if (elsewhere !== undefined) return elsewhere
  const nameless = all.filter(key => shows(key) === null && (id === null || isAbsent(place, key, CKA.id)))
  return onlyOne(place, nameless, certificate)
}

/** What a private key shows of its public half: the certificate's (true), another (false) or nothing (null). */
type Evidence = (key: Handle) => boolean | null

function evidence(place: KeyPlace, certificate: Certificate, keyType: number | null): Evidence {
  const compare = comparison(place, certificate)
  return key => {
    const own = compare(key)
    if (own !== null) return own
    const twin = publicTwin(place, key, keyType)
    return twin === null ? null : compare(twin)
  }
}

/** The public key object of a private key, as PKCS #11 pairs them: of one id, among several of one label. */
function publicTwin({ functions, session }: KeyPlace, key: Handle, keyType: number | null): Handle | null {
  let twins = findPublicKeys(functions, session, { keyType })
  for (const type of [CKA.id, CKA.label]) {
    const name = readAttribute(functions, session, key, type)
    if (name === null || name.length === 0) continue
    twins = twins.filter(twin => sameBytes(readAttribute(functions, session, twin, type) ?? nothing, name))
    const [twin, ...others] = twins
    if (twin !== undefined && others.length === 0) return twin
  }
  return null
}

const nothing = new Uint8Array(0)

function comparison({ functions, session, profile }: KeyPlace, certificate: Certificate): Evidence {
  const { kind } = certificate.key
  if (kind === 'other') return () => null
  if (kind === 'rsa') {
    const modulus = modulusOf(certificate)
    return object => {
      const shown = readAttribute(functions, session, object, CKA.modulus)
      return shown === null || shown.length === 0 ? null : sameBytes(withoutLeadingZeros(shown), modulus)
    }
  }
  const point = publicKeyBits(certificate.publicKeyInfo)
  return object => {
    const shown = readAttribute(functions, session, object, CKA.ecPoint)
    const read = shown === null ? null : readEcPoint(shown, point.length, profile.ecPoint)
    return read === null ? null : sameBytes(read, point)
  }
}

/** CKK_…, or null where every key is looked at: what SM2 keys are only the vendor's profile tells. */
function keyTypeOf({ key }: Certificate, { sm2 }: Pkcs11Profile): number | null {
  if (key.kind === 'rsa') return CKK.rsa
  if (key.kind === 'ec') return CKK.ec
  return key.kind === 'sm2' ? (sm2?.keyType ?? null) : null
}

/** The only key; among several the only one of the certificate's label, or use. */
function onlyOne(
  { functions, session }: KeyPlace,
  keys: readonly Handle[],
  { label, uses }: Pkcs11Certificate,
): Handle | null {
  let left = keys
  const prefer = (fits: (key: Handle) => boolean): void => {
    const fitting = left.filter(fits)
    if (left.length > 1 && fitting.length > 0) left = fitting
  }
  const name = new TextEncoder().encode(label)
  prefer(key => sameBytes(readAttribute(functions, session, key, CKA.label) ?? nothing, name))
  if (uses.length === 1) {
    const flags = uses.includes('sign') ? [CKA.sign] : [CKA.decrypt, CKA.derive]
    prefer(key => flags.some(flag => isTrue(functions, session, key, flag)))
  }
  const [key, ...others] = left
  return key !== undefined && others.length === 0 ? key : null
}

function isAbsent({ functions, session }: KeyPlace, key: Handle, type: number): boolean {
  const value = readAttribute(functions, session, key, type)
  return value === null || value.length === 0
}

/** Not by node: a key it does not take, an old and short one, must not hide the others. */
function modulusOf({ publicKeyInfo }: Certificate): Uint8Array {
  const fields = readDer(publicKeyBits(publicKeyInfo)).fields()
  return withoutLeadingZeros(fields.take(tags.integer).content)
}
