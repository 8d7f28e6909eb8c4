import type { Attribute, Handle, PKCS11 } from 'pkcs11js'
import { CKA, CKO, CKR } from './constants.ts'
import { isCode, returnCode } from './errors.ts'

/** Most objects that are looked at in one search. */
export const objectLimit = 256

/** Longest attribute that is believed, in bytes. */
export const attributeLimit = 64 * 1024

/** Handles of the objects that fit, at most {@link objectLimit}. They are good until the next login or logout. */
export function findObjects(functions: PKCS11, session: Handle, template: Attribute[]): readonly Handle[] {
  functions.C_FindObjectsInit(session, template)
  const found: Handle[] = []
  try {
    while (found.length < objectLimit) {
      const object = functions.C_FindObjects(session)
      if (object === null) break
      found.push(object)
    }
  } finally {
    functions.C_FindObjectsFinal(session)
  }
  return found
}

/**
 * One attribute, or null when the object has none or does not show it. One is asked for at a time, because a single
 * missing attribute makes the call fail for all of them. An absurdly long one counts as absent.
 */
export function readAttribute(functions: PKCS11, session: Handle, object: Handle, type: number): Uint8Array | null {
  try {
    const value = functions.C_GetAttributeValue(session, object, [{ type }])[0]?.value
    return value === undefined || value.length > attributeLimit ? null : new Uint8Array(value)
  } catch (error) {
    if (isCode(error, CKR.attributeTypeInvalid, CKR.attributeSensitive) || isTooLarge(error)) return null
    throw error
  }
}

/** What the binding throws, without a return code, for a length that no buffer can have. */
function isTooLarge(error: unknown): boolean {
  return error instanceof Error && error.name === 'NativeError' && returnCode(error) === null
}

/** A CK_BBOOL attribute that is there and true. */
export function isTrue(functions: PKCS11, session: Handle, object: Handle, type: number): boolean {
  const value = readAttribute(functions, session, object, type)
  return value !== null && value.length > 0 && value[0] !== 0
}

export function findCertificates(functions: PKCS11, session: Handle): readonly Handle[] {
  return findObjects(functions, session, [{ type: CKA.class, value: CKO.certificate }])
}

/** How keys are looked for: of one CKA_ID or of any, of one CKK_… or of any. */
export interface KeySearch {
  readonly id?: Uint8Array | null
  readonly keyType?: number | null
}

/** Private keys, which are seen only after login. */
export function findPrivateKeys(functions: PKCS11, session: Handle, search: KeySearch = {}): readonly Handle[] {
  return findKeys(functions, session, CKO.privateKey, search)
}

/** Public keys: most tokens show one beside each private key, some need a login for it. */
export function findPublicKeys(functions: PKCS11, session: Handle, search: KeySearch = {}): readonly Handle[] {
  return findKeys(functions, session, CKO.publicKey, search)
}

function findKeys(
  functions: PKCS11,
  session: Handle,
  kind: number,
  { id = null, keyType = null }: KeySearch,
): readonly Handle[] {
  return findObjects(functions, session, [
    { type: CKA.class, value: kind },
    ...(id === null ? [] : [{ type: CKA.id, value: Buffer.from(id) }]),
    ...(keyType === null ? [] : [{ type: CKA.keyType, value: keyType }]),
  ])
}
