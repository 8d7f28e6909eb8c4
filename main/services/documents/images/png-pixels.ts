import { createDeflate } from 'node:zlib'
import type { Png } from './png.ts'
import { pngRows } from './png-rows.ts'
import { PictureRefused } from './picture.ts'

/** The pixels of a picture at eight bits a component, deflated, colour and opacity apart. */
export interface SplitPixels {
  readonly space: 'DeviceGray' | 'DeviceRGB'
  readonly colour: Uint8Array
  readonly alpha: Uint8Array
}

/** Interlaced pictures are put together in memory. */
const mostInterlaced = 40_000_000

/** Whether a page can take the stored rows as they are; else they are unpacked and packed anew. */
export function isTakenAsStored({ colour, transparency, isInterlaced }: Png): boolean {
  if (isInterlaced || colour === 'grey-alpha' || colour === 'rgb-alpha') return false
  return transparency === null || colour !== 'palette'
}

/** Goes through all rows of a picture, so that a damaged one is found out. Throws {@link PictureRefused}. */
export async function requireWhole(png: Png): Promise<void> {
  const rows = pngRows(png)
  while ((await rows.next()).done !== true);
}

/** Unpacks a picture and packs colour and opacity apart. Throws {@link PictureRefused}. */
export async function splitPixels(png: Png): Promise<SplitPixels> {
  if (png.isInterlaced && png.width * png.height > mostInterlaced) {
    throw new PictureRefused('picture-too-large', `${png.width} × ${png.height} pixels, interlaced`)
  }
  const channels = png.colour === 'grey' || png.colour === 'grey-alpha' ? 1 : 3
  const [colour, alpha] = [packer(), packer()]
  const read = pixelReader(png)
  if (png.isInterlaced) {
    const pixels = new Uint8Array(png.width * png.height * channels)
    const opacity = new Uint8Array(png.width * png.height)
    for await (const { bytes, width, column, step, row } of pngRows(png)) {
      for (let index = 0; index < width; index += 1) {
        const at = row * png.width + column + index * step
        opacity[at] = read(bytes, index, pixels, at * channels)
      }
    }
    await colour.put(pixels)
    await alpha.put(opacity)
  } else {
    for await (const { bytes, width } of pngRows(png)) {
      const pixels = new Uint8Array(width * channels)
      const opacity = new Uint8Array(width)
      for (let index = 0; index < width; index += 1) opacity[index] = read(bytes, index, pixels, index * channels)
      await colour.put(pixels)
      await alpha.put(opacity)
    }
  }
  return {
    space: channels === 1 ? 'DeviceGray' : 'DeviceRGB',
    colour: await colour.finish(),
    alpha: await alpha.finish(),
  }
}

/** Writes a pixel's colour into `to` and answers its opacity. */
type ReadPixel = (row: Uint8Array, index: number, to: Uint8Array, at: number) => number

function pixelReader({ colour, depth, palette, transparency }: Png): ReadPixel {
  const top = 2 ** depth - 1
  // Of 16 bits the upper eight: what a screen or a printer shows.
  const sample = (row: Uint8Array, index: number): number => {
    if (depth >= 8) return row[index * (depth >> 3)] ?? 0
    const bit = index * depth
    return ((row[bit >> 3] ?? 0) >> (8 - depth - (bit & 7))) & top
  }
  const clear = (row: Uint8Array, from: number, count: number): boolean =>
    transparency !== null && isColour(row, from, count, transparency, depth, sample)
  if (colour === 'palette') {
    return (row, index, to, at) => {
      const entry = sample(row, index)
      for (let each = 0; each < 3; each += 1) to[at + each] = palette[entry * 3 + each] ?? 0
      return transparency?.[entry] ?? 255
    }
  }
  const [count, hasAlpha] =
    colour === 'rgb' || colour === 'rgb-alpha' ? [3, colour === 'rgb-alpha'] : [1, colour === 'grey-alpha']
  return (row, index, to, at) => {
    const from = index * (count + (hasAlpha ? 1 : 0))
    for (let each = 0; each < count; each += 1) {
      const value = sample(row, from + each)
      to[at + each] = depth < 8 ? Math.round((value * 255) / top) : value
    }
    return hasAlpha ? sample(row, from + count) : clear(row, from, count) ? 0 : 255
  }
}

function isColour(
  row: Uint8Array,
  from: number,
  count: number,
  wanted: Uint8Array,
  depth: number,
  sample: (row: Uint8Array, index: number) => number,
): boolean {
  for (let each = 0; each < count; each += 1) {
    const value = (wanted[each * 2] ?? 0) * 256 + (wanted[each * 2 + 1] ?? 0)
    const at = (from + each) * 2
    const stored = depth === 16 ? (row[at] ?? 0) * 256 + (row[at + 1] ?? 0) : sample(row, from + each)
    if (stored !== value) return false
  }
  return true
}

function packer(): { put(bytes: Uint8Array): Promise<void>; finish(): Promise<Uint8Array> } {
  const deflate = createDeflate()
  const packed: Buffer[] = []
  deflate.on('data', (piece: Buffer) => packed.push(piece))
  return {
    put: bytes =>
      new Promise((resolve, reject) => {
        deflate.write(bytes, error => {
          if (error) reject(error)
          else resolve()
        })
      }),
    finish: () =>
      new Promise((resolve, reject) => {
        deflate.once('end', () => {
          resolve(Buffer.concat(packed))
        })
        deflate.once('error', reject)
        deflate.end()
      }),
  }
}
