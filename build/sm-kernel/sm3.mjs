// SM3 (GB/T 32905-2016, 5.3): four streams in the four lanes of a vector, and one stream alone.
import { sm3Constants, sm3ConstantsAt, swapBytes } from './constants.mjs'
import { layout } from './layout.mjs'
import { addWords, all, and, get, here, i32, interleave, load, loadSplat, loadWord, or, rotateWords } from './wat.mjs'
import { WatFunction, word, xor } from './wat.mjs'

/** How the round function computes, on vectors or on words. */
const onVectors = { xor, and, or, add: addWords, rotate: rotateWords, type: /** @type {const} */ ('v128') }
const onWords = { ...word, type: /** @type {const} */ ('i32') }

/** Names of the registers A to H. */
const registers = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H']

/**
 * `blocks` blocks of four streams: one begins at `data`, the next `stride` bytes later, and so on.
 * @param {string} swizzle
 */
export function sm3Lanes(swizzle) {
  const f = new WatFunction('sm3Lanes', ['data', 'stride', 'blocks'], { exported: true })
  const streams = ['data', 'data1', 'data2', 'data3']
  for (const [index, stream] of streams.slice(1).entries()) {
    f.letWord(stream, word.add(get(streams[index] ?? ''), get('stride')))
  }
  const state = /** @param {number} index */ index => load(here, layout.sm3LaneStates + index * 16)
  const w = /** @param {number} index */ index => load(here, layout.sm3LaneWords + index * 16)
  f.countDown('blocks', () => {
    loadWords(f, swizzle, streams, here, layout.sm3LaneWords)
    for (let index = 16; index < 68; index++) expand(f, here, layout.sm3LaneWords, index)
    for (const [index, register] of registers.entries()) f.let(register, state(index))
    rounds(f, onVectors, {
      w,
      constant: index => loadSplat(here, sm3ConstantsAt + index * 4),
    })
    for (const [index, register] of registers.entries()) {
      f.store(here, layout.sm3LaneStates + index * 16, xor(get(register), state(index)))
    }
    for (const stream of streams) f.advance(stream, 64)
  })
  return f.toString()
}

/**
 * `blocks` blocks of one stream. The rounds run on words, one block after the other; the words of four blocks are expanded
 * at once in vectors, always of the four that come next, between the rounds: that costs the rounds next to nothing. Up to
 * 512 bytes behind the last block are read, and not used.
 * @param {string} swizzle
 */
export function sm3Blocks(swizzle) {
  const f = new WatFunction('sm3Blocks', ['data', 'blocks'], { exported: true })
  const streams = ['data', 'data1', 'data2', 'data3']
  const half = 68 * 16
  const pointToFour = () => {
    for (const [index, stream] of streams.slice(1).entries()) {
      f.letWord(stream, word.add(get('data'), i32((index + 1) * 64)))
    }
  }
  const w = /** @param {number} index */ index => loadWord(get('at'), layout.sm3Words + index * 16)

  for (const [index, register] of registers.entries()) {
    f.letWord(`${register}0`, loadWord(here, layout.sm3State + index * 4))
  }
  f.letWord('now', i32(0))
  f.letWord('next', i32(half))
  pointToFour()
  loadWords(f, swizzle, streams, here, layout.sm3Words)
  for (let index = 16; index < 68; index++) expand(f, here, layout.sm3Words, index)
  const isLeft = `(i32.gt_s (local.tee $blocks ${word.subtract(get('blocks'), i32(4))}) ${i32(0)})`
  f.repeatWhile(isLeft, () => {
    f.advance('data', 256)
    pointToFour()
    loadWords(f, swizzle, streams, get('next'), layout.sm3Words)
    f.letWord('expanding', get('next'))
    f.letWord('at', get('now'))
    const four = `(select (i32.const 4) ${get('blocks')} (i32.gt_u ${get('blocks')} ${i32(4)}))`
    f.letWord('end', word.add(get('now'), word.shiftLeft(four, 2)))
    f.repeatWhile(word.isLess(get('at'), get('end')), () => {
      for (const register of registers) f.letWord(register, get(`${register}0`))
      rounds(f, onWords, {
        w,
        constant: index => i32(sm3Constants[index] ?? 0),
        // A quarter of the 52 words of the next four blocks.
        meanwhile: index => {
          if (index % 4 === 1 && index < 52) expand(f, get('expanding'), layout.sm3Words, 16 + (index - 1) / 4)
        },
      })
      for (const register of registers) f.letWord(`${register}0`, word.xor(get(`${register}0`), get(register)))
      f.advance('expanding', 13 * 16)
      f.advance('at', 4)
    })
    f.letWord('at', get('now'))
    f.letWord('now', get('next'))
    f.letWord('next', get('at'))
  })
  for (const [index, register] of registers.entries()) {
    f.storeWord(here, layout.sm3State + index * 4, get(`${register}0`))
  }
  return f.toString()
}

