// GHASH (NIST SP 800-38D, 6.4) of groups of 128 blocks, in 32 lanes.
//
// With S the sums of the lanes, a group is S = (S ^ B0) * H^128 ^ B1 * H^96 ^ B2 * H^64 ^ B3 * H^32, where Bi are 32 blocks.
// Lane n so keeps a factor of H^n too many; `gf128.mjs` takes it away in the end. Byte columns: a vector holds the same byte
// of 16 blocks, and a product with a constant is a look-up of every nibble in a table of 16 bytes, which is one vector: the
// processor's byte shuffle, so no address depends on data. Products of 128 bits are nine of 32 bits (Karatsuba's way,
// twice); the four products of a group are summed before they are joined and reduced.
import { everyByte } from './constants.mjs'
import { layout } from './layout.mjs'
import { transposeBytes } from './transpose.mjs'
import { all, and, get, here, i32, load, shiftLeft64, shiftRight64, WatFunction, word, xor, zero } from './wat.mjs'

const limbs = [0, 1, 2, 3]
const halves = [0, 1]

/** Byte columns of 16 blocks. */
export function ghashColumns() {
  const f = new WatFunction('ghashColumns', ['data'])
  for (let index = 0; index < 16; index++) f.let(`a${index}`, load(get('data'), index * 16))
  for (const [index, column] of transposeBytes(f).entries()) f.store(here, layout.columns + index * 16, get(column))
  return f.toString()
}

/**
 * Nibbles of the columns and of their sums, as the nine products want them. `lot` is the place of the 16 blocks: 64 bytes a
 * power, 16 a half. The first lots of a group are added to the lanes' sums.
 * @param {{ first: boolean }} options
 */
export function ghashNibbles({ first }) {
  const f = new WatFunction(first ? 'ghashFirstNibbles' : 'ghashNibbles', ['lot'])
  const mask = f.let('mask', load(here, everyByte(0x0f)))
  for (const byte of limbs) {
    for (const limb of limbs) {
      const column = load(here, layout.columns + (4 * limb + byte) * 16)
      const sum = load(get('lot'), layout.laneSums + (4 * limb + byte) * 32)
      const bytes = f.let('bytes', first ? xor(column, sum) : column)
      f.let(`high${limb}`, and(shiftRight64(bytes, 4), mask))
      f.let(`low${limb}`, and(bytes, mask))
    }
    for (const [index, nibble] of ['high', 'low'].entries()) {
      const put = /** @type {(product: number, value: string) => void} */ (product, value) =>
        f.store(get('lot'), layout.nibbles + product * 1024 + byte * 256 + index * 32, value)
      const [x0, x1, x2, x3] = [get(`${nibble}0`), get(`${nibble}1`), get(`${nibble}2`), get(`${nibble}3`)]
      put(0, x0)
      put(1, x1)
      put(2, f.let('x01', xor(x0, x1)))
      put(3, x2)
      put(4, x3)
      put(5, f.let('x23', xor(x2, x3)))
      put(6, xor(x0, x2))
      put(7, xor(x1, x3))
      put(8, xor(get('x01'), get('x23')))
    }
  }
  return f.toString()
}

/**
 * The nine products, summed over the four powers. Byte i of a factor times a table of five bytes comes to bytes i to i + 4
 * of the product; the fifths are done first and apart, so that eight sums and what they need fit into the registers.
 * @param {string} swizzle
 */
export function ghashProducts(swizzle) {
  const f = new WatFunction('ghashProducts', [])
  const nibbles = /** @type {(byte: number, half: number) => string} */ (byte, half) =>
    load(get('nibble'), layout.nibbles + byte * 256 + half * 16)
  const product = /** @type {(byte: number, half: number) => number} */ (byte, half) =>
    layout.products + byte * 32 + half * 16
  const look = /** @type {(sum: string, index: string) => string} */ (sum, index) =>
    f.let(sum, xor(get(sum), `(${swizzle} ${get('table')} ${index})`))
  const throughPowers = /** @param {() => void} body */ body => {
    f.letWord('nibble', get('nibblesAt'))
    f.letWord('tables', get('tablesAt'))
    f.letWord('end', word.add(get('nibblesAt'), i32(256)))
    f.repeatWhile(word.isLess(get('nibble'), get('end')), () => {
      body()
      f.advance('nibble', 32)
      f.advance('tables', 80)
    })
  }

  for (const start of ['nibblesAt', 'tablesAt', 'productAt']) f.letWord(start, i32(0))
  f.repeatWhile(word.isLess(get('productAt'), i32(9 * 256)), () => {
    for (const byte of limbs) for (const half of halves) f.let(`sum${byte}${half}`, zero)
    throughPowers(() => {
      f.let('table', load(get('tables'), layout.nibbleTables + 64))
      for (const byte of limbs) for (const half of halves) look(`sum${byte}${half}`, nibbles(byte, half))
    })
    for (const byte of limbs) {
      for (const half of halves) f.store(get('productAt'), product(byte + 4, half), get(`sum${byte}${half}`))
    }

    for (const byte of limbs) for (const half of halves) f.let(`sum${byte}${half}`, zero)
    for (const byte of limbs) {
      const sum = /** @type {(offset: number, half: number) => string} */ (offset, half) =>
        `sum${(byte + offset) & 3}${half}`
      if (byte > 0) for (const half of halves) f.let(sum(3, half), load(get('productAt'), product(byte + 3, half)))
      throughPowers(() => {
        for (const half of halves) f.let(`index${half}`, load(get('nibble'), layout.nibbles + half * 16))
        for (const offset of limbs) {
          f.let('table', load(get('tables'), layout.nibbleTables + offset * 16))
          for (const half of halves) look(sum(offset, half), get(`index${half}`))
        }
      })
      for (const half of halves) f.store(get('productAt'), product(byte, half), get(sum(0, half)))
      f.advance('nibblesAt', 256)
      if (byte === 3) {
        for (const offset of [1, 2, 3]) {
          for (const half of halves) f.store(get('productAt'), product(3 + offset, half), get(sum(offset, half)))
        }
      }
    }
    f.advance('tablesAt', 4 * 160)
    f.advance('productAt', 256)
  })
  return f.toString()
}

