import { ZipFile } from 'yazl'
import type { SignedDocument } from '../../crypto/index.ts'
import { AppFailure } from '../contract/failure.ts'
import { isAttachmentName } from './tender-entries.ts'

/** A file that goes with a tender; `path` is its name in the archive and begins with `attachments/`. */
export interface TenderAttachment {
  readonly path: string
  readonly bytes: Uint8Array
}

/**
 * Packs a signed `tender.json` and its attachments as a `.tender` file. The same input gives the same bytes. Throws
 * `tender.invalid` for an attachment's name no system could store.
 */
export async function writeTenderPackage(
  document: SignedDocument,
  attachments: readonly TenderAttachment[],
): Promise<Uint8Array> {
  const zip = new ZipFile()
  // A fixed date in the DOS form, which holds no zone, keeps the archive a function of its content.
  const options = { mtime: new Date(1980, 0, 1), mode: 0o100644, forceDosTimestamp: true }
  const add = (path: string, bytes: Uint8Array): void => {
    zip.addBuffer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), path, options)
  }
  add('tender.json', document.bytes)
  for (const { path, bytes } of attachments) {
    if (!isAttachmentName(path)) throw new AppFailure('tender.invalid', 'an attachment has an impossible name')
    add(path, bytes)
  }
  add('META-INF/tender.p7s', document.signature)
  zip.end()
  const pieces: Uint8Array[] = []
  for await (const piece of zip.outputStream) pieces.push(piece as Uint8Array)
  return new Uint8Array(Buffer.concat(pieces))
}
