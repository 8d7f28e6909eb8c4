import { PDFName, PDFRawStream } from 'pdf-lib'
import type { PDFContext, PDFDict, PDFObject, PDFRef } from 'pdf-lib'
import type { Jpeg } from '../images/jpeg.ts'
import type { Png } from '../images/png.ts'
import { channelsOf } from '../images/png.ts'
import { isTakenAsStored, requireWhole, splitPixels } from '../images/png-pixels.ts'
import { readPicture } from '../images/read-picture.ts'
import type { SeenPage } from './page-mark.ts'
import type { PdfFile } from './pdf-file.ts'

/** A page with a picture on it. */
export interface ImagePage {
  readonly page: PDFDict
  /** Its content, without what is stamped on it. */
  readonly content: Uint8Array
  readonly seen: SeenPage
}

const a4 = { short: 595.28, long: 841.89 } as const

/** White around a picture that is not itself a page, in points: 15 mm. */
const margin = 42.5

/** Points that a pixel takes at most: 96 pixels an inch. */
const largestPixel = 0.75

/**
 * Writes a picture into the file and makes an A4 page for it, lying where the picture is wider than high. A scan of a whole
 * page fills it; any other picture stands in its middle within margins, never enlarged beyond 96 pixels an inch. Throws
 * `PictureRefused`.
 */
export async function imagePage(file: PdfFile, bytes: Uint8Array): Promise<ImagePage> {
  const picture = readPicture(bytes)
  const image = picture.kind === 'jpeg' ? await writeJpeg(file, picture) : await writePng(file, picture)
  const isTurned = picture.orientation >= 5
  const [width, height] = isTurned ? [picture.height, picture.width] : [picture.width, picture.height]
  const [pageWidth, pageHeight] = width > height ? [a4.long, a4.short] : [a4.short, a4.long]
  const isPage = Math.abs((width * pageHeight) / (height * pageWidth) - 1) < 0.03
  const edge = isPage ? 0 : margin
  const fitting = Math.min((pageWidth - 2 * edge) / width, (pageHeight - 2 * edge) / height)
  const scale = isPage ? fitting : Math.min(fitting, largestPixel)
  const [shownWidth, shownHeight] = [width * scale, height * scale]
  const place = turned(picture.orientation, shownWidth, shownHeight)
  const left = (pageWidth - shownWidth) / 2
  const bottom = (pageHeight - shownHeight) / 2
  const [a, b, c, d, e, f] = place
  const matrix = [a, b, c, d, e + left, f + bottom].map(value => Number(value.toFixed(4))).join(' ')
  return {
    page: file.context.obj({
      Type: 'Page',
      MediaBox: [0, 0, pageWidth, pageHeight],
      Resources: { XObject: { Im0: image } },
    }),
    content: Buffer.from(`q ${matrix} cm /Im0 Do Q`, 'latin1'),
    seen: { box: { left: 0, bottom: 0, right: pageWidth, top: pageHeight }, rotate: 0 },
  }
}

/** The matrix that shows the unit square as EXIF's orientation says, in a box of this size at the origin. */
function turned(
  orientation: number,
  width: number,
  height: number,
): readonly [number, number, number, number, number, number] {
  const matrices: Partial<Record<number, readonly [number, number, number, number, number, number]>> = {
    2: [-width, 0, 0, height, width, 0],
    3: [-width, 0, 0, -height, width, height],
    4: [width, 0, 0, -height, 0, height],
    5: [0, -height, -width, 0, width, height],
    6: [0, -height, width, 0, 0, height],
    7: [0, height, width, 0, 0, 0],
    8: [0, height, -width, 0, width, 0],
  }
  return matrices[orientation] ?? [width, 0, 0, height, 0, 0]
}

function writeJpeg(file: PdfFile, jpeg: Jpeg): Promise<PDFRef> {
  const spaces = { 1: 'DeviceGray', 3: 'DeviceRGB', 4: 'DeviceCMYK' } as const
  const image = imageDict(file.context, jpeg.width, jpeg.height, 8, 'DCTDecode')
  image.set(PDFName.of('ColorSpace'), PDFName.of(spaces[jpeg.components]))
  if (jpeg.isInverted) image.set(PDFName.of('Decode'), file.context.obj([1, 0, 1, 0, 1, 0, 1, 0]))
  return writeStream(file, image, jpeg.bytes)
}

async function writePng(file: PdfFile, png: Png): Promise<PDFRef> {
  const { context } = file
  const { width, height, depth, transparency } = png
  if (isTakenAsStored(png)) {
    await requireWhole(png)
    const colours = channelsOf[png.colour]
    const image = imageDict(context, width, height, depth, 'FlateDecode')
    const rows = { Predictor: 15, Colors: colours, BitsPerComponent: depth, Columns: width }
    image.set(PDFName.of('DecodeParms'), context.obj(rows))
    image.set(PDFName.of('ColorSpace'), spaceOf(context, png))
    if (transparency !== null) image.set(PDFName.of('Mask'), context.obj(clearColour(transparency, colours)))
    return writeStream(file, image, Buffer.concat(png.pieces))
  }
  const { space, colour, alpha } = await splitPixels(png)
  const mask = imageDict(context, width, height, 8, 'FlateDecode')
  mask.set(PDFName.of('ColorSpace'), PDFName.of('DeviceGray'))
  const image = imageDict(context, width, height, 8, 'FlateDecode')
  image.set(PDFName.of('ColorSpace'), PDFName.of(space))
  image.set(PDFName.of('SMask'), await writeStream(file, mask, alpha))
  return writeStream(file, image, colour)
}

function spaceOf(context: PDFContext, { colour, palette }: Png): PDFObject {
  if (colour !== 'palette') return PDFName.of(colour === 'grey' ? 'DeviceGray' : 'DeviceRGB')
  const table = context.register(PDFRawStream.of(context.obj({}), palette))
  return context.obj(['Indexed', 'DeviceRGB', palette.length / 3 - 1, table])
}

function clearColour(transparency: Uint8Array, count: number): number[] {
  const valueAt = (at: number): number => (transparency[at * 2] ?? 0) * 256 + (transparency[at * 2 + 1] ?? 0)
  return Array.from({ length: count }, (_, at) => valueAt(at)).flatMap(value => [value, value])
}

function imageDict(context: PDFContext, width: number, height: number, depth: number, filter: string): PDFDict {
  const sides = { Width: width, Height: height, BitsPerComponent: depth }
  return context.obj({ Type: 'XObject', Subtype: 'Image', ...sides, Filter: filter })
}

async function writeStream(file: PdfFile, dict: PDFDict, bytes: Uint8Array): Promise<PDFRef> {
  const ref = file.context.nextRef()
  await file.write(ref, PDFRawStream.of(dict, bytes))
  return ref
}
