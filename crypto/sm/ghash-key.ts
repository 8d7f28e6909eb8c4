import type { Kernel } from './kernel/kernel.ts'
import { layout } from './kernel/layout.ts'

// The kernel's numbers in GF(2^128) are two of 64 bits, as WebAssembly keeps them: the lowest byte first.

/**
 * Sets what the kernel's GHASH needs of the key H = SM4(0), 16 bytes (NIST SP 800-38D, 7.1 step 1). The steps are the same
 * for every key.
 */
export function setGhashKey(kernel: Kernel, hashKey: Uint8Array): void {
  const { bytes } = kernel
  const times = multiplier(kernel)
  const h = Uint8Array.from(hashKey, (_, index) => hashKey[(index & 8) + 7 - (index & 7)] ?? 0)

  // H^-1 = H^(2^128 - 2), a product of all the powers H^2, H^4, H^8 …
  let square = times(h, h)
  let inverse = square
  for (let bit = 2; bit < 128; bit++) {
    square = times(square, square)
    inverse = times(inverse, square)
  }
  const lanePower = (index: number) =>
    bytes.subarray(layout.lanePowers + index * 16, layout.lanePowers + index * 16 + 16)
  lanePower(0).fill(0)
  // The first bit of the first byte is the number 1.
  lanePower(0)[7] = 0x80
  for (let index = 1; index < 32; index++) lanePower(index).set(times(lanePower(index - 1), inverse))
  lanePower(32).set(h)

  let power32: Uint8Array = h
  for (let doubled = 1; doubled < 32; doubled *= 2) power32 = times(power32, power32)
  const power64 = times(power32, power32)
  const power96 = times(power64, power32)
  const power128 = times(power64, power64)
  for (const [index, power] of [power128, power96, power64, power32].entries()) setTables(bytes, index, power)
  for (const secret of [h, square, inverse, power32, power64, power96, power128]) secret.fill(0)
  bytes.fill(0, layout.factors, layout.factors + 48)
}

/** Tables of what each nibble makes of a power of H: nine of its parts, two nibbles of a byte, five bytes of a product. */
function setTables(bytes: Uint8Array, power: number, value: Uint8Array): void {
  const view = new DataView(value.buffer, value.byteOffset, 16)
  const [x0, x1, x2, x3] = [
    view.getInt32(4, true),
    view.getInt32(0, true),
    view.getInt32(12, true),
    view.getInt32(8, true),
  ]
  const parts = [x0, x1, x0 ^ x1, x2, x3, x2 ^ x3, x0 ^ x2, x1 ^ x3, x0 ^ x1 ^ x2 ^ x3]
  for (const [product, part] of parts.entries()) {
    for (const nibble of [0, 1]) {
      const table = layout.nibbleTables + product * 640 + power * 160 + nibble * 80
      for (let index = 0; index < 16; index++) {
        // The highest bit of a nibble stands for the lowest power of x: the part as it is, 40 bits to the right.
        let [high, low] = [0, 0]
        for (let bit = 0; bit < 4; bit++) {
          const taken = -((index >> (3 - bit)) & 1)
          const shift = 4 * nibble + bit
          high ^= (part >>> shift) & taken
          low ^= (part << (8 - shift)) & 0xff & taken
        }
        for (let byte = 0; byte < 4; byte++) bytes[table + byte * 16 + index] = high >>> (24 - 8 * byte)
        bytes[table + 64 + index] = low
      }
    }
  }
}

function multiplier({ run, bytes }: Kernel): (a: Uint8Array, b: Uint8Array) => Uint8Array {
  const at = (index: number) => bytes.subarray(layout.factors + index * 16, layout.factors + index * 16 + 16)
  return (a, b) => {
    at(0).set(a)
    at(1).set(b)
    run.multiply()
    return at(2).slice()
  }
}
