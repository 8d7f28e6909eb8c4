// SM4 in counter mode, bitsliced: 128 blocks at once, one vector for each of their bits (GB/T 32907-2016, clauses 6 and 7).
//
// A byte's place in its word and a word's place in the block are names of planes, so turning a word by whole bytes costs
// nothing. The S-box is a circuit, and no address depends on a key or on data.
import { everyByte } from './constants.mjs'
import { layout } from './layout.mjs'
import { gates, outputs } from './sbox-circuit.mjs'
import { transposeBytes } from './transpose.mjs'
import { all, and, get, here, i32, load, loadSplat, or, shiftLeft64, shiftRight64, WatFunction } from './wat.mjs'
import { word, xor, zero } from './wat.mjs'

const bytes = [0, 1, 2, 3]
const bits = [0, 1, 2, 3, 4, 5, 6, 7]

/**
 * Where a bit stands among the 32 of a word, whose first byte is the highest.
 * @param {number} byte
 * @param {number} bit
 */
const place = (byte, bit) => (byte & 3) * 8 + bit

/**
 * Address of a plane of the state.
 * @param {number} word
 * @param {number} byte
 * @param {number} bit
 */
const planeAt = (word, byte, bit) => layout.planes + (word * 32 + place(byte, bit)) * 16

/** Counter blocks: the nonce and 128 numbers from `counter` on, and the first round's S-box input. */
export function sm4Counters() {
  const f = new WatFunction('sm4Counters', ['counter'])
  const nonce = /** @param {number} index */ index => loadSplat(here, layout.nonce + index * 4)
  for (const w of [0, 1, 2]) {
    for (const byte of bytes) {
      for (const bit of bits) f.store(here, planeAt(w, byte, bit), nonce(w * 32 + place(byte, bit)))
    }
  }
  // Block 16k + m stands at bit k of byte m of every plane: its number's bits are patterns, and the counter is added to it.
  f.let('carry', zero)
  for (let index = 0; index < 32; index++) {
    const [byte, bit] = [3 - (index >> 3), index & 7]
    const one = word.and(word.shiftRight(get('counter'), index), i32(1))
    const counter = f.let('bit', `(i32x4.splat ${word.subtract(i32(0), one)})`)
    if (index < 7) {
      const either = f.let('either', xor(numberPattern(index), counter))
      f.let('plane', xor(either, get('carry')))
      f.let('carry', or(and(numberPattern(index), counter), and(get('carry'), either)))
    } else {
      f.let('plane', xor(counter, get('carry')))
      f.let('carry', and(counter, get('carry')))
    }
    const at = place(byte, bit)
    f.store(here, planeAt(3, byte, bit), get('plane'))
    const constant = xor(xor(nonce(32 + at), nonce(64 + at)), loadSplat(here, layout.roundKeys + at * 4))
    f.store(here, layout.sboxInput + at * 16, xor(get('plane'), constant))
  }
  return f.toString()
}

/**
 * Four rounds, with the round keys at `keys`. A round takes its S-box input as the last one left it and leaves the next:
 * X1 ^ X2 ^ X3 ^ rk changes by X1 ^ X4 and the difference of two round keys.
 */
export function sm4Rounds() {
  const f = new WatFunction('sm4Rounds', ['keys'])
  for (const round of [0, 1, 2, 3]) {
    f.call('sm4Substitute')
    diffuse(f, round)
  }
  return f.toString()
}

/**
 * The S-boxes of a round, one byte of the word after the other: alone in a function, where V8 spills half as much, and not
 * in a loop, since Electron's V8 checks the bounds of addresses that it doesn't know beforehand.
 */
export function sm4Substitute() {
  const f = new WatFunction('sm4Substitute', [])
  for (const byte of bytes) {
    for (const bit of bits) f.let(`i${bit}`, load(here, layout.sboxInput + place(byte, bit) * 16))
    for (const { out, gate, a, b } of gates) f.let(out, (gate === 'and' ? and : xor)(get(a), get(b)))
    for (const [bit, output] of outputs.entries()) {
      f.store(here, layout.sboxOutput + place(byte, bit) * 16, get(output))
    }
  }
  return f.toString()
}

/**
 * X4 = X0 ^ L(B) with L(B) = B ^ B<<<2 ^ B<<<10 ^ B<<<18 ^ B<<<24, which is (B ^ B<<<24) ^ (B ^ B<<<8 ^ B<<<16)<<<2.
 * @param {WatFunction} f
 * @param {number} round
 */
