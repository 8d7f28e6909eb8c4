import { nodeFiles, readSealedBid } from '../../../../crypto/index.ts'
import type { JobControl } from '../../../../crypto/index.ts'
import { nodeHttp } from '../../../http/index.ts'
import { uploadPart } from '../../../upload/index.ts'

/** The parts of a sealed file and where the platform takes them. */
export interface PartsToUpload {
  readonly file: string
  readonly parts: readonly { readonly name: 'opening' | 'body'; readonly url: string }[]
}

/** Uploads every part of a sealed file, as a submission does. */
export async function uploadParts({ file, parts }: PartsToUpload, control: JobControl): Promise<void> {
  const http = nodeHttp()
  const source = await nodeFiles.open(file)
  try {
    const bid = await readSealedBid(source)
    for (const { name, url } of parts) await uploadPart({ ...control, url, source: bid.partSource(name), http })
  } finally {
    await source.close()
  }
}
