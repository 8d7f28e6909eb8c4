import type { ContextValues } from '../../crypto/envelope/key-schedule.ts'
import type { SuiteId } from '../../crypto/suite.ts'

/** A bare part stream in `streams.json`; bytes in hex. */
export interface StreamVector {
  readonly name: string
  readonly part: 'opening' | 'body'
  readonly partKey: string
  readonly salt: string
  /** Plaintext bytes; byte i of every plaintext is i mod 251. */
  readonly size: number
  readonly sealedSize: number
  readonly streamKey: string
  readonly keyCommitment: string
  readonly shareA: string
  readonly shareB: string
  readonly shareCommitment: { readonly a: string; readonly b: string }
  readonly plaintextDigest: string
  readonly sealedDigest: string
  /** Of every chunk, in order. */
  readonly tags: readonly string[]
  readonly leaves: readonly string[]
  readonly root: string
  /** The tree over the plaintext (plain twin). */
  readonly twinRoot: string
  /** The first and the last 32 sealed bytes, or all there are. */
  readonly first: string
  readonly last: string
  /** All sealed bytes, where there are few. */
  readonly sealed?: string
}

/** A stretch of the base stream, of another stream, or bytes in hex. */
export type StreamPiece =
  readonly [from: number, to: number] | { readonly of: string; readonly from: number; readonly to: number } | string

/** A stream put together wrongly. Its tree is made anew, so that the root is right. */
export interface BrokenStream {
  readonly name: string
  readonly base: string
  /** Plaintext bytes the header claims. */
  readonly size: number
  readonly pieces: readonly StreamPiece[]
  readonly comment: string
  readonly code: string
}

/** The files of the part streams. */
export const streamFiles: Readonly<Record<SuiteId, string>> = { 'intl-1': 'streams.json', 'gm-1': 'streams-gm-1.json' }

/** One of {@link streamFiles}. */
export interface StreamFile {
  readonly suite: SuiteId
  /** Header fields the context is made of. */
  readonly contextValues: ContextValues
  readonly context: string
  readonly streams: readonly StreamVector[]
  readonly broken: readonly BrokenStream[]
}

/** The plaintext of every stream vector: byte i is i mod 251. */
export function plaintextOfSize(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => index % 251)
}
