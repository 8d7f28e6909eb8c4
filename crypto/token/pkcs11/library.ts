import { createRequire } from 'node:module'
import { isAbsolute } from 'node:path'
import type { PKCS11 } from 'pkcs11js'
import { CryptoFailure } from '../../errors.ts'
import type { Pkcs11Profile } from '../profiles/driver-profile.ts'
import { CKF, CKR } from './constants.ts'
import { isCode, returnCodeName } from './errors.ts'

type Binding = typeof import('pkcs11js')

/** A loaded and initialised vendor library. Its state belongs to the whole process. */
export interface Pkcs11Library {
  readonly path: string
  /** What the vendor's profile says of it. */
  readonly profile: Pkcs11Profile
  /** The C functions. Every call blocks; none may overlap another. */
  readonly functions: PKCS11
  /** C_Finalize and C_Initialize: the last means when a library has lost its tokens. False when it refuses. */
  restart(): boolean
  /** C_Finalize, if it was this object that initialised the library. Harmless twice. */
  finalize(): void
}

/**
 * Loads a library by its absolute path and initialises it, with the profile's `pReserved` string where it has one. Throws `token.driver-unavailable` saying what is missing, `arguments.bad` for a relative path.
 */
export function loadLibrary(path: string, profile: Pkcs11Profile = {}): Pkcs11Library {
  const { parameters } = profile
  // SECURITY: A9, a relative path would be searched in places that others can write to.
  if (!isAbsolute(path)) throw new CryptoFailure('arguments.bad', 'the path of a PKCS #11 module must be absolute')
  const { PKCS11: Functions } = loadBinding()
  const functions = new Functions()
  try {
    functions.load(path)
  } catch (error) {
    throw unavailable(
      'the PKCS #11 module cannot be loaded: the file is missing, is no PKCS #11 module, is built for another processor, or needs a library that is not installed',
      error,
    )
  }
  let mine = initialize(functions, parameters)
  return {
    path,
    profile,
    functions,
    restart() {
      finalize(functions)
      try {
        mine = initialize(functions, parameters)
        return true
      } catch {
        mine = false
        return false
      }
    },
    finalize() {
      // The library stays mapped: unloading one that has started threads or exit handlers crashes the process.
      if (mine) finalize(functions)
      mine = false
    },
  }
}

/** The native binding is optional: without a compiler the installation goes on without it. */
function loadBinding(): Binding {
  let loaded: unknown
  try {
    // `__filename` is the bundle's in the built program; a plain import would be bundled, or need it at start.
    loaded = createRequire(__filename)('pkcs11js')
  } catch (error) {
    throw unavailable(missingBinding, error)
  }
  if (!isBinding(loaded)) throw unavailable(missingBinding)
  return loaded
}

const missingBinding =
  'the package pkcs11js is not installed here: install a C++ compiler, make and python3 (Debian: build-essential python3), then run npm ci again'

function isBinding(value: unknown): value is Binding {
  return typeof value === 'object' && value !== null && 'PKCS11' in value && typeof value.PKCS11 === 'function'
}

/** False when someone else in this process had initialised the library, which is as good. */
function initialize(functions: PKCS11, parameters: string | undefined): boolean {
  try {
    // The binding cuts off the last character of the string.
    const reserved = parameters === undefined ? {} : { libraryParameters: `${parameters} ` }
    functions.C_Initialize({ flags: CKF.osLockingOk, ...reserved })
    return true
  } catch (error) {
    if (isCode(error, CKR.cryptokiAlreadyInitialized)) return false
    throw unavailable(`the PKCS #11 module refuses to start (${returnCodeName(error)})`, error)
  }
}

function finalize(functions: PKCS11): void {
  try {
    functions.C_Finalize()
  } catch {
    // A library that is already down is what was wanted.
  }
}

function unavailable(detail: string, cause?: unknown): CryptoFailure {
  return new CryptoFailure('token.driver-unavailable', detail, cause)
}
