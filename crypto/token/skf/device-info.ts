import { CryptoFailure } from '../../errors.ts'
import { readText, readUlong } from './buffers.ts'
import type { SkfLayout, SkfLibrary } from './library.ts'

/** What DEVINFO tells of a device. */
export interface DeviceInfo {
  readonly manufacturer: string
  readonly issuer: string
  readonly label: string
  readonly serial: string
  readonly layout: SkfLayout
  /** Names of what the device claims to do, by GM/T 0006. */
  readonly algorithms: readonly string[]
}

/** Bytes of DEVINFO; the texts stand at the same places in both layouts, the numbers do not (tokens.md 1.3). */
const lengths = { packed: 294, natural: 296 } as const
const numbersAt = { packed: 198, natural: 200 } as const
const texts = { manufacturer: [2, 64], issuer: [66, 64], label: [130, 32], serial: [162, 32] } as const

/** What stands beyond the shorter structure before the library writes: no conforming one writes this there. */
const untouched = 0xa5

/**
 * Reads DEVINFO. The library writes into a buffer larger than either layout, and which one it has is seen by how much it
 * has written: a wrong profile cannot corrupt memory. Throws what the library throws, `token.unsupported` when the structure
 * is not the one that the profile names, or none of the standard's.
 */
export function readDeviceInfo(library: SkfLibrary, device: bigint): DeviceInfo {
  const bytes = new Uint8Array(4096)
  bytes.fill(untouched, lengths.packed)
  library.call('SKF_GetDevInfo', device, bytes)
  return decodeDeviceInfo(bytes, library.profile.layout ?? null)
}

/** Judges and reads what the library has written; `expected` is the profile's layout, null when it does not say. */
export function decodeDeviceInfo(bytes: Uint8Array, expected: SkfLayout | null): DeviceInfo {
  const layout = layoutOf(bytes)
  if (layout === null) throw deviation('it is longer than the standard’s')
  if (expected !== null && layout !== expected) throw deviation(`its layout is ${layout}, the profile says ${expected}`)
  const text = ([at, length]: readonly [number, number]): string => {
    const field = bytes.subarray(at, at + length)
    const end = field.indexOf(0)
    const value = readText(end < 0 ? field : field.subarray(0, end)).trim()
    if (/\p{Cc}/u.test(value)) throw deviation('its texts are none')
    return value
  }
  const numbers = numbersAt[layout]
  return {
    manufacturer: text(texts.manufacturer),
    issuer: text(texts.issuer),
    label: text(texts.label),
    serial: text(texts.serial),
    layout,
    algorithms: [
      ...namesOf(readUlong(bytes, numbers), symmetric),
      ...namesOf(readUlong(bytes, numbers + 4), asymmetric),
      ...namesOf(readUlong(bytes, numbers + 8), digests),
    ],
  }
}

function layoutOf(bytes: Uint8Array): SkfLayout | null {
  const beyond = (from: number, to: number): boolean => bytes.subarray(from, to).some(byte => byte !== untouched)
  if (beyond(lengths.natural, bytes.length)) return null
  return beyond(lengths.packed, lengths.natural) ? 'natural' : 'packed'
}

/** Numbers of one family share their high bits, so that a family is claimed when any of its modes is. */
const symmetric: readonly (readonly [number, string])[] = [
  [0x100, 'SGD_SM1'],
  [0x200, 'SGD_SSF33'],
  [0x400, 'SGD_SM4'],
]
const asymmetric: readonly (readonly [number, string])[] = [
  [0x10000, 'SGD_RSA'],
  [0x20000, 'SGD_SM2'],
]
const digests: readonly (readonly [number, string])[] = [
  [1, 'SGD_SM3'],
  [2, 'SGD_SHA1'],
  [4, 'SGD_SHA256'],
]

function namesOf(value: number, table: readonly (readonly [number, string])[]): readonly string[] {
  return table.filter(([bit]) => (value & bit) !== 0).map(([, name]) => name)
}

function deviation(why: string): CryptoFailure {
  return new CryptoFailure('token.unsupported', `the SKF library’s DEVINFO is not usable: ${why}`)
}
