import { readText } from '../skf/buffers.ts'
import type { RawAnswer, RawArgument, RawCallOptions, RawFields, RawLibrary, RawValue } from './raw-call.ts'

/** What every function's answer tells. */
export interface RawResult {
  /** CKR_… or SAR_…, 0 for good. */
  readonly code: number
  readonly ms: number
  /** The library wrote where it must not. */
  readonly overrun: boolean
}

/** The answer of a function that fills a buffer. */
export interface RawOutput extends RawResult {
  /** The length that the library told; -1 for all ones. */
  readonly length: number
  /** All of the buffer, 0xA5 where nothing was written; empty where there was none. */
  readonly room: Uint8Array
  /** The part of it that the library says to have written; empty unless the code is 0. */
  readonly bytes: Uint8Array
}

/** Bytes, NULL with length 0, or so many bytes of `rawPattern` that do not travel. */
export type RawInput = Uint8Array | null | { readonly pattern: number }

/**
 * Where a function is to write: a buffer of so many bytes; NULL, which asks for the length; or a buffer with a length told
 * that is not its own.
 */
export type RawRoom = number | null | { readonly room: number; readonly told: number }

/** Calls one function of a library. */
export type Ask = (name: string, ...args: readonly RawArgument[]) => Promise<RawAnswer>

/** Calls of a library, all with the same options. */
export function askOf(raw: RawLibrary, options?: RawCallOptions): Ask {
  return (name, ...args) => raw.call(name, args, options)
}

/** A number by value. */
export function number(value: number): RawArgument {
  return { kind: 'number', value }
}

/** BOOL and CK_BBOOL. */
export function flag(value: boolean): RawArgument {
  return number(value ? 1 : 0)
}

export function handle(value: string): RawArgument {
  return { kind: 'handle', value }
}

export const nothing: RawArgument = { kind: 'null' }

/** The pointer to the data and its length. */
export function input(data: RawInput): readonly [RawArgument, RawArgument] {
  if (data === null) return [nothing, number(0)]
  if (data instanceof Uint8Array) return [{ kind: 'bytes', value: data }, number(data.length)]
  return [{ kind: 'pattern', length: data.pattern }, number(data.pattern)]
}

/** The pointer to the buffer and that to its length. */
export function output(room: RawRoom): readonly [RawArgument, RawArgument] {
  if (room === null) return [nothing, { kind: 'count', value: 0 }]
  const { room: length, told } = typeof room === 'number' ? { room, told: room } : room
  return [
    { kind: 'room', length },
    { kind: 'count', value: told },
  ]
}

/** What a function with an {@link output} as its last two arguments has answered. */
export function outputOf(answer: RawAnswer): RawOutput {
  const { answers } = answer
  const length = numberAt(answers, answers.length - 1)
  const filled = answers[answers.length - 2]
  const room = filled instanceof Uint8Array ? filled : new Uint8Array(0)
  const told = answer.code === 0 && length > 0 ? Math.min(length, room.length) : 0
  return { ...resultOf(answer), length, room, bytes: room.slice(0, told) }
}

/** Asks for the length, then for the bytes, with exactly so much room. The answer is the last call's. */
export async function askTwice(ask: (room: RawRoom) => Promise<RawOutput>, limit: number): Promise<RawOutput> {
  const asked = await ask(null)
  // What no conforming library answers is for the caller to judge: there is no room for it.
  if (asked.code !== 0 || asked.length < 0 || asked.length > limit) return asked
  return ask(asked.length)
}

export function resultOf({ code, ms, overrun }: RawAnswer): RawResult {
  return { code, ms, overrun }
}

export function numberAt(answers: readonly RawValue[], at: number): number {
  const value = answers[at]
  return typeof value === 'number' ? value : 0
}

export function handleAt(answers: readonly RawValue[], at: number): string {
  const value = answers[at]
  return typeof value === 'string' ? value : '0'
}

export function handlesAt(answers: readonly RawValue[], at: number): readonly string[] {
  const value = answers[at]
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []
}

/** The fields of a structure; none when the function has failed. */
export function fieldsAt({ code, answers }: RawAnswer, at: number): RawFields {
  const value = code === 0 ? answers[at] : null
  const isFields =
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  return isFields ? (value as RawFields) : {}
}

/** A text field of a structure without the blanks that fill it up (PKCS #11 v2.40 §3.1); empty where there is none. */
export function rawFieldText(fields: RawFields, name: string): string {
  const value = fields[name]
  return value instanceof Uint8Array ? readText(value).replace(/[ \0]+$/, '') : ''
}

/** A number of a structure; -1 for CK_UNAVAILABLE_INFORMATION, and where there is none. */
export function rawFieldNumber(fields: RawFields, name: string): number {
  const value = fields[name]
  return typeof value === 'number' ? value : -1
}