/** Joins the products of one half and reduces them by x^128 = 1 + x + x^2 + x^7, into the lanes' sums. */
export function ghashReduce() {
  const f = new WatFunction('ghashReduce', ['half'])
  const product = /** @type {(index: number, byte: number) => string} */ (index, byte) =>
    load(get('half'), layout.products + index * 256 + byte * 32)
  const wideAt = /** @type {(index: number, byte: number) => number} */ (index, byte) =>
    layout.wideProducts + (index * 16 + byte) * 32
  // Of the lower and of the upper words, and of their sums: a + (c - a - b) x^32 + b x^64.
  for (const index of [0, 1, 2]) {
    for (let byte = 0; byte < 8; byte++) {
      f.let(
        `middle${byte}`,
        all(
          xor,
          [0, 1, 2].map(each => product(3 * index + each, byte)),
        ),
      )
    }
    for (let byte = 0; byte < 16; byte++) {
      const outer = byte < 8 ? product(3 * index, byte) : product(3 * index + 1, byte - 8)
      const inner = byte >= 4 && byte < 12 ? [get(`middle${byte - 4}`)] : []
      f.store(get('half'), wideAt(index, byte), all(xor, [outer, ...inner]))
    }
  }
  const wide = /** @type {(index: number, byte: number) => string} */ (index, byte) =>
    load(get('half'), wideAt(index, byte))
  for (let byte = 0; byte < 16; byte++) {
    f.store(
      get('half'),
      wideAt(2, byte),
      all(
        xor,
        [0, 1, 2].map(index => wide(index, byte)),
      ),
    )
  }
  const low = /** @param {number} byte */ byte => (byte < 8 ? wide(0, byte) : xor(wide(0, byte), wide(2, byte - 8)))
  const high = /** @param {number} byte */ byte => (byte < 8 ? xor(wide(1, byte), wide(2, byte + 8)) : wide(1, byte))

  // A byte's highest bit is its lowest power of x: to multiply is to shift right, and to carry into the next byte.
  const right = /** @param {number} count */ count =>
    and(shiftRight64(get('over'), count), load(here, everyByte(0xff >> count)))
  const carried = /** @param {number} count */ count =>
    and(shiftLeft64(get('over'), 8 - count), load(here, everyByte((0xff << (8 - count)) & 0xff)))
  const carry = () => all(xor, [1, 2, 7].map(carried))
  f.let('over', high(15))
  f.let('beyond', carry())
  f.let('carry', zero)
  for (let byte = 0; byte < 16; byte++) {
    f.let('over', byte === 0 ? xor(high(0), get('beyond')) : high(byte))
    f.store(
      get('half'),
      layout.laneSums + byte * 32,
      all(xor, [low(byte), get('over'), ...[1, 2, 7].map(right), get('carry')]),
    )
    f.let('carry', carry())
  }
  return f.toString()
}

/** Takes 128 blocks in. */
export function ghashGroup() {
  const f = new WatFunction('ghashGroup', ['data'])
  const take = /** @type {(nibbles: string, lot: string) => void} */ (nibbles, lot) => {
    f.call('ghashColumns', get('data'))
    f.call(nibbles, lot)
    f.advance('data', 256)
  }
  for (const half of halves) take('ghashFirstNibbles', i32(half * 16))
  f.letWord('lot', i32(64))
  f.repeatWhile(word.isLess(get('lot'), i32(4 * 64)), () => {
    for (const half of halves) take('ghashNibbles', word.add(get('lot'), i32(half * 16)))
    f.advance('lot', 64)
  })
  f.call('ghashProducts')
  for (const half of halves) f.call('ghashReduce', i32(half * 16))
  return f.toString()
}
