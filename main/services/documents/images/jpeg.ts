import type { Picture } from './picture.ts'
import { PictureRefused, requireSides } from './picture.ts'

/** A JPEG picture, and its bytes without what tells of camera, place and program. */
export interface Jpeg extends Picture {
  readonly kind: 'jpeg'
  readonly components: 1 | 3 | 4
  /** Whether the four components are stored upside down, as Adobe's programs do. */
  readonly isInverted: boolean
  readonly bytes: Uint8Array
}

const tag = {
  soi: 0xd8,
  eoi: 0xd9,
  sos: 0xda,
  app0: 0xe0,
  app1: 0xe1,
  app2: 0xe2,
  app14: 0xee,
  app15: 0xef,
  comment: 0xfe,
} as const

/** Baseline, extended and progressive with Huffman coding: what DCTDecode reads (ISO 32000-1, 7.4.8). */
const frames = new Set([0xc0, 0xc1, 0xc2])
const otherFrames = new Set([0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf])

/** Walks through a JPEG's segments (ITU-T T.81, Annex B). Throws {@link PictureRefused}. */
export function readJpeg(bytes: Uint8Array): Jpeg {
  const kept: Uint8Array[] = [bytes.subarray(0, 2)]
  let frame: {
    readonly width: number
    readonly height: number
    readonly depth: number
    readonly components: number
  } | null = null
  let orientation = 1
  let hasMetadata = false
  let isInverted = false
  let hasScan = false
  let at = 2
  for (;;) {
    if (bytes[at] !== 0xff) throw broken('no segment where one must be')
    while (bytes[at + 1] === 0xff) at += 1
    const marker = bytes[at + 1] ?? 0
    if (marker === tag.eoi) {
      kept.push(bytes.subarray(at, at + 2))
      break
    }
    const length = (bytes[at + 2] ?? 0) * 256 + (bytes[at + 3] ?? 0)
    const end = at + 2 + length
    if (length < 2 || end > bytes.length) throw broken('a segment is cut short')
    const body = bytes.subarray(at + 4, end)
    if (otherFrames.has(marker))
      throw new PictureRefused('picture-unsupported', 'lossless, hierarchical or arithmetic JPEG')
    if (frames.has(marker)) {
      if (frame !== null || body.length < 6) throw broken('not one frame')
      const [depth = 0, high = 0, low = 0, wide = 0, narrow = 0, components = 0] = body
      frame = { depth, height: high * 256 + low, width: wide * 256 + narrow, components }
    }
    if (marker === tag.app1) orientation = readOrientation(body) ?? orientation
    if (marker === tag.app14 && startsWith(body, 'Adobe')) isInverted = true
    if (tells(marker)) hasMetadata = true
    else kept.push(bytes.subarray(at, end))
    at = end
    if (marker === tag.sos) {
      hasScan = true
      const next = endOfScan(bytes, at)
      kept.push(bytes.subarray(at, next))
      at = next
    }
  }
  if (frame === null || !hasScan) throw broken('no picture in it')
  const { width, height, depth, components } = frame
  requireSides(width, height)
  if (depth !== 8 || (components !== 1 && components !== 3 && components !== 4)) {
    throw new PictureRefused('picture-unsupported', `JPEG of ${components} components of ${depth} bits`)
  }
  return {
    kind: 'jpeg',
    width,
    height,
    depth,
    components,
    orientation,
    hasMetadata,
    isInverted: isInverted && components === 4,
    bytes: Buffer.concat(kept),
  }
}

/** Segments that tell about the picture (EXIF, XMP, comments) and don't change how it looks. */
function tells(marker: number): boolean {
  const { app0, app2, app14, app15, comment } = tag
  const isLook = marker === app0 || marker === app2 || marker === app14
  return marker === comment || (marker > app0 && marker <= app15 && !isLook)
}

/** Behind the entropy-coded data: the next marker that is neither a stuffed byte nor a restart. */
function endOfScan(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0 && at + 1 < bytes.length; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1] ?? 0
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at
  }
  throw broken('the picture is cut short')
}

/** EXIF's tag 0x0112 in the first directory (CIPA DC-008); null where there is none that can be read. */
function readOrientation(body: Uint8Array): number | null {
  if (!startsWith(body, 'Exif\0\0') || body.length < 16) return null
  const tiff = new DataView(body.buffer, body.byteOffset + 6, body.length - 6)
  const order = tiff.getUint16(0)
  if (order !== 0x4949 && order !== 0x4d4d) return null
  const isLittle = order === 0x4949
  const directory = tiff.getUint32(4, isLittle)
  if (directory + 2 > tiff.byteLength) return null
  const count = tiff.getUint16(directory, isLittle)
  for (let index = 0; index < count; index += 1) {
    const entry = directory + 2 + index * 12
    if (entry + 12 > tiff.byteLength) return null
    if (tiff.getUint16(entry, isLittle) !== 0x0112) continue
    const value = tiff.getUint16(entry + 8, isLittle)
    return value >= 1 && value <= 8 ? value : null
  }
  return null
}

function startsWith(body: Uint8Array, text: string): boolean {
  return Buffer.from(body.subarray(0, text.length)).toString('latin1') === text
}

function broken(detail: string): PictureRefused {
  return new PictureRefused('picture-broken', `JPEG: ${detail}`)
}
