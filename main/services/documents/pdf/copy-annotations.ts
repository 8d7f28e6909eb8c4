import { PDFArray, PDFDict, PDFName, PDFNumber, PDFStream } from 'pdf-lib'
import type { PDFObject, PDFPage } from 'pdf-lib'
import type { ObjectCopier } from './copy-objects.ts'
import type { NamedDestinations } from './destinations.ts'

/** Annotations that are shown as they are; of others only the picture is kept. */
const shown = new Set([
  ...['Text', 'FreeText', 'Line', 'Square', 'Circle', 'Polygon', 'PolyLine', 'Highlight', 'Underline', 'Squiggly'],
  ...['StrikeOut', 'Stamp', 'Caret', 'Ink', 'Watermark'],
])

const linkEntries = ['Type', 'Subtype', 'Rect', 'Border', 'BS', 'C', 'F', 'H', 'QuadPoints', 'Contents']
const behind = new Set(['P', 'Parent', 'Popup', 'IRT', 'A', 'AP'])

/**
 * A page's annotations for its copy: links to addresses and within the document, comments, stamps; of form fields, signatures
 * and whatever could act, the picture only. Null when nothing is left.
 */
export function copyAnnotations(page: PDFPage, copier: ObjectCopier, named: NamedDestinations): PDFArray | null {
  const list = page.node.lookup(PDFName.of('Annots'))
  if (!(list instanceof PDFArray)) return null
  const copied = PDFArray.withContext(page.node.context)
  for (let index = 0; index < list.size(); index += 1) {
    const annotation = list.lookup(index)
    const copy = annotation instanceof PDFDict ? copyAnnotation(annotation, copier, named) : null
    if (copy !== null) copied.push(copy)
  }
  return copied.size() === 0 ? null : copied
}

function copyAnnotation(annotation: PDFDict, copier: ObjectCopier, named: NamedDestinations): PDFDict | null {
  const subtype = annotation.lookup(PDFName.of('Subtype'))
  const kind = subtype instanceof PDFName ? subtype.decodeText() : ''
  if (kind === 'Link') return copyLink(annotation, copier, named)
  if (shown.has(kind)) {
    const copied = PDFDict.withContext(annotation.context)
    for (const [key, value] of annotation.entries()) if (!behind.has(key.decodeText())) copied.set(key, value)
    const appearance = annotation.get(PDFName.of('AP'))
    if (appearance !== undefined) copied.set(PDFName.of('AP'), appearance)
    return asCopy(copied, copier)
  }
  return kind === 'Popup' ? null : pictureOf(annotation, copier)
}

function copyLink(annotation: PDFDict, copier: ObjectCopier, named: NamedDestinations): PDFDict | null {
  const link = pick(annotation, linkEntries)
  const action = annotation.lookup(PDFName.of('A'))
  const destination = annotation.lookup(PDFName.of('Dest')) ?? goesTo(action)
  const explicit = destination === undefined ? null : named.explicit(destination)
  if (explicit !== null) link.set(PDFName.of('Dest'), explicit)
  else if (action instanceof PDFDict && isAction(action, 'URI')) link.set(PDFName.of('A'), pick(action, ['S', 'URI']))
  else return null
  return asCopy(link, copier)
}

/** A form field or the like as a stamp: what it shows now, and nothing that could change. */
function pictureOf(annotation: PDFDict, copier: ObjectCopier): PDFDict | null {
  const appearances = annotation.lookup(PDFName.of('AP'))
  const flags = annotation.lookup(PDFName.of('F'))
  const isHidden = flags instanceof PDFNumber && (flags.asNumber() & 2) !== 0
  if (isHidden || !(appearances instanceof PDFDict)) return null
  const normal = appearances.lookup(PDFName.of('N'))
  const state = annotation.lookup(PDFName.of('AS'))
  const key = PDFName.of('N')
  const picture =
    normal instanceof PDFDict ? (state instanceof PDFName ? normal.get(state) : undefined) : appearances.get(key)
  const stream = picture === undefined ? undefined : annotation.context.lookup(picture)
  if (picture === undefined || !(stream instanceof PDFStream)) return null
  const stamp = pick(annotation, ['Rect'])
  stamp.set(PDFName.of('Type'), PDFName.of('Annot'))
  stamp.set(PDFName.of('Subtype'), PDFName.of('Stamp'))
  // Printed, and locked.
  stamp.set(PDFName.of('F'), PDFNumber.of(4 + 128 + 512))
  stamp.set(PDFName.of('AP'), annotation.context.obj({ N: picture }))
  return asCopy(stamp, copier)
}

function goesTo(action: PDFObject | undefined): PDFObject | undefined {
  return action instanceof PDFDict && isAction(action, 'GoTo') ? action.lookup(PDFName.of('D')) : undefined
}

function isAction(action: PDFDict, kind: string): boolean {
  return action.lookup(PDFName.of('S')) === PDFName.of(kind)
}

function pick(dict: PDFDict, keys: readonly string[]): PDFDict {
  const picked = PDFDict.withContext(dict.context)
  for (const key of keys) {
    const value = dict.get(PDFName.of(key))
    if (value !== undefined) picked.set(PDFName.of(key), value)
  }
  return picked
}

function asCopy(dict: PDFDict, copier: ObjectCopier): PDFDict {
  const copied = copier.copy(dict)
  if (!(copied instanceof PDFDict)) throw new TypeError('a dictionary is copied as a dictionary')
  return copied
}
