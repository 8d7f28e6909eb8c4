/** Memory of one call, in which every piece has canary bytes before and behind it. */
export interface Arena {
  /** Reserves a piece of so many bytes, zeros. Only before {@link commit}. */
  reserve(size: number): Cell
  /** Makes the memory; `addressOf` tells where it lies. */
  commit(addressOf: (memory: ArrayBuffer) => bigint): void
  /** Whether any byte outside the pieces was changed. */
  isHurt(): boolean
  /** Overwrites everything: a PIN may have been in it. The addresses are good until then. */
  wipe(): void
}

/** A piece of the memory; both can be asked for once the memory is made. */
export interface Cell {
  readonly address: bigint
  readonly bytes: Uint8Array
}

/** Canary bytes around every piece, and behind the last: what a library writes beyond them hits memory of others. */
export const canaryBytes = { around: 64, behindLast: 4096 } as const

/** No memory yet. */
export function createArena(): Arena {
  const placed: { readonly offset: number; readonly size: number }[] = []
  let end = 0
  let memory = new Uint8Array(0)
  let base = 0n
  const gaps = function* (): Generator<readonly [number, number]> {
    let from = 0
    for (const { offset, size } of placed) {
      yield [from, offset]
      from = offset + size
    }
    yield [from, memory.length]
  }
  return {
    reserve(size) {
      const offset = roundUp(end + canaryBytes.around)
      placed.push({ offset, size })
      end = offset + size
      return {
        get address() {
          return base + BigInt(offset)
        },
        get bytes() {
          return memory.subarray(offset, offset + size)
        },
      }
    },
    commit(addressOf) {
      // A buffer of its own: views of small size may lie where the collector moves them.
      const buffer = new ArrayBuffer(end + canaryBytes.around + canaryBytes.behindLast)
      memory = new Uint8Array(buffer)
      base = addressOf(buffer)
      for (const [from, to] of gaps()) for (let at = from; at < to; at += 1) memory[at] = canary(at)
    },
    isHurt() {
      for (const [from, to] of gaps()) {
        for (let at = from; at < to; at += 1) if (memory[at] !== canary(at)) return true
      }
      return false
    },
    wipe: () => void memory.fill(0),
  }
}

/** Changes from byte to byte, so that no filling hides in it. */
function canary(at: number): number {
  return (at * 37 + 0x5b) & 0xff
}

/** As malloc does for every type. */
function roundUp(offset: number): number {
  return Math.ceil(offset / 16) * 16
}