function diffuse(f, round) {
  // Bits 6 and 7 come first: turned by two they are bits 0 and 1 of the byte before.
  sumBytes(f, 6)
  sumBytes(f, 7)
  for (const bit of bits) {
    if (bit < 6) sumBytes(f, bit)
    for (const byte of bytes) {
      const turned = bit < 2 ? get(`three${bit + 6}${(byte + 1) & 3}`) : get(`three${bit - 2}${byte}`)
      const x4 = f.let(
        'x4',
        all(xor, [load(here, planeAt(round, byte, bit)), get(`two${bit}${(byte + 3) & 3}`), turned]),
      )
      f.store(here, planeAt(round, byte, bit), x4)
      const at = place(byte, bit)
      const x1 = load(here, planeAt((round + 1) & 3, byte, bit))
      const key = loadSplat(get('keys'), layout.roundKeys + ((round + 1) * 32 + at) * 4)
      const input = layout.sboxInput + at * 16
      f.store(here, input, all(xor, [load(here, input), x1, key, x4]))
    }
  }
}

/**
 * B ^ B<<<8 and B ^ B<<<8 ^ B<<<16, one bit of every byte.
 * @param {WatFunction} f
 * @param {number} bit
 */
function sumBytes(f, bit) {
  for (const byte of bytes) f.let(`s${byte}`, load(here, layout.sboxOutput + place(byte, bit) * 16))
  for (const byte of bytes) {
    const two = f.let(`two${bit}${byte}`, xor(get(`s${byte}`), get(`s${(byte + 1) & 3}`)))
    f.let(`three${bit}${byte}`, xor(two, get(`s${(byte + 2) & 3}`)))
  }
}

/** The eight planes of a byte at `at`, as bytes again: each of the sixteen columns of a plane is a table of 8 x 8 bits. */
export function sm4Bytes() {
  const f = new WatFunction('sm4Bytes', ['at'])
  for (const bit of bits) f.let(`v${bit}`, load(get('at'), layout.planes + bit * 16))
  for (const [step, mask] of [
    [1, 0x55],
    [2, 0x33],
    [4, 0x0f],
  ]) {
    if (step === undefined || mask === undefined) continue
    for (const bit of bits.filter(each => (each & step) === 0)) {
      const [low, high] = [get(`v${bit}`), get(`v${bit + step}`)]
      const change = f.let('change', and(xor(shiftRight64(low, step), high), load(here, everyByte(mask))))
      f.let(`v${bit + step}`, xor(high, change))
      f.let(`v${bit}`, xor(low, shiftLeft64(change, step)))
    }
  }
  for (const bit of bits) f.store(get('at'), layout.planes + bit * 16, get(`v${bit}`))
  return f.toString()
}

/**
 * Sixteen blocks of keystream, whose bytes stand at `from`, added to what is at `data`. The output is the last four words
 * in reverse order (6.2).
 */
export function sm4Add() {
  const f = new WatFunction('sm4Add', ['from', 'data'])
  for (let index = 0; index < 16; index++)
    f.let(`a${index}`, load(get('from'), planeAt(3 - (index >> 2), index & 3, 0)))
  for (const [index, block] of transposeBytes(f).entries()) {
    f.store(get('data'), index * 16, xor(get(block), load(get('data'), index * 16)))
  }
  return f.toString()
}

/** Encrypts or decrypts 128 blocks in place. */
export function sm4Group() {
  const f = new WatFunction('sm4Group', ['counter', 'data'], { exported: true })
  f.call('sm4Counters', get('counter'))
  f.count('at', { step: 4 * 32 * 4, end: 32 * 32 * 4 }, () => f.call('sm4Rounds', get('at')))
  f.count('at', { step: 128, end: 2048 }, () => f.call('sm4Bytes', get('at')))
  f.count('at', { step: 16, end: 128 }, () =>
    f.call('sm4Add', get('at'), word.add(get('data'), word.shiftLeft(get('at'), 4))),
  )
  return f.toString()
}

/**
 * The pattern of a bit of the numbers 0 to 127 as they stand in a plane.
 * @param {number} index
 */
function numberPattern(index) {
  const column = Array.from({ length: 16 }, (_, byte) =>
    index < 4 ? ((byte >> index) & 1) * 255 : [0xaa, 0xcc, 0xf0][index - 4],
  )
  return `(v128.const i8x16 ${column.join(' ')})`
}
