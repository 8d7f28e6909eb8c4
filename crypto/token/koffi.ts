import { createRequire } from 'node:module'
import { CryptoFailure } from '../errors.ts'

/** A C function; pointers are numbers, or the memory itself. */
export interface Foreign {
  (...values: readonly unknown[]): unknown
  /** The same on another thread. `done` is the last argument. */
  async(...valuesAndDone: readonly unknown[]): void
}

/** A loaded library. */
export interface ForeignLibrary {
  /** Throws when the library has no such function. */
  func(convention: string, name: string, result: string, types: readonly unknown[]): Foreign
}

/** The part of koffi that is used. */
export interface Koffi {
  load(path: string, options?: { readonly lazy?: boolean }): ForeignLibrary
  struct(fields: Readonly<Record<string, unknown>>): unknown
  array(type: string, length: number): unknown
  proto(convention: string, result: string, types: readonly unknown[]): unknown
  /** The function at an address, with a type of {@link proto}. */
  decode(address: bigint, type: unknown): Foreign
  /** A copy of the bytes at an address. */
  decode(address: bigint, type: 'uint8_t', length: number): Uint8Array
  /** Where the bytes of a buffer lie. */
  address(memory: ArrayBuffer): bigint
  sizeof(type: string): number
  config(settings: Readonly<Record<string, number>>): unknown
}

/** The native binding is optional: an installation without it goes on, without SKF. Throws `token.driver-unavailable`. */
export function loadKoffi(): Koffi {
  let binding: unknown
  try {
    // `__filename` is the bundle's in the built program; a plain import would be bundled, or need it at start.
    binding = createRequire(__filename)('koffi')
  } catch (error) {
    throw new CryptoFailure('token.driver-unavailable', missingBinding, error)
  }
  if (!isKoffi(binding)) throw new CryptoFailure('token.driver-unavailable', missingBinding)
  return binding
}

/**
 * Loads a library for as long as the process lives. Throws what koffi throws. The binding unloads a library when its object
 * is collected, even while addresses of its functions are in use; and unloading one that has started threads crashes.
 */
export function loadForever(koffi: Koffi, path: string, options: { readonly lazy?: boolean } = {}): ForeignLibrary {
  const library = koffi.load(path, options)
  loaded.add(library)
  return library
}

const loaded = new Set<ForeignLibrary>()

const missingBinding = 'the package koffi is not installed here, or not for this processor: run npm ci again'

function isKoffi(value: unknown): value is Koffi {
  return typeof value === 'object' && value !== null && 'load' in value && 'struct' in value && 'address' in value
}
