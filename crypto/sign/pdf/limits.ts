/** Bounds on what a document may ask of its reader; every byte of it may be a stranger's. */
export const limits = {
  /** Deepest nesting of arrays and dictionaries. */
  depth: 64,
  /** Longest name, in bytes (the standard says 127). */
  name: 4096,
  /** Longest string, in bytes; a signature's Contents is one. */
  string: 4 * 2 ** 20,
  /** Most elements of an array. */
  array: 1_000_000,
  /** Most entries of a dictionary. */
  dictionary: 100_000,
  /** Longest object, in bytes, a stream's data apart. */
  object: 16 * 2 ** 20,
  /** Highest object number (ISO 32000-1, Annex C). */
  objectNumber: 8_388_607,
  /** Most objects in one document. */
  objects: 3_000_000,
  /** Most sections of a cross-reference chain: one for each incremental update. */
  sections: 4096,
  /** Longest decoded cross-reference or object stream, in bytes. */
  decoded: 64 * 2 ** 20,
  /** All of them together. */
  decodedTotal: 512 * 2 ** 20,
  /** Deepest page tree, and most pages. */
  pageDepth: 64,
  pages: 100_000,
  /** Most form fields looked at, and how deep they nest. */
  fields: 20_000,
  fieldDepth: 32,
  /** Most signatures verified. */
  signatures: 1000,
} as const
