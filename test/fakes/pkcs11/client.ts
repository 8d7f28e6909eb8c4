import { createRequire } from 'node:module'
import type { Attribute, Handle, Mechanism, PKCS11 } from 'pkcs11js'
import type { SoftPkcs11 } from '../../fixtures/soft-pkcs11.ts'

/** The binding, for tests that look at a module without our driver. */
export const binding = createRequire(import.meta.url)('pkcs11js') as typeof import('pkcs11js')

/** The module as a C program sees it, with the steps that every test takes. */
export interface Client {
  readonly functions: PKCS11
  slotOf(token: string): Handle
  /** CK_TOKEN_INFO.flags */
  flags(token: string): number
  open(token: string, mode?: 'read' | 'write'): Handle
  login(token: string, pin: string, mode?: 'read' | 'write'): Handle
  find(session: Handle, template: Attribute[]): readonly Handle[]
  /** The only private key of this CKA_ID (hex). */
  key(session: Handle, id: string): Handle
  read(session: Handle, object: Handle, type: number): Uint8Array
  sign(session: Handle, id: string, mechanism: Mechanism | number, input: Uint8Array): Uint8Array
  decrypt(session: Handle, id: string, mechanism: Mechanism | number, input: Uint8Array): Uint8Array
  /** CKM_ECDH1_DERIVE with CKD_NULL; the secret. */
  derive(session: Handle, id: string, point: Uint8Array): Uint8Array
  end(): void
}

/** Loads and initialises the module with these variables in this process's environment. */
export function connect(p11: SoftPkcs11): Client {
  Object.assign(process.env, p11.environment)
  const functions = new binding.PKCS11()
  functions.load(p11.modulePath)
  functions.C_Initialize({ flags: binding.CKF_OS_LOCKING_OK })
  const find = (session: Handle, template: Attribute[]): readonly Handle[] => {
    functions.C_FindObjectsInit(session, template)
    try {
      return functions.C_FindObjects(session, 64)
    } finally {
      functions.C_FindObjectsFinal(session)
    }
  }
  const slotOf = (token: string): Handle => {
    const found = functions
      .C_GetSlotList(true)
      .find(slot => functions.C_GetTokenInfo(slot).serialNumber.trim() === token)
    if (found === undefined) throw new Error(`no token ${token}`)
    return found
  }
  const key = (session: Handle, id: string): Handle => {
    const [found] = find(session, [
      { type: binding.CKA_CLASS, value: binding.CKO_PRIVATE_KEY },
      { type: binding.CKA_ID, value: Buffer.from(id, 'hex') },
    ])
    if (found === undefined) throw new Error(`no private key ${id}`)
    return found
  }
  const open = (token: string, mode: 'read' | 'write' = 'read'): Handle =>
    functions.C_OpenSession(slotOf(token), binding.CKF_SERIAL_SESSION | (mode === 'write' ? binding.CKF_RW_SESSION : 0))
  const read = (session: Handle, object: Handle, type: number): Uint8Array => {
    const value = functions.C_GetAttributeValue(session, object, [{ type }])[0]?.value
    if (value === undefined) throw new Error('no value')
    return Uint8Array.from(value)
  }
  return {
    functions,
    slotOf,
    flags: token => functions.C_GetTokenInfo(slotOf(token)).flags,
    open,
    login(token, pin, mode) {
      const session = open(token, mode)
      functions.C_Login(session, binding.CKU_USER, pin)
      return session
    },
    find,
    key,
    read,
    sign(session, id, mechanism, input) {
      functions.C_SignInit(session, mechanismOf(mechanism), key(session, id))
      return Uint8Array.from(functions.C_Sign(session, Buffer.from(input), Buffer.alloc(512)))
    },
    decrypt(session, id, mechanism, input) {
      functions.C_DecryptInit(session, mechanismOf(mechanism), key(session, id))
      return Uint8Array.from(functions.C_Decrypt(session, Buffer.from(input), Buffer.alloc(512)))
    },
    derive(session, id, point) {
      const secret = functions.C_DeriveKey(session, ecdh(point), key(session, id), [
        { type: binding.CKA_CLASS, value: binding.CKO_SECRET_KEY },
        { type: binding.CKA_KEY_TYPE, value: binding.CKK_GENERIC_SECRET },
        { type: binding.CKA_SENSITIVE, value: false },
        { type: binding.CKA_EXTRACTABLE, value: true },
      ])
      return read(session, secret, binding.CKA_VALUE)
    },
    end() {
      functions.C_Finalize()
      for (const name of Object.keys(p11.environment)) Reflect.deleteProperty(process.env, name)
      functions.close()
      p11.remove()
    },
  }
}

/** What a call answers: `CKR_OK`, or the name of its return code. */
export function codeOf(call: () => unknown): string {
  try {
    call()
    return 'CKR_OK'
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('CKR_')) return error.message
    throw error
  }
}

export function ecdh(point: Uint8Array): Mechanism {
  const parameter = { type: binding.CK_PARAMS_EC_DH, kdf: binding.CKD_NULL, publicData: Buffer.from(point) }
  return { mechanism: binding.CKM_ECDH1_DERIVE, parameter }
}

function mechanismOf(mechanism: Mechanism | number): Mechanism {
  return typeof mechanism === 'number' ? { mechanism } : mechanism
}
