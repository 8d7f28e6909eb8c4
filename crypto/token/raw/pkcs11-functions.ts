import { CryptoFailure } from '../../errors.ts'
import { type Foreign, type Koffi, loadForever } from '../koffi.ts'
import { type Parameter, type RawFunction, readSignature } from './functions.ts'
import { type CPlatform, layoutOf, readNumber, type StructFields } from './layout.ts'

/** CK_FUNCTION_LIST, PKCS #11 v2.40 §3.6: every function in its order, with what it takes (§5). */
export const functionList: readonly (readonly [string, readonly Parameter[]])[] = [
  ...['C_Initialize p', 'C_Finalize p', 'C_GetInfo p', 'C_GetFunctionList p', 'C_GetSlotList bpp', 'C_GetSlotInfo up'],
  ...['C_GetTokenInfo up', 'C_GetMechanismList upp', 'C_GetMechanismInfo uup', 'C_InitToken upup', 'C_InitPIN upu'],
  ...['C_SetPIN upupu', 'C_OpenSession uuppp', 'C_CloseSession u', 'C_CloseAllSessions u', 'C_GetSessionInfo up'],
  ...['C_GetOperationState upp', 'C_SetOperationState upuuu', 'C_Login uupu', 'C_Logout u', 'C_CreateObject upup'],
  ...['C_CopyObject uupup', 'C_DestroyObject uu', 'C_GetObjectSize uup', 'C_GetAttributeValue uupu'],
  ...['C_SetAttributeValue uupu', 'C_FindObjectsInit upu', 'C_FindObjects upup', 'C_FindObjectsFinal u'],
  ...['C_EncryptInit upu', 'C_Encrypt upupp', 'C_EncryptUpdate upupp', 'C_EncryptFinal upp', 'C_DecryptInit upu'],
  ...['C_Decrypt upupp', 'C_DecryptUpdate upupp', 'C_DecryptFinal upp', 'C_DigestInit up', 'C_Digest upupp'],
  ...['C_DigestUpdate upu', 'C_DigestKey uu', 'C_DigestFinal upp', 'C_SignInit upu', 'C_Sign upupp'],
  ...['C_SignUpdate upu', 'C_SignFinal upp', 'C_SignRecoverInit upu', 'C_SignRecover upupp', 'C_VerifyInit upu'],
  ...['C_Verify upupu', 'C_VerifyUpdate upu', 'C_VerifyFinal upu', 'C_VerifyRecoverInit upu', 'C_VerifyRecover upupp'],
  ...['C_DigestEncryptUpdate upupp', 'C_DecryptDigestUpdate upupp', 'C_SignEncryptUpdate upupp'],
  ...['C_DecryptVerifyUpdate upupp', 'C_GenerateKey uppup', 'C_GenerateKeyPair uppupupp', 'C_WrapKey upuupp'],
  ...['C_UnwrapKey upupupup', 'C_DeriveKey upupup', 'C_SeedRandom upu', 'C_GenerateRandom upu'],
  ...['C_GetFunctionStatus u', 'C_CancelFunction u', 'C_WaitForSlotEvent upp'],
].map(readSignature)

/**
 * The functions that a library's CK_FUNCTION_LIST points to. C_GetFunctionList is the only one that is looked for by its
 * name (§5.4). Throws `token.driver-unavailable` when the file cannot be loaded or is no PKCS #11 library.
 */
export function loadPkcs11Functions(koffi: Koffi, path: string, platform: CPlatform): ReadonlyMap<string, RawFunction> {
  const ulong = platform.ulong === 8 ? 'uint64_t' : 'uint32_t'
  const types = { ulong, handle: ulong, bool: 'uint8_t', pointer: 'void *', cipher: 'void *' } as const
  const pointers = Object.fromEntries(functionList.map(([name]) => [name, 'pointer' as const]))
  const { size, offsets } = layoutOf<StructFields>({ version: 2, ...pointers }, platform)
  const list = koffi.decode(addressOfList(koffi, path, platform, ulong), 'uint8_t', size)
  const found = new Map<string, RawFunction>()
  for (const [name, parameters] of functionList) {
    const address = readNumber(list, offsets[name] ?? 0, platform.pointer)
    if (address === 0n) continue
    const taken = parameters.map(parameter => types[parameter])
    found.set(name, { name, parameters, foreign: koffi.decode(address, koffi.proto('__cdecl', ulong, taken)) })
  }
  return found
}

function addressOfList(koffi: Koffi, path: string, platform: CPlatform, ulong: string): bigint {
  const out = new Uint8Array(platform.pointer)
  const getFunctionList = bindGetFunctionList(koffi, path, ulong)
  const code = getFunctionList(out)
  const address = readNumber(out, 0, platform.pointer)
  if (Number(code) !== 0 || address === 0n) {
    throw new CryptoFailure('token.driver-unavailable', 'the PKCS #11 module gives no list of its functions')
  }
  return address
}

function bindGetFunctionList(koffi: Koffi, path: string, ulong: string): Foreign {
  try {
    return loadForever(koffi, path, { lazy: true }).func('__cdecl', 'C_GetFunctionList', ulong, ['void *'])
  } catch (error) {
    throw new CryptoFailure(
      'token.driver-unavailable',
      'the PKCS #11 module cannot be loaded: the file is missing, is no PKCS #11 module, is built for another processor, or needs a library that is not installed',
      error,
    )
  }
}
