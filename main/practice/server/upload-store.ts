import { ERRORS } from '@tus/server'
import type { DataStore, Upload } from '@tus/server'
import type { ByteSource } from '../../../crypto/index.ts'

/** An upload as the platform's records know it: what it is called, and how long it will be. */
export interface KnownUpload {
  readonly id: string
  /** In bytes. */
  readonly size: number
}

/** Where the bytes of uploads stand. A folder is one; an S3-compatible store is another. */
export interface UploadStore {
  /** For the tus server: it takes bytes only for uploads that `taken` of {@link OpenUploadStore} names. */
  readonly datastore: DataStore
  /** Makes the uploads that aren't there yet, durably. */
  prepare(uploads: readonly KnownUpload[]): Promise<void>
  /** Bytes of an upload that are there; 0 for one that was never made or has been removed. */
  offsetOf(upload: KnownUpload): Promise<number>
  /** Makes all bytes of whole uploads durable and readable. */
  flush(uploads: readonly KnownUpload[]): Promise<void>
  /** The bytes of a whole upload. Throws `input.unreadable` where they are gone. */
  open(upload: KnownUpload): Promise<ByteSource>
  /** Drops the bytes of an upload, so that it can be sent again. */
  reset(upload: KnownUpload): Promise<void>
  /** Removes an upload and its bytes; harmless for one that isn't there. */
  remove(upload: KnownUpload): Promise<void>
  /** Bytes that can be stored yet; null where nobody can tell. */
  space(): Promise<number | null>
}

/** Thrown in a store, these are answers of the tus server. */
export const uploadFailures = {
  /** No such upload, or none that is taken any more. */
  unknown: Object.assign(new Error('no such upload'), ERRORS.FILE_NOT_FOUND),
  /** A disk that won't take the bytes is told apart from a fault, so that the client can say so. */
  storage: Object.assign(new Error('the bytes could not be stored'), { status_code: 507, body: 'storage\n' }),
}

/** Makes a store. `taken` tells the upload an id stands for while its bytes are taken, undefined otherwise. */
export type OpenUploadStore = (taken: (id: string) => Upload | undefined) => UploadStore | Promise<UploadStore>
