import { toHex } from '../../../crypto/json/hex.ts'
import type { SkfFile } from '../library.ts'
import { bytesFor } from './world.ts'

/** What SKF locks may answer for the content of an envelope: with its padding, without, or neither. */
export function skfFile(): SkfFile {
  const key = bytesFor('SKF key', 32)
  const padded = (...padding: readonly number[]) => Uint8Array.from([...key, ...padding])
  const sixteen = new Array<number>(16).fill(0x10)
  const good = (name: string, result: Uint8Array) => ({ name, result: toHex(result), key: toHex(key) })
  const bad = (name: string, result: Uint8Array) => ({ name, result: toHex(result), code: 'seal.key-mismatch' })
  return {
    results: [
      good('32', key),
      good('48-good', padded(...sixteen)),
      bad('48-last', padded(...sixteen.slice(1), 0x0f)),
      bad('48-first', padded(0x11, ...sixteen.slice(1))),
      bad('48-zeros', padded(...new Array<number>(16).fill(0))),
      bad('48-one', padded(...new Array<number>(15).fill(0), 1)),
      bad('47', padded(...sixteen.slice(1))),
      bad('33', padded(0x10)),
      bad('31', key.subarray(0, 31)),
      bad('16', key.subarray(0, 16)),
      bad('64', padded(...sixteen, ...sixteen)),
      bad('empty', new Uint8Array()),
    ],
  }
}
