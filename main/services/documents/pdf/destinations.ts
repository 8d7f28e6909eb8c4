import { PDFArray, PDFDict, PDFHexString, PDFName, PDFString } from 'pdf-lib'
import type { PDFDocument, PDFObject } from 'pdf-lib'

/** The named places of a document. */
export interface NamedDestinations {
  /** A destination with its page in it, whether it was named or not; null for one that leads nowhere. */
  explicit(destination: PDFObject): PDFArray | null
}

const mostNames = 100_000

/** Reads the names of places: the catalog's name tree, and the older dictionary. */
export function namedDestinations(document: PDFDocument): NamedDestinations {
  const places = new Map<string, PDFObject>()
  const { catalog } = document
  const old = catalog.lookup(PDFName.of('Dests'))
  if (old instanceof PDFDict) {
    for (const [key] of old.entries()) addPlace(places, key.decodeText(), old.lookup(key))
  }
  const names = catalog.lookup(PDFName.of('Names'))
  const root = names instanceof PDFDict ? names.lookup(PDFName.of('Dests')) : undefined
  if (root instanceof PDFDict) readTree(root, places, new Set())
  return {
    explicit(destination) {
      const name = nameOf(destination)
      const place = name === null ? destination : places.get(name)
      const array = place instanceof PDFDict ? place.lookup(PDFName.of('D')) : place
      return array instanceof PDFArray && array.size() > 0 ? array : null
    },
  }
}

function readTree(node: PDFDict, places: Map<string, PDFObject>, seen: Set<PDFDict>): void {
  if (seen.has(node) || seen.size > mostNames) return
  seen.add(node)
  const names = node.lookup(PDFName.of('Names'))
  if (names instanceof PDFArray) {
    for (let index = 0; index + 1 < names.size() && places.size < mostNames; index += 2) {
      const name = names.lookup(index)
      addPlace(places, name === undefined ? null : nameOf(name), names.lookup(index + 1))
    }
  }
  const kids = node.lookup(PDFName.of('Kids'))
  if (!(kids instanceof PDFArray)) return
  for (let index = 0; index < kids.size() && places.size < mostNames; index += 1) {
    const kid = kids.lookup(index)
    if (kid instanceof PDFDict) readTree(kid, places, seen)
  }
}

function addPlace(places: Map<string, PDFObject>, name: string | null, place: PDFObject | undefined): void {
  if (name !== null && place !== undefined && places.size < mostNames) places.set(name, place)
}

function nameOf(object: PDFObject): string | null {
  if (object instanceof PDFName) return object.decodeText()
  return object instanceof PDFString || object instanceof PDFHexString
    ? Buffer.from(object.asBytes()).toString('latin1')
    : null
}
