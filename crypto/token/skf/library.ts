import { createRequire } from 'node:module'
import { isAbsolute } from 'node:path'
import { CryptoFailure } from '../../errors.ts'
import type { SkfProfile } from '../profiles/driver-profile.ts'
import { SAR } from './constants.ts'
import { SkfError } from './errors.ts'

/** `packed`: `#pragma pack(1)`. `natural`: the compiler's own alignment. */
export type SkfLayout = NonNullable<SkfProfile['layout']>

/** BLOCKCIPHERPARAM without what this client leaves at 0: the padding type (none) and the feedback length. */
export interface CipherParameters {
  /** At most 32 bytes. */
  readonly iv: Uint8Array
}

/** A loaded vendor library. Its state belongs to the whole process. */
export interface SkfLibrary {
  readonly path: string
  readonly layout: SkfLayout | null
  /** Whether the library has the function at all. */
  has(name: SkfFunction): boolean
  /**
   * Calls a function; it blocks, and none may overlap another. Buffers are filled in place, also when it fails. Throws
   * {@link SkfError} for any answer but SAR_OK, `token.unsupported` when the library lacks the function.
   */
  call<F extends SkfFunction>(name: F, ...values: SkfArguments<F>): void
}

/** GM/T 0016-2012, 7.1 to 7.6. Structures and what is answered through a pointer travel in byte buffers. */
const signatures = {
  SKF_EnumDev: ['flag', 'bytes', 'bytes'],
  SKF_ConnectDev: ['bytes', 'bytes'],
  SKF_DisConnectDev: ['handle'],
  SKF_GetDevInfo: ['handle', 'bytes'],
  SKF_SetLabel: ['handle', 'bytes'],
  SKF_DevAuth: ['handle', 'bytes', 'number'],
  SKF_GenRandom: ['handle', 'bytes', 'number'],
  SKF_GetPINInfo: ['handle', 'number', 'bytes', 'bytes', 'bytes'],
  SKF_VerifyPIN: ['handle', 'number', 'bytes', 'bytes'],
  SKF_ClearSecureState: ['handle'],
  SKF_CreateApplication: ['handle', 'bytes', 'bytes', 'number', 'bytes', 'number', 'number', 'bytes'],
  SKF_EnumApplication: ['handle', 'bytes', 'bytes'],
  SKF_OpenApplication: ['handle', 'bytes', 'bytes'],
  SKF_CloseApplication: ['handle'],
  SKF_CreateContainer: ['handle', 'bytes', 'bytes'],
  SKF_EnumContainer: ['handle', 'bytes', 'bytes'],
  SKF_OpenContainer: ['handle', 'bytes', 'bytes'],
  SKF_CloseContainer: ['handle'],
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
  SKF_CloseHandle: ['handle'],
} as const satisfies Readonly<Record<string, readonly ArgumentKind[]>>

/** The functions that this client knows. */
export type SkfFunction = keyof typeof signatures

/** What a function is called with. A handle is the number that the library gave for it. */
export type SkfArguments<F extends SkfFunction> = Values<(typeof signatures)[F]>

type ArgumentKind = 'handle' | 'number' | 'flag' | 'bytes' | 'cipher'
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

type Foreign = (...values: readonly unknown[]) => unknown

interface ForeignLibrary {
  func(convention: string, name: string, result: string, types: readonly unknown[]): Foreign
}

/** The part of koffi that is used. */
interface Binding {
  load(path: string): ForeignLibrary
  struct(fields: Readonly<Record<string, unknown>>): unknown
  array(type: string, length: number): unknown
}

/** Spellings under which libraries have a function; the standard's text and its table differ. */
const otherSpelling: Readonly<Partial<Record<SkfFunction, string>>> = { SKF_DisConnectDev: 'SKF_DisconnectDev' }

/** Without these there is nothing that can be done with a library. */
const indispensable = [
  ...(['SKF_EnumDev', 'SKF_ConnectDev', 'SKF_GetDevInfo', 'SKF_EnumApplication', 'SKF_OpenApplication'] as const),
  ...(['SKF_EnumContainer', 'SKF_OpenContainer', 'SKF_ExportCertificate', 'SKF_VerifyPIN'] as const),
] as const

