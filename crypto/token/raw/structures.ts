import type { RawFields, RawStructName } from './raw-call.ts'
import { type CPlatform, layoutOf, readNumber, type StructFields, toNumber } from './layout.ts'

/** PKCS #11 v2.40 §3.1 (CK_INFO), §3.2 (slots and tokens), §3.3 (sessions), §3.5 (mechanisms). */
export const structures: Readonly<Record<RawStructName, StructFields>> = {
  CK_INFO: {
    cryptokiVersion: 2,
    manufacturerID: 32,
    flags: 'ulong',
    libraryDescription: 32,
    libraryVersion: 2,
  },
  CK_SLOT_INFO: {
    slotDescription: 64,
    manufacturerID: 32,
    flags: 'ulong',
    hardwareVersion: 2,
    firmwareVersion: 2,
  },
  CK_TOKEN_INFO: {
    label: 32,
    manufacturerID: 32,
    model: 16,
    serialNumber: 16,
    flags: 'ulong',
    ulMaxSessionCount: 'ulong',
    ulSessionCount: 'ulong',
    ulMaxRwSessionCount: 'ulong',
    ulRwSessionCount: 'ulong',
    ulMaxPinLen: 'ulong',
    ulMinPinLen: 'ulong',
    ulTotalPublicMemory: 'ulong',
    ulFreePublicMemory: 'ulong',
    ulTotalPrivateMemory: 'ulong',
    ulFreePrivateMemory: 'ulong',
    hardwareVersion: 2,
    firmwareVersion: 2,
    utcTime: 16,
  },
  CK_SESSION_INFO: { slotID: 'ulong', state: 'ulong', flags: 'ulong', ulDeviceError: 'ulong' },
  CK_MECHANISM_INFO: { ulMinKeySize: 'ulong', ulMaxKeySize: 'ulong', flags: 'ulong' },
}

/** CK_MECHANISM, §3.5. */
export const mechanismFields = { mechanism: 'ulong', pParameter: 'pointer', ulParameterLen: 'ulong' } as const

/** CK_ATTRIBUTE, §3.4. */
export const attributeFields = { type: 'ulong', pValue: 'pointer', ulValueLen: 'ulong' } as const

/** CK_C_INITIALIZE_ARGS, §3.7. */
export const initializeFields = {
  createMutex: 'pointer',
  destroyMutex: 'pointer',
  lockMutex: 'pointer',
  unlockMutex: 'pointer',
  flags: 'ulong',
  pReserved: 'pointer',
} as const

/** CK_RSA_PKCS_OAEP_PARAMS, current mechanisms §2.1.7. */
export const oaepFields = {
  hashAlg: 'ulong',
  mgf: 'ulong',
  source: 'ulong',
  pSourceData: 'pointer',
  ulSourceDataLen: 'ulong',
} as const

/** CK_RSA_PKCS_PSS_PARAMS, current mechanisms §2.1.9. */
export const pssFields = { hashAlg: 'ulong', mgf: 'ulong', sLen: 'ulong' } as const

/** CK_ECDH1_DERIVE_PARAMS, current mechanisms §2.3.6. */
export const ecdhFields = {
  kdf: 'ulong',
  ulSharedDataLen: 'ulong',
  pSharedData: 'pointer',
  ulPublicDataLen: 'ulong',
  pPublicData: 'pointer',
} as const

/** The fields of a structure that the library has filled; byte fields are copies. */
export function readStructure(name: RawStructName, bytes: Uint8Array, platform: CPlatform): RawFields {
  const fields = structures[name]
  const { offsets } = layoutOf(fields, platform)
  return Object.fromEntries(
    Object.entries(fields).map(([field, type]) => {
      const at = offsets[field] ?? 0
      const value =
        typeof type === 'number'
          ? bytes.slice(at, at + type)
          : toNumber(readNumber(bytes, at, platform[type]), platform[type])
      return [field, value]
    }),
  )
}
