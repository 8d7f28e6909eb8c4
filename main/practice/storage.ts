import { join } from 'node:path'
import { AppFailure } from '../contract/failure.ts'
import { fieldsOf, patterns } from '../platform/index.ts'
import { readJsonIfThere, writeJsonAtomic } from '../store/index.ts'

/** An S3-compatible store and how to get in. */
export interface S3Storage {
  /** http or https, without the bucket. */
  readonly endpoint: string
  readonly bucket: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** Where a store is, as the platform's folder remembers it: `storage.json`. Its keys are never written there. */
export type S3Place = Pick<S3Storage, 'endpoint' | 'bucket' | 'region'>

type Environment = Readonly<Record<string, string | undefined>>

/** `http://127.0.0.1:9000/bucket` as the place of a store. Throws `arguments.bad`. */
export function s3PlaceOf(address: string, region = 'us-east-1'): S3Place {
  const bad = new AppFailure('arguments.bad', 'the store is http(s)://HOST[:PORT]/BUCKET')
  let url: URL
  try {
    url = new URL(address)
  } catch (error) {
    throw new AppFailure('arguments.bad', 'the store is http(s)://HOST[:PORT]/BUCKET', { cause: error })
  }
  const bucket = /^\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/?$/.exec(url.pathname)?.[1]
  if (!/^https?:$/.test(url.protocol) || bucket === undefined || url.username !== '' || url.search !== '') throw bad
  return { endpoint: url.origin, bucket, region }
}

/**
 * The store a platform's folder uses; null for the folder itself. `wanted` is noted in a folder that has no bids yet: parts
 * that are in one place are not looked for in another. The keys come from `AWS_ACCESS_KEY_ID` and
 * `AWS_SECRET_ACCESS_KEY`. Throws `arguments.bad`, `input.unreadable`.
 */
export async function openStorage(
  dir: string,
  options: { readonly wanted?: S3Place | undefined; readonly hasBids: boolean; readonly env: Environment },
): Promise<S3Storage | null> {
  const path = join(dir, 'storage.json')
  const noted = decodePlace(await readJsonIfThere(path))
  const { wanted, env } = options
  const place = wanted ?? noted
  if (place === null) return null
  if (wanted !== undefined && JSON.stringify(wanted) !== JSON.stringify(noted)) {
    if (options.hasBids) throw new AppFailure('arguments.bad', 'the bids of this folder are stored elsewhere')
    await writeJsonAtomic(path, { kind: 's3', ...wanted })
  }
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env
  if (!accessKeyId || !secretAccessKey) {
    throw new AppFailure('arguments.bad', 'the store needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY')
  }
  return { ...place, accessKeyId, secretAccessKey }
}

function decodePlace(value: unknown): S3Place | null {
  if (value === null) return null
  const fields = fieldsOf(value, 'input.unreadable')
  fields.oneOf('kind', ['s3'])
  return {
    endpoint: fields.text('endpoint', /^https?:\/\/[^\s/]{1,300}$/),
    bucket: fields.text('bucket', patterns.line),
    region: fields.text('region', patterns.line),
  }
}
