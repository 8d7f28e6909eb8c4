import { ERRORS, Upload } from '@tus/server'
import { S3Store } from '@tus/s3-store'
import { CryptoFailure } from '../../../crypto/index.ts'
import type { ByteSource } from '../../../crypto/index.ts'
import type { S3Storage } from '../storage.ts'
import { uploadFailures } from './upload-store.ts'
import type { KnownUpload, OpenUploadStore } from './upload-store.ts'

/** Bytes of one ranged GET: checks read from one end to the other, and a store takes its time for each question. */
const blockBytes = 4 * 1024 * 1024
/** Blocks that are kept: the one being read, and the one before it, which small steps back fall into. */
const keptBlocks = 2

/**
 * Uploads as objects of an S3-compatible store, each under its id, with the note `@tus/s3-store` keeps beside it. What the
 * store has acknowledged is durable, so a flush only makes an object of parts whose last request was cut off.
 */
export function s3Store(storage: S3Storage): OpenUploadStore {
  return taken => {
    const store = new PartStore(storage, taken)
    return {
      datastore: store,
      async prepare(uploads) {
        for (const upload of uploads) if (!(await store.isThere(upload))) await store.make(upload)
      },
      offsetOf: upload => store.offsetOf(upload),
      async flush(uploads) {
        for (const upload of uploads) await store.finish(upload)
      },
      open: upload => store.open(upload),
      async reset(upload) {
        await store.drop(upload)
        await store.make(upload)
      },
      remove: upload => store.drop(upload),
      // A store has no end that anybody could ask for.
      space: () => Promise.resolve(null),
    }
  }
}

class PartStore extends S3Store {
  readonly #taken: (id: string) => Upload | undefined

  constructor(
    { endpoint, bucket, region, accessKeyId, secretAccessKey }: S3Storage,
    taken: (id: string) => Upload | undefined,
  ) {
    super({
      s3ClientConfig: {
        endpoint,
        bucket,
        region,
        credentials: { accessKeyId, secretAccessKey },
        // Stores of one's own rarely have a host name for each bucket, or the newer checksums.
        forcePathStyle: true,
        requestChecksumCalculation: 'WHEN_REQUIRED',
        responseChecksumValidation: 'WHEN_REQUIRED',
      },
    })
    this.#taken = taken
  }

  /** For the tus server: bytes are taken for a bid that has no receipt yet, and for no other. */
  override async getUpload(id: string): Promise<Upload> {
    if (this.#taken(id) === undefined) throw uploadFailures.unknown
    return super.getUpload(id)
  }

  /** Only parts that follow one another count: what was sent past a part that got lost is sent again. */
  protected override async retrieveParts(id: string, marker?: string): ReturnType<S3Store['retrieveParts']> {
    const parts = await super.retrieveParts(id, marker)
    if (marker !== undefined) return parts
    const gap = parts.findIndex((part, index) => part.PartNumber !== index + 1)
    return gap < 0 ? parts : parts.slice(0, gap)
  }

  async isThere({ id }: KnownUpload): Promise<boolean> {
    return (await this.#uploadOf(id)) !== null
  }

  async make({ id, size }: KnownUpload): Promise<void> {
    await this.create(new Upload({ id, size, offset: 0 }))
  }

  async offsetOf({ id }: KnownUpload): Promise<number> {
    return (await this.#uploadOf(id))?.offset ?? 0
  }

  /** Parts that are all there become an object. */
  async finish({ id, size }: KnownUpload): Promise<void> {
    if ((await this.#headOf(id)) !== null) return
    const parts = await this.retrieveParts(id)
    if (parts.reduce((sum, part) => sum + (part.Size ?? 0), 0) !== size) throw unreadable('the parts are not whole')
    await this.finishMultipartUpload(await this.getMetadata(id), parts)
    await this.clearCache(id)
  }

  async drop({ id }: KnownUpload): Promise<void> {
    const upload = await this.getMetadata(id).catch(nullIfMissing)
    if (upload !== null) {
      const parts = { Bucket: this.bucket, Key: id, UploadId: upload['upload-id'] }
      // Parts that have become an object are no upload any more.
      await this.client.abortMultipartUpload(parts).catch(nullIfMissing)
    }
    for (const Key of [id, this.partKey(id, true), this.infoKey(id)]) {
      await this.client.deleteObject({ Bucket: this.bucket, Key })
    }
    await this.clearCache(id)
  }

  async open({ id, size }: KnownUpload): Promise<ByteSource> {
    const head = await this.#headOf(id)
    if (head === null) throw unreadable('the part is gone from the store')
    if (head.size !== size) throw unreadable('the part in the store has another length')
    return blockSource(size, (start, end) => this.#range(id, head.etag, start, end))
  }

  async #uploadOf(id: string): Promise<Upload | null> {
    try {
      return await super.getUpload(id)
    } catch (error) {
      if (error === ERRORS.FILE_NOT_FOUND) return null
      throw error
    }
  }

  async #headOf(id: string): Promise<{ readonly size: number; readonly etag: string | undefined } | null> {
    const head = await this.client.headObject({ Bucket: this.bucket, Key: id }).catch(nullIfMissing)
    return head === null ? null : { size: head.ContentLength ?? 0, etag: head.ETag }
  }

  async #range(id: string, etag: string | undefined, start: number, end: number): Promise<Uint8Array> {
    try {
      const { Body } = await this.client.getObject({
        Bucket: this.bucket,
        Key: id,
        Range: `bytes=${start}-${end - 1}`,
        ...(etag === undefined ? {} : { IfMatch: etag }),
      })
      const bytes = await Body?.transformToByteArray()
      if (bytes?.length !== end - start) throw unreadable('the store has answered another range')
      return bytes
    } catch (error) {
      if (error instanceof CryptoFailure) throw error
      throw unreadable(`the store cannot be read: ${nameOf(error)}`, error)
    }
  }
}

/** A source that is read in blocks, the last of which are kept; several readers of one block wait for one request. */
function blockSource(size: number, fetchRange: (start: number, end: number) => Promise<Uint8Array>): ByteSource {
  const blocks = new Map<number, Promise<Uint8Array>>()
  let closed = false
  const block = (index: number): Promise<Uint8Array> => {
    const start = index * blockBytes
    const found = blocks.get(index) ?? fetchRange(start, Math.min(start + blockBytes, size))
    blocks.delete(index)
    blocks.set(index, found)
    found.catch(() => blocks.delete(index))
    for (const oldest of blocks.keys()) if (blocks.size > keptBlocks) blocks.delete(oldest)
    return found
  }
  return {
    size,
    async read(offset, into) {
      if (closed || offset < 0 || offset + into.length > size) throw unreadable('a range outside the source')
      for (let done = 0; done < into.length;) {
        const at = offset + done
        const bytes = await block(Math.floor(at / blockBytes))
        const piece = bytes.subarray(at % blockBytes, Math.min(bytes.length, (at % blockBytes) + into.length - done))
        into.set(piece, done)
        done += piece.length
      }
    },
    close() {
      closed = true
      blocks.clear()
      return Promise.resolve()
    },
  }
}

/** What the store says of something it does not have. */
function nullIfMissing(error: unknown): null {
  if (/^(NotFound|NoSuchKey|NoSuchUpload)$/.test(nameOf(error))) return null
  throw error
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'thrown'
}

function unreadable(detail: string, cause?: unknown): CryptoFailure {
  return new CryptoFailure('input.unreadable', detail, cause)
}
