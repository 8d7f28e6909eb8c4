import type { Increment } from './increment.ts'
import {
  array,
  dictionary,
  name,
  type PdfDictionary,
  type PdfObject,
  type PdfReference,
  stream,
  text,
} from './objects.ts'
import type { Mark } from './places.ts'
import { latin1 } from './serialize.ts'

/** What the annotations of one signature say. */
export interface MarkTexts {
  /** The field's name, which no other field of the document has. */
  readonly field: string
  /** The signer, for those who cannot see the seal. */
  readonly signerName: string
  /** When, as PDF writes dates. */
  readonly date: string
}

/** ISO 32000-1, 12.5.3: Print 4, ReadOnly 64, Locked 128, LockedContents 512. */
const widgetFlags = 4 + 128
const stampFlags = 4 + 64 + 128 + 512

/** An annotation that is to be added to a page. */
export interface PlacedAnnotation {
  readonly page: Mark['page']
  readonly annotation: PdfReference
}

/**
 * Writes the annotations of a signature. A signature field has one widget and no more (ISO 32000-1, 12.7.4.5): it bears the
 * first mark, and is the field itself. Every other mark is a locked stamp annotation, part of the same signed bytes. An
 * invisible signature's widget is a rectangle of no size on the first page.
 */
export function writeMarks(
  increment: Increment,
  field: PdfReference,
  signature: PdfReference,
  marks: readonly Mark[],
  seal: Seal | null,
  texts: MarkTexts,
  firstPage: Mark['page'],
): readonly PlacedAnnotation[] {
  const appearances = new Map<string, PdfReference>()
  const placed: PlacedAnnotation[] = []
  const [first, ...others] = marks
  const fieldEntries: Record<string, PdfObject> = {
    Type: name('Annot'),
    Subtype: name('Widget'),
    FT: name('Sig'),
    T: text(texts.field),
    V: signature,
    F: widgetFlags,
  }
  if (first === undefined || seal === null) {
    increment.put(field, dictionary({ ...fieldEntries, P: firstPage.reference, Rect: array([0, 0, 0, 0]) }))
    return [{ page: firstPage, annotation: field }]
  }
  increment.put(field, dictionary({ ...fieldEntries, ...seen(increment, first, seal, appearances) }))
  placed.push({ page: first.page, annotation: field })
  for (const [index, mark] of others.entries()) {
    const annotation = increment.add(
      dictionary({
        Type: name('Annot'),
        Subtype: name('Stamp'),
        Name: name('Seal'),
        NM: text(`${texts.field}-${index + 2}`),
        Contents: text(texts.signerName),
        M: text(texts.date),
        F: stampFlags,
        ...seen(increment, mark, seal, appearances),
      }),
    )
    placed.push({ page: mark.page, annotation })
  }
  return placed
}

/** The whole seal, drawn once. */
export interface Seal {
  readonly form: PdfReference
  readonly width: number
  readonly height: number
}

function seen(
  increment: Increment,
  mark: Mark,
  seal: Seal,
  appearances: Map<string, PdfReference>,
): Readonly<Record<string, PdfObject>> {
  const { left, bottom, right, top } = mark.rect
  const key = `${mark.page.rotate} ${mark.from} ${mark.to}`
  const appearance = appearances.get(key) ?? increment.add(appearanceOf(mark, seal))
  appearances.set(key, appearance)
  return {
    P: mark.page.reference,
    Rect: array([left, bottom, right, top]),
    AP: dictionary({ N: appearance }),
  }
}

/** The part of the seal, cut by its box and turned so that it stands upright on a page that is turned (12.5.5). */
function appearanceOf({ page, from, to }: Mark, { form, width, height }: Seal): PdfObject {
  const resources: PdfDictionary = dictionary({ XObject: dictionary({ Seal: form }) })
  return stream(
    {
      Type: name('XObject'),
      Subtype: name('Form'),
      BBox: array([from * width, 0, to * width, height]),
      Matrix: array(turns[page.rotate]),
      Resources: resources,
    },
    latin1('q /Seal Do Q\n'),
  )
}

const turns: Readonly<Record<Mark['page']['rotate'], readonly number[]>> = {
  0: [1, 0, 0, 1, 0, 0],
  90: [0, 1, -1, 0, 0, 0],
  180: [-1, 0, 0, -1, 0, 0],
  270: [0, -1, 1, 0, 0, 0],
}
