// Turning tables of bytes on their side.
import { get, interleave } from './wat.mjs'

/**
 * Sixteen vectors, locals `a0` to `a15`, as rows of a table of 16 x 16 bytes: its columns. Four times the upper and the
 * lower half are taken by turns.
 * @param {import('./wat.mjs').WatFunction} f
 * @returns {readonly string[]} names of locals
 */
export function transposeBytes(f) {
  const [low, high] = interleave(1)
  let from = Array.from({ length: 16 }, (_, index) => `a${index}`)
  let to = from.map(name => name.replace('a', 'b'))
  for (let step = 0; step < 4; step++) {
    for (let index = 0; index < 8; index++) {
      const [upper, lower] = [get(from[index] ?? ''), get(from[index + 8] ?? '')]
      f.let(to[2 * index] ?? '', low(upper, lower))
      f.let(to[2 * index + 1] ?? '', high(upper, lower))
    }
    ;[from, to] = [to, from]
  }
  return from
}
