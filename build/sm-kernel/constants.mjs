// Vectors and words that the kernel reads from memory: V8 builds a constant out of three instructions each time it is used.
import { layout } from './layout.mjs'

const at = { vector: layout.constants, word: layout.constants + 256 }
const data = /** @type {{ offset: number, bytes: Uint8Array }[]} */ ([])

/** Bytes to be put into every kernel's memory. @type {readonly { readonly offset: number, readonly bytes: Uint8Array }[]} */
export const constantData = data

/**
 * Address of a vector of sixteen bytes of one value.
 * @param {number} value
 */
export const everyByte = value => vector(new Uint8Array(16).fill(value))

/** T<<<j of SM3 (GB/T 32905-2016, 4.2), j = 0 to 63: a word each. */
export const sm3Constants = Array.from({ length: 64 }, (_, round) => {
  const constant = round < 16 ? 0x79cc4519 : 0x7a879d8a
  const turn = round % 32
  return turn === 0 ? constant : ((constant << turn) | (constant >>> (32 - turn))) >>> 0
})

/** Address of {@link sm3Constants}. */
export const sm3ConstantsAt = words(sm3Constants)

/** Address of the vector that turns the bytes of four words around. */
export const swapBytes = vector(Uint8Array.of(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12))

/** @param {Uint8Array} bytes */
function vector(bytes) {
  const known = data.find(each => each.bytes.length === 16 && Buffer.compare(each.bytes, bytes) === 0)
  if (known !== undefined) return known.offset
  const offset = at.vector
  at.vector += 16
  if (at.vector > layout.constants + 256) throw new Error('no room for another constant')
  data.push({ offset, bytes })
  return offset
}

/** @param {readonly number[]} values */
function words(values) {
  const bytes = new Uint8Array(values.length * 4)
  const view = new DataView(bytes.buffer)
  for (const [index, value] of values.entries()) view.setUint32(index * 4, value, true)
  data.push({ offset: at.word, bytes })
  return at.word
}
