import type { Kernel } from './kernel/kernel.ts'
import type { SmVariant } from './kernel/variant.ts'
import { Sm3Stream } from './sm3.ts'
import { compressLanes, newSm3State, type Sm3Engine, sm3Engine, sm3LaneCount } from './sm3-engine.ts'
import { createSm3Group } from './sm3-group.ts'

/**
 * The leaf of `gm-1` (seal-format, "Part stream"): SM3(prefix ‖ d0 ‖ d1 ‖ d2 ‖ d3), where dj is the SM3 of the jth of four
 * consecutive pieces of ceil(length / 4) bytes; a later piece may be shorter or empty.
 */
export function sm3Leaf(prefix: number, chunk: Uint8Array, variant?: SmVariant): Uint8Array {
  const group = createSm3Group(sm3LaneCount, variant)
  group.update(piecesOf(chunk))
  return joined(sm3Engine(variant), prefix, group.digests())
}

/** The same of `length` bytes that lie in a kernel's memory, where nothing has to be copied. */
export function sm3LeafInKernel(
  kernel: Kernel,
  engine: Sm3Engine,
  chunk: { readonly prefix: number; readonly at: number; readonly length: number },
): Uint8Array {
  const pieces = piecesOf(kernel.bytes.subarray(chunk.at, chunk.at + chunk.length))
  const stride = pieces[0]?.length ?? 0
  const common = Math.min(...pieces.map(({ length }) => length))
  const blocks = Math.floor(common / 64)
  const states = pieces.map(newSm3State)
  compressLanes(kernel, states, { at: chunk.at, stride, blocks })
  const digests = pieces.map((piece, index) => {
    const stream = new Sm3Stream(engine, states[index], blocks * 64)
    stream.update(piece.subarray(blocks * 64))
    return stream.digest()
  })
  return joined(engine, chunk.prefix, digests)
}

function piecesOf(chunk: Uint8Array): readonly Uint8Array[] {
  const length = Math.ceil(chunk.length / sm3LaneCount)
  return Array.from({ length: sm3LaneCount }, (_, index) => chunk.subarray(index * length, (index + 1) * length))
}

function joined(engine: Sm3Engine, prefix: number, digests: readonly Uint8Array[]): Uint8Array {
  const leaf = new Sm3Stream(engine)
  leaf.update(Uint8Array.of(prefix))
  for (const digest of digests) leaf.update(digest)
  return leaf.digest()
}
