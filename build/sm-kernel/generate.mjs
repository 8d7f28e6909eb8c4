// `npm run sm-kernel`: writes crypto/sm/kernel. The program needs no WebAssembly tools; a test makes the kernels again.
import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { deflateRawSync } from 'node:zlib'
import { inProject } from '../project.mjs'
import { assembleKernel } from './kernel.mjs'
import { layout } from './layout.mjs'
import { gates, outputs } from './sbox-circuit.mjs'

const head = '// Written by `npm run sm-kernel` from build/sm-kernel. Do not edit.\n'

/** What is generated, but for the kernels' bytes: names in crypto/sm/kernel, and texts. */
export function generatedTexts() {
  return { 'layout.ts': layoutText(), 'sbox.ts': sboxText() }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await mkdir(inProject('crypto/sm/kernel'), { recursive: true })
  const texts = {
    ...generatedTexts(),
    'simd.ts': bytesText('simd', await assembleKernel('simd')),
    'relaxed.ts': bytesText('relaxed', await assembleKernel('relaxed')),
  }
  for (const [name, text] of Object.entries(texts)) await writeFile(inProject('crypto/sm/kernel', name), text)
}

/**
 * Base 64 of the deflated bytes: the many repetitions of straight code shrink to a tenth.
 * @param {string} variant
 * @param {Uint8Array} bytes
 */
function bytesText(variant, bytes) {
  const lines = deflateRawSync(bytes, { level: 9 })
    .toString('base64')
    .match(/.{1,114}/g)
  return [
    head,
    `/** The ${variant} kernel: WebAssembly, deflated, base 64. */`,
    `export const ${variant}Kernel = [`,
    ...(lines ?? []).map(line => `  '${line}',`),
    "].join('')\n",
  ].join('\n')
}

function layoutText() {
  const names = /** @type {const} */ ([
    'sm3State',
    'sm3LaneStates',
    'roundKeys',
    'nonce',
    'scratch',
    'nibbleTables',
    'laneSums',
    'lanePowers',
    'sum',
    'factors',
  ])
  return [
    head,
    '/** Where things lie in the first page of the kernel’s memory; build/sm-kernel/layout.mjs says what they are. */',
    'export const layout = {',
    ...names.map(name => `  ${name}: ${layout[name]},`),
    '} as const\n',
  ].join('\n')
}

function sboxText() {
  const inputs = [0, 1, 2, 3, 4, 5, 6, 7].map(bit => `  const i${bit} = planes[at + ${bit}] ?? 0`)
  const code = gates.map(({ out, gate, a, b }) => `  const ${out} = ${a} ${gate === 'and' ? '&' : '^'} ${b}`)
  return [
    head,
    '/**',
    ' * The S-box of SM4 as a circuit, on the eight planes from `at` on: bit k of plane b is bit b of byte k. It stands here',
    ' * without its constants: S(x) = circuit(x ^ 0x75) ^ 0xd3. No step depends on a value.',
    ' */',
    'export function sboxPlanes(planes: Int32Array, at: number): void {',
    ...inputs,
    ...code,
    ...outputs.map((output, bit) => `  planes[at + ${bit}] = ${output}`),
    '}\n',
  ].join('\n')
}
