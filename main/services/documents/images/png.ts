import { crc32 } from './crc.ts'
import type { Picture } from './picture.ts'
import { PictureRefused, requireSides } from './picture.ts'

/** PNG's colour types (ISO/IEC 15948, 11.2.2). */
export type PngColour = 'grey' | 'rgb' | 'palette' | 'grey-alpha' | 'rgb-alpha'

/** A PNG picture with its pixels as they are stored: deflated rows, each behind its filter. */
export interface Png extends Picture {
  readonly kind: 'png'
  readonly colour: PngColour
  readonly isInterlaced: boolean
  /** RGB triples; empty without a palette. */
  readonly palette: Uint8Array
  /** Transparency of single colours (tRNS); null when there is none. */
  readonly transparency: Uint8Array | null
  /** The IDAT chunks' data, in order. */
  readonly pieces: readonly Uint8Array[]
}

const colours: Readonly<Record<number, readonly [PngColour, readonly number[]]>> = {
  0: ['grey', [1, 2, 4, 8, 16]],
  2: ['rgb', [8, 16]],
  3: ['palette', [1, 2, 4, 8]],
  4: ['grey-alpha', [8, 16]],
  6: ['rgb-alpha', [8, 16]],
}

/** Samples of one pixel. */
export const channelsOf: Readonly<Record<PngColour, number>> = {
  grey: 1,
  rgb: 3,
  palette: 1,
  'grey-alpha': 2,
  'rgb-alpha': 4,
}

/** Chunks that say how the picture looks; others tell about it. */
const looks = new Set([
  'IHDR',
  'PLTE',
  'IDAT',
  'IEND',
  'tRNS',
  'gAMA',
  'cHRM',
  'sRGB',
  'iCCP',
  'sBIT',
  'bKGD',
  'pHYs',
  'hIST',
  'sPLT',
])

/** Reads a PNG's chunks and their checksums. The pixels are looked at when they are decoded. Throws {@link PictureRefused}. */
export function readPng(bytes: Uint8Array): Png {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const pieces: Uint8Array[] = []
  let header: Uint8Array | null = null
  let palette = new Uint8Array(0)
  let transparency: Uint8Array | null = null
  let hasMetadata = false
  let at = 8
  for (let type = ''; type !== 'IEND';) {
    if (at + 12 > bytes.length) throw broken('it is cut short')
    const length = view.getUint32(at)
    const end = at + 12 + length
    if (length > 0x7fffffff || end > bytes.length) throw broken('a chunk is cut short')
    type = Buffer.from(bytes.subarray(at + 4, at + 8)).toString('latin1')
    if (crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4)) throw broken(`a chunk's checksum differs`)
    const body = bytes.subarray(at + 8, end - 4)
    if ((header === null) !== (type === 'IHDR')) throw broken('the header is not first, or there twice')
    if (type === 'IHDR') header = body
    else if (type === 'PLTE') palette = body.slice()
    else if (type === 'tRNS') transparency = body
    else if (type === 'IDAT') pieces.push(body)
    if (!looks.has(type)) hasMetadata = true
    at = end
  }
  if (header?.length !== 13 || pieces.length === 0) throw broken('no picture in it')
  const head = new DataView(header.buffer, header.byteOffset, 13)
  const [width, height, depth] = [head.getUint32(0), head.getUint32(4), head.getUint8(8)]
  requireSides(width, height)
  const [colour, depths] = colours[head.getUint8(9)] ?? ['grey', []]
  const isInterlaced = head.getUint8(12) === 1
  if (!depths.includes(depth) || head.getUint8(10) !== 0 || head.getUint8(11) !== 0 || head.getUint8(12) > 1) {
    throw new PictureRefused('picture-unsupported', 'PNG of a kind that is not in the standard')
  }
  const entries = palette.length / 3
  if (colour === 'palette' && (!Number.isInteger(entries) || entries < 1 || entries > 2 ** depth))
    throw broken('no palette')
  return {
    kind: 'png',
    width,
    height,
    depth,
    orientation: 1,
    hasMetadata,
    colour,
    isInterlaced,
    palette,
    transparency,
    pieces,
  }
}

function broken(detail: string): PictureRefused {
  return new PictureRefused('picture-broken', `PNG: ${detail}`)
}