/**
 * Loads a library by its absolute path. Throws `token.driver-unavailable` saying what is missing, `arguments.bad` for a
 * relative path.
 */
export function loadSkfLibrary(path: string, options: SkfProfile = {}): SkfLibrary {
  // SECURITY: A9, a relative path would be searched in places that others can write to.
  if (!isAbsolute(path)) throw new CryptoFailure('arguments.bad', 'the path of an SKF library must be absolute')
  const functions = bind(path, options)
  const missing = indispensable.find(name => !functions.has(name))
  if (missing !== undefined) throw unavailable(`the file is no SKF library: it lacks ${missing}`)
  return {
    path,
    layout: options.layout ?? null,
    has: name => functions.has(name),
    call(name, ...values) {
      const foreign = functions.get(name)
      if (foreign === undefined) throw new CryptoFailure('token.unsupported', `the SKF library has no ${name}`)
      const code = foreign(...values.map(passed))
      if (code !== SAR.ok) throw new SkfError(name, typeof code === 'number' ? code : SAR.unknown)
    },
  }
}

function bind(path: string, { convention }: SkfProfile): ReadonlyMap<SkfFunction, Foreign> {
  const koffi = loadBinding()
  let library: ForeignLibrary
  try {
    library = koffi.load(path)
  } catch (error) {
    throw unavailable(
      'the SKF library cannot be loaded: the file is missing, is no library, is built for another processor, or needs a library that is not installed',
      error,
    )
  }
  const cipher = koffi.struct({
    IV: koffi.array('uint8_t', 32),
    IVLen: 'uint32_t',
    PaddingType: 'uint32_t',
    FeedBitLen: 'uint32_t',
  })
  const types = { handle: 'uintptr_t', number: 'uint32_t', flag: 'int32_t', bytes: 'void *', cipher } as const
  // DEVAPI is __stdcall on Windows; other systems have one convention.
  const called = `__${convention ?? (process.platform === 'win32' ? 'stdcall' : 'cdecl')}`
  const functions = new Map<SkfFunction, Foreign>()
  for (const [name, kinds] of Object.entries(signatures)) {
    if (!isFunction(name)) continue
    const parameters = kinds.map(kind => types[kind])
    const found =
      find(library, called, name, parameters) ?? find(library, called, otherSpelling[name] ?? name, parameters)
    if (found !== null) functions.set(name, found)
  }
  return functions
}

/** A missing export throws when it is bound: nothing is called to find that out. */
function find(library: ForeignLibrary, called: string, name: string, types: readonly unknown[]): Foreign | null {
  try {
    return library.func(called, name, 'uint32_t', types)
  } catch {
    return null
  }
}

function passed(value: bigint | number | boolean | Uint8Array | CipherParameters | null): unknown {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  const iv = new Uint8Array(32)
  iv.set(value.iv)
  return { IV: iv, IVLen: value.iv.length, PaddingType: 0, FeedBitLen: 0 }
}

/** The native binding is optional: an installation without it goes on, without SKF. */
function loadBinding(): Binding {
  let loaded: unknown
  try {
    // `__filename` is the bundle's in the built program; a plain import would be bundled, or need it at start.
    loaded = createRequire(__filename)('koffi')
  } catch (error) {
    throw unavailable(missingBinding, error)
  }
  if (!isBinding(loaded)) throw unavailable(missingBinding)
  return loaded
}

const missingBinding = 'the package koffi is not installed here, or not for this processor: run npm ci again'

function isBinding(value: unknown): value is Binding {
  return typeof value === 'object' && value !== null && 'load' in value && 'struct' in value && 'array' in value
}

function isFunction(name: string): name is SkfFunction {
  return Object.hasOwn(signatures, name)
}

function unavailable(detail: string, cause?: unknown): CryptoFailure {
  return new CryptoFailure('token.driver-unavailable', detail, cause)
}
