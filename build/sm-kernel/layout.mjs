// Where things lie in the kernel's memory. The first page is its own; the caller's bytes begin behind it.

let end = 0

/** Offsets in bytes. TypeScript fills the tables of constants, keys and nonces; the rest is the kernel's work. */
export const layout = {
  /** Constants: see constants.mjs. */
  constants: place(1024),

  /** SM3: state of one stream (8 words); states of four, word by word (8 x 4 words). */
  sm3State: place(32),
  sm3LaneStates: place(128),
  /** 68 expanded words of four streams; of four blocks of one stream, twice. */
  sm3LaneWords: place(68 * 16),
  sm3Words: place(2 * 68 * 16),

  /**
   * SM4: 32 rounds of 32 bits, each a word of ones or zeros, of what the S-box input of a round is changed by: the first
   * round's key, then for every round the difference between its key and the one before. A last one is never used.
   */
  roundKeys: place(33 * 32 * 4),
  /** The bits of the nonce's 12 bytes, least significant first, as words of ones or zeros. */
  nonce: place(96 * 4),
  /** 128 blocks: 4 words x 4 bytes x 8 bits, a vector each. */
  planes: place(128 * 16),
  /** The inputs and outputs of a round's S-boxes: 4 bytes x 8 bits. */
  sboxInput: place(32 * 16),
  sboxOutput: place(32 * 16),
  /** Room for less than a group of 128 blocks. */
  scratch: place(2048),

  /** GHASH: 9 products x 4 powers x 2 nibbles x 5 bytes, a table of 16 bytes each. */
  nibbleTables: place(9 * 4 * 2 * 5 * 16),
  /** Byte columns of 16 blocks. */
  columns: place(16 * 16),
  /** 9 products x 4 bytes x 4 powers x 2 nibbles x 2 halves. */
  nibbles: place(9 * 4 * 4 * 2 * 2 * 16),
  /** 9 products of 8 bytes x 2 halves; 3 of 16 bytes. */
  products: place(9 * 8 * 2 * 16),
  wideProducts: place(3 * 16 * 2 * 16),
  /** The sums of 32 lanes: 16 bytes x 2 halves. */
  laneSums: place(16 * 2 * 16),
  /** H to the power of 0, -1 … -31, then H: two numbers of 64 bits, the first byte's highest bit the highest. */
  lanePowers: place(33 * 16),
  /** The sum of all, as a pair of such numbers; then the two factors and the product of `multiply`. */
  sum: place(16),
  factors: place(48),
}

/** How much of the first page is used. */
export const usedBytes = end

/** @param {number} size */
function place(size) {
  const start = end
  end += Math.ceil(size / 64) * 64
  return start
}
