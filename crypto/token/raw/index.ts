// The part of the public API that calls vendor libraries function by function. Re-exports only.

export { rawLimits, rawPattern, rawText } from './raw-call.ts'
export type {
  RawAnswer,
  RawArgument,
  RawAttribute,
  RawAttributeAnswer,
  RawAttributeValue,
  RawCall,
  RawCallOptions,
  RawFields,
  RawLibrary,
  RawModule,
  RawParameter,
  RawStructName,
  RawValue,
} from './raw-call.ts'
export { rawFieldNumber, rawFieldText } from './ask.ts'
export type { RawInput, RawOutput, RawResult, RawRoom } from './ask.ts'
export { rawPkcs11 } from './pkcs11/index.ts'
export type { RawPkcs11 } from './pkcs11/index.ts'
export type { InitializeOptions, RawList, RawStructure } from './pkcs11/general.ts'
export type { Mechanism } from './pkcs11/mechanism.ts'
export type { RawAttributes, RawObject, RawObjects, Template } from './pkcs11/objects.ts'
export type { RawWhole } from './pkcs11/operations.ts'
export type { RawSession } from './pkcs11/sessions.ts'
export { rawSkf } from './skf/index.ts'
export type { RawSkf } from './skf/index.ts'
export type { RawPinTry } from './skf/applications.ts'
export type { RawHandle, RawNames } from './skf/devices.ts'
export type { CipherParameter } from './skf/operations.ts'
export { rawCodeName } from './code-names.ts'
export { CKA, CKC, CKD, CKF, CKG, CKK, CKM, CKO, CKR, CKU, CKZ, mechanismName } from '../pkcs11/constants.ts'
export { SAR, SGD } from '../skf/constants.ts'
