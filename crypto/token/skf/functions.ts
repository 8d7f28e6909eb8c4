import type { SkfExtension } from '../profiles/driver-profile.ts'

/** GM/T 0016-2012, 7.1 to 7.6. Structures and what is answered through a pointer travel in byte buffers. */
export const signatures = {
  SKF_EnumDev: ['flag', 'bytes', 'bytes'],
  SKF_ConnectDev: ['bytes', 'bytes'],
  SKF_DisConnectDev: ['handle'],
  SKF_GetDevState: ['bytes', 'bytes'],
  SKF_GetDevInfo: ['handle', 'bytes'],
  SKF_SetLabel: ['handle', 'bytes'],
  SKF_DevAuth: ['handle', 'bytes', 'number'],
  SKF_GenRandom: ['handle', 'bytes', 'number'],
  SKF_GetPINInfo: ['handle', 'number', 'bytes', 'bytes', 'bytes'],
  SKF_VerifyPIN: ['handle', 'number', 'bytes', 'bytes'],
  SKF_ChangePIN: ['handle', 'number', 'bytes', 'bytes', 'bytes'],
  SKF_ClearSecureState: ['handle'],
  SKF_CreateApplication: ['handle', 'bytes', 'bytes', 'number', 'bytes', 'number', 'number', 'bytes'],
  SKF_EnumApplication: ['handle', 'bytes', 'bytes'],
  SKF_OpenApplication: ['handle', 'bytes', 'bytes'],
  SKF_CloseApplication: ['handle'],
  SKF_CreateContainer: ['handle', 'bytes', 'bytes'],
  SKF_EnumContainer: ['handle', 'bytes', 'bytes'],
  SKF_OpenContainer: ['handle', 'bytes', 'bytes'],
  SKF_CloseContainer: ['handle'],
  SKF_GetContainerType: ['handle', 'bytes'],
  SKF_ImportCertificate: ['handle', 'flag', 'bytes', 'number'],
  SKF_ExportCertificate: ['handle', 'flag', 'bytes', 'bytes'],
  SKF_ExportPublicKey: ['handle', 'flag', 'bytes', 'bytes'],
  SKF_GenECCKeyPair: ['handle', 'number', 'bytes'],
  SKF_ImportECCKeyPair: ['handle', 'bytes'],
  SKF_ECCSignData: ['handle', 'bytes', 'number', 'bytes'],
  SKF_RSASignData: ['handle', 'bytes', 'number', 'bytes', 'bytes'],
  SKF_ImportSessionKey: ['handle', 'number', 'bytes', 'number', 'bytes'],
  SKF_DecryptInit: ['handle', 'cipher'],
  SKF_Decrypt: ['handle', 'bytes', 'number', 'bytes', 'bytes'],
  SKF_DecryptUpdate: ['handle', 'bytes', 'number', 'bytes', 'bytes'],
  SKF_DecryptFinal: ['handle', 'bytes', 'bytes'],
  SKF_CloseHandle: ['handle'],
} as const satisfies Readonly<Record<string, readonly ArgumentKind[]>>

/** Spellings under which libraries have a function; the standard's text and its table differ. */
export const otherSpelling: Readonly<Partial<Record<SkfFunction, string>>> = { SKF_DisConnectDev: 'SKF_DisconnectDev' }

/** Without these there is nothing that can be done with a library. */
export const indispensable = [
  ...(['SKF_EnumDev', 'SKF_ConnectDev', 'SKF_GetDevInfo', 'SKF_EnumApplication', 'SKF_OpenApplication'] as const),
  ...(['SKF_EnumContainer', 'SKF_OpenContainer', 'SKF_ExportCertificate', 'SKF_VerifyPIN'] as const),
] as const

/** The standard's functions that this client knows. */
export type SkfFunction = keyof typeof signatures

/** What a function is called with. A handle is the number that the library gave for it. */
export type SkfArguments<F extends SkfFunction> = Values<(typeof signatures)[F]>

/** How a value travels: `flag` is BOOL, `bytes` a pointer, `cipher` a BLOCKCIPHERPARAM by value. */
export type ArgumentKind = 'handle' | 'number' | 'flag' | 'bytes' | 'cipher'

/** BLOCKCIPHERPARAM without what this client leaves at 0: the padding type (none) and the feedback length. */
export interface CipherParameters {
  /** At most 32 bytes. */
  readonly iv: Uint8Array
}

type Values<L extends readonly ArgumentKind[]> = { -readonly [I in keyof L]: ValueOf<L[I]> }
type ValueOf<K> = K extends 'handle'
  ? bigint
  : K extends 'number'
    ? number
    : K extends 'flag'
      ? boolean
      : K extends 'bytes'
        ? Uint8Array | null
        : CipherParameters

/** Whether a name is one of the functions above. */
export function isSkfFunction(name: string): name is SkfFunction {
  return Object.hasOwn(signatures, name)
}

/**
 * The argument list of a vendor's own function, as its profile describes it: the container, the selector where there is one,
 * the ciphertext, then a buffer and its length.
 */
export function extensionSignature({ selector, input }: SkfExtension): readonly ArgumentKind[] {
  const selected = { none: [], 'key-spec': ['number'], 'sign-flag': ['flag'], type: ['number'] } as const
  const taken = { blob: ['bytes'], bytes: ['bytes', 'number'] } as const
  return ['handle', ...selected[selector], ...taken[input], 'bytes', 'bytes']
}

/** What it is called with for decryption, in the same order. `out` is filled, `size` holds its length before and after. */
export function extensionArguments(
  { selector, input }: SkfExtension,
  container: bigint,
  ciphertext: Uint8Array,
  out: Uint8Array,
  size: Uint8Array,
): readonly (bigint | number | boolean | Uint8Array)[] {
  const selected = { none: [], 'key-spec': [encryptionKeySpec], 'sign-flag': [false], type: [0] } as const
  const taken = input === 'blob' ? [ciphertext] : [ciphertext, ciphertext.length]
  return [container, ...selected[selector], ...taken, out, size]
}

/** `ulKeySpec` where a function has one: 1 is the encryption pair, 2 the signing pair. */
const encryptionKeySpec = 1
