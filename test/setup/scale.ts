/** Whether this run is `npm run test:long`, which takes the full counts. */
export const isLongRun = process.env['BIDSEAL_LONG'] === '1'

/** The seed of every pseudo-random choice in this run: fixed in `npm test`, chosen and printed by `npm run test:long`. */
export const seed = Number(process.env['BIDSEAL_SEED'] ?? '20260101')

/** How often to do something: a slice in `npm test`, the full count in `npm run test:long`. */
export function scale(counts: { readonly slice: number; readonly full: number }): number {
  return isLongRun ? counts.full : counts.slice
}

/** A small reproducible generator (mulberry32): whole numbers from 0 up to, not including, `limit`. */
export function randomFrom(start: number = seed): (limit: number) => number {
  let state = start >>> 0
  return limit => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit)
  }
}
