// SM3 (GB/T 32905-2016) without the kernel: for a runtime that has no SIMD.

/** The initial value (4.1). */
export const sm3Initial: readonly number[] = [
  0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e,
]

/** T<<<j (4.2). */
const constants = Int32Array.from({ length: 64 }, (_, round) =>
  rotate(round < 16 ? 0x79cc4519 : 0x7a879d8a, round % 32),
)
const w = new Int32Array(68)

/** The compression function (5.3) over whole blocks of 64 bytes; `state` is 8 words. */
export function compressSm3(state: Int32Array, bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let block = 0; block < bytes.length; block += 64) compressBlock(state, view, block)
}

/** Overwrites what is left of the last block. */
export function wipeSm3Words(): void {
  w.fill(0)
}

function compressBlock(state: Int32Array, view: DataView, block: number): void {
  for (let j = 0; j < 16; j++) w[j] = view.getInt32(block + j * 4)
  for (let j = 16; j < 68; j++) {
    const x = word(j - 16) ^ word(j - 9) ^ rotate(word(j - 3), 15)
    w[j] = x ^ rotate(x, 15) ^ rotate(x, 23) ^ rotate(word(j - 13), 7) ^ word(j - 6)
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
  for (let j = 0; j < 64; j++) {
    const turned = rotate(a, 12)
    const ss1 = rotate((turned + e + (constants[j] ?? 0)) | 0, 7)
    const ff = j < 16 ? a ^ b ^ c : (a & b) | ((a | b) & c)
    const gg = j < 16 ? e ^ f ^ g : ((f ^ g) & e) ^ g
    const tt1 = (ff + d + (ss1 ^ turned) + (word(j) ^ word(j + 4))) | 0
    const tt2 = (gg + h + ss1 + word(j)) | 0
    d = c
    c = rotate(b, 9)
    b = a
    a = tt1
    h = g
    g = rotate(f, 19)
    f = e
    e = tt2 ^ rotate(tt2, 9) ^ rotate(tt2, 17)
  }
  const after = [a, b, c, d, e, f, g, h]
  for (let index = 0; index < 8; index++) state[index] = (state[index] ?? 0) ^ (after[index] ?? 0)
}

function word(index: number): number {
  return w[index] ?? 0
}

function rotate(value: number, count: number): number {
  return (value << count) | (value >>> (32 - count))
}
