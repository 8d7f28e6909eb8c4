import { isAbsolute } from 'node:path'
import { CryptoFailure } from '../../errors.ts'
import { type Foreign, type ForeignLibrary, loadForever, loadKoffi } from '../koffi.ts'
import type { SkfExtension, SkfProfile } from '../profiles/driver-profile.ts'
import { SAR } from './constants.ts'
import { SkfError } from './errors.ts'
import {
  type CipherParameters,
  extensionArguments,
  extensionSignature,
  indispensable,
  isSkfFunction,
  otherSpelling,
  signatures,
  type SkfArguments,
  type SkfFunction,
} from './functions.ts'

/** `packed`: `#pragma pack(1)`. `natural`: the compiler's own alignment. */
export type SkfLayout = NonNullable<SkfProfile['layout']>

/** What a vendor's own function decrypts with a container's encryption key. */
export type ExtensionKind = 'sm2' | 'rsa'

/** A loaded vendor library. Its state belongs to the whole process. */
export interface SkfLibrary {
  readonly path: string
  readonly profile: SkfProfile
  /** Whether the library has the function at all. */
  has(name: SkfFunction): boolean
  /**
   * Calls a function; it blocks, and none may overlap another. Buffers are filled in place, also when it fails. Throws
   * {@link SkfError} for any answer but SAR_OK, `token.unsupported` when the library lacks the function.
   */
  call<F extends SkfFunction>(name: F, ...values: SkfArguments<F>): void
  /** Null where the profile names none, or the library lacks it. */
  extension(kind: ExtensionKind): VendorDecrypt | null
}

/** A vendor's own function that gives the plaintext to the host. */
export interface VendorDecrypt {
  readonly name: string
  /**
   * Decrypts with the container's encryption key into `out`; `size` is a ULONG with the room there is, and then the length.
   * Throws {@link SkfError}.
   */
  decrypt(container: bigint, ciphertext: Uint8Array, out: Uint8Array, size: Uint8Array): void
}

interface Functions {
  readonly standard: ReadonlyMap<SkfFunction, Foreign>
  readonly extensions: Readonly<Record<ExtensionKind, VendorDecrypt | null>>
}

/**
 * Loads a library by its absolute path. Throws `token.driver-unavailable` saying what is missing, `arguments.bad` for a
 * relative path.
 */
export function loadSkfLibrary(path: string, profile: SkfProfile = {}): SkfLibrary {
  // SECURITY: A9, a relative path would be searched in places that others can write to.
  if (!isAbsolute(path)) throw new CryptoFailure('arguments.bad', 'the path of an SKF library must be absolute')
  const { standard, extensions } = bind(path, profile)
  const missing = indispensable.find(name => !standard.has(name))
  if (missing !== undefined) throw unavailable(`the file is no SKF library: it lacks ${missing}`)
  return {
    path,
    profile,
    has: name => standard.has(name),
    call(name, ...values) {
      const foreign = standard.get(name)
      if (foreign === undefined) throw new CryptoFailure('token.unsupported', `the SKF library has no ${name}`)
      callForeign(name, foreign, values)
    },
    extension: kind => extensions[kind],
  }
}

function bind(path: string, profile: SkfProfile): Functions {
  const koffi = loadKoffi()
  let library: ForeignLibrary
  try {
    library = loadForever(koffi, path)
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
  const called = `__${profile.convention ?? (process.platform === 'win32' ? 'stdcall' : 'cdecl')}`
  const standard = new Map<SkfFunction, Foreign>()
  for (const [name, kinds] of Object.entries(signatures)) {
    if (!isSkfFunction(name)) continue
    const parameters = kinds.map(kind => types[kind])
    const found =
      find(library, called, name, parameters) ?? find(library, called, otherSpelling[name] ?? name, parameters)
    if (found !== null) standard.set(name, found)
  }
  // SECURITY: never looked for: a vendor's function of the same name with other arguments destroys the stack.
  const extend = (extension: SkfExtension | undefined): VendorDecrypt | null => {
    if (extension === undefined || !isVendorName(extension.name)) return null
    const parameters = extensionSignature(extension).map(kind => types[kind])
    const foreign = find(library, called, extension.name, parameters)
    return foreign === null ? null : vendorDecrypt(extension, foreign)
  }
  const rsa = profile.rsaExtension && ({ ...profile.rsaExtension, input: 'bytes' } as const)
  return { standard, extensions: { sm2: extend(profile.sm2Extension), rsa: extend(rsa) } }
}

/** A function of the standard's is none, whatever a profile says: its arguments are known. */
function isVendorName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name) && !isSkfFunction(name)
}

function vendorDecrypt(extension: SkfExtension, foreign: Foreign): VendorDecrypt {
  const { name } = extension
  return {
    name,
    decrypt: (container, ciphertext, out, size) =>
      callForeign(name, foreign, extensionArguments(extension, container, ciphertext, out, size)),
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

type Passed = bigint | number | boolean | Uint8Array | CipherParameters | null

function callForeign(name: string, foreign: Foreign, values: readonly Passed[]): void {
  const code = foreign(...values.map(passed))
  if (code !== SAR.ok) throw new SkfError(name, typeof code === 'number' ? code : SAR.unknown)
}

function passed(value: Passed): unknown {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  const iv = new Uint8Array(32)
  iv.set(value.iv)
  return { IV: iv, IVLen: value.iv.length, PaddingType: 0, FeedBitLen: 0 }
}

function unavailable(detail: string, cause?: unknown): CryptoFailure {
  return new CryptoFailure('token.driver-unavailable', detail, cause)
}
