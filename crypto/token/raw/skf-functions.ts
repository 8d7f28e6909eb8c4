import { CryptoFailure } from '../../errors.ts'
import { type Foreign, type ForeignLibrary, type Koffi, loadForever } from '../koffi.ts'
import type { SkfProfile } from '../profiles/driver-profile.ts'
import { type ArgumentKind, extensionSignature, isSkfFunction, otherSpelling } from '../skf/functions.ts'
import { type Parameter, type RawFunction, readSignature } from './functions.ts'

/**
 * GM/T 0016-2012, 7.1 to 7.6: what each function takes. Structures travel as bytes; handles are `void *`. What destroys a
 * token's contents beyond an application of our own, or sends bare commands, is not among them; nor are functions of
 * vendors, since one name has different parameters at different vendors.
 */
export const skfSignatures: ReadonlyMap<string, readonly Parameter[]> = new Map(
  [
    // 7.1 devices
    ...['SKF_WaitForDevEvent ppp', 'SKF_CancelWaitForDevEvent', 'SKF_EnumDev bpp', 'SKF_ConnectDev pp'],
    ...['SKF_DisConnectDev h', 'SKF_GetDevState pp', 'SKF_SetLabel hp', 'SKF_GetDevInfo hp', 'SKF_LockDev hu'],
    ...['SKF_UnlockDev h'],
    // 7.2 access
    ...['SKF_DevAuth hpu', 'SKF_ChangePIN huppp', 'SKF_GetPINInfo huppp', 'SKF_VerifyPIN hupp'],
    ...['SKF_UnblockPIN hppp', 'SKF_ClearSecureState h'],
    // 7.3 applications
    ...['SKF_CreateApplication hppupuup', 'SKF_EnumApplication hpp', 'SKF_DeleteApplication hp'],
    ...['SKF_OpenApplication hpp', 'SKF_CloseApplication h'],
    // 7.4 files
    ...['SKF_CreateFile hpuuu', 'SKF_DeleteFile hp', 'SKF_EnumFiles hpp', 'SKF_GetFileInfo hpp'],
    ...['SKF_ReadFile hpuupp', 'SKF_WriteFile hpupu'],
    // 7.5 containers
    ...['SKF_CreateContainer hpp', 'SKF_DeleteContainer hp', 'SKF_EnumContainer hpp', 'SKF_OpenContainer hpp'],
    ...['SKF_CloseContainer h', 'SKF_GetContainerType hp', 'SKF_ImportCertificate hbpu'],
    ...['SKF_ExportCertificate hbpp'],
    // 7.6 cryptography
    ...['SKF_GenRandom hpu', 'SKF_GenRSAKeyPair hup', 'SKF_ImportRSAKeyPair hupupu', 'SKF_RSASignData hpupp'],
    ...['SKF_RSAVerify hppupu', 'SKF_RSAExportSessionKey hupppp', 'SKF_GenECCKeyPair hup', 'SKF_ImportECCKeyPair hp'],
    ...['SKF_ECCSignData hpup', 'SKF_ECCVerify hppup', 'SKF_ECCExportSessionKey huppp', 'SKF_ExtECCEncrypt hppup'],
    ...['SKF_ExportPublicKey hbpp', 'SKF_ImportSessionKey hupup', 'SKF_EncryptInit hc', 'SKF_Encrypt hpupp'],
    ...['SKF_EncryptUpdate hpupp', 'SKF_EncryptFinal hpp', 'SKF_DecryptInit hc', 'SKF_Decrypt hpupp'],
    ...['SKF_DecryptUpdate hpupp', 'SKF_DecryptFinal hpp', 'SKF_DigestInit huppup', 'SKF_Digest hpupp'],
    ...['SKF_DigestUpdate hpu', 'SKF_DigestFinal hpp', 'SKF_MacInit hpp', 'SKF_Mac hpupp', 'SKF_MacUpdate hpu'],
    ...['SKF_MacFinal hpp', 'SKF_CloseHandle h'],
  ].map(readSignature),
)

/**
 * The functions that a library exports, and those of the vendor's own that the profile names. Throws
 * `token.driver-unavailable` when the file cannot be loaded or has none of them.
 */
export function loadSkfFunctions(koffi: Koffi, path: string, profile: SkfProfile): ReadonlyMap<string, RawFunction> {
  const library = loadFile(koffi, path)
  // DEVAPI is __stdcall on Windows; other systems have one convention.
  const called = `__${profile.convention ?? (process.platform === 'win32' ? 'stdcall' : 'cdecl')}`
  const cipher = koffi.struct({
    IV: koffi.array('uint8_t', 32),
    IVLen: 'uint32_t',
    PaddingType: 'uint32_t',
    FeedBitLen: 'uint32_t',
  })
  const types = { ulong: 'uint32_t', handle: 'uintptr_t', bool: 'int32_t', pointer: 'void *', cipher } as const
  const found = new Map<string, RawFunction>()
  const look = (name: string, parameters: readonly Parameter[], spelling = name): void => {
    const taken = parameters.map(parameter => types[parameter])
    const foreign = found.has(name) ? null : find(library, called, spelling, taken)
    if (foreign !== null) found.set(name, { name, parameters, foreign })
  }
  for (const [name, parameters] of skfSignatures) {
    look(name, parameters)
    if (isSkfFunction(name)) look(name, parameters, otherSpelling[name])
  }
  if (found.size === 0) throw new CryptoFailure('token.driver-unavailable', 'the file is no SKF library')
  // SECURITY: never looked for: a vendor's function of the same name with other arguments destroys the stack.
  for (const [extension, input] of [
    [profile.sm2Extension, profile.sm2Extension?.input],
    [profile.rsaExtension, 'bytes'],
  ] as const) {
    if (extension === undefined || input === undefined || !isVendorName(extension.name)) continue
    look(
      extension.name,
      extensionSignature({ ...extension, input }).map(kind => parameterOf[kind]),
    )
  }
  return found
}

const parameterOf: Readonly<Record<ArgumentKind, Parameter>> = {
  handle: 'handle',
  number: 'ulong',
  flag: 'bool',
  bytes: 'pointer',
  cipher: 'cipher',
}

/** A function of the standard's is none, whatever a profile says: its arguments are known. */
function isVendorName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name) && !skfSignatures.has(name)
}

function loadFile(koffi: Koffi, path: string): ForeignLibrary {
  try {
    return loadForever(koffi, path)
  } catch (error) {
    throw new CryptoFailure(
      'token.driver-unavailable',
      'the SKF library cannot be loaded: the file is missing, is no library, is built for another processor, or needs a library that is not installed',
      error,
    )
  }
}

/** A missing export throws when it is bound: nothing is called to find that out. */
function find(library: ForeignLibrary, called: string, name: string, types: readonly unknown[]): Foreign | null {
  try {
    return library.func(called, name, 'uint32_t', types)
  } catch {
    return null
  }
}
