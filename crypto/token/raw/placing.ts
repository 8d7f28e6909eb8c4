import { CryptoFailure } from '../../errors.ts'
import type { Arena, Cell } from './arena.ts'
import { allOnes, type CPlatform, fits, layoutOf, writeNumber } from './layout.ts'
import { rawLimits, type RawValue } from './raw-call.ts'

/** An argument in the memory of its call. */
export interface Placed {
  /** What travels by value: a number, an address, null for NULL, BLOCKCIPHERPARAM's fields. Once the memory is made. */
  passed(): bigint | null | CipherFields
  /** What came of it, after the call. */
  answer(): RawValue
}

/** BLOCKCIPHERPARAM (GM/T 0016-2012 6.4.13) as the binding takes it. */
export interface CipherFields {
  readonly IV: Uint8Array
  readonly IVLen: number
  readonly PaddingType: number
  readonly FeedBitLen: number
}

/** How a library passes numbers, and what writes the memory's contents once there is memory. */
export interface Placing {
  readonly arena: Arena
  readonly platform: CPlatform
  /** Bytes of what `handle-out` points to: CK_ULONG, or a pointer. */
  readonly handle: 4 | 8
  /** Called with each thing to do when the memory has been made. */
  readonly later: (write: () => void) => void
}

/** What an argument fills a room with before the call: a library that does not write leaves it. */
export const roomFill = 0xa5

/** Bytes for the library to read. */
export function placeBytes(value: Uint8Array, { arena, later }: Placing): Cell {
  const cell = arena.reserve(within(value.length, rawLimits.bytes))
  later(() => cell.bytes.set(value))
  return cell
}

/** Room for the library to write, in which what it did not write shows. */
export function placeRoom(length: number, { arena, later }: Placing): Cell {
  const cell = arena.reserve(within(length, rawLimits.room))
  later(() => cell.bytes.fill(roomFill))
  return cell
}

/** A structure whose fields are written when the memory is there. */
export function placeFields(
  fields: Readonly<Record<string, 'ulong' | 'pointer'>>,
  values: () => Readonly<Record<string, bigint>>,
  { arena, platform, later }: Placing,
): Cell {
  const { size, offsets } = layoutOf(fields, platform)
  const cell = arena.reserve(size)
  later(() => {
    for (const [name, value] of Object.entries(values())) {
      writeNumber(cell.bytes, offsets[name] ?? 0, platform[fields[name] ?? 'ulong'], value)
    }
  })
  return cell
}

/** A number of the caller's as it travels; -1 is all ones. Throws `arguments.bad` for one that does not fit. */
export function numberFor(value: number, width: 4 | 8): bigint {
  if (value === -1) return allOnes(width)
  if (!Number.isSafeInteger(value) || !fits(BigInt(value), width)) throw bad('a number does not fit')
  return BigInt(value)
}

/** Throws `arguments.bad` for a length over its bound. */
export function within(length: number, limit: number): number {
  if (!Number.isInteger(length) || length < 0 || length > limit) throw bad('a length is over its bound')
  return length
}

/** SECURITY: says nothing of the values: one of them may be a PIN. */
export function bad(why: string): CryptoFailure {
  return new CryptoFailure('arguments.bad', `an argument cannot be passed to the library: ${why}`)
}
