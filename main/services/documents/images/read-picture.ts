import type { Jpeg } from './jpeg.ts'
import { readJpeg } from './jpeg.ts'
import { pictureLimits, PictureRefused } from './picture.ts'
import type { Png } from './png.ts'
import { readPng } from './png.ts'

/** Bytes that are enough for {@link kindOf}. */
export const magicLength = 1024

/** What a file is by how it begins; null for what is neither a PDF nor a picture that is read. */
export function kindOf(start: Uint8Array): 'pdf' | 'png' | 'jpeg' | null {
  const text = Buffer.from(start.subarray(0, magicLength)).toString('latin1')
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png'
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg'
  // Some programs leave bytes before the header.
  return text.includes('%PDF-') ? 'pdf' : null
}

/** Reads what a picture is. Throws {@link PictureRefused}. */
export function readPicture(bytes: Uint8Array): Png | Jpeg {
  if (bytes.length > pictureLimits.bytes) throw new PictureRefused('picture-too-large', `${bytes.length} bytes`)
  const kind = kindOf(bytes)
  if (kind === 'png') return readPng(bytes)
  if (kind === 'jpeg') return readJpeg(bytes)
  throw new PictureRefused('picture-unknown', 'neither PNG nor JPEG')
}
