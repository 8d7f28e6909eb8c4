import type { Pkcs11Profile, SkfProfile } from '../profiles/driver-profile.ts'

/** A vendor library to be called function by function, without the product's driver between. */
export type RawModule =
  | { readonly kind: 'pkcs11'; readonly path: string; readonly profile?: Pkcs11Profile }
  | { readonly kind: 'skf'; readonly path: string; readonly profile?: SkfProfile }

/**
 * One argument of a C function. By value: `number`, `handle`, `cipher`. All others are pointers, into memory that is made
 * for the call, wiped and freed after it. What the library can write has canary bytes before and behind it.
 */
export type RawArgument =
  /** CK_ULONG, CK_BBOOL, ULONG, BOOL. -1 is all ones: CK_UNAVAILABLE_INFORMATION, INFINITE. */
  | { readonly kind: 'number'; readonly value: number }
  /** An object, a session, a slot, or a HANDLE of SKF: a decimal number as it was answered, `0` for none. */
  | { readonly kind: 'handle'; readonly value: string }
  /** Bytes to be read. Not zero-ended: text for SKF is {@link rawText}. None of them: still a good pointer. */
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  /** As many bytes 0, 1, … 250, 0, 1, … ({@link rawPattern}), which do not travel: long messages. */
  | { readonly kind: 'pattern'; readonly length: number }
  | { readonly kind: 'null' }
  /** Room of exactly this length, filled with 0xA5. Answered: all of it, whatever the library says it has written. */
  | { readonly kind: 'room'; readonly length: number }
  /** A CK_ULONG or ULONG that is read and written. Answered: the number; -1 for all ones. */
  | { readonly kind: 'count'; readonly value: number }
  /** Answered: the handle, decimal; `0` where none was written. */
  | { readonly kind: 'handle-out' }
  /** So many CK_ULONGs, one after the other: slots, objects, mechanisms. Answered: all of them, `0` where none was written. */
  | { readonly kind: 'handles-out'; readonly length: number }
  /** CK_MECHANISM, PKCS #11 v2.40 §3.5. */
  | { readonly kind: 'mechanism'; readonly type: number; readonly parameter: RawParameter | null }
  /** An array of CK_ATTRIBUTE, §3.4; how many there are is a `number` of its own. Answered: each attribute. */
  | { readonly kind: 'template'; readonly attributes: readonly RawAttribute[] }
  /** A structure of PKCS #11 that the library fills, in this platform's layout. Answered: its fields. */
  | { readonly kind: 'struct'; readonly struct: RawStructName }
  /** CK_C_INITIALIZE_ARGS, §5.4, without mutex functions; `reserved` is what pReserved points to. */
  | { readonly kind: 'initialize'; readonly flags: number; readonly reserved: string | null }
  /** BLOCKCIPHERPARAM by value, GM/T 0016-2012 6.4.13; `iv` of at most 32 bytes. */
  | { readonly kind: 'cipher'; readonly iv: Uint8Array; readonly padding?: number; readonly feedBits?: number }

/** What CK_MECHANISM.pParameter points to; structures with pointers are built in the token process. */
export type RawParameter =
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  /**
   * CK_RSA_PKCS_OAEP_PARAMS, current mechanisms §2.1.7. Without a label pSourceData is NULL, as the standard wants it; the
   * source is CKZ_DATA_SPECIFIED, 1, where it is not given.
   */
  | {
      readonly kind: 'oaep'
      readonly hash: number
      readonly mgf: number
      readonly label: Uint8Array | null
      readonly source?: number
    }
  /** CK_RSA_PKCS_PSS_PARAMS, §2.1.9. `salt` is its length in bytes. */
  | { readonly kind: 'pss'; readonly hash: number; readonly mgf: number; readonly salt: number }
  /** CK_ECDH1_DERIVE_PARAMS, §2.3.6. */
  | {
      readonly kind: 'ecdh'
      readonly kdf: number
      readonly shared: Uint8Array | null
      readonly publicData: Uint8Array
    }

/** One CK_ATTRIBUTE on its way to the library. */
export interface RawAttribute {
  readonly type: number
  /** What pValue points to: for searching and making. Null with no `room` is NULL: the library is asked for the length. */
  readonly value: RawAttributeValue | null
  /** A buffer of this length to be filled. */
  readonly room?: number
  /** ulValueLen where it is not to be the true length. */
  readonly length?: number
}

