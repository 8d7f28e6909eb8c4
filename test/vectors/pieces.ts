/**
 * A stretch of a broken file: bytes `[from, to)` of the base file, bytes in hex, or one byte string many times over.
 * The file is its pieces one after the other.
 */
export type Piece = readonly [from: number, to: number] | string | { readonly repeat: string; readonly times: number }

/** The file a list of pieces describes. */
export function assemble(base: Uint8Array, pieces: readonly Piece[]): Uint8Array {
  return Buffer.concat(
    pieces.map(piece => {
      if (typeof piece === 'string') return Buffer.from(piece, 'hex')
      if ('repeat' in piece) return Buffer.alloc((piece.repeat.length / 2) * piece.times, piece.repeat, 'hex')
      return base.subarray(piece[0], piece[1])
    }),
  )
}

/** Shortest match that is worth naming, when it continues where the last one ended, and anywhere else. */
const shortestNear = 12
const shortest = 48
/** From how many equal bytes on a run is written as one. */
const longestRun = 64

/** Describes a file by what it has in common with its base. Not the shortest description, but a short one. */
export function cut(base: Uint8Array, file: Uint8Array): readonly Piece[] {
  const places = indexes.get(base) ?? indexOf(base)
  indexes.set(base, places)
  const pieces: Piece[] = []
  let literal = 0
  let shift = 0
  const flush = (end: number) => {
    if (end > literal) pieces.push(Buffer.from(file.subarray(literal, end)).toString('hex'))
  }
  for (let at = 0; at < file.length;) {
    const from = matchAt(base, file, at, shift, places)
    const length = from === null ? 0 : commonLength(base, from, file, at)
    const run = length === 0 ? runLength(file, at) : 0
    if (from !== null && length > 0) {
      flush(at)
      pieces.push([from, from + length])
      shift = from - at
      at += length
      literal = at
    } else if (run >= longestRun) {
      flush(at)
      pieces.push({ repeat: Buffer.from(file.subarray(at, at + 1)).toString('hex'), times: run })
      at += run
      literal = at
    } else at += 1
  }
  flush(file.length)
  return pieces
}

const indexes = new WeakMap<Uint8Array, ReadonlyMap<string, number>>()

function matchAt(
  base: Uint8Array,
  file: Uint8Array,
  at: number,
  shift: number,
  places: ReadonlyMap<string, number>,
): number | null {
  const near = at + shift
  const left = file.length - at
  if (near >= 0 && commonLength(base, near, file, at, shortestNear) >= Math.min(shortestNear, left)) return near
  if (left < shortest) return null
  return places.get(keyAt(file, at)) ?? null
}

function indexOf(base: Uint8Array): ReadonlyMap<string, number> {
  const places = new Map<string, number>()
  for (let at = base.length - shortest; at >= 0; at -= 1) places.set(keyAt(base, at), at)
  return places
}

function keyAt(bytes: Uint8Array, at: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, shortest).toString('latin1')
}

function commonLength(a: Uint8Array, fromA: number, b: Uint8Array, fromB: number, limit = Infinity): number {
  const most = Math.min(a.length - fromA, b.length - fromB, limit)
  let length = 0
  while (length < most && a[fromA + length] === b[fromB + length]) length += 1
  return length
}

function runLength(bytes: Uint8Array, at: number): number {
  let end = at
  while (end < bytes.length && bytes[end] === bytes[at]) end += 1
  return end - at
}
