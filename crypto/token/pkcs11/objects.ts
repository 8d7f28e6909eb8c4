import type { Attribute, Handle, PKCS11 } from 'pkcs11js'
import { CKA, CKO, CKR } from './constants.ts'
import { isCode } from './errors.ts'

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
    if (isCode(error, CKR.attributeTypeInvalid, CKR.attributeSensitive)) return null
    throw error
  }
}

/** A CK_BBOOL attribute that is there and true. */
export function isTrue(functions: PKCS11, session: Handle, object: Handle, type: number): boolean {
  const value = readAttribute(functions, session, object, type)
  return value !== null && value.length > 0 && value[0] !== 0
}

export function findCertificates(functions: PKCS11, session: Handle): readonly Handle[] {
  return findObjects(functions, session, [{ type: CKA.class, value: CKO.certificate }])
}

/** Private keys, which are seen only after login; those of one CKA_ID, or all. */
export function findPrivateKeys(functions: PKCS11, session: Handle, id: Uint8Array | null): readonly Handle[] {
  const byId = id === null ? [] : [{ type: CKA.id, value: Buffer.from(id) }]
  return findObjects(functions, session, [{ type: CKA.class, value: CKO.privateKey }, ...byId])
}
