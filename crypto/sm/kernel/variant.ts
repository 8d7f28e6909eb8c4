import { setFlagsFromString } from 'node:v8'
import { webAssembly } from './web-assembly.ts'

/**
 * How SM3 and SM4 are computed here. `relaxed` and `simd` are the two kernels in WebAssembly, which differ in one
 * instruction and in speed; `scalar` is TypeScript, for a runtime without SIMD. All are constant in time with respect to
 * keys and data, and give the same bytes.
 */
export type SmVariant = 'relaxed' | 'simd' | 'scalar'

/** `i8x16.swizzle` and its relaxed form: the smallest modules that hold them. */
const probes = { simd: probe([0xfd, 0x0e]), relaxed: probe([0xfd, 0x80, 0x02]) }

let known: readonly SmVariant[] | undefined

/** The variants that run here, the fastest first. */
export function smVariants(): readonly SmVariant[] {
  known ??= [
    ...(hasRelaxed() ? (['relaxed'] as const) : []),
    ...(webAssembly.validate(probes.simd) ? (['simd'] as const) : []),
    'scalar',
  ]
  return known
}

/** The fastest variant that runs here. */
export function bestSmVariant(): SmVariant {
  return smVariants()[0] ?? 'scalar'
}

function hasRelaxed(): boolean {
  if (webAssembly.validate(probes.relaxed)) return true
  // V8 11.3, the one of Node 20, has the finished instruction behind a flag that only says which modules are taken.
  if (!process.versions.v8.startsWith('11.3.')) return false
  try {
    setFlagsFromString('--experimental-wasm-relaxed-simd')
  } catch {
    return false
  }
  return webAssembly.validate(probes.relaxed)
}

/** A module with one function () -> v128: the instruction on two splats. */
function probe(instruction: readonly number[]): Uint8Array {
  const code = [0, 0x41, 1, 0xfd, 0x0f, 0x41, 2, 0xfd, 0x0f, ...instruction, 0x0b]
  return Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[1, 5, 1, 0x60, 0, 1, 0x7b],
    ...[3, 2, 1, 0],
    ...[10, code.length + 2, 1, code.length, ...code],
  )
}
