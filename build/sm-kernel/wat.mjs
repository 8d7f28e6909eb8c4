// WebAssembly text from small pieces: expressions are strings, a function is a list of statements.
//
// What these functions are written for is V8's TurboFan. It moves arithmetic towards its use but keeps the order of loads
// and stores, so in long straight code the loads come first and the sixteen registers spill. Values that would live long
// therefore go through memory, and what has no stores in it stands in a small loop.

/** @typedef {'i32' | 'i64' | 'v128'} Type */

/**
 * The value of a local.
 * @param {string} name
 */
export const get = name => `(local.get $${name})`

/** @param {number} value */
export const i32 = value => `(i32.const ${value})`

/** The base of an address that is known when the kernel is made: everything is in its offset. */
export const here = i32(0)

export const zero = '(v128.const i64x2 0 0)'

export const xor = binary('v128.xor')
export const and = binary('v128.and')
export const or = binary('v128.or')
export const addWords = binary('i32x4.add')

/** The same on one word of 32 bits. */
export const word = {
  xor: binary('i32.xor'),
  and: binary('i32.and'),
  or: binary('i32.or'),
  add: binary('i32.add'),
  subtract: binary('i32.sub'),
  isLess: binary('i32.lt_u'),
  rotate: shift('i32.rotl'),
  shiftLeft: shift('i32.shl'),
  shiftRight: shift('i32.shr_u'),
}

export const shiftLeft64 = shift('i64x2.shl')
export const shiftRight64 = shift('i64x2.shr_u')

/**
 * Four words turned left. `value` stands twice in it: give it a local's value, not a load.
 * @param {string} value
 * @param {number} count
 */
export const rotateWords = (value, count) =>
  or(`(i32x4.shl ${value} ${i32(count)})`, `(i32x4.shr_u ${value} ${i32(32 - count)})`)

/**
 * Bytes of two vectors by number: 0 to 15 of the first, 16 to 31 of the second.
 * @param {readonly number[]} bytes
 */
export const shuffle = bytes => binary(`i8x16.shuffle ${bytes.join(' ')}`)

/**
 * The first and the second half of two vectors, their elements of `size` bytes taken by turns.
 * @param {number} size
 * @returns {[(a: string, b: string) => string, (a: string, b: string) => string]}
 */
export function interleave(size) {
  const half = /** @param {number} from */ from =>
    Array.from({ length: 16 }, (_, at) => {
      const element = Math.floor(at / (2 * size))
      return (Math.floor(at / size) % 2) * 16 + from + element * size + (at % size)
    })
  return [shuffle(half(0)), shuffle(half(8))]
}

/**
 * Joins values by an operation on two.
 * @param {(a: string, b: string) => string} join
 * @param {readonly string[]} values
 */
export const all = (join, values) => values.reduce((sum, value) => join(sum, value))

/**
 * @param {string} base
 * @param {number} [offset]
 */
export const load = (base, offset = 0) => `(v128.load offset=${offset} align=1 ${base})`

/**
 * One word of memory in all four places.
 * @param {string} base
 * @param {number} [offset]
 */
export const loadSplat = (base, offset = 0) => `(v128.load32_splat offset=${offset} align=1 ${base})`

/**
 * @param {string} base
 * @param {number} [offset]
 */
export const loadWord = (base, offset = 0) => `(i32.load offset=${offset} align=1 ${base})`

/** A function of the module. A local comes into being when it is first given a value. */
export class WatFunction {
  #head
  #parameters
  #statements = /** @type {string[]} */ ([])
  #locals = /** @type {Map<string, Type>} */ (new Map())
  #labels = 0

  /**
   * @param {string} name
   * @param {readonly string[]} parameters names of words
   * @param {{ exported?: boolean }} [options]
   */
  constructor(name, parameters, { exported = false } = {}) {
    const named = parameters.map(parameter => ` (param $${parameter} i32)`).join('')
    this.#head = `(func $${name}${exported ? ` (export "${name}")` : ''}${named}`
    this.#parameters = new Set(parameters)
  }

  /** @param {string} statement */
  add(statement) {
    this.#statements.push(statement)
  }

  /**
   * Gives a local a value; answers how to read it.
   * @param {string} name
   * @param {string} value
   * @param {Type} [type]
   */
  let(name, value, type = 'v128') {
    if (!this.#parameters.has(name)) this.#locals.set(name, type)
    this.add(`(local.set $${name} ${value})`)
    return get(name)
  }

  /**
   * @param {string} name
   * @param {string} value
   */
  letWord(name, value) {
    return this.let(name, value, 'i32')
  }

  /**
   * Adds to a word.
   * @param {string} name
   * @param {number} amount
   */
  advance(name, amount) {
    this.letWord(name, word.add(get(name), i32(amount)))
  }

  /**
   * @param {string} base
   * @param {number} offset
   * @param {string} value
   */
  store(base, offset, value) {
    this.add(`(v128.store offset=${offset} align=1 ${base} ${value})`)
  }

  /**
   * @param {string} base
   * @param {number} offset
   * @param {string} value
   */
  storeWord(base, offset, value) {
    this.add(`(i32.store offset=${offset} align=1 ${base} ${value})`)
  }

  /**
   * @param {string} name
   * @param {...string} values
   */
  call(name, ...values) {
    this.add(`(call $${name} ${values.join(' ')})`)
  }

  /**
   * A loop: its body runs once, and again while the condition, looked at after it, holds.
   * @param {string} condition
   * @param {() => void} body
   */
  repeatWhile(condition, body) {
    const label = `again${this.#labels++}`
    this.add(`(loop $${label}`)
    body()
    this.add(`(br_if $${label} ${condition}))`)
  }

  /**
   * A loop whose counter, a word, goes from 0 up to, not including, `end`.
   * @param {string} counter
   * @param {{ step: number, end: number }} range
   * @param {() => void} body
   */
  count(counter, { step, end }, body) {
    this.letWord(counter, i32(0))
    const next = `(local.tee $${counter} ${word.add(get(counter), i32(step))})`
    this.repeatWhile(word.isLess(next, i32(end)), body)
  }

  /**
   * A loop that counts a word down to 0; at least once.
   * @param {string} counter
   * @param {() => void} body
   */
  countDown(counter, body) {
    this.repeatWhile(`(local.tee $${counter} ${word.subtract(get(counter), i32(1))})`, body)
  }

  toString() {
    const locals = [...this.#locals].map(([name, type]) => ` (local $${name} ${type})`).join('')
    return `${this.#head}${locals}\n${this.#statements.join('\n')})`
  }
}

/**
 * @param {string} instruction
 * @returns {(a: string, b: string) => string}
 */
function binary(instruction) {
  return (a, b) => `(${instruction} ${a} ${b})`
}

/**
 * @param {string} instruction
 * @returns {(value: string, count: number) => string}
 */
function shift(instruction) {
  return (value, count) => `(${instruction} ${value} ${i32(count)})`
}
