import { CryptoFailure } from '../../errors.ts'
import type {
  RawAnswer,
  RawArgument,
  RawAttribute,
  RawAttributeAnswer,
  RawAttributeValue,
  RawCall,
  RawFields,
  RawParameter,
  RawStructName,
  RawValue,
} from '../raw/raw-call.ts'
import { rawLimits } from '../raw/raw-call.ts'
import type { Codec, Json } from './codec.ts'
import { asObject, bytes, flag, list, nullable, record, refuse, text, word } from './codec.ts'

/** A whole number from -1, which stands for all ones, to the largest that JavaScript holds exactly. */
const number: Codec<number> = {
  encode: value => value,
  decode: json => (typeof json === 'number' && Number.isSafeInteger(json) && json >= -1 ? json : refuse()),
}

const milliseconds: Codec<number> = {
  encode: value => value,
  decode: json => (typeof json === 'number' && Number.isFinite(json) && json >= 0 ? json : refuse()),
}

/** A handle, decimal. */
const handle: Codec<string> = {
  encode: value => value,
  decode: json => (typeof json === 'string' && /^\d{1,20}$/.test(json) ? json : refuse()),
}

const data = bytes(rawLimits.bytes)

const parameter: Codec<RawParameter> = variant<RawParameter>({
  bytes: record({ kind: word('bytes'), value: data }),
  oaep: record<{ kind: 'oaep'; hash: number; mgf: number; label: Uint8Array | null }, { source: number }>(
    { kind: word('oaep'), hash: number, mgf: number, label: nullable(data) },
    { source: number },
  ),
  pss: record({ kind: word('pss'), hash: number, mgf: number, salt: number }),
  ecdh: record({ kind: word('ecdh'), kdf: number, shared: nullable(data), publicData: data }),
})

/** Numbers and flags as they are, bytes as text. */
const attributeValue: Codec<RawAttributeValue> = {
  encode: value => (value instanceof Uint8Array ? data.encode(value) : value),
  decode(json) {
    if (typeof json === 'string') return data.decode(json)
    return typeof json === 'boolean' ? json : number.decode(json)
  },
}

const attribute = record<{ type: number; value: RawAttributeValue | null }, { room: number; length: number }>(
  { type: number, value: nullable(attributeValue) },
  { room: number, length: number },
) satisfies Codec<RawAttribute>

const structName: Codec<RawStructName> = word(
  ...(['CK_INFO', 'CK_SLOT_INFO', 'CK_TOKEN_INFO', 'CK_SESSION_INFO', 'CK_MECHANISM_INFO'] as const),
)

const argument: Codec<RawArgument> = variant<RawArgument>({
  number: record({ kind: word('number'), value: number }),
  handle: record({ kind: word('handle'), value: handle }),
  bytes: record({ kind: word('bytes'), value: data }),
  pattern: record({ kind: word('pattern'), length: number }),
  null: record({ kind: word('null') }),
  room: record({ kind: word('room'), length: number }),
  count: record({ kind: word('count'), value: number }),
  'handle-out': record({ kind: word('handle-out') }),
  'handles-out': record({ kind: word('handles-out'), length: number }),
  mechanism: record({ kind: word('mechanism'), type: number, parameter: nullable(parameter) }),
  template: record({ kind: word('template'), attributes: list(attribute, rawLimits.list) }),
  struct: record({ kind: word('struct'), struct: structName }),
  initialize: record({ kind: word('initialize'), flags: number, reserved: nullable(text(4096)) }),
  cipher: record<{ kind: 'cipher'; iv: Uint8Array }, { padding: number; feedBits: number }>(
    { kind: word('cipher'), iv: bytes(32) },
    { padding: number, feedBits: number },
  ),
})

/** Calls of a library's functions; more than one are made at the same time. */
export const rawCalls: Codec<readonly RawCall[]> = list(
  record<RawCall>({ name: text(64), args: list(argument, rawLimits.arguments) }),
  rawLimits.together,
)

/**
 * Throws `arguments.bad` for calls that the token process would not take: it would refuse them as it does everything that
 * comes from a damaged peer. Says nothing of the values.
 */
export function requireCarried(calls: readonly RawCall[]): void {
  try {
    rawCalls.decode(rawCalls.encode(calls))
  } catch {
    throw new CryptoFailure('arguments.bad', 'a call has more, or longer, arguments than can be passed')
  }
}

const attributeAnswer = record<RawAttributeAnswer>({
  type: number,
  length: number,
  bytes: nullable(bytes(rawLimits.room)),
  number: nullable(number),
})

const fieldBytes = bytes(64)

const fields: Codec<RawFields> = {
  encode: value =>
    Object.fromEntries(
      Object.entries(value).map(([name, field]): [string, Json] => [
        name,
        typeof field === 'number' ? field : fieldBytes.encode(field),
      ]),
    ),
  decode(json) {
    const entries = Object.entries(asObject(json))
    if (entries.length > 32) return refuse()
    return Object.fromEntries(
      entries.map(([name, field]): [string, number | Uint8Array] => [
        text(32).decode(name),
        typeof field === 'string' ? fieldBytes.decode(field) : number.decode(field),
      ]),
    )
  },
}

const roomBytes = bytes(rawLimits.room)
const handles = list(handle, rawLimits.list)
const attributes = list(attributeAnswer, rawLimits.list)

/** A value in an object whose one field says what it is. */
const value: Codec<RawValue> = {
  encode(from) {
    if (from === null || typeof from === 'number') return from
    if (typeof from === 'string') return { handle: from }
    if (from instanceof Uint8Array) return { bytes: roomBytes.encode(from) }
    if (!isList(from)) return { fields: fields.encode(from) }
    return isHandles(from) ? { handles: handles.encode(from) } : { attributes: attributes.encode(from) }
  },
  decode(json) {
    if (json === null) return null
    if (typeof json === 'number') return number.decode(json)
    const [[name, held] = refuse(), ...more] = Object.entries(asObject(json))
    if (more.length > 0) return refuse()
    switch (name) {
      case 'handle':
        return handle.decode(held)
      case 'bytes':
        return roomBytes.decode(held)
      case 'fields':
        return fields.decode(held)
      case 'handles':
        return handles.decode(held)
      case 'attributes':
        return attributes.decode(held)
      default:
        return refuse()
    }
  },
}

/** What the calls answered, in their order. */
export const rawAnswers: Codec<readonly RawAnswer[]> = list(
  record<RawAnswer>({ code: number, ms: milliseconds, answers: list(value, rawLimits.arguments), overrun: flag }),
  rawLimits.together,
)

function isList(
  value: RawFields | readonly string[] | readonly RawAttributeAnswer[],
): value is readonly string[] | readonly RawAttributeAnswer[] {
  return Array.isArray(value)
}

function isHandles(value: readonly string[] | readonly RawAttributeAnswer[]): value is readonly string[] {
  return value.every(item => typeof item === 'string')
}

/** One of several objects that their `kind` tells apart. */
function variant<U extends { readonly kind: string }>(codecs: {
  readonly [K in U['kind']]: Codec<Extract<U, { readonly kind: K }>>
}): Codec<U> {
  const known = new Map<unknown, Codec<U>>(Object.entries<Codec<U>>(codecs as unknown as Record<string, Codec<U>>))
  return {
    encode: value => (known.get(value.kind) ?? refuse()).encode(value),
    decode: json => (known.get(asObject(json)['kind']) ?? refuse()).decode(json),
  }
}
