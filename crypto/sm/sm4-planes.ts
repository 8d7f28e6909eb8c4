import { sboxPlanes } from './kernel/sbox.ts'

// SM4 in counter mode without the kernel, bitsliced like it but in words of 32 bits: 32 blocks at once, a plane for each of
// their bits. No table and no address depends on a key or on data.

/** Blocks that are worked on at once. */
export const planeBlocks = 32

const state = new Int32Array(128)
const box = new Int32Array(32)

/** Keystream of 32 blocks: the nonce's three words, and numbers from `counter` on. `into` takes 128 words. */
export function sm4PlanesKeystream(roundKeys: Int32Array, nonce: Int32Array, counter: number, into: Int32Array): void {
  for (let word = 0; word < 3; word++) {
    for (let bit = 0; bit < 32; bit++) state[word * 32 + bit] = allOnes(nonce[word] ?? 0, bit)
  }
  for (let block = 0; block < planeBlocks; block++) state[96 + block] = counter + block
  transposeBits(96)
  for (let round = 0; round < 32; round++) {
    const [x0, x1, x2, x3] = [0, 1, 2, 3].map(word => ((round + word) & 3) * 32) as [number, number, number, number]
    const key = (roundKeys[round] ?? 0) ^ 0x75757575
    for (let bit = 0; bit < 32; bit++) {
      box[bit] = at(state, x1 + bit) ^ at(state, x2 + bit) ^ at(state, x3 + bit) ^ allOnes(key, bit)
    }
    for (let byte = 0; byte < 32; byte += 8) sboxPlanes(box, byte)
    for (let bit = 0; bit < 32; bit++) box[bit] = at(box, bit) ^ allOnes(0xd3d3d3d3, bit)
    for (let bit = 0; bit < 32; bit++) {
      const turned = (count: number) => at(box, (bit - count) & 31)
      state[x0 + bit] = at(state, x0 + bit) ^ turned(0) ^ turned(2) ^ turned(10) ^ turned(18) ^ turned(24)
    }
  }
  for (let word = 0; word < 4; word++) {
    transposeBits(word * 32)
    for (let block = 0; block < planeBlocks; block++) into[block * 4 + 3 - word] = at(state, word * 32 + block)
  }
}

/** Overwrites what is left of the last blocks. */
export function wipeSm4Planes(): void {
  state.fill(0)
  box.fill(0)
}

/** Turns a table of 32 x 32 bits on its side (Warren, Hacker's Delight, 7-3). */
function transposeBits(from: number): void {
  for (let step = 16, mask = 0xffff; step > 0; step >>= 1, mask ^= mask << step) {
    for (let row = 0; row < 32; row = (row + step + 1) & ~step) {
      const change = ((at(state, from + row) >>> step) ^ at(state, from + row + step)) & mask
      state[from + row] = at(state, from + row) ^ (change << step)
      state[from + row + step] = at(state, from + row + step) ^ change
    }
  }
}

/** Ones where the bit is one. */
function allOnes(word: number, bit: number): number {
  return -((word >>> bit) & 1)
}

function at(words: Int32Array, index: number): number {
  return words[index] ?? 0
}
