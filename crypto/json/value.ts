/** What our JSON can hold: I-JSON without fractions, so every number is an integer below 2^53 in size. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject

/** An object; a member may be left out, which is never the same as null. */
export interface JsonObject {
  readonly [name: string]: JsonValue | undefined
}

/** Names that would reach into an object's machinery; refused wherever they stand (seal-format, "JSON"). */
export const refusedNames: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** Deepest nesting; the outer object is 1. */
export const maxJsonDepth = 8

/** Whether a value is an object, not an array and not null. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
