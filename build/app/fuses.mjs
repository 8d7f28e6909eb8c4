import { createReadStream } from 'node:fs'

/** Stands before the fuses in every Electron (its `docs/tutorial/fuses.md`, "The hard way"). */
const sentinel = Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX')
const overlap = sentinel.length + 2 + 64

/**
 * The fuses of an Electron executable, in the order of its schema; `null` for one that was removed.
 * @param {string} executable
 * @returns {Promise<readonly (boolean | null)[]>}
 */
export async function readFuses(executable) {
  let rest = Buffer.alloc(0)
  for await (const piece of createReadStream(executable, { highWaterMark: 1 << 22 })) {
    const bytes = Buffer.concat([rest, piece])
    const at = bytes.indexOf(sentinel)
    // The sentinel, the schema's version, the number of fuses, and one character for each.
    if (at >= 0 && at + overlap <= bytes.length) {
      const count = bytes[at + sentinel.length + 1] ?? 0
      const wire = bytes.subarray(at + sentinel.length + 2, at + sentinel.length + 2 + count)
      return [...wire].map(byte => (byte === 0x72 ? null : byte === 0x31))
    }
    rest = bytes.subarray(Math.max(0, bytes.length - overlap))
  }
  throw new Error(`${executable} has no fuses`)
}
