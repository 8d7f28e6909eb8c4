import { AppFailure } from '../contract/failure.ts'

/** Reads `KEY=VALUE` arguments. Throws `arguments.bad` for one without a key. */
export function readPairs(pairs: readonly string[]): ReadonlyMap<string, string> {
  return new Map(pairs.map(readPair))
}

function readPair(pair: string): readonly [string, string] {
  const at = pair.indexOf('=')
  if (at < 1) throw new AppFailure('arguments.bad', 'a form field is written KEY=VALUE')
  return [pair.slice(0, at), pair.slice(at + 1)]
}
