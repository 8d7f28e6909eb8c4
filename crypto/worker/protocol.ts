import type { CryptoFailureCode } from '../errors.ts'
import type { FilePlace, Segment } from '../io/source.ts'
import type { SuiteId } from '../suite.ts'

// What the threads are told and what they answer. Plain data; everything big, and everything secret, is in shared memory:
// it is there once, and whoever made it can wipe it.

/** Digests of whole files. Leaf and document digests are 32 bytes each, one after the other. */
export interface DigestTask {
  readonly kind: 'digest'
  readonly suite: SuiteId
  readonly documents: readonly { readonly path: string; readonly size: number }[]
  /** Places in `documents`; a group is digested by one thread at once. */
  readonly groups: readonly (readonly number[])[]
  /** Takes a digest for each document. */
  readonly digests: SharedArrayBuffer
}

/** Chunks `first` to `end` (exclusive) of a part are sealed into a file. */
export interface SealTask {
  readonly kind: 'seal'
  readonly suite: SuiteId
  readonly key: SharedArrayBuffer
  /** Plaintext bytes of the whole part, and the segments that make it. */
  readonly size: number
  readonly segments: readonly Segment[]
  readonly first: number
  readonly end: number
  /** Where the part's first sealed byte goes. */
  readonly output: FilePlace
  /** Take a leaf for each chunk of the whole part. */
  readonly leaves: SharedArrayBuffer
  readonly plainLeaves: SharedArrayBuffer | null
}

/** A file that is part of a plaintext, from `at` on. */
export interface PlacedFile {
  readonly path: string
  readonly size: number
  readonly at: number
}

/** A {@link SealTask} whose documents are digested on the way. */
export interface SealDocumentsTask extends Omit<SealTask, 'kind'>, Omit<DigestTask, 'kind' | 'documents'> {
  readonly kind: 'seal-documents'
  /** Documents wholly within the part. */
  readonly documents: readonly PlacedFile[]
  /** Memory of `newChunkClaims`. */
  readonly claims: SharedArrayBuffer
}

/** Leaf digests of a sealed part as it stands in a file. */
export interface LeavesTask {
  readonly kind: 'leaves'
  readonly suite: SuiteId
  /** Plaintext bytes. */
  readonly size: number
  readonly input: FilePlace
  readonly leaves: SharedArrayBuffer
}

/** A sealed part is decrypted: it must consist of the expected segments. Documents are digested on the way. */
export interface OpenTask {
  readonly kind: 'open'
  readonly suite: SuiteId
  readonly key: SharedArrayBuffer
  readonly size: number
  readonly input: FilePlace
  readonly expected: readonly ExpectedSegment[]
  readonly leaves: SharedArrayBuffer
  readonly plainLeaves: SharedArrayBuffer | null
  /** Takes a digest for each document. */
  readonly digests: SharedArrayBuffer
  /** Chunks on their way from the thread that opened them to the one that digests. */
  readonly ring: SharedArrayBuffer
}

/** A stretch of the plaintext that is known, or that is a document: that goes to an existing file, or nowhere. */
export type ExpectedSegment =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'document'; readonly length: number; readonly path: string | null }

/** What the threads can be asked to do. */
export type Task = DigestTask | SealTask | SealDocumentsTask | LeavesTask | OpenTask

/** A thread is told of a run. */
export interface Order {
  readonly run: number
  readonly task: Task
  readonly board: SharedArrayBuffer
  /** 0 for the first of the threads. */
  readonly place: number
}

/** A thread has left a run. */
export interface Left {
  readonly run: number
  readonly failure: { readonly code: CryptoFailureCode; readonly detail: string } | null
}

/** Bytes of a leaf or digest. */
export const digestSize = 32
