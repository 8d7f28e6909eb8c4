import { open } from 'node:fs/promises'
import { AppFailure } from '../contract/failure.ts'

/** Longest image, in bytes. */
const maxLength = 8 * 1024 * 1024

/** A seal's picture and how wide it is to its height. */
export interface SealImage {
  readonly bytes: Uint8Array
  readonly ratio: number
}

/** Reads a PNG or JPEG. Only its size is looked at here. Throws `input.unreadable`. */
export async function readSealImage(path: string): Promise<SealImage> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw new AppFailure('input.unreadable', 'the seal image cannot be read', { cause: error })
  })
  try {
    const { size } = await handle.stat()
    if (size > maxLength) throw new AppFailure('input.unreadable', 'the seal image is longer than 8 MiB')
    const bytes = new Uint8Array(await handle.readFile())
    const shown = sizeOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
    if (shown === null) throw new AppFailure('input.unreadable', 'the seal image is neither PNG nor JPEG')
    return { bytes, ratio: shown.width / shown.height }
  } finally {
    await handle.close()
  }
}

function sizeOf(bytes: Buffer): { readonly width: number; readonly height: number } | null {
  const shown = bytes[0] === 0xff ? jpegSize(bytes) : pngSize(bytes)
  return shown !== null && shown.width > 0 && shown.height > 0 ? shown : null
}

function pngSize(bytes: Buffer): { readonly width: number; readonly height: number } | null {
  if (bytes.length < 24 || bytes.subarray(0, 8).toString('latin1') !== '\x89PNG\r\n\x1a\n') return null
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
}

/** The frame header (ITU T.81, B.2.2), behind segments that say how long they are. */
function jpegSize(bytes: Buffer): { readonly width: number; readonly height: number } | null {
  for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes[at + 1] ?? 0
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame) return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) }
  }
  return null
}
