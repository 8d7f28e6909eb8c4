import type { Cell } from './arena.ts'
import { fits, layoutOf, readNumber, toNumber, writeNumber } from './layout.ts'
import { placeMechanism } from './place-mechanism.ts'
import { placeTemplate } from './place-template.ts'
import { bad, numberFor, type Placed, placeBytes, placeFields, placeRoom, type Placing, within } from './placing.ts'
import { type RawArgument, rawLimits, rawPattern } from './raw-call.ts'
import { initializeFields, readStructure, structures } from './structures.ts'

/** Reserves an argument's memory. Throws `arguments.bad` for what is over its bound or does not fit the platform. */
export function place(argument: RawArgument, placing: Placing): Placed {
  const { arena, platform } = placing
  switch (argument.kind) {
    case 'number':
      return byValue(numberFor(argument.value, platform.ulong))
    case 'handle':
      return byValue(handleFor(argument.value, placing.handle))
    case 'null':
      return { passed: () => null, answer: () => null }
    case 'bytes':
      return pointer(placeBytes(argument.value, placing))
    case 'pattern': {
      const cell = arena.reserve(within(argument.length, rawLimits.pattern))
      placing.later(() => cell.bytes.set(rawPattern(argument.length)))
      return pointer(cell)
    }
    case 'room': {
      const cell = placeRoom(argument.length, placing)
      return { passed: () => cell.address, answer: () => cell.bytes.slice() }
    }
    case 'count': {
      const cell = placeNumber(argument.value, placing)
      return {
        passed: () => cell.address,
        answer: () => toNumber(readNumber(cell.bytes, 0, platform.ulong), platform.ulong),
      }
    }
    case 'handle-out': {
      const cell = arena.reserve(placing.handle)
      return { passed: () => cell.address, answer: () => readNumber(cell.bytes, 0, placing.handle).toString() }
    }
    case 'handles-out': {
      const { ulong } = platform
      const cell = arena.reserve(within(argument.length, rawLimits.list) * ulong)
      const read = (at: number): string => readNumber(cell.bytes, at * ulong, ulong).toString()
      return {
        passed: () => cell.address,
        answer: () => Array.from({ length: argument.length }, (_, at) => read(at)),
      }
    }
    case 'mechanism':
      return pointer(placeMechanism(argument, placing))
    case 'template':
      return placeTemplate(argument.attributes, placing)
    case 'struct': {
      const { size } = layoutOf(structures[argument.struct], platform)
      const cell = placeRoom(size, placing)
      return { passed: () => cell.address, answer: () => readStructure(argument.struct, cell.bytes, platform) }
    }
    case 'initialize':
      return pointer(placeInitialize(argument, placing))
    case 'cipher':
      return cipherByValue(argument)
  }
}

function placeNumber(value: number, { arena, platform, later }: Placing): Cell {
  const number = numberFor(value, platform.ulong)
  const cell = arena.reserve(platform.ulong)
  later(() => writeNumber(cell.bytes, 0, platform.ulong, number))
  return cell
}

function placeInitialize({ flags, reserved }: Extract<RawArgument, { kind: 'initialize' }>, placing: Placing): Cell {
  const text = reserved === null ? null : placeBytes(new TextEncoder().encode(`${reserved}\0`), placing)
  const number = numberFor(flags, placing.platform.ulong)
  return placeFields(initializeFields, () => ({ flags: number, pReserved: text?.address ?? 0n }), placing)
}

function handleFor(value: string, width: 4 | 8): bigint {
  const handle = /^\d{1,20}$/.test(value) ? BigInt(value) : -1n
  if (!fits(handle, width)) throw bad('a handle is no number that fits')
  return handle
}

function byValue(value: bigint): Placed {
  return { passed: () => value, answer: () => null }
}

function pointer(cell: Cell): Placed {
  return { passed: () => cell.address, answer: () => null }
}

function cipherByValue({ iv, padding = 0, feedBits = 0 }: Extract<RawArgument, { kind: 'cipher' }>): Placed {
  const fields = new Uint8Array(32)
  fields.set(iv.subarray(0, within(iv.length, fields.length)))
  const passed = { IV: fields, IVLen: iv.length, PaddingType: padding, FeedBitLen: feedBits }
  return { passed: () => passed, answer: () => null }
}
