/** A picture as a page needs it, without its pixels. Width and height are those of the stored pixels. */
export interface Picture {
  readonly kind: 'png' | 'jpeg'
  readonly width: number
  readonly height: number
  /** Bits of one component. */
  readonly depth: number
  /** How the stored picture is turned to be shown: EXIF's 1 to 8. */
  readonly orientation: number
  /** What is in it that a page does not keep: times, places, cameras, programs. */
  readonly hasMetadata: boolean
}

/** Why a picture is not taken, by name. */
export type PictureRefusal =
  /** Neither PNG nor JPEG. */
  | 'picture-unknown'
  /** Cut short, or damaged on the way. */
  | 'picture-broken'
  /** A kind of PNG or JPEG that PDF programs do not show. */
  | 'picture-unsupported'
  /** More pixels or bytes than a page needs. */
  | 'picture-too-large'

/** A picture that is not taken. */
export class PictureRefused extends Error {
  override readonly name = 'PictureRefused'
  readonly refusal: PictureRefusal

  constructor(refusal: PictureRefusal, detail: string) {
    super(detail)
    this.refusal = refusal
  }
}

/** Longest file, in bytes, and most pixels: an A3 page at 600 dots per inch has 70 million. */
export const pictureLimits = { bytes: 128 * 1024 * 1024, pixels: 100_000_000, side: 32_767 } as const

/** Throws `picture-broken` or `picture-too-large` for sides that no page has. */
export function requireSides(width: number, height: number): void {
  if (width < 1 || height < 1) throw new PictureRefused('picture-broken', 'a picture without width or height')
  const { side, pixels } = pictureLimits
  if (width > side || height > side || width * height > pixels) {
    throw new PictureRefused('picture-too-large', `${width} × ${height} pixels`)
  }
}
