import { endianness } from 'node:os'

/** How a C compiler lays out structures and numbers for a library. */
export interface CPlatform {
  /** Bytes of CK_ULONG or ULONG. */
  readonly ulong: 4 | 8
  readonly pointer: 4 | 8
  /** `#pragma pack(1)`. */
  readonly packed: boolean
}

/** Byte fields have their length; CK_VERSION is 2 bytes. */
export type FieldType = 'ulong' | 'pointer' | number

/** A structure's fields in their order. */
export type StructFields = Readonly<Record<string, FieldType>>

/** Where the fields of a structure lie. */
export interface Layout<F extends StructFields> {
  readonly size: number
  readonly offsets: Readonly<Record<keyof F, number>>
}

/**
 * What a PKCS #11 library of this platform was compiled with (v2.40 §2.1): CK_ULONG is `unsigned long`, which is 4 bytes on
 * Windows, and structures are packed there.
 */
export function pkcs11Platform(pointer: number, platform: NodeJS.Platform = process.platform): CPlatform {
  const width = pointer === 8 ? 8 : 4
  return platform === 'win32'
    ? { ulong: 4, pointer: width, packed: true }
    : { ulong: width, pointer: width, packed: false }
}

/** For SKF: ULONG has 32 bits everywhere (GM/T 0016-2012 6.1). Its structures travel as bytes. */
export function skfPlatform(pointer: number): CPlatform {
  return { ulong: 4, pointer: pointer === 8 ? 8 : 4, packed: false }
}

/** Lays a structure out as the platform's compiler does. */
export function layoutOf<F extends StructFields>(fields: F, platform: CPlatform): Layout<F> {
  let at = 0
  let widest = 1
  const placed: [string, number][] = Object.entries(fields).map(([name, type]) => {
    const size = sizeOf(type, platform)
    const alignment = platform.packed || typeof type === 'number' ? 1 : size
    widest = Math.max(widest, alignment)
    const offset = roundUp(at, alignment)
    at = offset + size
    return [name, offset]
  })
  const offsets = Object.fromEntries(placed) as Record<keyof F, number>
  return { size: roundUp(at, widest), offsets }
}

/** Reads the number at a place, unsigned. */
export function readNumber(bytes: Uint8Array, at: number, width: 4 | 8): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return width === 8 ? view.getBigUint64(at, littleEndian) : BigInt(view.getUint32(at, littleEndian))
}

/** Writes a number that fits the width. */
export function writeNumber(bytes: Uint8Array, at: number, width: 4 | 8, value: bigint): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (width === 8) view.setBigUint64(at, value, littleEndian)
  else view.setUint32(at, Number(value), littleEndian)
}

/** Whether an unsigned number fits. */
export function fits(value: bigint, width: 4 | 8): boolean {
  return value >= 0n && value < 1n << BigInt(8 * width)
}

/** The largest number of a width: CK_UNAVAILABLE_INFORMATION, INFINITE. */
export function allOnes(width: 4 | 8): bigint {
  return (1n << BigInt(8 * width)) - 1n
}

/** As callers see it: -1 for all ones; what no number of JavaScript holds becomes the largest that one does. */
export function toNumber(value: bigint, width: 4 | 8): number {
  if (value === allOnes(width)) return -1
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value)
}

const littleEndian = endianness() === 'LE'

function sizeOf(type: FieldType, platform: CPlatform): number {
  return typeof type === 'number' ? type : platform[type]
}

function roundUp(value: number, to: number): number {
  return Math.ceil(value / to) * to
}
