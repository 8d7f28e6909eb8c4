import { inflateRawSync } from 'node:zlib'
import { relaxedKernel } from './relaxed.ts'
import { simdKernel } from './simd.ts'
import { type WasmMemory, type WasmModule, webAssembly } from './web-assembly.ts'

const pageLength = 65_536
/** `sm3Blocks` reads up to this far behind the blocks it is given. */
const slack = 512

/** Where the caller's bytes begin: the first page is the kernel's own. */
export const dataOffset = pageLength

/** What the kernel offers; addresses and counts are in its memory. build/sm-kernel says what each does. */
interface KernelExports {
  readonly memory: WasmMemory
  sm4Group(counter: number, data: number): void
  ctr(counter: number, data: number, groups: number): void
  gcmSeal(counter: number, data: number, groups: number): void
  gcmOpen(counter: number, data: number, groups: number): void
  multiply(): void
  ghashBlocks(data: number, blocks: number): void
  ghashJoin(): void
  sm3Lanes(data: number, stride: number, blocks: number): void
  sm3Blocks(data: number, blocks: number): void
}

/** An instance of the kernel with memory of its own: one job at a time, and no key of another. */
export interface Kernel {
  readonly run: KernelExports
  /** All of the memory. It never grows, so the view stays good. */
  readonly bytes: Uint8Array
  readonly words: Int32Array
}

const modules = new Map<'simd' | 'relaxed', WasmModule>()

/**
 * Makes an instance with room for `capacity` bytes behind {@link dataOffset}. The module is compiled once a thread, at once
 * (a few milliseconds): not for a browser's main thread.
 */
export function createKernel(variant: 'simd' | 'relaxed', capacity: number): Kernel {
  const run = new webAssembly.Instance(kernelModule(variant)).exports as KernelExports
  const pages = Math.ceil((capacity + slack) / pageLength)
  run.memory.grow(pages)
  const { buffer } = run.memory
  return { run, bytes: new Uint8Array(buffer), words: new Int32Array(buffer) }
}

/** A kernel's bytes, as the generator made them. */
export function kernelBytes(variant: 'simd' | 'relaxed'): Uint8Array {
  const packed = variant === 'simd' ? simdKernel : relaxedKernel
  return Uint8Array.from(inflateRawSync(Buffer.from(packed, 'base64')))
}

function kernelModule(variant: 'simd' | 'relaxed'): WasmModule {
  const compiled = modules.get(variant) ?? new webAssembly.Module(kernelBytes(variant))
  modules.set(variant, compiled)
  return compiled
}