/** Bytes as they are; a CK_ULONG in this platform's width; a CK_BBOOL. */
export type RawAttributeValue = Uint8Array | number | boolean

/** One CK_ATTRIBUTE as the library left it. */
export interface RawAttributeAnswer {
  readonly type: number
  /** ulValueLen: -1 for CK_UNAVAILABLE_INFORMATION. */
  readonly length: number
  /** All of the room, whatever the length says; null where there was none. */
  readonly bytes: Uint8Array | null
  /** The bytes as CK_ULONG, where they are as long as one: numbers are as wide as the library's platform has them. */
  readonly number: number | null
}

/** Structures that PKCS #11 functions fill (v2.40 §3.1 to §3.5). */
export type RawStructName = 'CK_INFO' | 'CK_SLOT_INFO' | 'CK_TOKEN_INFO' | 'CK_SESSION_INFO' | 'CK_MECHANISM_INFO'

/** A filled structure by its fields' names: numbers (-1 for all ones), text and versions as bytes. */
export type RawFields = Readonly<Record<string, number | Uint8Array>>

/** What came of one argument; null for those that are not answered. */
export type RawValue =
  Uint8Array | number | string | readonly string[] | readonly RawAttributeAnswer[] | RawFields | null

/** How a function ended. */
export interface RawAnswer {
  /** CKR_… or SAR_…, 0 for good. */
  readonly code: number
  /** Milliseconds inside the function. */
  readonly ms: number
  /** One for each argument, in their order; also when the code is an error. */
  readonly answers: readonly RawValue[]
  /** Bytes before or behind something that the library may write were changed. */
  readonly overrun: boolean
}

/** A function with its arguments. */
export interface RawCall {
  /** By its name in the standard: `C_Sign`, `SKF_ECCSignData`. */
  readonly name: string
  readonly args: readonly RawArgument[]
}

export interface RawCallOptions {
  /** Milliseconds after which the library counts as hung, instead of the host's own limit; it is then ended. */
  readonly limit?: number
  /** The caller is answered `cancelled` at once; a call that runs keeps its place until it ends. */
  readonly signal?: AbortSignal
}

/**
 * A vendor library whose functions are called one by one. Nothing is done that was not asked for: C_Initialize too is the
 * caller's. Functions that the library lacks throw `token.unsupported`; arguments that do not fit the function, or are over
 * a bound of {@link rawLimits}, throw `arguments.bad`. An answer with an error code is an answer and throws nothing.
 */
export interface RawLibrary {
  readonly kind: RawModule['kind']
  /** Whether the library has the function. One of the standard, or the vendor's own that the profile names. */
  has(name: string): Promise<boolean>
  call(name: string, args: readonly RawArgument[], options?: RawCallOptions): Promise<RawAnswer>
  /** Each on a thread of its own, at the same time; at most {@link rawLimits}.together. Answered in their order. */
  together(calls: readonly RawCall[], options?: RawCallOptions): Promise<readonly RawAnswer[]>
  close(): Promise<void>
}

/** Bounds on everything that crosses to and from the token process. */
export const rawLimits = {
  /** Arguments of one function; the longest of the standards has 8. */
  arguments: 12,
  /** Bytes of one `bytes` argument, of one parameter, or of one attribute. */
  bytes: 256 * 1024,
  /** Bytes of one `room`. */
  room: 256 * 1024,
  /** Bytes of all rooms of one call, and of calls at the same time together. */
  answer: 512 * 1024,
  /** Bytes of one `pattern`. */
  pattern: 64 * 1024 * 1024,
  /** Attributes of one template, and handles of one answer. */
  list: 1024,
  /** Calls at the same time. */
  together: 8,
} as const

/** Text as SKF takes it: UTF-8 and a zero byte. */
export function rawText(text: string): RawArgument {
  return { kind: 'bytes', value: new TextEncoder().encode(`${text}\0`) }
}

/** The bytes of a `pattern`. */
export function rawPattern(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; at += 1) bytes[at] = at % 251
  return bytes
}
