// The whole module: WebAssembly text, and its bytes by the WebAssembly Binary Toolkit.
import wabt from 'wabt'
import { constantData } from './constants.mjs'
import { gf128 } from './gf128.mjs'
import { ghashColumns, ghashGroup, ghashNibbles, ghashProducts, ghashReduce } from './ghash.mjs'
import { usedBytes } from './layout.mjs'
import { sm3Blocks, sm3Lanes } from './sm3.mjs'
import { sm4Add, sm4Bytes, sm4Counters, sm4Group, sm4Rounds, sm4Substitute } from './sm4.mjs'
import { get, WatFunction } from './wat.mjs'

/**
 * The two kernels differ in one instruction. The plain swizzle answers 0 for an index over 15, which costs x86 two more
 * instructions each time; ours are never over 15, and the relaxed one leaves that case to the processor.
 * @typedef {'simd' | 'relaxed'} Variant
 */

/** @type {Readonly<Record<Variant, string>>} */
const swizzles = { simd: 'i8x16.swizzle', relaxed: 'i8x16.relaxed_swizzle' }

/**
 * Bytes of a kernel.
 * @param {Variant} variant
 */
export async function assembleKernel(variant) {
  const { parseWat } = await wabt()
  const module = parseWat('kernel.wat', kernelText(variant), { simd: true, relaxed_simd: true })
  try {
    return module.toBinary({}).buffer
  } finally {
    module.destroy()
  }
}

/** @param {Variant} variant */
function kernelText(variant) {
  const swizzle = swizzles[variant]
  if (usedBytes > 65536) throw new Error('the kernel’s own page is too small')
  const functions = [
    sm4Counters(),
    sm4Substitute(),
    sm4Rounds(),
    sm4Bytes(),
    sm4Add(),
    sm4Group(),
    ghashColumns(),
    ghashNibbles({ first: true }),
    ghashNibbles({ first: false }),
    ghashProducts(swizzle),
    ghashReduce(),
    ghashGroup(),
    groups('ctr', ['sm4Group']),
    groups('gcmSeal', ['sm4Group', 'ghashGroup']),
    groups('gcmOpen', ['ghashGroup', 'sm4Group']),
    gf128,
    sm3Lanes(swizzle),
    sm3Blocks(swizzle),
  ]
  // After the functions: they say which constants they want.
  const data = constantData.map(({ offset, bytes }) => `(data (i32.const ${offset}) "${escaped(bytes)}")`)
  return ['(module', '(memory (export "memory") 1)', ...data, ...functions, ')'].join('\n')
}

/**
 * Work on `groups` groups of 2048 bytes in place, step by step with each while it is in the cache.
 * @param {string} name
 * @param {readonly ('sm4Group' | 'ghashGroup')[]} steps
 */
function groups(name, steps) {
  const f = new WatFunction(name, ['counter', 'data', 'groups'], { exported: true })
  f.countDown('groups', () => {
    for (const step of steps) f.call(step, ...(step === 'sm4Group' ? [get('counter')] : []), get('data'))
    f.advance('counter', 128)
    f.advance('data', 2048)
  })
  return f.toString()
}

/** @param {Uint8Array} bytes */
function escaped(bytes) {
  return Array.from(bytes, byte => `\\${byte.toString(16).padStart(2, '0')}`).join('')
}
