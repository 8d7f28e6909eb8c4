/**
 * GHASH without the kernel (NIST SP 800-38D, 6.3 and 6.4): bit by bit with masks, so that the time tells nothing. Numbers
 * are four words, the first bit the highest.
 */
export class Ghash {
  readonly #key: Int32Array
  readonly #sum = new Int32Array(4)

  constructor(key: Int32Array) {
    this.#key = key
  }

  /** Takes bytes in; a last part of a block is filled up with zeros. */
  update(bytes: Uint8Array): void {
    const sum = this.#sum
    for (let block = 0; block < bytes.length; block += 16) {
      for (let index = 0; index < 4; index++) sum[index] = (sum[index] ?? 0) ^ wordAt(bytes, block + index * 4)
      multiply(sum, this.#key)
    }
  }

  /** The sum; the object is empty again. */
  take(): Int32Array {
    const sum = this.#sum.slice()
    this.#sum.fill(0)
    return sum
  }
}

/** x becomes x * y. */
function multiply(x: Int32Array, y: Int32Array): void {
  let [v0 = 0, v1 = 0, v2 = 0, v3 = 0] = y
  let [z0, z1, z2, z3] = [0, 0, 0, 0]
  for (let index = 0; index < 4; index++) {
    let word = x[index] ?? 0
    for (let bit = 0; bit < 32; bit++) {
      const take = word >> 31
      word <<= 1
      z0 ^= v0 & take
      z1 ^= v1 & take
      z2 ^= v2 & take
      z3 ^= v3 & take
      const reduce = -(v3 & 1) & 0xe1000000
      v3 = (v3 >>> 1) | (v2 << 31)
      v2 = (v2 >>> 1) | (v1 << 31)
      v1 = (v1 >>> 1) | (v0 << 31)
      v0 = (v0 >>> 1) ^ reduce
    }
  }
  x.set([z0, z1, z2, z3])
}

function wordAt(bytes: Uint8Array, at: number): number {
  const byte = (index: number) => bytes[at + index] ?? 0
  return (byte(0) << 24) | (byte(1) << 16) | (byte(2) << 8) | byte(3)
}