/**
 * The 64 rounds (5.3.3). Registers change their names instead of their places.
 * @param {WatFunction} f
 * @param {typeof onVectors | typeof onWords} on
 * @param {{ w: (index: number) => string, constant: (index: number) => string, meanwhile?: (index: number) => void }} round
 */
function rounds(f, on, { w, constant, meanwhile }) {
  const { add, or, rotate, type } = on
  let [a, b, c, d, e, ff, g, h] = /** @type {[string, string, string, string, string, string, string, string]} */ ([
    ...registers,
  ])
  for (let index = 0; index < 64; index++) {
    meanwhile?.(index)
    const [A, B, C, E, F, G] = [get(a), get(b), get(c), get(e), get(ff), get(g)]
    const turned = f.let('turned', rotate(A, 12), type)
    // E comes last: it is known later than A, and everything waits for it.
    const ss1 = f.let('ss1', rotate(f.let('sum', add(add(turned, constant(index)), E), type), 7), type)
    const ss2 = f.let('ss2', on.xor(ss1, turned), type)
    const ffj = index < 16 ? on.xor(on.xor(A, B), C) : or(on.and(A, B), on.and(or(A, B), C))
    const ggj = index < 16 ? on.xor(on.xor(E, F), G) : on.xor(on.and(on.xor(F, G), E), G)
    const wj = f.let('wj', w(index), type)
    f.let(d, add(add(ffj, add(get(d), on.xor(wj, w(index + 4)))), ss2), type)
    const tt2 = f.let('tt2', add(add(ggj, add(get(h), wj)), ss1), type)
    f.let(h, on.xor(on.xor(tt2, rotate(tt2, 9)), rotate(tt2, 17)), type)
    f.let(b, rotate(B, 9), type)
    f.let(ff, rotate(F, 19), type)
    ;[a, b, c, d] = [d, a, b, c]
    ;[e, ff, g, h] = [h, e, ff, g]
  }
}

/**
 * The sixteen words of a block of each stream, a vector for each word.
 * @param {WatFunction} f
 * @param {string} swizzle
 * @param {readonly string[]} streams
 * @param {string} base
 * @param {number} offset
 */
function loadWords(f, swizzle, streams, base, offset) {
  const [lowWords, highWords] = interleave(4)
  const [lowPairs, highPairs] = interleave(8)
  const swap = f.let('swap', load(here, swapBytes))
  for (let quarter = 0; quarter < 4; quarter++) {
    const [x0, x1, x2, x3] = streams.map((stream, index) =>
      f.let(`x${index}`, `(${swizzle} ${load(get(stream), quarter * 16)} ${swap})`),
    )
    if (x0 === undefined || x1 === undefined || x2 === undefined || x3 === undefined) throw new Error('four streams')
    const [y0, y1] = [f.let('y0', lowWords(x0, x1)), f.let('y1', highWords(x0, x1))]
    const [y2, y3] = [f.let('y2', lowWords(x2, x3)), f.let('y3', highWords(x2, x3))]
    const columns = [lowPairs(y0, y2), highPairs(y0, y2), lowPairs(y1, y3), highPairs(y1, y3)]
    for (const [index, column] of columns.entries()) f.store(base, offset + (quarter * 4 + index) * 16, column)
  }
}

/**
 * W(index) = P1(W(index - 16) ^ W(index - 9) ^ W(index - 3)<<<15) ^ W(index - 13)<<<7 ^ W(index - 6), four at once (5.3.2).
 * @param {WatFunction} f
 * @param {string} base
 * @param {number} offset
 * @param {number} index
 */
function expand(f, base, offset, index) {
  const w = /** @param {number} back */ back => load(base, offset + (index - back) * 16)
  const [w3, w13] = [f.let('w3', w(3)), f.let('w13', w(13))]
  const x = f.let('x', all(xor, [w(16), w(9), rotateWords(w3, 15)]))
  const p1 = all(xor, [x, rotateWords(x, 15), rotateWords(x, 23)])
  f.store(base, offset + index * 16, all(xor, [p1, rotateWords(w13, 7), w(6)]))
}
