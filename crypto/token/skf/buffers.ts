import { endianness } from 'node:os'
import { CryptoFailure } from '../../errors.ts'
import { SAR } from './constants.ts'
import { absurd, isCode } from './errors.ts'
import type { SkfFunction } from './functions.ts'

/** A name as the library gave it, to be given back byte for byte, and as a person reads it. */
export interface SkfName {
  /** Ends with a zero byte. */
  readonly bytes: Uint8Array
  readonly text: string
}

/** Longest name that is believed: the standard's containers have 64 bytes, devices no limit. */
const nameLimit = 256

/** Names in one list. */
const listLimit = 64

const littleEndian = endianness() === 'LE'

/** Room for a ULONG that the library writes, with a number in it. */
export function ulong(value = 0): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value, littleEndian)
  return bytes
}

/** The ULONG at a place. */
export function readUlong(bytes: Uint8Array, at = 0): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, littleEndian)
}

/** The handle that a function writes through a pointer. Throws `token.unsupported` for none: no library may be given that. */
export function readHandle(open: (out: Uint8Array) => void): bigint {
  // As wide as the widest pointer: a narrower one fills the beginning.
  const bytes = new Uint8Array(8)
  open(bytes)
  const handle = new DataView(bytes.buffer).getBigUint64(0, littleEndian)
  if (handle === 0n) throw new CryptoFailure('token.unsupported', 'the SKF library answered no handle')
  return handle
}

/**
 * The protocol of two calls: without a buffer the length, then the bytes. `limit` is the longest answer
 * that is believed. The answer is a new array. Throws what `call` throws, `token.unsupported` for an absurd length.
 */
export function readTwice(
  name: SkfFunction,
  limit: number,
  call: (out: Uint8Array | null, size: Uint8Array) => void,
): Uint8Array {
  const answer = ask(name, limit, call) ?? ask(name, limit, call)
  if (answer === null) throw new CryptoFailure('token.unsupported', `${name} finds no buffer large enough`)
  return answer
}

/** Null when what is asked for has grown between the two calls. */
function ask(
  name: SkfFunction,
  limit: number,
  call: (out: Uint8Array | null, size: Uint8Array) => void,
): Uint8Array | null {
  const size = ulong()
  call(null, size)
  const length = readUlong(size)
  if (length > limit) throw absurd(name, length)
  if (length === 0) return new Uint8Array(0)
  // SECURITY: more room than is told, for libraries that write more than they announce.
  const out = new Uint8Array(length + limit)
  try {
    call(out, size)
  } catch (error) {
    if (isCode(error, SAR.bufferTooSmall)) return null
    throw error
  }
  const written = readUlong(size)
  if (written > length) throw absurd(name, written)
  return out.slice(0, written)
}

/** The names in a list: each ends with a zero byte, the list with an empty one. Throws `token.unsupported` for too many. */
export function readNames(name: SkfFunction, call: (out: Uint8Array | null, size: Uint8Array) => void): SkfName[] {
  const list = readTwice(name, listLimit * nameLimit, call)
  const names: SkfName[] = []
  let start = 0
  while (start < list.length && list[start] !== 0) {
    const zero = list.indexOf(0, start)
    const end = zero < 0 ? list.length : zero
    if (end - start > nameLimit || names.length === listLimit) throw absurd(name, end - start)
    names.push(skfName(list.subarray(start, end)))
    start = end + 1
  }
  return names
}

/** A name of ours, or one taken out of a key's id. */
export function skfName(bytes: Uint8Array): SkfName {
  return { bytes: zeroEnded(bytes), text: readText(bytes) }
}

/** Text as the library takes it: UTF-8 and a zero byte. The caller wipes it where it is a PIN. */
export function cText(text: string): Uint8Array {
  return zeroEnded(new TextEncoder().encode(text))
}

/** UTF-8 as the standard wants it, else GB 18030 as Chinese Windows writes it. */
export function readText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('gb18030').decode(bytes)
  }
}

function zeroEnded(bytes: Uint8Array): Uint8Array {
  const ended = new Uint8Array(bytes.length + 1)
  ended.set(bytes)
  return ended
}
