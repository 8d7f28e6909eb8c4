import type { Cell } from './arena.ts'
import { type CPlatform, layoutOf, readNumber, toNumber, writeNumber } from './layout.ts'
import { bad, numberFor, type Placed, placeBytes, placeRoom, type Placing } from './placing.ts'
import { type RawAttribute, type RawAttributeAnswer, type RawAttributeValue, rawLimits } from './raw-call.ts'
import { attributeFields } from './structures.ts'

/** Reserves an array of CK_ATTRIBUTE with all that it points to; what the library has left there is the answer. */
export function placeTemplate(attributes: readonly RawAttribute[], placing: Placing): Placed {
  const { arena, platform, later } = placing
  if (attributes.length > rawLimits.list) {
    throw bad('a template has too many attributes')
  }
  const { size, offsets } = layoutOf(attributeFields, platform)
  const rows = attributes.map(attribute => prepare(attribute, placing))
  const array = arena.reserve(size * rows.length)
  const write = (row: number, field: keyof typeof attributeFields, value: bigint): void =>
    writeNumber(array.bytes, row * size + offsets[field], platform[attributeFields[field]], value)
  later(() => {
    rows.forEach(({ type, pointed, length }, row) => {
      write(row, 'type', type)
      write(row, 'pValue', pointed?.address ?? 0n)
      write(row, 'ulValueLen', length)
    })
  })
  const number = (row: number, field: 'type' | 'ulValueLen'): number =>
    toNumber(readNumber(array.bytes, row * size + offsets[field], platform.ulong), platform.ulong)
  return {
    passed: () => array.address,
    answer: () => rows.map(({ room }, row) => answerOf(number(row, 'type'), number(row, 'ulValueLen'), room, platform)),
  }
}

interface Row {
  readonly type: bigint
  /** What pValue points to. */
  readonly pointed: Cell | null
  /** The same, where the library is to fill it. */
  readonly room: Cell | null
  readonly length: bigint
}

function prepare({ type, value, room, length }: RawAttribute, placing: Placing): Row {
  const { ulong } = placing.platform
  const bytes = value === null ? null : bytesOf(value, ulong)
  const roomCell = bytes === null && room !== undefined ? placeRoom(room, placing) : null
  const pointed = bytes === null ? roomCell : placeBytes(bytes, placing)
  const told = length ?? bytes?.length ?? room ?? 0
  return { type: numberFor(type, ulong), pointed, room: roomCell, length: numberFor(told, ulong) }
}

/** CK_ULONG and CK_BBOOL as attributes hold them (v2.40 §3.4); others are bytes already. */
function bytesOf(value: RawAttributeValue, width: 4 | 8): Uint8Array {
  if (typeof value === 'boolean') return Uint8Array.of(value ? 1 : 0)
  if (typeof value !== 'number') return value
  const bytes = new Uint8Array(width)
  writeNumber(bytes, 0, width, numberFor(value, width))
  return bytes
}

function answerOf(type: number, length: number, room: Cell | null, { ulong }: CPlatform): RawAttributeAnswer {
  const bytes = room === null ? null : room.bytes.slice()
  const isNumber = bytes !== null && length === ulong && bytes.length >= ulong
  return { type, length, bytes, number: isNumber ? toNumber(readNumber(bytes, 0, ulong), ulong) : null }
}
