import { createKernel, dataOffset, type Kernel } from './kernel/kernel.ts'
import { layout } from './kernel/layout.ts'
import { bestSmVariant, type SmVariant } from './kernel/variant.ts'
import { compressSm3, sm3Initial, wipeSm3Words } from './sm3-compression.ts'

/** How many streams are compressed at once. */
export const sm3LaneCount = 4
/** Bytes of one stream that are taken into the kernel at a time: four of them stay in the second cache. */
const stageLength = 32 * 1024

/** The compression function of SM3 in one of its variants: one a thread, for all streams there. */
export interface Sm3Engine {
  /** Compresses whole blocks of 64 bytes into a state of 8 words. */
  compress(state: Int32Array, bytes: Uint8Array): void
  /** The same for four streams at once, with as many bytes of each; null where that saves nothing. */
  readonly compressFour: ((states: readonly Int32Array[], streams: readonly Uint8Array[]) => void) | null
  /** Overwrites what the engine still knows of what it has compressed. */
  wipe(): void
}

const engines = new Map<SmVariant, Sm3Engine>()

/** The engine of this thread. */
export function sm3Engine(variant: SmVariant = bestSmVariant()): Sm3Engine {
  const engine = engines.get(variant) ?? (variant === 'scalar' ? scalarEngine : kernelEngine(variant))
  engines.set(variant, engine)
  return engine
}

/** A state before the first block. */
export function newSm3State(): Int32Array {
  return Int32Array.from(sm3Initial)
}

/** Compresses four streams that lie in a kernel's memory, `stride` bytes apart. */
export function compressLanes(
  { run, words }: Kernel,
  states: readonly Int32Array[],
  { at, stride, blocks }: { readonly at: number; readonly stride: number; readonly blocks: number },
): void {
  if (blocks === 0) return
  // A vector holds the same word of each stream.
  const lanes = words.subarray(layout.sm3LaneStates / 4, layout.sm3LaneStates / 4 + 8 * sm3LaneCount)
  for (let index = 0; index < lanes.length; index++) lanes[index] = states[index & 3]?.[index >> 2] ?? 0
  run.sm3Lanes(at, stride, blocks)
  for (let index = 0; index < lanes.length; index++) {
    const state = states[index & 3]
    if (state !== undefined) state[index >> 2] = lanes[index] ?? 0
  }
}

const scalarEngine: Sm3Engine = { compress: compressSm3, compressFour: null, wipe: wipeSm3Words }

function kernelEngine(variant: 'simd' | 'relaxed'): Sm3Engine {
  const kernel = createKernel(variant, stageLength * sm3LaneCount)
  const { run, bytes: memory, words } = kernel
  const state = words.subarray(layout.sm3State / 4, layout.sm3State / 4 + 8)
  return {
    compress(from, bytes) {
      if (bytes.length === 0) return
      state.set(from)
      for (let at = 0; at < bytes.length; at += stageLength) {
        const piece = bytes.subarray(at, at + stageLength)
        memory.set(piece, dataOffset)
        run.sm3Blocks(dataOffset, piece.length / 64)
      }
      from.set(state)
    },
    compressFour(states, streams) {
      const length = streams[0]?.length ?? 0
      for (let at = 0; at < length; at += stageLength) {
        const size = Math.min(stageLength, length - at)
        for (const [lane, stream] of streams.entries()) {
          memory.set(stream.subarray(at, at + size), dataOffset + lane * stageLength)
        }
        compressLanes(kernel, states, { at: dataOffset, stride: stageLength, blocks: size / 64 })
      }
    },
    wipe() {
      memory.fill(0, layout.sm3State, layout.roundKeys)
      memory.fill(0, dataOffset)
    },
  }
}
